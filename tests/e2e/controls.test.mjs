// One request for each control of src/path/plugged.h that only this control refuses, sent to the
// real program. `./test unplug` takes the controls out one by one and expects these to fail, so each
// test is named "control: NAME". Controls that a request alone cannot show (a race, a certificate)
// have theirs in the unit tests: tests/unplug/controls.json names them.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as http_request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { LEGACY_REVISION } from './support/clients.mjs';
import { operator_key, override, sign_revocation, sign_statement } from './support/override.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal, start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const OPEN_CALLS = 2;              // of one agent
const FLOOD = 400;                 // more than the burst and what a slow machine refills
const FLOOD_CONNECTIONS = 8;       // at once
const FOREVER_MS = 600_000;
const SLOW_MS = 5000;              // longer than it takes to stop
const ISSUER = 'https://login.example.org';
const NOW_S = Math.floor(Date.now() / 1000);
const RULES = [
  { id: 'never-echo', when: { tool: 'probe_echo', arguments: { x: { equals: 'no' } } },
    then: 'deny', reason: 'test' },
  { id: 'change', when: { tool: ['change', 'probe_*'] }, then: 'allow', reason: 'test' },
];

let folder;
let pawl;
let witness;
let legacy;
let jwt_key;
let next_n = 0;
const journal_file = () => join(folder, 'journal');

const config_of = () => ({ limits: { open_calls_per_agent: OPEN_CALLS },
  trusted_tokens: [{ issuer: ISSUER, jwks_file: join(folder, 'jwks.json') }],
  jwt_issuers: [{ issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'],
                  jwks_file: join(folder, 'jwks.json'), agent_claim: 'sub' }] });

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-controls-'));
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  jwt_key = pair.privateKey;
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: 'k', alg: 'ES256' }] }));
  witness = await start_until_json(NODE, [WITNESS, '--journal', journal_file()]);
  legacy = await start_reference('legacy');
  pawl = await Pawl.start({ init: true, config: config_of(), rules: RULES,
    servers: { w: { url: witness.ready.url }, legacy: { url: legacy.url } },
    agents: { a: {}, b: {}, stopped: {}, revoked: {}, busy: {}, noisy: {} } });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  await legacy?.stop('SIGKILL');
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** One call of a new connection. */
async function call({ agent = 'a', key = pawl.keys[agent], tool = 'change', args = {}, meta, headers,
  at = pawl } = {}) {
  const client = new RawAgent({ url: at.mcp_url('w'), key });
  try {
    return await client.call(tool, { n: next_n++, agent, ...args }, { meta, headers });
  } finally {
    client.close();
  }
}

const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;
const code_of = ({ body }) =>
  (body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data)?.code;

/** Resolves when the witness began the n-th call. */
const began = (matches) => wait_for('the call at the server', async () =>
  (await read_journal(journal_file())).some((line) => line.phase === 'began' && matches(line))
    || undefined);

/** One plain request. @returns {Promise<{status: number, headers: object, body: string}>} */
function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http_request(url, { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** @param {string} name @param {(context) => Promise<void>} body */
function control(name, body) {
  test(`control: ${name}`, { skip: no_pawl(), timeout: 30_000 }, body);
}

async function stop(scope) {
  const answer = await override(pawl, 'stop', { scope, reason: 'test' });
  assert.equal(answer.status, 200);
  return answer.body.stop.id;
}

async function resume(scope) {
  const { code, stderr } = await pawl.run(['resume', scope, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr);
}

/** Runs the body while a scope is stopped. */
async function while_stopped(scope, body) {
  const id = await stop(scope);
  try {
    await body(id);
  } finally {
    await resume(scope);
  }
}

// ---- the rows of the table ----

control('stops', () => while_stopped('agent:stopped', async () => {
  assert.equal(code_of(await call({ agent: 'stopped' })), 'stopped');
}));

control('revocations', async () => {
  const statement = await sign_revocation(await operator_key(pawl), { target: 'agent:revoked' });
  assert.equal((await override(pawl, 'revoke', { statement })).status, 200);
  const { body } = await call({ agent: 'revoked' });
  assert.equal(body.result?._meta?.['pawl.record/refusal']?.control, 'revocations');
});

control('numbers', async () => {
  const body = (await call({ tool: 'change', args: { x: 1e400 } })).body;
  assert.ok(body, 'a number that JSON.stringify changes is sent as null');
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
    name: 'change', arguments: { n: 'EXACT' }, _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {} } } })
    .replace('"EXACT"', '9007199254740993');
  const answer = await send(pawl.mcp_url('w'), { method: 'POST', body: text, headers: {
    authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call', 'mcp-name': 'change' } });
  assert.equal(code_of({ body: JSON.parse(answer.body) }), 'invalid_params');
});

control('rules', async () => {
  assert.ok(succeeded(await call()));
  assert.equal(code_of(await call({ tool: 'look' })), 'denied');
});

// ---- the other steps of the path ----

control('presented-tokens', async () => {
  const answer = await call({ headers: { 'execution-context': 'garbage' } });
  assert.equal(answer.status, 403);
});

control('token-presenter', async () => {
  const token = (await call()).headers['execution-context'];
  const thief = await call({ agent: 'b', headers: { 'execution-context': token } });
  assert.equal(thief.status, 403);
});

control('token-graph', async () => {
  const ids = [randomUUID(), randomUUID()];
  const circle = await Promise.all(ids.map((jti, i) => new SignJWT({
    iss: ISSUER, aud: ['spiffe://example.org/agent/a'], jti, pred: [ids[1 - i]], exec_act: 'plan.step',
  }).setIssuedAt().setExpirationTime('5 minutes')
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'exec+jwt' }).sign(jwt_key)));
  const one = await call({ headers: { 'execution-context': circle[0] } });
  assert.ok(succeeded(one), 'a parent that is not there makes it partial');
  const both = await call({ headers: { 'execution-context': circle } });
  assert.equal(both.status, 403);
});

control('open-call-limits', async () => {
  const abort = new AbortController();
  const open = Array.from({ length: OPEN_CALLS }, () => {
    const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.busy });
    const n = `busy-${next_n++}`;
    const answer = client.call('change', { n, ms: FOREVER_MS }, { signal: abort.signal })
      .catch(() => undefined);
    return { n, answer };
  });
  for (const { n } of open) {
    await began((line) => line.n === n);
  }
  const one_more = await call({ agent: 'busy' });
  assert.ok(succeeded(await call({ agent: 'b' })), 'others go on');
  abort.abort();
  await Promise.all(open.map(({ answer }) => answer));
  assert.equal(code_of(one_more), 'overloaded');
});

control('intent-first', async (context) => {
  const own = await Pawl.start({ servers: { w: { url: witness.ready.url } }, agents: { a: {} },
    rules: RULES });
  context.after(() => own.close());
  const n = randomUUID();
  const cut = call({ at: own, key: own.keys.a, args: { n, ms: FOREVER_MS } }).catch(() => {});
  await began((line) => line.n === n);
  await own.kill();
  await cut;
  await own.serve();
  assert.equal((await own.json('status')).ledger.recovered_unknowns, 1);
});

control('recheck', async () => {
  const n = randomUUID();
  const open = call({ agent: 'stopped', args: { n, ms: SLOW_MS } }).catch(() => undefined);
  await began((line) => line.n === n);
  await while_stopped('agent:stopped', async () => {
    await open;
    const ended = (await read_journal(journal_file())).some((line) =>
      line.n === n && line.phase === 'ended');
    assert.equal(ended, false, 'the agent was told while the server was still at it');
  });
});

control('record-first', async () => {
  const answer = await call();
  assert.ok(succeeded(answer));
  assert.equal(answer.headers['execution-context']?.split('.').length, 3);
});

// Connect, call, disconnect: the limit is the agent's, not the connection's.
control('refusal-flood', async () => {
  let without_record = 0;
  let made = 0;
  await Promise.all(Array.from({ length: FLOOD_CONNECTIONS }, async () => {
    while (made++ < FLOOD && without_record === 0) {
      const { record } = await call({ agent: 'noisy', tool: 'look' });
      without_record += record === undefined ? 1 : 0;
    }
  }));
  assert.ok(without_record > 0, 'refusals of a flood share a summary');
});

control('kept-answer-caller', async () => {
  const args = { n: 'only mine', agent: 'whoever' };  // the same call, whoever makes it
  const mine = await call({ args });
  const meta = { 'pawl.record/repeat-of': mine.record };
  assert.ok(succeeded(await call({ args, meta })), 'a repeat of its own');
  assert.ok(!succeeded(await call({ agent: 'b', args, meta })));
});

// ---- who is calling ----

const status_with = async (credential) =>
  (await call({ key: credential })).status;

control('bearer-key', async () => {
  assert.equal(await status_with('x'.repeat(43)), 401);
});

async function jwt(words = {}, key = jwt_key) {
  return new SignJWT({ iss: ISSUER, aud: 'pawl', sub: 'a', iat: NOW_S, exp: NOW_S + 300, ...words })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'k' }).sign(key);
}

control('jwt-signature', async () => {
  assert.equal(await status_with(await jwt()), 200);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.equal(await status_with(await jwt({}, privateKey)), 401);
});

control('jwt-audience', async () => {
  assert.equal(await status_with(await jwt({ aud: 'another' })), 401);
});

control('jwt-times', async () => {
  assert.equal(await status_with(await jwt({ iat: NOW_S - 7200, exp: NOW_S - 3600 })), 401);
});

control('host', async () => {
  assert.equal((await call({ headers: { host: 'evil.example' } })).status, 403);
});

control('origin', async () => {
  assert.equal((await call({ headers: { origin: 'https://evil.example' } })).status, 403);
});

// ---- what the adapter binds ----

control('header-match', async () => {
  const answer = await call({ tool: 'change', headers: { 'mcp-name': 'look' } });
  assert.equal(answer.status, 400);
  assert.equal(answer.body.error.code, -32020);
});

control('session-caller', async () => {
  const post = (key, message, headers = {}) => send(pawl.mcp_url('legacy'), { method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json',
               accept: 'application/json, text/event-stream', ...headers } });
  const began_session = await post(pawl.keys.a, { id: 1, method: 'initialize', params: {
    protocolVersion: LEGACY_REVISION, capabilities: {},
    clientInfo: { name: 'raw', version: '1' } } });
  const session = { 'mcp-session-id': began_session.headers['mcp-session-id'],
                    'mcp-protocol-version': LEGACY_REVISION };
  assert.equal(began_session.status, 200);
  assert.equal((await post(pawl.keys.a, { id: 2, method: 'ping' }, session)).status, 200);
  assert.equal((await post(pawl.keys.b, { id: 3, method: 'ping' }, session)).status, 404);
});

control('list-filter', async () => {
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {} };
  const answer = await send(pawl.mcp_url('w'), { method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
    headers: { authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
      accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list' } });
  assert.deepEqual(JSON.parse(answer.body).result.tools.map(({ name }) => name), ['change']);
});

// ---- the operator path ----

control('local-token', async () => {
  assert.equal((await override(pawl, 'stops', undefined, { token: 'x'.repeat(43) })).status, 401);
});

control('browser-page', async () => {
  const page = { headers: { origin: 'http://localhost:3000' } };
  assert.equal((await send(`${pawl.addresses.control}/healthz`, page)).status, 403);
  for (const listener of ['control', 'override']) {  // a page whose name was made to point here
    const rebound = await send(`${pawl.addresses[listener]}/metrics`, { headers: { host: 'evil.example' } });
    assert.equal(rebound.status, 403, listener);
  }
});

control('wide-stop-signed', async () => {
  const answer = await override(pawl, 'stop', { scope: 'all', reason: 'test' });
  if (answer.status === 200) {
    await resume('all');
  }
  assert.equal(answer.status, 403);
});

const statements = {
  'statement-signature': async (words) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = JSON.parse(Buffer.from((await sign_statement(await operator_key(pawl), words))
      .split('.')[0], 'base64url')).kid;
    return sign_statement(privateKey, words, { kid });
  },
  'statement-audience': async (words) => sign_statement(await operator_key(pawl), words,
    { aud: 'spiffe://example.org/pawl/gw2' }),
  'statement-time': async (words) => sign_statement(await operator_key(pawl), words,
    { iat: NOW_S - 600, exp: NOW_S - 300 }),
};
control('statement-once', async () => {
  const scope = 'agent:stopped';
  const statement = await sign_statement(await operator_key(pawl), { verb: 'stop', scope });
  assert.equal((await override(pawl, 'stop', { statement })).status, 200);
  await resume(scope);
  const again = await override(pawl, 'stop', { statement });
  if (again.status === 200) {
    await resume(scope);
  }
  assert.equal(again.status, 409);
});

for (const [name, sign] of Object.entries(statements)) {
  control(name, async () => {
    const scope = 'agent:stopped';
    const id = await stop(scope);
    const bad = await sign({ verb: 'resume', scope, stops: [id] });
    const answer = await override(pawl, 'resume', { statement: bad });
    if (answer.status !== 200) {
      await resume(scope);
    }
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });
}
