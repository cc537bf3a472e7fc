import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { text as read_stream } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { NODE, start_until_json } from '../support/process.mjs';
import { start_reference } from '../support/reference.mjs';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));
let folder;

before(async () => { folder = await mkdtemp(join(tmpdir(), 'pawl-demo-')); });
after(async () => { await rm(folder, { recursive: true }); });

async function run_agent(name, url, steps, { from_file = false } = {}) {
  const file = join(folder, 'steps.json');
  await writeFile(file, JSON.stringify(steps));
  const child = spawn(NODE, [script(name), ...(from_file ? [file] : [])],
    { env: { ...process.env, PAWL_DEMO_URL: url, PAWL_DEMO_KEY: 'k' } });
  child.stdin.end(from_file ? '' : JSON.stringify(steps));
  const exit = new Promise((resolve) => { child.on('close', resolve); });
  const [stdout, stderr, code] = await Promise.all([read_stream(child.stdout),
    read_stream(child.stderr), exit]);
  return { code, stderr, lines: stdout.split('\n').filter(Boolean).map((l) => JSON.parse(l)) };
}

test('the modern agent works on the tickets of a real file', async () => {
  const file = join(folder, 'tickets.json');
  const server = await start_until_json(NODE,
    [script('modern_server.mjs'), '--file', file, '--port', '0']);
  const { code, lines } = await run_agent('modern_agent.mjs', server.ready.url, [
    { list: 'tools', expect: 'ok', contains: 'open_ticket' },
    { call: 'open_ticket', arguments: { title: 'The pump leaks' }, expect: 'ok',
      contains: 'opened #1' },
    { call: 'close_ticket', arguments: { id: 7 }, expect: 'refused', contains: 'no ticket #7' },
    { call: 'nonsense', expect: 'refused' },
    { call: 'close_ticket', arguments: { id: 1 }, expect: 'ok' },
  ]);
  await server.stop();
  assert.deepEqual(lines.slice(1).filter((line) => !line.as_expected), []);
  assert.equal(code, 0);
  assert.deepEqual(lines[0].connected, { server: { name: 'tickets', version: '1.0.0' },
                                         revision: '2026-07-28' });
  assert.equal(lines[4].code, -32602, 'a protocol error shows its code');
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')),
    [{ id: 1, title: 'The pump leaks', priority: 'normal', state: 'closed' }]);
});

test('the legacy agent reads its script from a file and reports what was unexpected', async () => {
  const server = await start_reference('legacy');
  const { code, lines } = await run_agent('legacy_agent.mjs', server.url, [
    { read: 'test://static-text', expect: 'ok', contains: 'static text' },
    { call: 'test_error_handling', expect: 'ok' },
  ], { from_file: true });
  await server.stop();
  assert.equal(lines[0].connected.revision, '2025-11-25');
  assert.deepEqual(lines.slice(1).map(({ outcome, as_expected }) => [outcome, as_expected]),
    [['ok', true], ['refused', false]]);
  assert.equal(code, 1);
});

test('a pause waits for a line on standard input, inside the same session', async () => {
  const server = await start_reference('legacy');
  const file = join(folder, 'pause.json');
  await writeFile(file, JSON.stringify([{ call: 'test_simple_text' }, { pause: 'stop me now' },
                                        { call: 'test_simple_text' }]));
  const child = spawn(NODE, [script('legacy_agent.mjs'), file],
    { env: { ...process.env, PAWL_DEMO_URL: server.url } });
  const exit = new Promise((resolve) => { child.on('close', resolve); });
  const seen = [];
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(JSON.parse(line));
    if (seen.at(-1).paused !== undefined) {
      child.stdin.write('go on\n');
    }
  }
  assert.equal(await exit, 0);
  await server.stop();
  assert.deepEqual(seen.slice(1).map(({ outcome, paused }) => outcome ?? paused),
    ['ok', 'stop me now', 'ok']);
});

test('an agent that cannot connect says so and ends with 2', async () => {
  const { code, stderr, lines } = await run_agent('modern_agent.mjs', 'http://127.0.0.1:1/mcp',
    []);
  assert.deepEqual([code, lines], [2, []]);
  assert.notEqual(stderr, '');
});

test('the tickets server speaks stdio', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StdioClientTransport({ command: NODE,
    args: [script('modern_server.mjs'), '--file', join(folder, 'stdio.json')] }));
  const answer = await client.callTool({ name: 'list_tickets' });
  assert.equal(answer.content[0].text, 'no tickets');
  await client.close();
});
