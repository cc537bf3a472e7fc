// A token that was delegated (RFC 8693): who acts is the caller, for whom and through whom is in the
// record, and who acted before opens nothing.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';

const options = { skip: no_pawl() };
const ISSUER = 'https://login.example.org';
let folder;
let key;
let played;
let pawl;

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-delegation-'));
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  key = pair.privateKey;
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: 'k', alg: 'ES256' }] }));
  played = await PlayedServer.start({ 'tools/call': () => ({ resultType: 'complete', content: [] }) });
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} },
    rules: [{ id: 'a-for-alice', when: { agent: 'a', on_behalf_of: 'alice' }, then: 'allow', reason: 'test' }],
    servers: { played: { url: played.url } },
    config: { jwt_issuers: [{ issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'],
      jwks_file: join(folder, 'jwks.json'), agent_claim: 'act.sub', on_behalf_of_claim: 'sub' }] } });
});
after(async () => {
  await pawl?.close();
  await played?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function call(words) {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ iss: ISSUER, aud: 'pawl', sub: 'alice', iat: now, exp: now + 300, ...words })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' }).sign(key);
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: token });
  const answer = await agent.call('look', {});
  agent.close();
  return answer;
}

const record_of = async ({ record }) => {
  const { claims } = await pawl.json('ledger', 'show', record);
  return claims.ect_ext['pawl.tool'] ?? claims.ect_ext['pawl.task'];
};

test('the acting party calls, and the record keeps the chain', options, async () => {
  const answer = await call({ act: { sub: 'a', iss: ISSUER, act: { sub: 'planner', act: { sub: 'portal' } } } });
  assert.equal(answer.body.error, undefined);
  const body = await record_of(answer);
  assert.equal(body.agent, 'a');
  assert.equal(body.on_behalf_of, 'alice');
  assert.deepEqual(body.actors, [{ sub: 'a', iss: ISSUER }, { sub: 'planner' }, { sub: 'portal' }]);
});

test('who acted before opens nothing', options, async () => {
  const answer = await call({ act: { sub: 'b', act: { sub: 'a' } } });
  assert.equal(answer.body.result._meta['pawl.record/refusal'].code, 'denied');
  const body = await record_of(answer);
  assert.equal(body.agent, 'b');
  assert.deepEqual(body.actors, [{ sub: 'b' }, { sub: 'a' }]);
});

test('without a delegation nobody acts', options, async () => {
  assert.equal((await call({})).status, 401);
});
