// A person finds out about a call whose outcome is unknown, and says so, signed: the call's record
// stays as it is, and nobody is sent to look again.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { operator_key, override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const FOR_EVER = 1e9;              // calls that the server dies of
const REASON = 'the ticket is there';
const options = { skip: no_pawl() };
let folder;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-resolve-'));
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { command: [NODE, here('servers/mortal.mjs'), '--journal',
                              join(folder, 'journal')] } } });
});
after(async () => {
  await pawl?.close();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** @returns {Promise<string>} the call's record */
async function call(args) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const { record } = await agent.call('die', args);
  agent.close();
  return record;
}

/** A call that the server took and died of. @returns {Promise<string>} its record */
async function unknown_call() {
  return wait_for('a call that the server died of', async () => {
    const record = await call({ until: FOR_EVER });
    return (await pawl.json('why', record)).outcome === 'unknown' ? record : undefined;
  });
}

const command = (...args) => pawl.run([...args, '--config', pawl.config_file]);
const resolve = (record, found = 'happened', ...more) =>
  command('ledger', 'resolve', record, '--found', found, '--reason', REASON, ...more);
const troubles = async () => JSON.parse((await command('status', '--json')).stdout).troubles
  .map(({ id }) => id);

test('an unknown outcome is resolved by the operator, once, and stays unknown', options,
  async () => {
    const record = await unknown_call();
    assert.ok((await troubles()).includes('unknown_outcomes'));
    const token = await pawl.run(['ledger', 'show', record, '--token', '--config',
                                  pawl.config_file]);
    const bad_word = await resolve(record, 'perhaps');
    assert.notEqual(bad_word.code, 0);
    assert.match(bad_word.stderr, /did-not-happen/);
    const done = await resolve(record);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /stays unknown/);
    assert.ok(!(await troubles()).includes('unknown_outcomes'));
    const { outcome, resolved } = await pawl.json('why', record);
    assert.equal(outcome, 'unknown');
    assert.deepEqual([resolved.found, resolved.reason], ['happened', REASON]);
    assert.match((await command('why', record)).stdout, /resolved +happened, says /);
    const { claims } = await pawl.json('ledger', 'show', resolved.record);
    assert.equal(claims.exec_act, 'unknown.resolved');
    assert.deepEqual(claims.pred, [record]);
    assert.equal((await pawl.run(['ledger', 'show', record, '--token', '--config',
                                  pawl.config_file])).stdout, token.stdout, 'it did not change');
    assert.match((await resolve(record)).stderr, /waits to be resolved/, 'once');
    await pawl.kill();
    await pawl.serve();
    assert.ok(!(await troubles()).includes('unknown_outcomes'), 'after kill -9');
    assert.match((await resolve(record)).stderr, /waits to be resolved/);
  });

test('only the operator resolves, and only what is unknown', options, async () => {
  const record = await unknown_call();
  const answered = await wait_for('an answer', async () => {
    const id = await call({ until: 0 });
    return (await pawl.json('why', id)).outcome === 'confirmed' ? id : undefined;
  });
  assert.match((await resolve(answered)).stderr, /not unknown/);
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const key_file = join(folder, 'stranger.pem');
  await writeFile(key_file, stranger.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  assert.match((await resolve(record, 'happened', '--key-file', key_file)).stderr, /enrolled/);
  const key = await operator_key(pawl);
  const now = Math.floor(Date.now() / 1000);
  const sign = async (other = {}, res = {}, signer = key) => new SignJWT({
    aud: 'spiffe://example.org/pawl/gw1', iat: now, exp: now + 60, jti: randomUUID(),
    res: { record, found: 'happened', reason: REASON, ...res }, ...other })
    .setProtectedHeader({ alg: 'ES256', typ: other.typ ?? 'resolution+jwt',
      kid: await calculateJwkThumbprint(await exportJWK(createPublicKey(key))) }).sign(signer);
  const cases = [
    ['under the operator\'s name', await sign({}, {}, stranger)],
    ['for another instance', await sign({ aud: 'spiffe://example.org/pawl/gw2' })],
    ['expired', await sign({ iat: now - 600, exp: now - 400 })],
    ['too long', await sign({ iat: now, exp: now + 301 })],
    ['a stop', await sign({ typ: 'override+jwt' })],
    ['no reason', await sign({}, { reason: '' })],
    ['another word', await sign({}, { found: 'maybe' })],
    ['no call', await sign({}, { record: randomUUID() })],
    ['nonsense', 'nonsense'],
  ];
  for (const [name, statement] of cases) {
    const { status } = await override(pawl, 'resolve', { statement });
    assert.ok(status >= 400 && status < 500, `${name}: ${status}`);
  }
  assert.ok((await troubles()).includes('unknown_outcomes'));
  const good = await override(pawl, 'resolve', { statement: await sign() });
  assert.equal(good.status, 200, JSON.stringify(good.body));
  assert.ok(!(await troubles()).includes('unknown_outcomes'));
});

test('both verifiers check who resolved', options, async () => {
  const trust = join(folder, 'trust');
  await writeFile(trust, (await command('trust', 'pin', '--print')).stdout);
  const bundle = join(folder, 'bundle');
  assert.equal((await command('ledger', 'export', bundle)).code, 0);
  const good = await pawl.run(['verify', bundle, '--trust', trust]);
  assert.equal(good.code, 0, good.stdout);
  const independent = (file) => new Promise((done) => {
    execFile(NODE, [here('verify/independent/verify.mjs'), bundle, '--trust', file],
      (error, stdout) => done({ code: error === null ? 0 : error.code, stdout }));
  });
  const other = await independent(trust);
  assert.equal(other.code, 0, other.stdout);
  // With another person's key for the operator's, who resolved is not proven any more.
  const roots = JSON.parse(await readFile(trust, 'utf8'));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = await exportJWK(publicKey);
  roots.operator_keys.keys = [{ ...jwk, alg: 'ES256', use: 'sig',
                                kid: await calculateJwkThumbprint(jwk) }];
  const stranger = join(folder, 'stranger_trust');
  await writeFile(stranger, JSON.stringify(roots));
  assert.equal((await pawl.run(['verify', bundle, '--trust', stranger])).code, 2);
  assert.equal((await independent(stranger)).code, 2);
});
