// Both keys in a token, a real one in software (SoftHSM 2): calls, a renewal, kill -9 and offline
// verification; a token that goes away and comes back; and what is refused at the start.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 180_000 };
const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
const PIN = '2468';
let folder;
let server;
let calls = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-token-'));
  server = await PlayedServer.with_tool('change', () => { calls += 1; });
});
after(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

let n = 0;
/** A token with the keys record, record-2 (P-256), log (Ed25519) and rsa, and a service that uses it. */
async function prepare(context, keys = {}) {
  const place = join(folder, `token-${n += 1}`);
  const tokens = join(place, 'tokens');
  const pin_file = join(place, 'pin');
  const conf = join(place, 'softhsm2.conf');
  await mkdir(tokens, { recursive: true });
  await writeFile(pin_file, `${PIN}\n`, { mode: 0o600 });
  await writeFile(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { ...process.env, SOFTHSM2_CONF: conf };
  const tool = (command, ...args) => execFileSync(command, args, { env, stdio: 'pipe' });
  tool('softhsm2-util', '--init-token', '--free', '--label', 'pawl', '--so-pin', '13579', '--pin', PIN);
  for (const [name, type, id] of [['record', 'EC:prime256v1', '01'], ['record-2', 'EC:prime256v1', '02'],
    ['log', 'EC:edwards25519', '03'], ['rsa', 'rsa:2048', '04']]) {
    tool('pkcs11-tool', '--module', MODULE, '--token-label', 'pawl', '--login', '--pin', PIN,
      '--keypairgen', '--key-type', type, '--label', name, '--id', id);
  }
  const uri = (object, token = 'pawl') =>
    `pkcs11:token=${token};object=${object}?module-path=${MODULE}&pin-source=file:${pin_file}`;
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: server.url } },
    config: { keys: { instance: uri('record'), log: uri('log'), ...keys } },
    env: { SOFTHSM2_CONF: conf } });
  context.after(() => pawl.close());
  return { pawl, uri, tokens, pin_file };
}

async function configure(pawl, keys) {
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  await writeFile(pawl.config_file, JSON.stringify({ ...config, keys }));
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
async function good(pawl, ...args) {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
async function proven(pawl) {
  const trust = join(folder, `trust-${n += 1}`);
  await writeFile(trust, await good(pawl, 'trust', 'pin', '--print'));
  const { verdict } = JSON.parse(await good(pawl, 'verify', pawl.data, '--trust', trust, '--json'));
  assert.equal(verdict, 'good');
}
async function refused(pawl, code) {
  const length = (await pawl.log()).length;
  await assert.rejects(pawl.serve(), new RegExp(`ended with ${code}`));
  const said = (await pawl.log()).slice(length);
  assert.ok(!said.includes('999999') && !said.includes(PIN), said);
  return said;
}

test('keys in a token: calls, a rotation, a renewal, kill -9; no private key leaves it', options,
  async (context) => {
    const { pawl, uri } = await prepare(context);
    await pawl.serve();
    await call(pawl);
    await proven(pawl);
    assert.deepEqual((await readdir(join(pawl.data, 'keys'))).sort(),
      ['accounts.json', 'instance.jwk', 'lock', 'log.jwk', 'secret']);
    const shown = await good(pawl, 'config', 'show');
    assert.deepEqual(JSON.parse(shown).keys,
      { instance: 'pkcs11:token=pawl;object=record', log: 'pkcs11:token=pawl;object=log' });
    assert.ok(!shown.includes('pin-source'));
    await good(pawl, 'ledger', 'renew');
    await call(pawl);
    await pawl.kill();
    await pawl.serve();
    await call(pawl);
    await proven(pawl);

    await configure(pawl, { instance: uri('record'), log: uri('log'), next: uri('record-2') });
    await pawl.restart();
    await good(pawl, 'keys', 'rotate');
    await call(pawl);
    const { keys } = await pawl.json('keys', 'list');
    assert.deepEqual(keys.map(({ state }) => state), ['retired', 'in_use']);
    await configure(pawl, { instance: uri('record-2'), log: uri('log') });
    await pawl.restart();
    await call(pawl);
    await proven(pawl);

    // Without a daemon, a renewal and a statement are signed in the token, too.
    await pawl.stop();
    await good(pawl, 'ledger', 'renew');
    await pawl.serve();
    await call(pawl);
    await good(pawl, 'ledger', 'prove', '1', '--form', 'cose', '-o', join(pawl.folder, 'statement'));
    await proven(pawl);
    assert.ok(!(await pawl.log()).includes(PIN));
  });

test('a token that is pulled out: nothing passes, and all goes on when it is back', options,
  async (context) => {
    const { pawl, tokens } = await prepare(context);
    await pawl.serve();
    await call(pawl);
    await rename(tokens, `${tokens}-away`);
    await mkdir(tokens);
    let settled = true;
    let waiting;
    const status = await wait_for('the key is missed', async () => {
      if (settled) {
        settled = false;
        waiting = answer(pawl).finally(() => { settled = true; });
      }
      const found = await pawl.json('status');
      return found.ledger.closed_because === '' ? undefined : found;
    });
    const passed = calls;
    assert.match(JSON.stringify((await answer(pawl)).body), /the key of the (records|log) does not sign/);
    assert.equal(calls, passed, 'nothing is forwarded that cannot be recorded');
    assert.match(status.ledger.closed_because, /does not sign: .*pkcs11:token=pawl/);
    assert.equal((await fetch(`${pawl.addresses.control}/readyz`)).status, 503);

    await rm(tokens, { recursive: true });
    await rename(`${tokens}-away`, tokens);
    const late = await waiting;
    assert.equal(late.body.error, undefined, 'the call that waited for its record has its answer');
    await wait_for('calls pass again', async () => {
      const { body } = await answer(pawl);
      return body.result !== undefined && body.result.isError !== true ? true : undefined;
    });
    assert.equal((await pawl.json('status')).ledger.closed_because, '');
    await proven(pawl);
    await pawl.restart();
    await call(pawl);
    const { unknown_outcomes } = await pawl.json('status');
    assert.equal(unknown_outcomes.count, 0, 'every call that was forwarded has its outcome');
    await proven(pawl);
  });

test('a wrong PIN, an open PIN file, no token, a key of another kind: no start, no new key', options,
  async (context) => {
    const { pawl, uri, tokens, pin_file } = await prepare(context);
    await pawl.serve();
    await call(pawl);
    const { in_use } = await pawl.json('keys', 'list');
    await pawl.stop();

    // Ends with 2: a service manager must not try a wrong PIN until the token locks.
    await writeFile(pin_file, '999999\n');
    assert.match(await refused(pawl, 2),
      /keys\.instance: pkcs11:token=pawl;object=record: the token refuses the PIN of file:/);
    await writeFile(pin_file, `${PIN}\n`);
    execFileSync('chmod', ['644', pin_file]);
    assert.match(await refused(pawl, 1), /the PIN of the token, file:.*: open to its group or to others/);
    execFileSync('chmod', ['600', pin_file]);

    await rename(tokens, `${tokens}-away`);
    await mkdir(tokens);
    assert.match(await refused(pawl, 1), /keys\.instance: .*: no such token is there; the module .* has none/);
    await rm(tokens, { recursive: true });
    await rename(`${tokens}-away`, tokens);

    const log = uri('log');
    for (const [keys, expected] of [
      [{ instance: uri('rsa'), log }, /keys\.instance: .*object=rsa: expected an EC key on P-256/],
      [{ instance: log, log }, /keys\.instance: .*object=log: expected an EC key on P-256/],
      [{ instance: uri('record'), log: uri('record') }, /keys\.log: .*: expected an Ed25519 key/],
      [{ instance: uri('gone'), log }, /keys\.instance: .*: the token has no such private key/],
      [{ instance: uri('record-2'), log }, new RegExp(`keys\\.instance: .*; expected key ${in_use}`)],
      [{}, /is held elsewhere; expected its source as keys\.instance/],
    ]) {
      await configure(pawl, keys);
      assert.match(await refused(pawl, 1), expected);
    }
    await configure(pawl, { instance: `${uri('record').split('&')[0]}&pin-value=${PIN}`, log });
    assert.match(await refused(pawl, 2), /keys\.instance: a PIN stands in a file/);
    await configure(pawl, { instance: uri('record'), log });
    await pawl.serve();
    await call(pawl);
    assert.equal((await pawl.json('keys', 'list')).in_use, in_use);
  });
