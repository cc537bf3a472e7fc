// Workloads of other trust domains through the real program: X.509-SVIDs in mutual TLS, JWT-SVIDs, and
// tokens that bring their signer's certificate chain, proven by SPIFFE bundles that change while it
// runs. Certificates are made by openssl.

import assert from 'node:assert/strict';
import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Agent, request as https_request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as text_of } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { AUTHORITY_FORM, Authority, bundle, der_of } from './support/certificates.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { claims_of, refused } from './support/planner.mjs';
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

const start_gateway = (more = {}) => Pawl.start({ init: true, rules: RULES,
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
  return { status: response.statusCode, body, headers: response.headers,
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

check('status names the domain, since when and why, until a bundle is taken', async (context) => {
  await publish('told.json', [partner.entry()], 7);
  const own = await start_gateway({ trust_domains: {
    'partner.example': { bundle_file: file('told.json') } } });
  context.after(() => own.close());
  const told = async () => (await own.json('status')).troubles
    .find(({ id }) => id === 'trust_bundle_not_taken');
  await wait_for('the first look', async () =>
    (await own.log()).includes('"trust_bundle"') || undefined);
  assert.equal(await told(), undefined);
  await publish('told.json', [partner.entry(), next.entry()], 6);
  const { what, do: todo } = await wait_for('the trouble', told);
  assert.match(what, /trust domain partner\.example was taken since 20\d\d-\S+Z: /);
  assert.match(what, /spiffe_sequence went back from 7 to 6; the one in use counts until 20\d\d-/);
  assert.match(todo, /`trust_domains\.partner\.example`.*trust-domains\.md/);
  const shown = await own.run(['status', '--config', own.config_file]);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /NEEDS A PERSON \(1\)\n {2}no new bundle of trust domain partner\.example/);
  await publish('told.json', [partner.entry(), next.entry()], 8);
  await wait_for('its end', async () => await told() === undefined || undefined);
});

/** A gateway that fetches the partner's bundle: what `published()` gives then. */
async function start_behind_url(context, published) {
  const publisher = createServer((_, response) => response.end(published()));
  publisher.listen(0, '127.0.0.1');
  await once(publisher, 'listening');
  context.after(() => publisher.close());
  const own = await start_gateway({ trust_domains: { 'partner.example':
    { bundle_url: `http://127.0.0.1:${publisher.address().port}/bundle.json` } } });
  context.after(() => own.close());
  return own;
}

check('a bundle behind a URL', async (context) => {
  const own = await start_behind_url(context, () => bundle(1, [partner.entry()]));
  const shown = await partner.issue('by-url', `URI:${WEB}`);
  await wait_for('the first fetch', async () =>
    await call({ shown, at: own }).then(({ status }) => status === 200, () => false) || undefined);
});

check('an older bundle is refused after a restart, too', async (context) => {
  let published = bundle(7, [partner.entry()]);
  const own = await start_behind_url(context, () => published);
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

const for_web = (more = {}) => ({ iss: WEB, aud: ['spiffe://example.org/agent/web'], iat: now_s(),
  exp: now_s() + 300, jti: randomUUID(), exec_act: 'plan.step', pred: [], ...more });

/** A token by the key of a certificate. @param {{cert, key}} signer @param {string[]} above PEM */
const token_of = (signer, { said = for_web(), above = [], header = {} } = {}) =>
  sign({ typ: 'exec+jwt', x5c: [signer.cert, ...above].map((one) => der_of(one).toString('base64')),
         ...header }, said, { privateKey: createPrivateKey(signer.key) });

const thumbprint = (signer) => createHash('sha256').update(der_of(signer.cert)).digest('base64url');

/** A call that shows a certificate of web, and presents a token. */
let web;
async function present(token) {
  web ??= await ours.issue('presenter', 'URI:spiffe://example.org/agent/web');
  return call({ shown: web, headers: { 'execution-context': token } });
}

async function kept(jti) {
  const { claims } = await pawl.json('ledger', 'show', jti);
  return claims.ect_ext['pawl.token'];
}

check('a token with its signer\'s certificate chain counts by the bundle of its domain', async () => {
  const between = await partner.issue_authority('between');
  const [signer, below] = [await partner.issue('signer', `URI:${WEB}`),
                           await between.issue('below', `URI:${WEB}`)];
  for (const [from, options] of [[signer, {}], [signer, { header: { kid: thumbprint(signer) } }],
    [below, { above: [between.certificate] }]]) {
    const said = for_web();
    const token = await token_of(from, { said, ...options });
    assert.deepEqual(claims_of(await present(token)).pred, [said.jti]);
    const record = await kept(said.jti);
    assert.equal(record.token, token);
    assert.equal(record.iss, WEB);
    claims_of(await present(token));
  }
});

check('such a token is of its domain, of its leaf and of its key', async () => {
  const signer = await partner.issue('good', `URI:${WEB}`);
  const key = (of) => ({ cert: signer.cert, key: of.key });
  const x5c = [der_of(signer.cert).toString('base64')];
  for (const [why, token] of [
    [/bad_chain/, token_of(await other.issue('foreign', `URI:${WEB}`))],
    [/bad_chain/, token_of(await ours.issue('by-ours', `URI:${WEB}`))],
    [/unknown_key/, token_of(await partner.issue('nowhere', 'URI:spiffe://nowhere.example/web'),
      { said: for_web({ iss: 'spiffe://nowhere.example/web' }) })],
    [/wrong_issuer/, token_of(signer, { said: for_web({ iss: `${WEB}/else` }) })],
    [/bad_signature/, token_of(key(await partner.issue('thief', `URI:${WEB}`)))],
    [/bad_certificate/, token_of(await partner.issue('ca', `URI:${WEB}`, { form: AUTHORITY_FORM }))],
    [/bad_certificate/, token_of(await partner.issue('twice', `URI:${WEB},URI:${WEB}/x`))],
    [/bad_certificate/, token_of(signer, { header: { x5c: [der_of(partner.certificate)
      .toString('base64'), ...x5c] } })],
    [/bad_x5c/, token_of(signer, { above: Array(5).fill(partner.certificate) })],
    [/bad_x5c/, token_of(signer, { header: { x5c: [der_of(signer.cert).toString('base64url')] } })],
    [/bad_x5c/, token_of(signer, { header: { kid: 'k' } })],
    [/bad_x5c/, token_of(signer, { header: { jku: 'https://partner.example/keys' } })],
    [/chain_time/, token_of(await partner.issue('old', `URI:${WEB}`, { days: '-1' }))],
    [/unknown_key/, sign({ typ: 'exec+jwt', kid: thumbprint(signer) }, for_web(),
      { privateKey: createPrivateKey(signer.key) })]]) {
    refused(await present(await token), 'ect-invalid', why);
  }
});

check('who shows the certificate presents its own tokens, whatever their audience', async () => {
  const signer = await partner.issue('self', `URI:${WEB}`);
  const said = for_web({ aud: ['spiffe://example.org/agent/b'] });
  const token = await token_of(signer, { said });
  refused(await present(token), 'ect-invalid', /wrong_presenter/);
  const answer = await call({ shown: signer, headers: { 'execution-context': token } });
  assert.deepEqual(claims_of(answer).pred, [said.jti]);
});

check('a certificate that is revoked signs no token, nor does its key', async () => {
  const signers = [await partner.issue('stolen-1', `URI:${WEB}`),
                   await partner.issue('stolen-2', `URI:${WEB}`)];
  const seen = await Promise.all(signers.map((signer) => token_of(signer)));
  for (const token of seen) claims_of(await present(token));
  await pawl.json('revoke', `certificate:${file('stolen-1.pem')}`, '--reason', 'stolen');
  await pawl.json('revoke', `key-file:${file('stolen-2.key')}`, '--reason', 'stolen');
  for (const [i, signer] of signers.entries()) {
    refused(await present(seen[i]), 'ect-revoked', /revoked_key/);
    refused(await present(await token_of(signer)), 'ect-revoked', /revoked_key/);
  }
});

check('an authority that is withdrawn takes the tokens of its chains along', async () => {
  const signer = await next.issue('going', `URI:${WEB}`);
  await publish('partner.json', [partner.entry(), next.entry(), jwt_entry()]);
  const said = for_web();
  const token = await token_of(signer, { said });
  await wait_for('the authority', async () => (await present(token)).status === 200 || undefined);
  await publish('partner.json', [partner.entry(), jwt_entry()]);
  await wait_for('its end', async () => (await present(token)).status === 403 || undefined);
  refused(await present(await token_of(signer)), 'ect-invalid', /bad_chain/);
});

check('offline: by the bundle of the domain, with the authorities of then', async () => {
  const signer = await partner.issue('long', `URI:${WEB}`);
  const said = for_web();
  claims_of(await present(await token_of(signer, { said, above: Array(4).fill(partner.certificate) })));
  const record = await kept(said.jti);
  assert.equal(record.token, undefined);
  assert.equal(record.digest.length, 43, 'a chain that finds no room');
  await pawl.stop();
  const pinned = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
  await writeFile(file('trust'), pinned.stdout);
  await publish('both.json', [partner.entry(), next.entry()]);
  const verified = async (...brought) => {
    const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', file('trust'), '--json',
      ...brought.flatMap((one) => ['--issuer-keys', one])]);
    return { code, ...JSON.parse(stdout) };
  };
  const good = await verified(`spiffe://partner.example=${file('both.json')}`);
  assert.equal(good.code, 0, good.reason);
  assert.ok(good.tokens_of_others.verified >= 6, JSON.stringify(good.tokens_of_others));
  assert.equal(good.tokens_of_others.digest_only, 1);
  assert.equal(good.tokens_of_others.not_checked, 0);
  const without = await verified();
  assert.equal(without.code, 0, without.reason);
  assert.equal(without.tokens_of_others.verified, 0);
  const wrong = await verified(`spiffe://partner.example=${file('other.json')}`);
  assert.equal(wrong.code, 2, 'an authority that was not brought is no proof of a forgery');
  assert.match(wrong.reason, /it does not verify by the certificate in its header: bad_chain/);
});
