// Tokens of real calls: they verify with jose and the published keys, name their causes when they
// are presented, are of no use to others, and stand in the ledger for independent verifiers.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, UnsecuredJWT, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, exportJWK,
         jwtVerify } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const ISSUER = 'spiffe://example.org/pawl/gw1';
const PARENTS = 'pawl.record/parents';
const CHILDREN = 100;              // also the most parents that a call may name
const GO_ENV = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
const options = { skip: no_pawl() };
const ORCHESTRATOR = 'spiffe://partner.example/orchestrator';
const SIGNED_AT_S = Math.floor(Date.now() / 1000);
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

let folder;
let pawl;
let witness;
let next_n = 0;
let orchestrator_key;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-tokens-'));
  witness = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  orchestrator_key = pair.privateKey;
  const jwks_file = join(folder, 'orchestrator.jwks.json');
  await writeFile(jwks_file,
    JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: 'o', alg: 'ES256' }] }));
  pawl = await Pawl.start({ init: true,
    config: { trusted_tokens: [{ issuer: ORCHESTRATOR, jwks_file }] }, servers: { s: { url: witness.ready.url } },
    agents: { a: {}, thief: {} }, rules: [ALLOW_ALL] });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** One call of a new connection. @returns {Promise<{status, body, record, token, claims}>} */
async function call({ agent = 'a', parents, header } = {}) {
  const client = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys[agent] });
  const answer = await client.call('change', { n: next_n++ }, {
    meta: parents === undefined ? {} : { [PARENTS]: parents },
    headers: header === undefined ? {} : { 'execution-context': header } });
  client.close();
  const token = answer.headers['execution-context'];
  return { ...answer, token, claims: token === undefined ? undefined : decodeJwt(token) };
}

const body_of = (claims) => claims.ect_ext['pawl.tool'];

function run(program, args, run_options = {}) {
  return new Promise((resolve) => {
    execFile(program, args, run_options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }));
  });
}

test('a token verifies with jose and the published keys', options, async () => {
  const { token, record } = await call();
  const keys = createRemoteJWKSet(new URL(`${pawl.addresses.data}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: ISSUER,
    audience: 'spiffe://example.org/agent/a', typ: 'exec+jwt', algorithms: ['ES256'] });
  assert.equal(payload.jti, record);
  assert.equal(payload.exec_act, 'tool.call');
  assert.deepEqual(payload.pred, []);
  assert.equal(body_of(payload).outcome, 'confirmed');
  assert.equal(payload.exp - payload.iat, 600);
  assert.deepEqual(Object.keys(protectedHeader), ['alg', 'kid', 'typ']);
  const [head, words, signature] = token.split('.');
  const other = Buffer.from(words, 'base64url').toString().replace('confirmed', 'unknown..');
  await assert.rejects(jwtVerify([head, Buffer.from(other).toString('base64url'), signature]
    .join('.'), keys), /signature verification failed/);
});

for (const [name, present] of [
  ['in the header', (token) => ({ header: token })],
  ['in _meta', (token) => ({ parents: [token] })],
]) {
  test(`presented ${name}, a token is the declared cause of the call`, options, async () => {
    const parent = await call();
    const child = await call(present(parent.token));
    assert.deepEqual(child.claims.pred, [parent.record]);
    assert.deepEqual(body_of(child.claims).basis, ['declared']);
    assert.equal(child.claims.wid, parent.claims.wid);
  });
}

/** The other valid form of an ES256 signature, (r, n - s), which needs no key. */
function with_other_signature(token) {
  const [head, words, signature] = token.split('.');
  const raw = Buffer.from(signature, 'base64url').toString('hex');
  const s = P256_ORDER - BigInt(`0x${raw.slice(64)}`);
  const other = Buffer.from(raw.slice(0, 64) + s.toString(16).padStart(64, '0'), 'hex');
  return [head, words, other.toString('base64url')].join('.');
}

test('the other form of a signature is the same token; other words are another', options,
  async () => {
    const parent = await call();
    const other = with_other_signature(parent.token);
    assert.notEqual(other, parent.token);
    for (const parents of [[other], [parent.token, other]]) {
      const child = await call({ parents });
      assert.deepEqual(child.claims.pred, [parent.record]);
    }
    const words = { iss: ORCHESTRATOR, aud: [`spiffe://example.org/agent/a`], jti: randomUUID(),
      exec_act: 'plan.step', pred: [] };
    const sign = (more) => new SignJWT({ ...words, ...more })
      .setProtectedHeader({ alg: 'ES256', kid: 'o', typ: 'exec+jwt' })
      .setIssuedAt(SIGNED_AT_S).setExpirationTime(SIGNED_AT_S + 600).sign(orchestrator_key);
    const first = await call({ header: await sign({}) });
    assert.deepEqual(first.claims.pred, [words.jti]);
    assert.deepEqual((await call({ header: await sign({}) })).claims.pred, [words.jti],
      'signed again');
    const refused = await call({ header: await sign({ exec_act: 'plan.other' }) });
    assert.equal(refused.status, 403);
    assert.match(refused.body.error.message, /equivocation/);
  });

test('a hundred children at once, and one call that they all caused', options, async () => {
  const parent = await call();
  const children = await Promise.all(Array.from({ length: CHILDREN },
    () => call({ header: parent.token })));
  for (const child of children) {
    assert.deepEqual(child.claims.pred, [parent.record]);
    assert.deepEqual(body_of(child.claims).basis, ['declared']);
  }
  const tokens = children.map(({ token }) => token);
  const joined = await call({ parents: tokens });
  assert.deepEqual(new Set(joined.claims.pred), new Set(children.map(({ record }) => record)));
  const too_many = await call({ parents: [...tokens, parent.token] });
  assert.equal(too_many.status, 403);
  assert.match(too_many.body.error.message, /too_many_parents/);
});

test('a token is as good after kill -9', options, async () => {
  const parent = await call();
  await pawl.kill();
  await pawl.serve();
  const child = await call({ header: parent.token });
  assert.deepEqual(child.claims.pred, [parent.record]);
  assert.equal(child.claims.wid, parent.claims.wid);
});

test('tokens that are not good, or not the caller\'s, are refused with 403', options, async () => {
  const { token, claims } = await call();
  const other_workflow = await call();
  assert.notEqual(other_workflow.claims.wid, claims.wid);
  const header = decodeProtectedHeader(token);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forge = (words, head = header) =>
    new SignJWT({ ...claims, ...words }).setProtectedHeader(head).sign(privateKey);
  const [head, , signature] = token.split('.');
  const altered = Buffer.from(JSON.stringify({ ...claims, pred: [randomUUID()] }));
  const cases = [
    ['stolen', { agent: 'thief', header: token }, /wrong_presenter/],
    ['stolen, in _meta', { agent: 'thief', parents: [token] }, /wrong_presenter/],
    ['garbage', { header: 'garbage' }, /malformed/],
    ['garbage beside a good one', { parents: [token, 'garbage'] }, /malformed/],
    ['altered', { header: [head, altered.toString('base64url'), signature].join('.') },
     /bad_signature/],
    ['signed by another', { header: await forge({}) }, /bad_signature/],
    ['of an unknown key', { header: await forge({}, { ...header, kid: 'other' }) }, /unknown_key/],
    ['of an unknown issuer', { header: await forge({ iss: 'spiffe://evil.example/x' }) },
     /unknown_key/],
    ['not signed', { header: new UnsecuredJWT(claims).encode() }, /malformed|bad_alg|level/],
    ['of another type', { header: await forge({}, { ...header, typ: 'JWT' }) }, /bad_type/],
    ['of two workflows', { parents: [token, other_workflow.token] }, /workflow_mismatch/],
  ];
  for (const [name, how, reason] of cases) {
    const { status, body, record } = await call(how);
    assert.equal(status, 403, name);
    assert.equal(body.error.data.code, 'token_invalid', name);
    assert.match(body.error.message, reason, name);
    const shown = await pawl.json('ledger', 'show', record);
    assert.equal(shown.claims.exec_act, 'task.denied', name);
    assert.ok(!shown.claims.pred.includes(claims.jti) || how.parents?.length > 1,
      `${name}: a refused token causes nothing`);
  }
});

test('the proof address in _meta leads to a proof that independent verifiers accept', options,
  async () => {
    const answers = [await call(), await call(), await call()];
    const trust = join(folder, 'trust');
    await writeFile(trust, (await pawl.run(
      ['trust', 'pin', '--print', '--config', pawl.config_file])).stdout);
    const vkey = JSON.parse(await readFile(trust, 'utf8')).log;
    const go_verifier = join(folder, 'verify');
    const built = await run('go', ['build', '-o', go_verifier, 'verify.go'],
      { cwd: here('verify/go'), env: GO_ENV });
    assert.equal(built.code, 0, built.stderr);
    const other_entry = join(folder, 'other');
    await writeFile(other_entry, (await call()).token);
    for (const { body, token } of answers) {
      const address = body.result._meta['pawl.record/proof'];
      const answer = await fetch(new URL(address, pawl.addresses.data));
      assert.equal(answer.status, 200, address);
      const entry = join(folder, 'entry');
      const proof = join(folder, 'proof');
      await writeFile(entry, token);
      await writeFile(proof, await answer.text());
      for (const [file, code] of [[entry, 0], [other_entry, 1]]) {
        const independent = await run(NODE, [here('verify/independent/verify.mjs'), file,
          '--proof', proof, '--trust', trust]);
        assert.equal(independent.code, code, independent.stdout);
        const go = await run(go_verifier, ['receipt', vkey, file, proof]);
        assert.equal(go.code, code, `${go.stdout}${go.stderr}`);
      }
    }
  });
