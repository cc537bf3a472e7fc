// A record with its receipt in JWS form: what `pawl ledger prove --form jws` writes, and what a
// caller gets who asks for it, is good for `pawl verify`, for the independent reader and for jose.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { RawAgent } from '../crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl } from '../support/pawl.mjs';
import { NODE, start_until_json } from '../support/process.mjs';
import { BAD, GOOD, UNDECIDED, options, with_made_logs } from './both_verifiers.mjs';
import { RECORD } from './made_logs.mjs';
import { check_jws_receipt, read_jws_receipt } from './independent/jws_receipt.mjs';
import { read_trust } from './independent/trust.mjs';

const { path, json, trust_with, check_both } = with_made_logs();
const text = (name) => readFileSync(path(name), 'utf8');
const TYPE = 'ledger-receipt+jwt';

/** The receipt with another payload or header, under the signature that it had. */
function with_part(at, change) {
  const parts = text('log.receipt').split('.');
  const part = JSON.parse(Buffer.from(parts[at], 'base64url'));
  change(part);
  parts[at] = Buffer.from(JSON.stringify(part)).toString('base64url');
  writeFileSync(path('copy.receipt'), parts.join('.'));
  return path('copy.receipt');
}

test('it is proven good, and jose verifies it', options, async () => {
  await check_both('as it was written', path('log.token'),
    { trust: path('log.trust'), proof: path('log.receipt') }, GOOD);
  const keys = createLocalJWKSet(json('log.trust').token_keys);
  const { payload } = await jwtVerify(text('log.receipt'), keys, { typ: TYPE });
  const record = decodeJwt(text('log.token'));
  assert.deepEqual([payload.iss, payload.jti, payload.recorded_at, payload.seq],
                   [record.iss, record.jti, record.iat, RECORD]);
  assert.equal(payload.tlog_proof, text('log.tlog-proof'));
});

test('what was altered is bad, or not decided', options, async () => {
  const trust = path('log.trust');
  const both = (name, proof, expected, more = {}) =>
    check_both(name, path('log.token'), { trust, proof, ...more }, expected);
  for (const [name, value] of [['seq', RECORD + 1], ['jti', decodeJwt(text('other.token')).jti],
    ['iss', 'spiffe://evil.example/x'], ['ledger', 'other.example/n'], ['entry_hash', 'AAAA'],
    ['recorded_at', 1], ['tlog_proof', text('other.tlog-proof')], ['seq', undefined],
    ['tlog_proof', undefined]]) {
    const changed = with_part(1, (payload) => { payload[name] = value; });
    await both(`another ${name}`, changed, BAD);
    await both(`another ${name}, and no keys`, changed, BAD, { trust: undefined });
  }
  await both('a member more', with_part(1, (payload) => { payload.x = 1; }), BAD);
  await both('another version', with_part(1, (payload) => { payload['pawl.profile'] = 'x'; }),
    UNDECIDED);
  await both('an unknown kid', with_part(0, (header) => { header.kid = 'k'; }), UNDECIDED);
  await both('the receipt of another record', path('other.receipt'), BAD);
  await both('another log', path('log.receipt'), BAD, { trust: path('other.trust') });
  await both('no trust file', path('log.receipt'), UNDECIDED, { trust: undefined });
  await both('keys of others', path('log.receipt'), UNDECIDED, { trust: trust_with((file) => {
    file.token_keys = json('other.trust').token_keys;
  }) });
});

test('a caller who asks gets it with the answer, also of a refusal', options, async (context) => {
  const server = await start_until_json(NODE, [
    new URL('../crash/witness_server.mjs', import.meta.url).pathname,
    '--journal', path('live.journal')]);
  context.after(() => server.stop());
  const pawl = await Pawl.start({ init: true, servers: { s: { url: server.ready.url } },
    agents: { a: {} }, rules: [{ id: 'no-look', when: { tool: 'look' }, then: 'deny', reason: 'test' }, ALLOW_ALL] });
  context.after(() => pawl.close());
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  context.after(() => agent.close());
  const keys = createRemoteJWKSet(new URL(`${pawl.addresses.data}/.well-known/jwks.json`));
  const { code, stdout } = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
  assert.equal(code, 0);
  writeFileSync(path('live.trust'), stdout);
  for (const tool of ['change', 'look']) {
    const answer = await agent.call(tool, { n: 1 }, { headers: { 'execution-receipt': '?1' } });
    const receipt = answer.headers['execution-receipt'];
    const { payload } = await jwtVerify(receipt, keys, { typ: TYPE });
    assert.equal(payload.jti, answer.record, tool);
    writeFileSync(path('live.token'), answer.headers['execution-context']);
    writeFileSync(path('live.receipt'), receipt);
    await check_both(tool, path('live.token'),
      { trust: path('live.trust'), proof: path('live.receipt') }, GOOD);
  }
  for (const headers of [{}, { 'execution-receipt': '?0' }, { 'execution-receipt': 'yes' }]) {
    const answer = await agent.call('change', { n: 1 }, { headers });
    assert.equal(answer.headers['execution-receipt'], undefined, JSON.stringify(headers));
  }
});

test('the vector is good for the independent reader, and the page prints its receipt', async () => {
  const vector = JSON.parse(readFileSync(new URL('../../vectors/jws_receipt.json', import.meta.url)));
  const trust = read_trust(Buffer.from(JSON.stringify(vector.trust)));
  const doubts = [];
  const found = check_jws_receipt(read_jws_receipt(Buffer.from(vector.receipt)),
    Buffer.from(vector.entry), trust, doubts);
  assert.deepEqual([found, doubts], [{ index: 1, size: 2 }, []]);
  await jwtVerify(vector.receipt, createLocalJWKSet(vector.trust.token_keys), { typ: TYPE });
  const page = readFileSync(new URL('../../../docs/formats/jws_receipt.md', import.meta.url), 'utf8');
  assert.ok(page.replaceAll('\n', '').includes(vector.receipt));
});
