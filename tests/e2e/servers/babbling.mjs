// An MCP server over stdio that says hostile things where nobody asked: on its standard error, and lines that are no
// JSON on its standard output. Then it answers, and dies when it is told to.
//
//   babbling.mjs               what it says is tests/vectors/hostile_text.json

import { createInterface } from 'node:readline';
import { SHORT_TEXTS, is_text } from '../support/hostile_text.mjs';

const COMPLETE = { resultType: 'complete' };
const said = SHORT_TEXTS.filter(is_text).map(({ text }) => text);

process.stderr.write(`${said.join('\n')}\nBABBLED\n`);

const METHODS = {
  'server/discover': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private', supportedVersions: ['2026-07-28'],
    serverInfo: { name: said[0], version: said[20] }, instructions: said.join('\n'), capabilities: { tools: {} } }),
  'tools/call': ({ arguments: { die } }) => {
    if (die) {
      process.stdout.write(`${said.join('\n')}\n`);
      process.exit(1);
    }
    return { ...COMPLETE, content: [{ type: 'text', text: 'done' }] };
  },
};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    const answer = METHODS[method] === undefined ? { error: { code: -32601, message: said[1] } } : { result: METHODS[method](params) };
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  })
  .on('close', () => process.exit(0));
