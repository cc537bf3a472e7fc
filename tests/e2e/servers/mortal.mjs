// An MCP server of revision 2026-07-28 over stdio that does not live long.
//
//   mortal.mjs --journal FILE
//
// Tool `die` writes a line to the journal and ends the process, but answers from the Nth call on
// that the journal has (argument `until`, default 2: it dies once). Tool `task` leaves a task
// running for ever.

import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { read_options } from './shared/options.mjs';

const { journal } = read_options();
const COMPLETE = { resultType: 'complete' };
const TASK = { taskId: 'stdio-task-7', status: 'working', ttlMs: 600_000, pollIntervalMs: 50,
  createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' };

function call({ name, arguments: args = {}, _meta }) {
  if (name === 'task') {
    return { resultType: 'task', ...TASK };
  }
  appendFileSync(journal, `${JSON.stringify({ key: _meta['pawl.record/id'] })}\n`);
  const calls = readFileSync(journal, 'utf8').trim().split('\n').length;
  if (calls < (args.until ?? 2)) {
    process.exit(1);
  }
  return { ...COMPLETE, content: [{ type: 'text', text: String(calls) }] };
}

const METHODS = {
  'server/discover': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } } }),
  'tools/call': call,
  'tasks/get': () => ({ ...COMPLETE, ...TASK }),
};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined) {
      const answer = METHODS[method] === undefined ? { error: { code: -32601, message: method } }
        : { result: METHODS[method](params) };
      process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
    }
  })
  .on('close', () => process.exit(0));
