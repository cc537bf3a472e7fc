// A local MCP server of revision 2026-07-28 that behaves until a call's argument `fault` names a
// fault. `--exit FILE`: appends a line to FILE and exits at each start.

import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { good_result, json_answer } from './faulty_server.mjs';

const [option, file] = process.argv.slice(2);
if (option === '--exit') {
  appendFileSync(file, 'started\n');
  process.exit(3);
}

const REVISION = '2026-07-28';
const LISTED = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const METHODS = {
  'server/discover': { ...LISTED, supportedVersions: [REVISION], capabilities: { tools: {} } },
  'tools/list': { ...LISTED, tools: [{ name: 'look', description: 'Can look.',
    inputSchema: { type: 'object' } }] },
};
const BLOCK = 'x'.repeat(64 * 1024);
const NOTICE = `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message',
  params: { level: 'info', data: 'x'.repeat(8000) } })}\n`;
const say = (text) => process.stdout.write(`${text}\n`);

/** Writes again and again, as fast as it is read. */
function flood(stream, text) {
  stream.write(text, () => setImmediate(flood, stream, text));
}

const FAULTS = {
  hang: () => {},
  deaf: () => process.stdin.pause(),
  exit: () => process.exit(1),
  half_a_line: (id) => process.stdout.write(json_answer(id, good_result('x')).slice(0, 20),
    () => process.exit(0)),
  twice: (id) => {
    say(json_answer(id, good_result('first')));
    say(json_answer(id, good_result('second')));
  },
  another_id: (id) => say(json_answer(id + 1, good_result('x'))),
  id_as_text: (id) => say(json_answer(String(id), good_result('x'))),
  byte_by_byte: async (id) => {
    for (const byte of `${json_answer(id, good_result('slow'))}\n`) {
      await new Promise((resolve) => { process.stdout.write(byte, resolve); });
    }
  },
  endless_line: () => flood(process.stdout, BLOCK),
  garbage: () => flood(process.stdout, 'no message\n'),
  events: () => flood(process.stdout, NOTICE.repeat(8)),
  errors: (id) => {
    flood(process.stderr, BLOCK.replaceAll('xxxxxxxx', 'xxxxxxx\n'));
    say(json_answer(id, good_result('beside it')));
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const fault = params?.arguments?.fault;
  if (id === undefined) {
    return;
  }
  if (method !== 'tools/call') {
    say(json_answer(id, METHODS[method]));
  } else if (fault === undefined) {
    say(json_answer(id, good_result(params.arguments.n)));
  } else {
    appendFileSync(process.env.FAULT_FILE, `${fault}\n`);
    FAULTS[fault](id);
  }
}).on('close', () => process.exit(0));
