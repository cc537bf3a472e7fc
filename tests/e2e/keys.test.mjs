// The keys that sign records are changed and reported in a running daemon, and killed in between.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, calculateJwkThumbprint, createLocalJWKSet, exportJWK, jwtVerify } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { operator_key, override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
let folder;
let witness;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-keys-'));
  witness = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
});
after(async () => {
  await witness?.stop();
  await rm(folder, { recursive: true });
});

async function start(context) {
  const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: witness.ready.url } } });
  context.after(() => pawl.close());
  return pawl;
}

let n = 0;
/** @returns {Promise<{status: number, record: string, token: string}>} one call */
async function call(pawl, headers = {}) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  try {
    n += 1;
    const { status, record, headers: answered, body } =
      await agent.call('change', { n: `${n}` }, { headers });
    return { status, record, token: answered['execution-context'], body };
  } finally {
    agent.close();
  }
}

const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
async function good(pawl, ...args) {
  const { code, stdout, stderr } = await command(pawl, ...args);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
const keys_of = (pawl) => pawl.json('keys', 'list');
const states = ({ keys }) => keys.map(({ state }) => state);
const token_of = async (pawl, record) =>
  (await good(pawl, 'ledger', 'show', record, '--token')).trim();
const key_file = (pawl, name) => join(pawl.data, 'keys', name);
const read_key = async (path) => createPrivateKey(await readFile(path, 'utf8'));
const jwks_of = async (pawl) =>
  (await fetch(`${pawl.addresses.data}/.well-known/jwks.json`)).json();

/** Both verifiers. @returns {Promise<{verdict: string, found: object}>} what `pawl verify` says */
async function verify(pawl, trust) {
  const { stdout } = await pawl.run(['verify', pawl.data, '--trust', trust, '--json']);
  const found = JSON.parse(stdout);
  const other = await new Promise((done) => {
    execFile(NODE, [here('verify/independent/verify.mjs'), pawl.data, '--trust', trust],
      (error, out) => done(JSON.parse(out)));
  });
  assert.equal(other.verdict, found.verdict, `${found.reason} against ${other.reason}`);
  return { ...found, other };
}

async function pin(pawl, name) {
  const path = join(folder, name);
  await writeFile(path, await good(pawl, 'trust', 'pin', '--print'));
  return path;
}

/** A token like a record of ours, signed by `key`, later or earlier than it. */
async function like(token, key, seconds) {
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const iat = claims.iat + seconds;
  return new SignJWT({ ...claims, jti: randomUUID(), iat, exp: iat + 600 })
    .setProtectedHeader({ alg: 'ES256', typ: 'exec+jwt', kid }).sign(key);
}

test('a rotation: the old key verifies old records, and signs nothing any more', options,
  async (context) => {
    const pawl = await start(context);
    const first = await call(pawl);
    const trust = await pin(pawl, 'before.trust');
    const stolen = join(folder, 'stolen.pem');
    await copyFile(key_file(pawl, 'instance.pem'), stolen);
    const { in_use: old_kid } = await keys_of(pawl);
    const old_token = await token_of(pawl, first.record);

    await good(pawl, 'keys', 'rotate');
    const rotated = await keys_of(pawl);
    assert.notEqual(rotated.in_use, old_kid);
    assert.deepEqual(states(rotated), ['retired', 'in_use']);
    assert.equal(rotated.keys[0].kid, old_kid);
    const second = await call(pawl, { 'execution-context': old_token });
    assert.equal(second.status, 200, 'a token of the old key is a good parent');
    const { claims } = await pawl.json('ledger', 'show', second.record);
    assert.deepEqual(claims.pred, [first.record]);

    const keys = createLocalJWKSet(await jwks_of(pawl));
    for (const { record } of [first, second]) {
      await jwtVerify(await token_of(pawl, record), keys);
    }
    const forged = await like(old_token, await read_key(stolen), 86_400);
    const refused = await call(pawl, { 'execution-context': forged });
    assert.equal(refused.status, 403);
    assert.match(JSON.stringify(refused.body), /retired_key/);

    const found = await verify(pawl, trust);
    assert.equal(found.verdict, 'good', 'a pin of the first key is enough');
    assert.deepEqual(found.keys.map(({ kid }) => kid), [old_kid, rotated.in_use]);
    const shown = await pawl.run(['verify', pawl.data, '--trust', trust]);
    assert.match(shown.stdout, /^keys +2; now .* from entry \d+$/m);

    assert.match((await command(pawl, 'keys', 'retire', old_kid)).stderr, /retired before/);
    assert.match((await command(pawl, 'keys', 'retire', rotated.in_use)).stderr, /in use/);
    assert.match((await command(pawl, 'keys', 'retire', 'x')).stderr, /no key/);
    await pawl.stop();
    assert.deepEqual(await keys_of(pawl), rotated, 'without a daemon, too');
    await pawl.serve();
    assert.deepEqual(await keys_of(pawl), rotated);

    // Who restores the keystore of before has a key that may not sign.
    await pawl.stop();
    await copyFile(key_file(pawl, 'instance.pem'), join(folder, 'new.pem'));
    await copyFile(stolen, key_file(pawl, 'instance.pem'));
    await assert.rejects(pawl.serve());
    assert.match(await pawl.log(), /was retired and may not sign/);
    await copyFile(join(folder, 'new.pem'), key_file(pawl, 'instance.pem'));
    await pawl.serve();
    assert.equal((await call(pawl)).status, 200);
  });

test('who pinned pins again, without being asked to believe', options, async (context) => {
  const pawl = await start(context);
  const env = { XDG_CONFIG_HOME: join(folder, 'pins') };
  const pin_again = (...more) => pawl.run(['trust', 'pin', pawl.data, ...more], { env });
  await call(pawl);
  assert.equal((await pin_again()).code, 0);
  await good(pawl, 'keys', 'rotate');
  await good(pawl, 'keys', 'rotate');
  await call(pawl);
  await pawl.stop();
  const again = await pin_again();
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /token keys +3/);
  assert.equal((await pawl.run(['verify', pawl.data], { env })).code, 0);
  // A key that the log did not let begin is another matter.
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(key_file(pawl, 'instance.pem'),
    privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  assert.match((await pin_again()).stderr, /other keys were pinned/);
});

test('a rotation and a renewal of the log: the chain verifies', options, async (context) => {
  const pawl = await start(context);
  await call(pawl);
  await good(pawl, 'keys', 'rotate');
  await call(pawl);
  await good(pawl, 'ledger', 'renew');
  await call(pawl);
  await good(pawl, 'keys', 'rotate');
  const listed = await keys_of(pawl);
  assert.deepEqual(states(listed), ['retired', 'retired', 'in_use']);
  const indices = ({ keys }) => keys.map(({ earlier_log, from, until }) =>
    [earlier_log, from === undefined, until === undefined]);
  const expected = [[true, true, true], [undefined, false, false], [undefined, false, true]];
  assert.deepEqual(indices(listed), expected, 'a key of log 1 has no index in log 2');
  assert.match(await good(pawl, 'keys', 'list'), /of an earlier log/);
  await pawl.stop();
  assert.deepEqual(indices(await keys_of(pawl)), expected, 'without a daemon, too');
  const trust = await pin(pawl, 'chain.trust');
  const bundle = join(pawl.folder, 'bundle');
  await good(pawl, 'ledger', 'export', bundle);
  const verify = async (path) => {
    const { code, stdout } = await pawl.run(['verify', path, '--trust', trust, '--json']);
    return [code, JSON.parse(stdout).goes_on_from.map(({ log, here }) => [log, here])];
  };
  for (const path of [pawl.data, join(pawl.data, 'ledger'), bundle]) {
    assert.deepEqual(await verify(path), [0, [[1, true]]], path);
  }
  await rm(join(bundle, 'ledgers'), { recursive: true });
  assert.deepEqual(await verify(bundle), [2, [[1, false]]], 'nobody saw log 1');
});

/** What an operator signs, made by hand. */
async function statement_of(pawl, key, said, other = {}) {
  const now = Math.floor(Date.now() / 1000);
  const { iat = now, exp = iat + 60, aud = 'spiffe://example.org/pawl/gw1',
          typ = 'compromise+jwt', named = key } = other;
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(named)));
  return new SignJWT({ aud, iat, exp, jti: randomUUID(), key: { reason: 'test', ...said } })
    .setProtectedHeader({ alg: 'ES256', typ, kid }).sign(key);
}

test('a stolen key: reported by the operator, suspect since then, and followed at once', options,
  async (context) => {
    const pawl = await start(context);
    const first = await call(pawl);
    const old_token = await token_of(pawl, first.record);
    const trust = await pin(pawl, 'stolen.trust');
    const { in_use: stolen } = await keys_of(pawl);
    const report = (...args) => command(pawl, 'keys', 'compromised', ...args);

    // Not by anybody, not with other words, not about what is not there.
    const { next } = await (await fetch(`${pawl.addresses.control}/api/v1/keys/prepare`,
      { method: 'POST', headers: { authorization:
        `Bearer ${(await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim()}` } }))
      .json();
    const key = await operator_key(pawl);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const now = Math.floor(Date.now() / 1000);
    const said = { kid: stolen, since: now - 60, next };
    const cases = {
      'a stranger': statement_of(pawl, stranger, said),
      'in the operator\'s name': statement_of(pawl, stranger, said, { named: key }),
      'another instance': statement_of(pawl, key, said, { aud: 'spiffe://example.org/pawl/gw2' }),
      'expired': statement_of(pawl, key, said, { iat: now - 600, exp: now - 400 }),
      'too long': statement_of(pawl, key, said, { iat: now, exp: now + 301 }),
      'a stop': statement_of(pawl, key, said, { typ: 'override+jwt' }),
      'vouches for nobody': statement_of(pawl, key, { ...said, next: undefined }),
      'vouches for another': statement_of(pawl, key, { ...said, next: 'x' }),
      'about another': statement_of(pawl, key, { ...said, kid: 'x' }),
      'from a later time on': statement_of(pawl, key, { ...said, since: now + 3600 }),
      'no reason': statement_of(pawl, key, { ...said, reason: '' }),
      'nonsense': 'nonsense',
    };
    for (const [name, statement] of Object.entries(cases)) {
      const { status } = await override(pawl, 'compromised', { statement: await statement });
      assert.ok(status >= 400 && status < 500, `${name}: ${status}`);
    }
    assert.deepEqual(states(await keys_of(pawl)), ['in_use']);
    assert.equal((await report(stolen, '--since', 'yesterday')).code, 2);
    assert.equal((await verify(pawl, trust)).verdict, 'good');

    const since = new Date((now + 1) * 1000).toISOString();
    while (Date.now() < (now + 2) * 1000) await call(pawl);  // records on both sides
    const done = await report(stolen, '--since', since, '--reason', 'a disk was stolen');
    assert.equal(done.code, 0, done.stderr);
    const listed = await keys_of(pawl);
    assert.deepEqual(states(listed), ['compromised', 'in_use']);
    assert.equal(listed.in_use, next);
    assert.match((await report(stolen, '--since', since)).stderr, /reported since that time/);

    assert.equal((await call(pawl)).status, 200, 'it goes on');
    assert.deepEqual((await jwks_of(pawl)).keys.map(({ kid }) => kid), [next]);
    assert.equal((await call(pawl, { 'execution-context': old_token })).status, 403);

    const found = await verify(pawl, trust);
    assert.equal(found.verdict, 'undecided');
    assert.ok(found.suspect.entries >= 1 && found.suspect.entries < found.entries);
    assert.deepEqual([found.suspect.first, found.suspect.last, found.suspect.entries],
      [found.other.suspect.first, found.other.suspect.last, found.other.suspect.entries]);
    const shown = await pawl.run(['verify', pawl.data, '--trust', trust]);
    assert.equal(shown.code, 2);
    const { troubles } = await pawl.json('status');
    assert.ok(troubles.some(({ id, what }) => id === 'key_compromised' && what.includes(stolen)));
    assert.match(shown.stdout, /^suspect +(\d+ entries, \d+ to \d+|entry \d+), since /m);
    await pawl.kill();
    await pawl.serve();
    assert.deepEqual(await keys_of(pawl), listed, 'after kill -9');
    // An earlier time may be found out later; then the next key is the one in use.
    const earlier = new Date((now - 3600) * 1000).toISOString();
    assert.equal((await report(stolen, '--since', earlier)).code, 0);
    const worse = await verify(pawl, trust);
    assert.equal(worse.suspect.first, 0, 'all of it');
    assert.ok(worse.suspect.last < worse.entries - 1, 'but not what the next key signed');
    await good(pawl, 'ledger', 'renew');
    await wait_for('no trouble of the next log', async () =>
      !(await pawl.json('status')).troubles.some(({ id }) => id === 'key_compromised') || undefined);
  });

test('kill -9 in the middle of rotations', options, async (context) => {
  const pawl = await start(context);
  await call(pawl);
  const trust = await pin(pawl, 'killed.trust');
  const MOST_EVENTS = 12;  // in the folder of the keys, of one rotation
  for (let at = 1; at <= MOST_EVENTS; at += 1) {
    let seen = 0;
    let killed;
    const watcher = watch(join(pawl.data, 'keys'), () => {
      seen += 1;
      if (seen === at) killed = pawl.kill();
    });
    const { code } = await command(pawl, 'keys', 'rotate');
    watcher.close();
    await (killed ?? pawl.kill());
    await pawl.serve();
    const { in_use, keys } = await keys_of(pawl);
    const able = keys.filter(({ state }) => state === 'in_use' || state === 'valid');
    assert.deepEqual(able.map(({ kid }) => kid), [in_use], `killed at ${at}, exit ${code}`);
    assert.equal((await call(pawl)).status, 200);
    assert.equal((await verify(pawl, trust)).verdict, 'good', `killed at ${at}`);
  }
});
