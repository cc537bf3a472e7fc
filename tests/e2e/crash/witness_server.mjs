// An MCP server of revision 2026-07-28 that is a witness: with one synchronous append each, it
// writes a line the moment a call has arrived, and another one before it answers. Written by hand
// on sockets, so that nothing stands between the arrival and its line. What stands in its journal
// happened, whatever the gateway says.
//
//   witness_server.mjs --journal FILE [--port N | --stdio]
//
// Lines: {"phase": "began" | "ended", "at", "record", "tool", "n", "agent", "failed"} and, on
// SIGUSR2, {"phase": "mark", "at"} once everything has been read that had arrived before.
// `at` is the monotonic clock of the machine in microseconds.
//
// Tools `change` and `look` take {n, ms, agent, fail}: wait ms, then answer n; with fail, as an
// error.

import { createServer } from 'node:http';
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { exit_on_signal } from '../servers/shared/listen.mjs';
import { read_options } from '../servers/shared/options.mjs';

const REVISION = '2026-07-28';
const TURNS_TO_READ_ALL = 3;

const options = read_options();
const journal = openSync(options.journal, 'a');
const now_us = () => Number(process.hrtime.bigint() / 1000n);
const write_line = (line) => writeSync(journal, `${JSON.stringify({ at: now_us(), pid: process.pid,
  ...line })}\n`);

const TOOLS = ['change', 'look'].map((name) => ({ name, description: `Can ${name}.`,
  inputSchema: { type: 'object' } }));
const COMPLETE = { resultType: 'complete' };
const LISTED = { ...COMPLETE, ttlMs: 0, cacheScope: 'private' };

async function call({ name, arguments: { n, ms = 0, agent, fail = false }, _meta }) {
  const line = { record: _meta['pawl.record/id'], tool: name, n, agent };
  write_line({ phase: 'began', ...line });
  if (ms > 0) {
    await delay(ms);
  }
  write_line({ phase: 'ended', ...line, failed: fail });
  return { ...COMPLETE, isError: fail, content: [{ type: 'text', text: String(n) }] };
}

const METHODS = {
  'server/discover': () => ({ ...LISTED, supportedVersions: [REVISION],
                              capabilities: { tools: {} } }),
  'tools/list': () => ({ ...LISTED, tools: TOOLS }),
  'tools/call': call,
};

/** @returns {Promise<string | undefined>} nothing for a notification */
async function answer(text) {
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) {
    return undefined;
  }
  const run = METHODS[method];
  return JSON.stringify({ jsonrpc: '2.0', id, ...run === undefined
    ? { error: { code: -32601, message: `Method not found: ${method}` } }
    : { result: await run(params) } });
}

function mark(turns = TURNS_TO_READ_ALL) {
  if (turns === 0) {
    write_line({ phase: 'mark' });
  } else {
    setImmediate(mark, turns - 1);
  }
}

exit_on_signal();
process.on('SIGUSR2', () => mark());
if (options.stdio) {
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const text = await answer(line);
      if (text !== undefined) {
        process.stdout.write(`${text}\n`);
      }
    })
    .on('close', () => process.exit(0));
} else {
  const http = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => { body += text; });
    request.on('end', async () => {
      const text = await answer(body);
      response.writeHead(text === undefined ? 202 : 200, { 'content-type': 'application/json' });
      response.end(text);
    });
  });
  http.keepAliveTimeout = 60_000;
  http.listen(options.port, options.host, () => {
    const { address, port } = http.address();
    process.stdout.write(`${JSON.stringify({ url: `http://${address}:${port}/mcp`,
                                              pid: process.pid })}\n`);
  });
}
