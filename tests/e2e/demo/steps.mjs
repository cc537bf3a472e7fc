// A scripted agent: takes steps one after another and prints one JSON line for each.
//
// The script is a JSON array of steps:
//   {"list": "tools" | "resources" | "prompts", "expect": "ok"}
//   {"call": "tool name", "arguments": {...}, "expect": "ok" | "refused", "contains": "text"}
//   {"read": "resource uri", "expect": ...}
//   {"pause": "why"}   prints {"step": 3, "paused": "why"} and waits for a line on standard input
// `expect` and `contains` may be missing. "ok": an answer without isError. "refused": a JSON-RPC
// error or an answer with isError. `contains` is looked for in the text of the answer or error.
//
// A line: {"step": 1, "do": "call write_file", "outcome": "ok" | "refused", "as_expected": true,
//   "text": ..., "names": [...], "is_error": ..., "code": ..., "data": ..., "meta": {...}}
// The first line is {"connected": {"server": {...}, "revision": "..."}}. The process exits with 0
// if every step was as expected, else 1; 2 when it could not connect or read its script.
//
// Environment: PAWL_DEMO_URL, PAWL_DEMO_KEY, PAWL_DEMO_NAME (optional). Argument: the file of the
// script; without one it is read from standard input, and can have no pause.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text as read_stream } from 'node:stream/consumers';

const LISTS = { tools: 'listTools', resources: 'listResources', prompts: 'listPrompts' };

function action_of(step) {
  const [verb] = ['list', 'call', 'read'].filter((name) => step[name] !== undefined);
  if (verb === undefined || (verb === 'list' && LISTS[step.list] === undefined)) {
    throw new Error(`not a step: ${JSON.stringify(step)}`);
  }
  return { verb, target: step[verb] };
}

async function perform(client, step, { verb, target }) {
  switch (verb) {
    case 'list': {
      const result = await client[LISTS[target]]();
      return { result, names: result[target].map(({ name }) => name) };
    }
    case 'read': {
      const result = await client.readResource({ uri: target });
      return { result, text: result.contents.map(({ text }) => text ?? '').join('\n') };
    }
    default: {
      const result = await client.callTool({ name: target, arguments: step.arguments ?? {} });
      return { result, is_error: result.isError === true,
               text: (result.content ?? []).map(({ text, type }) => text ?? `[${type}]`)
                 .join('\n') };
    }
  }
}

/** @returns {Promise<object>} the line of one step */
export async function take_step(client, step, number) {
  const action = action_of(step);
  const line = { step: number, do: `${action.verb} ${action.target}` };
  try {
    const { result, ...shown } = await perform(client, step, action);
    Object.assign(line, shown, { outcome: shown.is_error ? 'refused' : 'ok',
                                 meta: result._meta ?? {} });
  } catch (error) {
    if (typeof error.code !== 'number') {  // not an answer of the peer: the connection failed
      throw error;
    }
    Object.assign(line, { outcome: 'refused', text: error.message, code: error.code,
                          data: error.data, meta: error.data?._meta ?? {} });
  }
  const matches = step.contains === undefined
    || `${line.text ?? ''}\n${(line.names ?? []).join('\n')}`.includes(step.contains);
  line.as_expected = (step.expect === undefined || step.expect === line.outcome) && matches;
  return line;
}

// One reader for the whole run: each line of standard input releases one pause.
function make_pause() {
  const lines = createInterface({ input: process.stdin });
  let waiting = 0;
  lines.on('line', () => { waiting += 1; });
  return { close: () => lines.close(), next: async () => {
    while (waiting === 0) {
      await once(lines, 'line');
    }
    waiting -= 1;
  } };
}

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/**
 * Runs a whole agent and ends the process.
 * @param {(to: import('../support/clients.mjs').Target) => Promise<any>} connect
 * @param {string} revision what `connect` asserts
 */
export async function run_agent(connect, revision) {
  const { PAWL_DEMO_URL: url, PAWL_DEMO_KEY: key, PAWL_DEMO_NAME: name } = process.env;
  try {
    const script = process.argv[2] === undefined ? await read_stream(process.stdin)
      : await readFile(process.argv[2], 'utf8');
    const steps = JSON.parse(script);
    const client = await connect({ url, key, name });
    print({ connected: { server: client.getServerVersion(), revision } });
    const pause = steps.some((step) => step.pause !== undefined) ? make_pause() : undefined;
    let good = true;
    for (const [index, step] of steps.entries()) {
      if (step.pause !== undefined) {
        print({ step: index + 1, paused: step.pause });
        await pause.next();
        continue;
      }
      const line = await take_step(client, step, index + 1);
      print(line);
      good &&= line.as_expected;
    }
    pause?.close();
    await client.close();
    process.exitCode = good ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${name ?? 'agent'}: ${error.message}\n`);
    process.exit(2);
  }
}
