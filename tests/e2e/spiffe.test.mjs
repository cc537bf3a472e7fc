// Callers of other trust domains through the real program: X.509-SVIDs in mutual TLS and JWT-SVIDs,
// proven by SPIFFE bundles that change while it runs. Certificates are made by openssl.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Agent, request as https_request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as text_of } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { AUTHORITY_FORM, Authority, bundle } from './support/certificates.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { make_key, now_s, sign } from './support/proofs.mjs';
import { wait_for } from './support/wait.mjs';

const WEB = 'spiffe://partner.example/ns/prod/web';
const RULES = [{ id: 'web', when: { agent: 'web' }, then: 'allow', reason: 'test' }];
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'look',
  arguments: {}, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {} } } });

let folder;
let ours;          // signs the listener's certificate, and is its client_ca
let partner;
let next;          // the partner's authority after its rotation
let other;
let jwt_key;
let played;
let pawl;
let sequence = 1;

const file = (name) => join(folder, name);
const jwt_entry = () => ({ ...jwt_key.jwk, use: 'jwt-svid', kid: 'k' });

/** Publishes a bundle whole, as an operator should: never a half-written file. */
async function publish(name, keys, number = ++sequence) {
  await writeFile(file(`${name}.new`), bundle(number, keys));
  await rename(file(`${name}.new`), file(name));
}

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-spiffe-'));
  [ours, partner, next, other] = await Promise.all(['ours', 'partner', 'next', 'other']
    .map((name) => Authority.make(folder, name)));
  jwt_key = await make_key();
  await ours.issue('server', 'IP:127.0.0.1');
  await publish('partner.json', [partner.entry(), jwt_entry()]);
  await publish('other.json', [other.entry()]);
  played = await PlayedServer.start({
    'tools/call': () => ({ resultType: 'complete', content: [] }) });
  pawl = await start_gateway();
});
after(async () => {
  await pawl?.close();
  await played?.close();
  if (folder) await rm(folder, { recursive: true });
});

const start_gateway = (more = {}) => Pawl.start({ rules: RULES,
  config: { tls: { certificate: file('server.pem'), key: file('server.key'),
                   client_ca: file('ours.pem') },
    trust_domains: {
      'partner.example': { bundle_file: file('partner.json'), audience: ['urn:gateway'] },
      'other.example': { bundle_file: file('other.json') } }, ...more },
  servers: { played: { url: played.url } },
  agents: { web: { identities: [WEB] }, b: {} } });

/** One call; `shown`: certificate and key, `agent`: keeps its connection. */
async function call({ shown = {}, agent = false, headers = {}, at = pawl }) {
  const request = https_request(at.mcp_url('played'), { method: 'POST', ca: ours.certificate,
    agent, ...shown, headers: { 'content-type': 'application/json',
      'content-length': Buffer.byteLength(BODY), accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'look',
      ...headers } });
  const answer = once(request, 'response');
  request.end(BODY);
  const [response] = await answer;
  const body = JSON.parse(await text_of(response));
  return { status: response.statusCode, body,
           record: body.result?._meta?.['pawl.record/id'] };
}

const handshake_fails = (options) =>
  assert.rejects(call(options), { code: /^(ERR_SSL|ECONNRESET|EPIPE|EPROTO)/ });

async function why_refused(why) {
  await wait_for(`a line that says ${why}`, async () =>
    (await pawl.log()).split('\n').some((line) =>
      line.includes('"unauthenticated"') && line.includes(`"why":"${why}"`)) || undefined);
}

async function body_of(record) {
  const { claims } = await pawl.json('ledger', 'show', record);
  return claims.ect_ext['pawl.tool'];
}

const jwt_svid = (claims = {}, key = jwt_key) => sign({ typ: 'JWT', kid: 'k' },
  { sub: WEB, aud: 'urn:gateway', exp: now_s() + 300, ...claims }, key);
const bearer = async (claims, key) =>
  ({ authorization: `Bearer ${await jwt_svid(claims, key)}` });

const control = (name, body) => test(`control: ${name}`, { skip: no_pawl(), timeout: 60_000 }, body);
const check = (name, body) => test(name, { skip: no_pawl(), timeout: 60_000 }, body);

check('a workload of another domain calls with its certificate', async () => {
  const shown = await partner.issue('web', `URI:${WEB}`);
  const answer = await call({ shown });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const body = await body_of(answer.record);
  assert.equal(body.agent, 'web');
  assert.equal(body.proof, 'mutual_tls');
});

check('our own agents call with certificates of our own authority, as before', async () => {
  const shown = await ours.issue('own', 'URI:spiffe://example.org/agent/web');
  assert.equal((await call({ shown })).status, 200);
});

// The name decides whose authorities count: those of one domain never vouch for another's.
control('svid-chain', async () => {
  await handshake_fails({ shown: await other.issue('stolen', `URI:${WEB}`) });
  const by_ours = await call({ shown: await ours.issue('ours-stolen', `URI:${WEB}`) });
  assert.equal(by_ours.status, 401);
  await why_refused('svid_chain');
});

check('an authority of another domain vouches for nobody of ours', async () => {
  const shown = await partner.issue('as-ours', 'URI:spiffe://example.org/agent/web');
  await handshake_fails({ shown });
  await why_refused('trust_domain');
});

control('svid-leaf', async () => {
  const shown = await partner.issue('sub', `URI:${WEB}`, { form: AUTHORITY_FORM });
  await handshake_fails({ shown });
  await why_refused('svid_authority');
});

check('one name in the certificate, of an agent', async () => {
  await handshake_fails({ shown: await partner.issue('two', `URI:${WEB},URI:${WEB}/x`) });
  await why_refused('certificate');
  const nobody = await call({ shown: await partner.issue('else', `URI:${WEB}/else`) });
  assert.equal(nobody.status, 401);
  await why_refused('unknown_agent');
});

check('a rotation: old and new side by side, then the new one alone, without a restart', async () => {
  const [old_one, new_one] = [await partner.issue('before', `URI:${WEB}`),
                              await next.issue('after', `URI:${WEB}`)];
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const status_of = (options) => call(options).then(({ status }) => status, () => 'no handshake');
  assert.equal(await status_of({ shown: old_one, agent: kept }), 200);
  assert.equal(await status_of({ shown: new_one }), 'no handshake');
  await publish('partner.json', [partner.entry(), next.entry(), jwt_entry()]);
  await wait_for('the new authority', async () =>
    await status_of({ shown: new_one }) === 200 || undefined);
  assert.equal(await status_of({ shown: old_one }), 200);
  await publish('partner.json', [next.entry(), jwt_entry()]);
  await wait_for('the end of the old authority', async () =>
    await status_of({ shown: old_one }) === 'no handshake' || undefined);
  assert.equal(await status_of({ shown: old_one, agent: kept }), 401,
    'on a connection that was open before, too');
  assert.equal(await status_of({ shown: new_one }), 200);
  kept.destroy();
  await publish('partner.json', [partner.entry(), next.entry(), jwt_entry()]);
  await wait_for('both', async () => await status_of({ shown: old_one }) === 200 || undefined);
});

control('bundle-sequence', async (context) => {
  await publish('back.json', [partner.entry()], 7);
  const own = await start_gateway({ trust_domains: {
    'partner.example': { bundle_file: file('back.json') } } });
  context.after(() => own.close());
  const withdrawn = await next.issue('withdrawn', `URI:${WEB}`);
  await assert.rejects(call({ shown: withdrawn, at: own }));
  await publish('back.json', [partner.entry(), next.entry()], 6);
  await wait_for('a line of the log', async () =>
    (await own.log()).includes('spiffe_sequence went back from 7 to 6') || undefined);
  await assert.rejects(call({ shown: withdrawn, at: own }));
  assert.equal((await call({ shown: await partner.issue('still', `URI:${WEB}`), at: own })).status,
    200, 'the last good one stays in force');
  const metrics = await (await fetch(`${own.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_state\{name="trust_bundle_failures"\} [1-9]/);
  assert.match(metrics, /pawl_state\{name="trust_bundles"\} 1\n/);
});

check('a bundle behind a URL', async (context) => {
  const publisher = createServer((_, response) => response.end(bundle(1, [partner.entry()])));
  publisher.listen(0, '127.0.0.1');
  await once(publisher, 'listening');
  context.after(() => publisher.close());
  const own = await start_gateway({ trust_domains: { 'partner.example':
    { bundle_url: `http://127.0.0.1:${publisher.address().port}/bundle.json` } } });
  context.after(() => own.close());
  const shown = await partner.issue('by-url', `URI:${WEB}`);
  await wait_for('the first fetch', async () =>
    await call({ shown, at: own }).then(({ status }) => status === 200, () => false) || undefined);
});

check('an older bundle is refused after a restart, too', async (context) => {
  let published = bundle(7, [partner.entry()]);
  const publisher = createServer((_, response) => response.end(published));
  publisher.listen(0, '127.0.0.1');
  await once(publisher, 'listening');
  context.after(() => publisher.close());
  const own = await start_gateway({ trust_domains: { 'partner.example':
    { bundle_url: `http://127.0.0.1:${publisher.address().port}/bundle.json` } } });
  context.after(() => own.close());
  const passes = (shown) => call({ shown, at: own }).then(({ status }) => status === 200, () => false);
  const [shown, withdrawn] = [await partner.issue('numbered', `URI:${WEB}`),
                              await next.issue('withdrawn-before', `URI:${WEB}`)];
  await wait_for('the first fetch', async () => await passes(shown) || undefined);
  await own.kill();
  published = bundle(6, [partner.entry(), next.entry()]);
  await own.serve();
  await wait_for('a line of the log', async () =>
    (await own.log()).includes('spiffe_sequence went back from 7 to 6') || undefined);
  assert.equal(await passes(withdrawn), false);
  assert.equal(await passes(shown), false, 'of this domain there is no bundle yet');
  await own.kill();
  published = bundle(8, [partner.entry(), next.entry()]);
  await own.serve();
  await wait_for('the newer one', async () => await passes(withdrawn) || undefined);
});

check('a workload of another domain calls with its JWT-SVID', async () => {
  const answer = await call({ headers: await bearer() });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const body = await body_of(answer.record);
  assert.equal(body.agent, 'web');
  assert.equal(body.proof, 'jwt');
});

check('a JWT-SVID is for us, ends, and is of the domain that its name says', async () => {
  const thief = await make_key();
  for (const [why, headers] of [
    ['jwt_audience', await bearer({ aud: 'urn:else' })],
    ['jwt_claims', await bearer({ exp: undefined })],
    ['jwt_expired', await bearer({ exp: now_s() - 60 })],
    ['jwt_signature', await bearer({}, thief)],
    ['unknown_key', await bearer({ sub: 'spiffe://other.example/web' })],
    ['unknown_agent', await bearer({ sub: `${WEB}/else` })]]) {
    assert.equal((await call({ headers })).status, 401, why);
    await why_refused(why);
  }
});

check('certificate and token of one agent, or nobody', async () => {
  const shown = await ours.issue('b', 'URI:spiffe://example.org/agent/b');
  assert.equal((await call({ shown, headers: await bearer() })).status, 401);
  await why_refused('conflict');
});
