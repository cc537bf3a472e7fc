// Two tools for tests of what stands between client and server: `probe_echo` answers with what
// arrived (arguments, _meta, HTTP headers), `probe_sleep` keeps a call open until it is cancelled.

import { setTimeout as delay } from 'node:timers/promises';
import { text_result } from './content.mjs';

export const PROBE_ECHO = {
  name: 'probe_echo', description: 'Answers with the arguments, _meta and headers that arrived.',
  inputSchema: { type: 'object' },
};

export const PROBE_SLEEP = {
  name: 'probe_sleep', description: 'Waits, or until the call is cancelled.',
  inputSchema: { type: 'object', required: ['ms'], additionalProperties: false,
                 properties: { ms: { type: 'integer', minimum: 0, maximum: 600_000 } } },
};

/** @param {object} args @param {{meta?: object, headers?: object}} arrived */
export function probe_echo(args, { meta, headers }) {
  return text_result(JSON.stringify({ arguments: args, meta: meta ?? {}, headers: headers ?? {} }));
}

/** @param {{ms: number}} args @param {AbortSignal} signal */
export async function probe_sleep({ ms }, signal) {
  await delay(ms, undefined, { signal });
  return text_result(`slept ${ms} ms`);
}
