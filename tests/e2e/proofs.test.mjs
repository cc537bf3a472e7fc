// Proofs of possession through the real program: access tokens bound by DPoP, workload identity
// tokens with their proofs and signatures. Each "control: NAME" fails when `./test unplug` takes that control out.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as http_request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as text_of } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { legacy_client, modern_client } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { dpop_proof, make_key, now_s, sign, signed_request, token_hash, wit, wpt }
  from './support/proofs.mjs';
import { start_reference } from './support/reference.mjs';

const ISSUER = 'https://login.example.org';
const WORKLOAD = 'spiffe://partner.example/web';
const RULES = [{ id: 'a', when: { agent: 'a' }, then: 'allow', reason: 'test' }];
const AT_ONCE = 16;
let folder;
let issuer;
let key;
let thief;
let played;
let legacy;
let pawl;

const config_of = (more = {}) => ({
  jwt_issuers: [{ issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'],
                  jwks_file: join(folder, 'jwks.json'), ...more.issuer }],
  trust_domains: { 'partner.example': { jwks_file: join(folder, 'jwks.json') } },
  proofs: { audiences: ['urn:example:gateway'], ...more.proofs } });

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-proofs-'));
  [issuer, key, thief] = await Promise.all([make_key(), make_key(), make_key()]);
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...issuer.jwk, kid: 'k', alg: 'ES256' }] }));
  played = await PlayedServer.start({
    'tools/call': () => ({ resultType: 'complete', content: [] }) });
  legacy = await start_reference('legacy');
  pawl = await start_gateway();
});
after(async () => {
  await pawl?.close();
  await played?.close();
  await legacy?.stop('SIGKILL');
  if (folder) await rm(folder, { recursive: true });
});

const start_gateway = (more) => Pawl.start({ rules: RULES, config: config_of(more),
  servers: { played: { url: played.url }, legacy: { url: legacy.url } },
  agents: { a: { identities: [WORKLOAD] }, b: {} } });

const access_token = (claims = {}) => sign({ typ: 'at+jwt', kid: 'k' },
  { iss: ISSUER, aud: 'pawl', sub: 'a', iat: now_s(), exp: now_s() + 300, cnf: { jkt: key.jkt },
    ...claims }, issuer);

async function call(headers, at = pawl) {
  const agent = new RawAgent({ url: at.mcp_url('played'), key: 'none' });
  try {
    return await agent.call('look', {}, { headers });
  } finally {
    agent.close();
  }
}

const url = (at = pawl) => at.mcp_url('played');

/** Headers of a request with a bound token; `change` alters what the proof is made of. */
async function dpop(change = {}, token_claims = {}) {
  const token = await access_token(token_claims);
  return { authorization: `DPoP ${token}`,
           dpop: await dpop_proof({ key, token, url: url(), ...change }) };
}

async function workload({ change = {}, wit_change = {}, field = false } = {}) {
  const token = await wit({ issuer, key, sub: WORKLOAD, ...wit_change });
  const proof = await wpt({ key, token, url: url(), ...change });
  return { 'workload-identity-token': token,
    ...field ? { authorization: [], 'workload-proof-token': proof }
      : { authorization: `WPT ${proof}` } };
}

const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'look',
  arguments: {}, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {} } } });

/** Sends BODY, or another in its place, under the fields; `between` runs before its last byte. */
async function post(fields, body = BODY, between = undefined) {
  const request = http_request(url(), { method: 'POST', headers: {
    'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...fields,
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call', 'mcp-name': 'look' } });
  const answer = once(request, 'response');
  request.write(body.slice(0, -1));
  await between?.();
  request.end(body.slice(-1));
  const [response] = await answer;
  return { status: response.statusCode, body: JSON.parse(await text_of(response)) };
}

/** @param {string} name @param {(context) => Promise<void>} body */
const control = (name, body) => test(`control: ${name}`, { skip: no_pawl(), timeout: 60_000 }, body);
const check = (name, body) => test(name, { skip: no_pawl(), timeout: 60_000 }, body);

async function refused(headers, why, status = 401) {
  const answer = await call(headers);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.body.error.message, new RegExp(`^${why}: `));
  return answer;
}

async function body_of(record) {
  const { claims } = await pawl.json('ledger', 'show', record);
  return claims.ect_ext['pawl.tool'] ?? claims.ect_ext['pawl.task'];
}

// ---- DPoP ----

check('a bound token with its proof calls, and the record says what was proven', async () => {
  const answer = await call(await dpop());
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const body = await body_of(answer.record);
  assert.equal(body.agent, 'a');
  assert.equal(body.proof, 'dpop_request_only');
});

check('a bearer token stays what it was', async () => {
  const answer = await call({ authorization: `Bearer ${await access_token({ cnf: undefined })}` });
  assert.equal(answer.status, 200);
  assert.equal((await body_of(answer.record)).proof, 'jwt');
});

check('both eras, with the official clients: each request has its own proof', async () => {
  const token = await access_token();
  const with_proof = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `DPoP ${token}`);
    headers.set('dpop', await dpop_proof({ key, token, url: String(input),
      method: init?.method ?? 'GET' }));
    return fetch(input, { ...init, headers });
  };
  const old = await legacy_client({ url: pawl.mcp_url('legacy'), fetch: with_proof });
  assert.ok((await old.listTools()).tools.length > 0);
  await old.close();
  const modern = await modern_client({ url: pawl.mcp_url('played'), fetch: with_proof });
  await modern.callTool({ name: 'look', arguments: {} }).finally(() => modern.close());
});

control('token-binding', async () => {
  const bound = await refused({ authorization: `Bearer ${await access_token()}` }, 'token_bound');
  assert.match(bound.headers['www-authenticate'], /^DPoP error="invalid_token", .*algs="ES256"/);
});

control('proof-key', async () => {
  const token = await access_token();
  const proof = await dpop_proof({ key: thief, token, url: url() });
  const answer = await refused({ authorization: `DPoP ${token}`, dpop: proof }, 'proof_key');
  assert.match(answer.headers['www-authenticate'], /^DPoP error="invalid_dpop_proof"/);
});

control('proof-signature', async () => {
  const forged = { ...thief, jwk: key.jwk };
  await refused(await dpop({ key: forged }), 'proof_signature');
});

control('proof-request', async () => {
  await refused(await dpop({ url: pawl.mcp_url('legacy') }), 'proof_target');
  await refused(await dpop({ method: 'GET' }), 'proof_method');
});

check('a proof for another server is not good when that one relays it with its own Host', async () => {
  const token = await access_token();
  const identity = await wit({ issuer, key, sub: WORKLOAD });
  const own = new URL(url());
  for (const [host, good] of [['127.0.0.1:9', false], ['localhost:9', false], ['[::1]:9', false],
    ['localhost', false], [`localhost:${own.port}`, true], [own.host, true]]) {
    const target = `http://${host}${own.pathname}`;
    const signed = signed_request({ key, token: identity, url: target, body: BODY });
    delete signed.authorization;
    for (const fields of [
      { authorization: `DPoP ${token}`, dpop: await dpop_proof({ key, token, url: target }) },
      { 'workload-identity-token': identity,
        authorization: `WPT ${await wpt({ key, token: identity, url: target })}` },
      signed]) {
      const answer = await post({ ...fields, host });
      assert.equal(answer.status, good ? 200 : 401, `${host}: ${JSON.stringify(answer.body)}`);
      if (!good) assert.match(answer.body.error.message, /^proof_target: .*Host does not name it/);
    }
  }
});

control('proof-time', async () => {
  await refused(await dpop({ claims: { iat: now_s() - 3600 } }), 'proof_time');
  await refused(await dpop({ claims: { iat: now_s() + 3600 } }), 'proof_time');
});

control('proof-token', async () => {
  await refused(await dpop({ claims: { ath: token_hash('another') } }), 'proof_token');
});

control('proof-once', async () => {
  const headers = await dpop();
  assert.equal((await call(headers)).status, 200);
  await refused(headers, 'proof_replayed');
});

check('of one proof shown many times at once, exactly one passes', async () => {
  for (const headers of [await dpop(), await workload()]) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => call(headers)));
    const passed = answers.filter(({ status }) => status === 200);
    assert.equal(passed.length, 1);
    assert.ok(answers.filter(({ status }) => status === 401).every(({ body }) =>
      body.error.message.startsWith('proof_replayed: ')));
  }
});

// At the end of its header a proof is looked at; it is spent when the request is complete.
check('a proof whose body comes late is good once, too', async () => {
  const headers = await dpop();
  const quick = {};
  const late = await post(headers, BODY, async () => {
    quick.status = (await call(headers)).status;
  });
  assert.equal(quick.status, 200);
  assert.match(late.body.error.message, /^proof_replayed: /);
});

check('a refused proof is a record of the agent whose token it was', async () => {
  const headers = await dpop({ key: { ...thief, jwk: key.jwk } });
  await refused(headers, 'proof_signature');
  const { stdout } = await pawl.run(['ledger', 'query', '--agent', 'a', '--kind', 'task.denied',
    '--json', '--config', pawl.config_file]);
  const ids = stdout.trim().split('\n').map((line) => JSON.parse(line).id);
  const bodies = await Promise.all(ids.map(body_of));
  const body = bodies.find(({ reason }) => reason.startsWith('proof_signature: '));
  assert.equal(body.verb, 'credential.shown');
  assert.match(body.control, /^identity$/);  // a quoted name would be taken for a row of unplug
  assert.equal(body.proof, 'none');
  assert.equal(body.code, 'unauthenticated');
});

control('proof-nonce', async (context) => {
  const own = await start_gateway({ proofs: { dpop_nonce: true }, issuer: { dpop: 'required' } });
  context.after(() => own.close());
  const token = await access_token();
  const shown = async (claims) => call({ authorization: `DPoP ${token}`,
    dpop: await dpop_proof({ key, token, url: url(own), claims }) }, own);
  const first = await shown({});
  assert.equal(first.status, 401);
  assert.match(first.headers['www-authenticate'], /^DPoP error="use_dpop_nonce"/);
  const nonce = first.headers['dpop-nonce'];
  assert.equal((await shown({ nonce })).status, 200);
  const bearer = await call(
    { authorization: `Bearer ${await access_token({ cnf: undefined })}` }, own);
  assert.equal(bearer.status, 401, 'where it is required, an unbound token is refused');
});

check('after a restart what was made before it is refused', async (context) => {
  const own = await start_gateway();
  context.after(() => own.close());
  const token = await access_token();
  const made = { authorization: `DPoP ${token}`, dpop: await dpop_proof({ key, token, url: url(own),
    claims: { iat: now_s() - 20 } }) };
  const answer = await call(made, own);
  assert.equal(answer.status, 401);
  assert.match(answer.body.error.message, /^proof_time: .*started/);
});

// ---- WIMSE ----

check('a workload calls with its identity token and a proof', async () => {
  for (const headers of [await workload(), await workload({ field: true }),
    await workload({ change: { claims: { aud: 'urn:example:gateway' } } })]) {
    const answer = await call(headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal((await body_of(answer.record)).proof, 'wpt_request_only');
  }
});

check('an identity token alone is nothing', async () => {
  const { authorization, ...alone } = await workload();
  assert.ok(authorization);
  await refused({ ...alone, authorization: [] }, 'proof_missing');
});

control('wit-signature', async () => {
  const answer = await call(await workload({ wit_change: { issuer: thief } }));
  assert.equal(answer.status, 401);
});

control('wit-times', async () => {
  const answer = await call(await workload({ wit_change: { claims: { exp: now_s() - 3600 } } }));
  assert.equal(answer.status, 401);
});

control('proof-context', async () => {
  await refused({ ...await workload(), 'txn-token': 'somebody' }, 'proof_context');
  await refused(await workload({ change: { claims: { oth: { 'x-user': token_hash('u') } } } }),
    'proof_context');
});

check('a workload of another domain, or without an agent, is nobody', async () => {
  for (const sub of ['spiffe://other.example/web', 'spiffe://partner.example/else',
    'spiffe://example.org/agent/a']) {
    assert.equal((await call(await workload({ wit_change: { sub } }))).status, 401, sub);
  }
});

// ---- HTTP message signatures ----

async function signed(change = {}) {
  const token = await wit({ issuer, key, sub: WORKLOAD });
  return signed_request({ key, token, url: url(), body: BODY, ...change });
}

check('a signed request calls, with its content, and the record says so', async () => {
  const answer = await post(await signed());
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const record = answer.body.result._meta['pawl.record/id'];
  assert.equal((await body_of(record)).proof, 'http_signature');
});

control('content-digest', async () => {
  const answer = await post(await signed(), BODY.replace('look', 'peek'));
  assert.equal(answer.status, 401);
  assert.match(answer.body.error.message, /^proof_digest: /);
});

control('signed-components', async () => {
  const answer = await post(await signed({ covered: ['@method', '@path', '@query',
    'workload-identity-token'] }));
  assert.equal(answer.status, 401);
  assert.match(answer.body.error.message, /^proof_components: /);
});

check('of one signed request sent many times at once, exactly one passes', async () => {
  const fields = await signed();
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post(fields)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

check('a signature for another gateway, or by another key, is nothing', async () => {
  const elsewhere = await post(await signed({ parameters: { 'wimse-aud': 'https://other.example' } }));
  assert.match(elsewhere.body.error.message, /^proof_target: /);
  const forged = await post(await signed({ key: thief }));
  assert.match(forged.body.error.message, /^proof_signature: /);
});
