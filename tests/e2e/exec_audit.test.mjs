// Execution audit tokens: records of a domain, taken and given across domains and frameworks, and shown
// in part to somebody who verifies offline.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { check_disclosure } from './verify/independent/sd_jwt.mjs';
import { read_trust } from './verify/independent/trust.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
const SELF = 'spiffe://example.org/agent/a';
const BANK = 'https://agents.bank.example/risk';
const INSURER = 'spiffe://insurer.example/agents/claims';
const FACTS = { domain: 'example.org', jurisdiction: 'EU', framework: 'spiffe', regulations: ['dora', 'ai-act'] };
const keys = Object.fromEntries(['bank', 'insurer', 'person', 'other'].map((name) =>
  [name, generateKeyPairSync('ec', { namedCurve: 'P-256' })]));
let did;
let folder;
let witness;
let pawl;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-audit-'));
  if (no_pawl()) return;
  witness = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  const jwk_of = ({ publicKey }) => exportJWK(publicKey);
  did = `did:jwk:${Buffer.from(JSON.stringify(await jwk_of(keys.person))).toString('base64url')}`;
  for (const name of ['bank', 'insurer']) {
    await writeFile(join(folder, `${name}.json`),
      JSON.stringify({ keys: [{ ...await jwk_of(keys[name]), kid: name }] }));
  }
  const audit = { profile: 'exec-audit' };
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL], servers: { w: { url: witness.ready.url } },
    config: { audit: FACTS, trusted_tokens: [
      { issuer: BANK, jwks_file: join(folder, 'bank.json'), ...audit, domain: 'bank.example',
        domain_member: 'com.example.domain' },
      { issuer: INSURER, jwks_file: join(folder, 'insurer.json'), ...audit, domain: 'insurer.example',
        framework: 'spiffe' },
      { issuer: did, ...audit, framework: 'did' }] } });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  await rm(folder, { recursive: true });
});

let n = 0;
async function call(...parents) {
  n += 1;
  const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  try {
    const { headers, ...answer } = await client.call('change', { n },
      { meta: parents.length > 0 ? { 'pawl.record/parents': parents } : {} });
    return { ...answer, token: headers['execution-context'] };
  } finally {
    client.close();
  }
}
async function good(...args) {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}

const now = () => Math.floor(Date.now() / 1000);
const words = (iss, ext, more = {}) => ({ iss, aud: [SELF], iat: now(), exp: now() + 300, jti: randomUUID(),
  exec_act: 'score_application', pred: [], ect_ext: ext, ...more });
const sign = (claims, key, kid, typ = 'exec+jwt') => new SignJWT(claims)
  .setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key.privateKey);
const of_bank = (ext = { 'com.example.domain': 'bank.example' }) => words(BANK, ext);
const of_insurer = (domain = 'insurer.example') => words(INSURER, { 'pawl.domain': { domain } });

test('tokens of three domains, each by its own framework, are causes of one call', options, async () => {
  const [bank, insurer, person] = [of_bank(), of_insurer(), words(did, {})];
  const answer = await call(await sign(bank, keys.bank, 'bank'), await sign(insurer, keys.insurer, 'insurer'),
    await sign(person, keys.person, `${did}#0`));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(decodeJwt(answer.token).pred, [bank.jti, insurer.jti, person.jti]);
});

const control = (name, body) => test(`control: ${name}`, options, body);

// A token that is not of its issuer's profile or domain is refused.
control('token-profile', async () => {
  const old = { ...of_bank(), par: [], ext: { 'com.example.domain': 'bank.example' } };
  delete old.pred;
  delete old.ect_ext;
  for (const [name, token, reason] of [
    ['another domain', await sign(of_insurer('bank.example'), keys.insurer, 'insurer'), 'wrong_domain'],
    ['no domain', await sign(of_bank({}), keys.bank, 'bank'), 'wrong_domain'],
    ['under our name of the member', await sign(of_bank({ 'pawl.domain': { domain: 'bank.example' } }), keys.bank,
      'bank'), 'wrong_domain'],
    ['dialect -00', await sign(old, keys.bank, 'bank', 'wimse-exec+jwt'), 'bad_type'],
    ['another key under a DID', await sign(words(did, {}), keys.other, '#0'), 'bad_signature'],
    ['a key of another issuer', await sign(words(INSURER, {}), keys.bank, 'bank'), 'unknown_key'],
    ['unsigned', new UnsecuredJWT(of_bank()).encode().split('.')[1], 'level'],
  ]) {
    const { status, body } = await call(token);
    assert.equal(status, 403, `${name}: ${JSON.stringify(body)}`);
    assert.match(JSON.stringify(body), new RegExp(`${reason}: `), name);
  }
});

test('records name their domain, and are shown in part', options, async () => {
  const { token, record } = await call();
  const claims = decodeJwt(token);
  assert.deepEqual(claims.ect_ext['pawl.domain'], FACTS);
  assert.match(await good('ledger', 'show', record), /"jurisdiction":"EU"|pawl\.domain/);

  const trust_file = join(folder, 'log.trust');
  await writeFile(trust_file, await good('trust', 'pin', '--print'));
  const trust = read_trust(await readFile(trust_file));
  const verify = async (text) => {
    const file = join(folder, 'shown');
    await writeFile(file, text);
    const { code, stdout } = await new Promise((done) => {
      execFile(PAWL_BIN, ['verify', file, '--trust', trust_file, '--json'],
        (error, out) => done({ code: error === null ? 0 : error.code, stdout: out }));
    });
    return { code, ...JSON.parse(stdout) };
  };
  const shown = await good('ledger', 'present', record, '--disclose', 'outcome', '--disclose', 'pawl.domain');
  const found = await verify(shown);
  assert.equal(found.code, 0, found.reason);
  const { ect_ext: ext, jti, wid } = found.claims;
  assert.deepEqual([jti, wid, ext['pawl.tool'], ext['pawl.domain']],
                   [record, undefined, { outcome: 'confirmed' }, FACTS]);
  assert.ok(!shown.includes(Buffer.from('"agent"').toString('base64url').slice(0, 8)));
  assert.deepEqual(check_disclosure(shown.trim(), trust, now()), found.claims, 'the other reader sees the same');
  const people = await pawl.run(['verify', join(folder, 'shown'), '--trust', trust_file]);
  assert.match(people.stdout, /^PROVEN GOOD: the instance shows part of entry \d+/m);
  assert.match(people.stdout, /^not shown /m);

  const all = (await good('ledger', 'present', record, '--all', '--audience', 'https://auditor.example')).trim();
  assert.deepEqual((await verify(all)).claims.ect_ext['pawl.tool'], claims.ect_ext['pawl.tool']);
  const less = await pawl.run(['token', 'present', '-', '--disclose', '/ect_ext/pawl.tool/tool'], { input: all });
  assert.equal(less.code, 0, less.stderr);
  assert.deepEqual((await verify(less.stdout)).claims.ect_ext['pawl.tool'], { tool: 'change' });
  const [jwt, first, ...rest] = all.split('~');
  const forged = Buffer.from(JSON.stringify([...JSON.parse(Buffer.from(first, 'base64url')).slice(0, -1), 'x']))
    .toString('base64url');
  for (const [name, text, reason] of [
    ['a forged member', [jwt, forged, ...rest].join('~'), /unreferenced_disclosure/],
    ['another payload', all.replace('.', '.e'), /malformed|bad_signature/],
  ]) {
    const { code, reason: why } = await verify(text);
    assert.equal(code, 1, name);
    assert.match(why, reason, name);
  }
  const absent = await pawl.run(['ledger', 'present', record, '--disclose', 'nothing', '--config', pawl.config_file]);
  assert.equal(absent.code, 2);
  await pawl.stop();
  assert.equal((await verify(await good('ledger', 'present', record))).code, 0, 'without a daemon');
});
