// `pawl ledger present`: part of a record, shown to somebody who verifies it offline, with the program
// and with the independent reader.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeJwt, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { check_disclosure } from './verify/independent/sd_jwt.mjs';
import { read_trust } from './verify/independent/trust.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
const AUDITOR = 'https://auditor.example';
let folder;
let witness;
let pawl;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-part-'));
  if (no_pawl()) return;
  witness = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: witness.ready.url } } });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  await rm(folder, { recursive: true });
});

async function call() {
  const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  const { headers, record } = await client.call('change', { n: 1 });
  client.close();
  return { record, claims: decodeJwt(headers['execution-context']) };
}
async function good(...args) {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
const present = async (...args) => (await good('ledger', 'present', ...args)).trim();
const trust_file = () => join(folder, 'log.trust');

async function verify(text, ...more) {
  const file = join(folder, 'shown');
  await writeFile(file, text);
  const { code, stdout } = await new Promise((done) => {
    execFile(PAWL_BIN, ['verify', file, '--trust', trust_file(), ...more],
      (error, out) => done({ code: error === null ? 0 : error.code, stdout: out }));
  });
  return more.includes('--json') ? { code, ...JSON.parse(stdout) } : { code, stdout };
}

test('part of a record is shown, and verified offline', options, async () => {
  const { record, claims } = await call();
  await writeFile(trust_file(), await good('trust', 'pin', '--print'));
  const shown = await present(record, '--disclose', 'outcome', '--disclose', 'pol_decision');
  const found = await verify(shown, '--json');
  assert.equal(found.code, 0, found.reason);
  const { ect_ext: ext, jti, wid, pred } = found.claims;
  assert.deepEqual([jti, wid, pred, ext['pawl.tool'], ext.pol_decision, ext.pol],
                   [record, undefined, undefined, { outcome: 'confirmed' }, 'approved', undefined]);
  const trust = read_trust(await readFile(trust_file()));
  const now = Math.floor(Date.now() / 1000);
  assert.deepEqual(check_disclosure(shown, trust, now), found.claims, 'the other reader sees the same');
  const people = await verify(shown);
  assert.match(people.stdout, /^PROVEN GOOD: the instance shows part of entry \d+/m);
  assert.match(people.stdout, /^not shown +that the entry says this/m);
  assert.match(people.stdout, /^not shown +whether its key was reported as compromised; verify the log/m);
  assert.equal(found.not_shown.length, 2);

  // Everything, to somebody who passes on less; and what he cannot do.
  const all = await present(record, '--all', '--audience', AUDITOR);
  assert.deepEqual((await verify(all, '--json')).claims.ect_ext['pawl.tool'], claims.ect_ext['pawl.tool']);
  const less = await pawl.run(['token', 'present', '-', '--disclose', '/ect_ext/pawl.tool/tool'], { input: all });
  assert.equal(less.code, 0, less.stderr);
  assert.deepEqual((await verify(less.stdout, '--json')).claims.ect_ext['pawl.tool'], { tool: 'change' });
  const [jwt, first, ...rest] = all.split('~');
  const parts = JSON.parse(Buffer.from(first, 'base64url'));
  const forged = Buffer.from(JSON.stringify([...parts.slice(0, -1), 'x'])).toString('base64url');
  for (const [name, text, reason] of [
    ['a forged member', [jwt, forged, ...rest].join('~'), /unreferenced_disclosure/],
    ['another payload', all.replace('.', '.e'), /malformed|bad_signature/],
  ]) {
    const { code, reason: why } = await verify(text, '--json');
    assert.equal(code, 1, name);
    assert.match(why, reason, name);
  }
});

test('bound to its holder, without a daemon, and what there is not', options, async () => {
  const { record } = await call();
  await writeFile(trust_file(), await good('trust', 'pin', '--print'));
  await pawl.stop();
  assert.equal((await verify(await present(record), '--json')).code, 0);
  const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [jwk, key] = [join(folder, 'holder.jwk'), join(folder, 'holder.pem')];
  await writeFile(jwk, JSON.stringify(await exportJWK(holder.publicKey)));
  await writeFile(key, holder.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const all = await present(record, '--all', '--holder', jwk);
  const bound = await pawl.run(['token', 'present', '-', '--disclose', '/wid', '--holder-key', key,
    '--audience', AUDITOR, '--nonce', 'n-1'], { input: all });
  assert.equal(bound.code, 0, bound.stderr);
  const keys = join(folder, 'keys.json');
  await writeFile(keys, JSON.stringify(JSON.parse(await readFile(trust_file())).token_keys));
  const checked = await pawl.run(['token', 'verify', '-', '--keys', keys, '--audience', AUDITOR, '--nonce', 'n-1',
    '--json'], { input: bound.stdout });
  assert.equal(checked.code, 0, checked.stderr);
  assert.equal(JSON.parse(checked.stdout).bound, true);
  for (const [args, why] of [[['--disclose', 'nothing'], /no member "nothing"/], [['--holder', keys], /keys\.json/]]) {
    const { code, stderr } = await pawl.run(['ledger', 'present', record, ...args, '--config', pawl.config_file]);
    assert.equal(code, 2);
    assert.match(stderr, why);
  }
});
