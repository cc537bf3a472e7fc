// Keys in a signer's process: calls, kill -9 of either side, a renewal; what it does not sign, and
// for whom it signs nothing.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 180_000 };
const ORIGIN = 'example.org/pawl/gw1';
let folder;
let server;
let n = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-signer-'));
  server = await PlayedServer.with_tool('change');
});
after(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

/** A signer's state with its keys; `start()` runs the process. */
async function signer(context, pawl_run) {
  const place = await mkdtemp(join(folder, 's-'));
  const state = join(place, 'state');
  const socket = join(place, 'sock');
  const { code, stderr } = await pawl_run(['signer', 'init', '--state', state]);
  assert.equal(code, 0, stderr);
  let running;
  const start = async (...more) => {
    running = await start_until_json(PAWL_BIN, ['signer', 'serve', '--state', state, '--json',
      '--domain', 'example.org', '--node', 'gw1', '--listen', socket, ...more]);
  };
  context.after(() => running?.stop());
  return { state, socket, start, stop: () => running.stop(), kill: () => running.stop('SIGKILL') };
}

async function prepare(context) {
  const bare = await Pawl.prepare({ agents: {}, rules: [ALLOW_ALL], servers: {} });
  context.after(() => bare.close());
  const made = await signer(context, (args) => bare.run(args));
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: server.url } },
    config: { keys: { instance: `signer:${made.socket}`, log: `signer:${made.socket}` } } });
  context.after(() => pawl.close());
  return { pawl, signer: made };
}

async function answer(pawl) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  try {
    return await agent.call('change', {});
  } finally {
    agent.close();
  }
}
async function call(pawl) {
  const { status, body } = await answer(pawl);
  assert.equal(status, 200);
  assert.equal(body.error, undefined, JSON.stringify(body));
}
async function proven(pawl) {
  const pinned = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
  assert.equal(pinned.code, 0, pinned.stderr);
  const trust = join(folder, `trust-${n += 1}`);
  await writeFile(trust, pinned.stdout);
  const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust]);
  assert.equal(code, 0, stdout);
}

/** Asks as somebody who has the gateway's user. @returns {Promise<object[]>} */
function ask(socket, questions) {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket);
    let text = '';
    connection.setEncoding('utf8').on('error', reject);
    connection.on('data', (chunk) => {
      text += chunk;
      if (text.split('\n').length > questions.length) connection.end();
    });
    connection.on('close', () => resolve(text.split('\n').filter(Boolean).map(JSON.parse)));
    for (const question of questions) connection.write(`${JSON.stringify(question)}\n`);
  });
}
const base64 = (text) => Buffer.from(text).toString('base64');
const head = (size, root) => ({ sign: 'log', text: base64(`${ORIGIN}\n${size}\n${root}\n`) });

test('calls, a renewal and kill -9 of both; no private key is the gateway\'s', options, async (context) => {
  const { pawl, signer: keys } = await prepare(context);
  await keys.start();
  await pawl.serve();
  await call(pawl);
  await proven(pawl);
  assert.ok(!(await readdir(join(pawl.data, 'keys'))).some((name) => name.endsWith('.pem')));
  const renewed = await pawl.run(['ledger', 'renew', '--config', pawl.config_file]);
  assert.equal(renewed.code, 0, renewed.stderr);
  await call(pawl);
  await pawl.kill();
  await keys.kill();
  await keys.start();
  await pawl.serve();
  await call(pawl);
  await proven(pawl);
  await pawl.stop();
  const snapshot = await readFile(join(pawl.data, 'ledger', 'snapshot'), 'utf8');
  assert.match(snapshot, /^pawl\.snapshot\//, 'so that the next start need not read the whole log');
});

test('while it is away nothing happens, and all goes on when it is back', options, async (context) => {
  const { pawl, signer: keys } = await prepare(context);
  await keys.start();
  await pawl.serve();
  await call(pawl);
  const before = server.count('tools/call');
  await keys.kill();
  // No call has to find out.
  await wait_for('the key is missed', async () =>
    /does not sign: .*sock: /.test((await pawl.json('status')).ledger.closed_because) || undefined);
  assert.match(JSON.stringify((await answer(pawl)).body), /does not sign/);
  assert.equal(server.count('tools/call'), before, 'nothing was forwarded');
  const { ledger, troubles } = await pawl.json('status');
  assert.equal(ledger.writable, false);
  const { do: todo } = troubles.find(({ id }) => id === 'ledger_closed');
  assert.match(todo, /look at the signer/);
  assert.doesNotMatch(todo, /disk|restart/);
  await keys.start();
  await wait_for('calls to go on', async () => (await answer(pawl)).body.error === undefined || undefined);
  await proven(pawl);
});

test('part of a record is refused before the signer is asked', options, async (context) => {
  const { pawl, signer: keys } = await prepare(context);
  await keys.start();
  await pawl.serve();
  await call(pawl);
  await keys.kill();  // whoever asks it fails with other words
  const { code, stderr } = await pawl.run(['ledger', 'present', '0', '--config', pawl.config_file]);
  assert.equal(code, 2);
  assert.match(stderr, /signs no part of a record; .*`pawl ledger prove`/);
});

test('without it there is no start', options, async (context) => {
  const { pawl } = await prepare(context);
  await assert.rejects(pawl.serve(), /ended with/);
  assert.match(await pawl.log(), /signer/);
});

test('whoever has the gateway has no other text signed, and no second history', options, async (context) => {
  const { pawl, signer: keys } = await prepare(context);
  await keys.start();
  await pawl.serve();
  await call(pawl);
  await pawl.stop();
  await keys.stop();
  const { size } = JSON.parse(await readFile(join(keys.state, 'signer-heads.json'), 'utf8')).heads[ORIGIN];
  await keys.start();
  const root = randomBytes(32).toString('base64');
  const other = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'k', typ: 'JWT' })).toString('base64url');
  const questions = [{ sign: 'record', text: base64('any text') },
    { sign: 'record', text: base64(`${other}.${Buffer.from('{"sub":"admin"}').toString('base64url')}`) },
    { sign: 'log', text: base64('any text') }, head(size, root), head(0, root), { sign: 'operator', text: '' },
    { sign: 'record' }, {}];
  for (const found of await ask(keys.socket, questions)) {
    assert.deepEqual(Object.keys(found), ['refused'], JSON.stringify(found));
  }
  await keys.stop();
  await keys.start();
  const [again] = await ask(keys.socket, [head(size, root)]);
  assert.match(again.refused, /does not go on from/, 'a restart forgets nothing');
});

test('a text of more than 2 MiB is not signed, and a line of more than 4 MiB ends its connection', options,
  async (context) => {
    const { signer: keys } = await prepare(context);
    await keys.start();
    const of_bytes = (count) => ({ sign: 'record', text: base64('x'.repeat(count)) });
    const most = 2 * 1024 * 1024;
    const [fits, too_long] = await ask(keys.socket, [of_bytes(most), of_bytes(most + 1)]);
    assert.match(fits.refused, /neither a record nor a receipt/);
    assert.match(too_long.refused, /at most 2 MiB/);
    const endless = await ask(keys.socket, [of_bytes(2 * most)]).catch(() => []);
    assert.deepEqual(endless, []);
    const [again] = await ask(keys.socket, [{ public: 'log' }]);
    assert.equal(again.key.kty, 'OKP', 'others have their answers');
  });

test('sixteen connections have answers, a seventeenth is closed', options, async (context) => {
  const { signer: keys } = await prepare(context);
  await keys.start();
  const answers = (connection) => {
    connection.write(`${JSON.stringify({ public: 'log' })}\n`);
    return new Promise((resolve) => {
      connection.once('data', () => resolve(true)).once('close', () => resolve(false));
    });
  };
  const open = Array.from({ length: 16 }, () => createConnection(keys.socket).on('error', () => {}));
  context.after(() => open.forEach((connection) => connection.destroy()));
  for (const connection of open) {
    assert.equal(await answers(connection), true);
  }
  const extra = createConnection(keys.socket).on('error', () => {});
  assert.equal(await answers(extra), false);
  open.pop().destroy();
  await wait_for('its place', async () => {
    const next = createConnection(keys.socket).on('error', () => {});
    open.push(next);
    return await answers(next) || undefined;
  });
});

test('another user gets no answer', { ...options, skip: no_pawl() || process.getuid() !== 0 },
  async (context) => {
    const { signer: keys } = await prepare(context);
    await keys.start('--user', 'nobody');
    const answers = await ask(keys.socket, [{ public: 'log' }]).catch(() => []);
    assert.deepEqual(answers, []);
  });
