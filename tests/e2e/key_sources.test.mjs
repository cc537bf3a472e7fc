// Keys that systemd hands over as credentials: a first start, a rotation, a renewal, kill -9, and what
// the daemon refuses. A credential is a file of $CREDENTIALS_DIRECTORY, mode 0400.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
let folder;
let server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-sources-'));
  server = await PlayedServer.with_tool('change');
});
after(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

async function credential(place, name, type) {
  const { privateKey } = type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('ed25519');
  await mkdir(place, { recursive: true, mode: 0o700 });
  await writeFile(join(place, name), privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o400 });
}

let n = 0;
/** A service with the credentials `record` and `log`, not started yet. */
async function prepare(context, keys = { instance: 'credential:record', log: 'credential:log' }) {
  const place = join(folder, `credentials-${n += 1}`);
  await credential(place, 'record', 'ec');
  await credential(place, 'log', 'ed25519');
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: server.url } }, config: keys && { keys },
    env: { CREDENTIALS_DIRECTORY: place } });
  context.after(() => pawl.close());
  return { pawl, place };
}

async function configure(pawl, keys) {
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  await writeFile(pawl.config_file, JSON.stringify({ ...config, keys }));
}
async function call(pawl) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const { status, record } = await agent.call('change', {});
  agent.close();
  assert.equal(status, 200);
  return record;
}
async function good(pawl, ...args) {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
const in_keys = async (pawl) => (await readdir(join(pawl.data, 'keys'))).sort();

/** Pinned now, verified without the daemon's help. */
async function proven(pawl) {
  const trust = join(folder, `trust-${n += 1}`);
  await writeFile(trust, await good(pawl, 'trust', 'pin', '--print'));
  return JSON.parse(await good(pawl, 'verify', pawl.data, '--trust', trust, '--json'));
}
/** @returns {Promise<string>} what the refused start said */
async function refused(pawl, code) {
  const length = (await pawl.log()).length;
  const names = await in_keys(pawl).catch(() => undefined);
  await assert.rejects(pawl.serve(), new RegExp(`ended with ${code}`));
  assert.deepEqual(await in_keys(pawl).catch(() => undefined), names, 'nothing was made');
  return (await pawl.log()).slice(length);
}

test('credentials: first start, rotation, renewal, kill -9, and no private key in the data',
  options, async (context) => {
    const { pawl, place } = await prepare(context);
    await pawl.serve();
    await call(pawl);
    assert.deepEqual(await in_keys(pawl),
      ['accounts.json', 'instance.jwk', 'lock', 'log.jwk', 'secret']);
    const { in_use: first } = await pawl.json('keys', 'list');

    const no_next = await pawl.run(['keys', 'rotate', '--config', pawl.config_file]);
    assert.equal(no_next.code, 1);
    assert.match(no_next.stderr, /comes from credential:record, which Pawl never writes; expected the next key as keys\.next/);

    await credential(place, 'record-2', 'ec');
    await configure(pawl, { instance: 'credential:record', log: 'credential:log',
                            next: 'credential:record-2' });
    await pawl.restart();
    await good(pawl, 'keys', 'rotate');
    const { in_use: second, keys } = await pawl.json('keys', 'list');
    assert.notEqual(second, first);
    assert.deepEqual(keys.map(({ state }) => state), ['retired', 'in_use']);
    assert.match((await pawl.run(['keys', 'rotate', '--config', pawl.config_file])).stderr,
      /keys\.next: credential:record-2 is the key in use/);
    await call(pawl);
    assert.equal((await proven(pawl)).verdict, 'good');

    // Killed before the configuration follows, and after it.
    await pawl.kill();
    await pawl.serve();
    await call(pawl);
    await configure(pawl, { instance: 'credential:record-2', log: 'credential:log' });
    await rm(join(place, 'record'), { force: true });
    await pawl.restart();
    assert.equal((await pawl.json('keys', 'list')).in_use, second);
    await good(pawl, 'ledger', 'renew');
    await call(pawl);
    assert.equal((await proven(pawl)).verdict, 'good');
    assert.ok(!(await in_keys(pawl)).some((name) => name.endsWith('.pem')));

    // Without the daemon: a renewal signs, so it needs the credentials, too.
    await pawl.stop();
    const blind = await pawl.run(['ledger', 'renew', '--config', pawl.config_file],
      { env: { CREDENTIALS_DIRECTORY: '' } });
    assert.equal(blind.code, 1);
    assert.match(blind.stderr, /keys\.instance: credential:record-2: \$CREDENTIALS_DIRECTORY is not set/);
    await good(pawl, 'ledger', 'renew');
    await pawl.serve();
    await call(pawl);
    assert.equal((await proven(pawl)).verdict, 'good');
  });

test('a credential that is missing, open, of another kind or another key: no start, no new key',
  options, async (context) => {
    const { pawl, place } = await prepare(context);
    await pawl.serve();
    await call(pawl);
    const { in_use } = await pawl.json('keys', 'list');
    await pawl.stop();
    const record = join(place, 'record');

    await rename(record, join(place, 'away'));
    assert.match(await refused(pawl, 2),
      /keys\.instance: credential:record: no file .*record; expected LoadCredential=record:FILE/);
    await credential(place, 'record', 'ed25519');
    assert.match(await refused(pawl, 2), /expected a P-256 key, and it is an Ed25519 key/);
    await rm(record, { force: true });
    await credential(place, 'record', 'ec');
    assert.match(await refused(pawl, 1),
      new RegExp(`keys\\.instance: credential:record holds key .*; expected key ${in_use}`));
    await rename(join(place, 'away'), record);
    await chmod(record, 0o644);
    assert.match(await refused(pawl, 2), /open to its group or to others; expected mode 0400/);
    await chmod(record, 0o400);

    // Nor when the configuration forgets where the key is.
    await configure(pawl, {});
    assert.match(await refused(pawl, 1),
      new RegExp(`instance\\.jwk: key ${in_use} is held elsewhere; expected its source as keys\\.instance`));
    await configure(pawl, { instance: 'credentials:record' });
    assert.match(await refused(pawl, 2), /keys\.instance: expected file, /);
    await configure(pawl, { instance: 'credential:record', log: 'credential:log' });
    await pawl.serve();
    await call(pawl);
    assert.equal((await pawl.json('keys', 'list')).in_use, in_use);
  });

test('the keys of a keystore move into credentials, and the files must go', options,
  async (context) => {
    const { pawl, place } = await prepare(context, null);
    await pawl.serve();
    await call(pawl);
    const { in_use } = await pawl.json('keys', 'list');
    await pawl.stop();
    const keys = { instance: 'credential:instance', log: 'credential:log' };
    await configure(pawl, keys);
    for (const name of ['instance', 'log']) {
      await rm(join(place, name), { force: true });
      await writeFile(join(place, name), await readFile(join(pawl.data, 'keys', `${name}.pem`)),
        { mode: 0o400 });
    }
    for (const name of ['instance', 'log']) {
      const length = (await pawl.log()).length;
      await assert.rejects(pawl.serve());
      assert.match((await pawl.log()).slice(length), new RegExp(`${name}\\.pem: the private key comes from`));
      await rename(join(pawl.data, 'keys', `${name}.pem`), join(folder, `${name}-backup.pem`));
    }
    await pawl.serve();
    await call(pawl);
    assert.equal((await pawl.json('keys', 'list')).in_use, in_use, 'the same key');
    assert.equal((await proven(pawl)).verdict, 'good');
  });
