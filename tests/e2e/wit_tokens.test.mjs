// Execution context tokens that a workload signed with the key of its identity token (WIMSE): taken
// beside the WIT, kept with it, and proven offline with the keys of the trust domain.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { claims_of, refused } from './support/planner.mjs';
import { make_key, now_s, sign, wit, wpt } from './support/proofs.mjs';

const WORKLOAD = 'spiffe://partner.example/web';
const PADDING = 'x'.repeat(1800);   // of a WIT that finds no room in a record
let folder;
let domain;        // signs WITs
let key;           // the workload's
let played;
let pawl;

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-wit-tokens-'));
  [domain, key] = await Promise.all([make_key(), make_key()]);
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...domain.jwk, kid: 'k', alg: 'ES256' }] }));
  await writeFile(join(folder, 'other.json'),
    JSON.stringify({ keys: [{ ...(await make_key()).jwk, kid: 'k', alg: 'ES256' }] }));
  await writeFile(join(folder, 'bundle.json'),
    JSON.stringify({ keys: [{ ...domain.jwk, kid: 'k', use: 'wit-svid' }] }));
  played = await PlayedServer.start({
    'tools/call': () => ({ resultType: 'complete', content: [] }) });
  pawl = await Pawl.start({ init: true, rules: [ALLOW_ALL],
    config: { trust_domains: { 'partner.example': { jwks_file: join(folder, 'jwks.json') },
      'example.org': { jwks_file: join(folder, 'jwks.json') } } },
    servers: { played: { url: played.url } }, agents: { a: { identities: [WORKLOAD] }, b: {} } });
});
after(async () => {
  await pawl?.close();
  await played?.close();
  if (folder) await rm(folder, { recursive: true });
});

const check = (name, body) => test(name, { skip: no_pawl(), timeout: 60_000 }, body);

const words = (more = {}) => ({ iss: WORKLOAD, aud: ['spiffe://example.org/agent/b'], iat: now_s(),
  exp: now_s() + 300, jti: randomUUID(), exec_act: 'plan.step', pred: [], ...more });
const token_of = (said, { by = key, kid = key.jkt } = {}) =>
  sign({ typ: 'exec+jwt', kid }, said, by);

async function call(headers, tokens, bearer = 'none') {
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: bearer });
  try {
    return await agent.call('look', {}, { headers: { ...headers, 'execution-context': tokens } });
  } finally {
    agent.close();
  }
}

async function workload(claims = {}, sub = WORKLOAD) {
  const token = await wit({ issuer: domain, key, sub, claims });
  const proof = await wpt({ key, token, url: pawl.mcp_url('played') });
  return { token, headers: { 'workload-identity-token': token, authorization: `WPT ${proof}` } };
}

async function record_of(jti) {
  const shown = await pawl.run(['ledger', 'show', jti, '--json', '--config', pawl.config_file]);
  assert.equal(shown.code, 0, shown.stderr);
  return JSON.parse(shown.stdout).claims.ect_ext['pawl.token'];
}

async function verified(trust, keys) {
  const args = keys ? ['--issuer-keys', `spiffe://partner.example=${join(folder, keys)}`] : [];
  const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust, '--json',
    ...args]);
  return { code, ...JSON.parse(stdout) };
}

check('a workload\'s own token counts by its WIT, and is kept with it', async () => {
  const { token, headers } = await workload();
  const said = words();
  const ect = await token_of(said);
  const claims = claims_of(await call(headers, [ect]));
  assert.deepEqual(claims.pred, [said.jti]);
  const record = await record_of(said.jti);
  assert.equal(record.token, ect);
  assert.equal(record.wit, token);
  assert.equal(record.iss, WORKLOAD);
  assert.equal(record.level, 'L2');
});

check('it counts again, with a WIT of an hour later, and from nobody else', async () => {
  const said = words();
  const ect = await token_of(said);
  claims_of(await call((await workload()).headers, [ect]));
  claims_of(await call((await workload({ jti: 'next' })).headers, [ect]));
  refused(await call({}, [ect], pawl.keys.b), 'ect-invalid', /unknown_key/);
  refused(await call({}, [await token_of(words())], pawl.keys.b), 'ect-invalid', /unknown_key/);
});

check('its issuer, its key and its algorithm are those of the WIT', async () => {
  const other = await make_key();
  for (const [reason, ect] of [
    [/unknown_key/, await token_of(words({ iss: 'spiffe://partner.example/else' }))],
    [/unknown_key/, await token_of(words({ iss: 'spiffe://example.org/agent/a' }))],
    [/bad_signature/, await token_of(words(), { by: other })]]) {
    refused(await call((await workload()).headers, [ect]), 'ect-invalid', reason);
  }
  const named = { ...key.jwk, alg: 'ES256', kid: 'w1' };
  const { headers } = await workload({ cnf: { jwk: named } });
  refused(await call(headers, [await token_of(words(), { kid: 'w2' })]), 'ect-invalid',
    /unknown_key/);
  claims_of(await call((await workload({ cnf: { jwk: named } })).headers,
    [await token_of(words(), { kid: 'w1' })]));
});

check('a WIT of the name of the gateway itself names nobody', async () => {
  for (const sub of ['spiffe://example.org/pawl/gw1', 'spiffe://example.org/pawl/gw1/ledger']) {
    const { headers } = await workload({}, sub);
    assert.equal((await call(headers, [])).status, 401, sub);
    const ect = await token_of(words({ iss: sub, aud: ['spiffe://example.org/agent/a'] }));
    assert.equal((await call(headers, [ect])).status, 401, sub);
    refused(await call((await workload()).headers, [ect]), 'ect-invalid', /unknown_key/);
  }
  assert.equal((await call((await workload({}, 'spiffe://example.org/agent/b')).headers, [])).status,
    200, 'another name of that domain');
  assert.match(await pawl.log(), /"why":"unknown_agent"/);
});

check('a WIT that finds no room is kept by its digest', async () => {
  const said = words();
  claims_of(await call((await workload({ note: PADDING })).headers, [await token_of(said)]));
  const record = await record_of(said.jti);
  assert.equal(record.wit, undefined);
  assert.equal(record.wit_digest.length, 43);
  assert.ok(record.token.length > 0);
});

check('offline: by the keys of the trust domain, as a key set or a bundle', async () => {
  await pawl.stop();
  const trust = join(folder, 'trust');
  const pinned = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
  await writeFile(trust, pinned.stdout);
  for (const keys of ['jwks.json', 'bundle.json']) {
    const good = await verified(trust, keys);
    assert.equal(good.code, 0, good.reason);
    assert.ok(good.tokens_of_others.verified >= 3, JSON.stringify(good));
    assert.equal(good.tokens_of_others.not_checked, 1, 'the one with a digest');
  }
  const without = await verified(trust);
  assert.equal(without.code, 0, without.reason);
  assert.equal(without.tokens_of_others.verified, 0);
  const wrong = await verified(trust, 'other.json');
  assert.equal(wrong.code, 1);
  assert.match(wrong.first_bad, /its WIT does not verify by the keys of its trust domain/);
});
