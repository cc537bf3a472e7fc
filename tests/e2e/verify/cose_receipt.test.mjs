// A record as a signed statement with a COSE receipt: what `pawl ledger prove --form cose` writes is
// good for `pawl verify`, for the independent reader and, signature by signature, for @auth0/cose.

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Sign1 } from '@auth0/cose';
import { HEADER, open1, from_cbor, sign1, to_cbor } from '../support/cose.mjs';
import { BAD, GOOD, UNDECIDED, flip, options, with_made_logs } from './both_verifiers.mjs';
import { Thief } from './forge.mjs';
import { RECORD } from './made_logs.mjs';
import { check_cose_receipt } from './independent/cose_receipt.mjs';
import { leaf_hash, root_by_path } from './independent/merkle.mjs';
import { decode_verifier_key } from './independent/note.mjs';
import { read_trust } from './independent/trust.mjs';

const { path, json, trust_with, check_both } = with_made_logs();
const [RECEIPTS, VDS, VDP] = [394, 395, 396];
const statement = () => open1(readFileSync(path('log.cose')));
const receipt = () => open1(statement().unprotected.get(RECEIPTS)[0]);
const proof = () => from_cbor(receipt().unprotected.get(VDP).get(-1)[0]);

test('it is proven good, and says what the page says', options, async () => {
  await check_both('as it was written', path('log.cose'), { trust: path('log.trust') }, GOOD);
  const token = readFileSync(path('log.token'));
  assert.deepEqual(Buffer.from(statement().payload), token);
  const { iss, jti } = JSON.parse(Buffer.from(`${token}`.split('.')[1], 'base64url'));
  assert.deepEqual([...statement().header.keys()], [1, 3, 4, 15]);
  assert.equal(statement().header.get(HEADER.content_type), 'application/exec+jwt');
  assert.deepEqual(statement().header.get(HEADER.cwt_claims), new Map([[1, iss], [2, `urn:uuid:${jti}`]]));
  const log = decode_verifier_key(json('log.trust').log);
  assert.deepEqual([...receipt().header.keys()], [1, 4, 15, VDS]);
  assert.equal(receipt().header.get(VDS), 1);
  assert.deepEqual(receipt().header.get(HEADER.cwt_claims),
                   new Map([[1, log.name], [2, `urn:uuid:${jti}`], ['pawl.size', proof()[0]],
                            ['pawl.index', RECORD]]));
  assert.equal(proof()[1], RECORD);
});

test('another COSE library verifies both signatures', options, async () => {
  const kid = Buffer.from(statement().header.get(HEADER.kid)).toString();
  const jwk = json('log.trust').token_keys.keys.find((key) => key.kid === kid);
  const theirs = Sign1.decode(readFileSync(path('log.cose')));
  await theirs.verify(createPublicKey({ key: jwk, format: 'jwk' }), { algorithms: [-7] });
  const [size, index, hashes] = proof();
  const root = root_by_path(leaf_hash(readFileSync(path('log.token'))), BigInt(index), BigInt(size),
                            hashes.map((hash) => Buffer.from(hash)));
  const log = decode_verifier_key(json('log.trust').log);
  const their_receipt = Sign1.decode(Buffer.from(statement().unprotected.get(RECEIPTS)[0]));
  await their_receipt.verify(log.key, { algorithms: [-8], detachedPayload: root });
  await assert.rejects(their_receipt.verify(log.key, { detachedPayload: leaf_hash('') }));
});

/** The statement with other receipts in its header, which nobody signs. */
function with_receipts(receipts) {
  const { protected_bytes, payload, signature } = statement();
  writeFileSync(path('copy.cose'), Buffer.concat([Buffer.of(0xd2),
    to_cbor([protected_bytes, new Map(receipts === null ? [] : [[RECEIPTS, receipts]]), payload,
             signature])]));
  return path('copy.cose');
}
/** The receipt with another proof. */
function with_proof(change) {
  const { protected_bytes, signature } = receipt();
  const parts = proof();
  change(parts);
  return with_receipts([Buffer.concat([Buffer.of(0xd2), to_cbor([protected_bytes,
    new Map([[VDP, new Map([[-1, [to_cbor(parts)]]])]]), null, signature])])]);
}

test('what was altered is bad, or not decided', options, async () => {
  const trust = path('log.trust');
  const both = (name, file, expected) => check_both(name, file, { trust }, expected);
  await both('another index', with_proof((parts) => { parts[1] += 1; }), BAD);
  await both('another size', with_proof((parts) => { parts[0] += 1; }), BAD);
  await both('a hash less', with_proof((parts) => { parts[2].pop(); }), BAD);
  await both('a false hash', with_proof((parts) => { parts[2][0][0] ^= 1; }), BAD);
  await both('a short hash', with_proof((parts) => { parts[2][0] = Buffer.from('x'); }), BAD);
  await both('no receipt', with_receipts(null), UNDECIDED);
  const other = open1(readFileSync(path('other.cose'))).unprotected.get(RECEIPTS)[0];
  await both('the receipt of another record', with_receipts([other]), BAD);
  for (const at of [-1, -200, 100, 400]) {
    writeFileSync(path('copy.cose'), readFileSync(path('log.cose')));
    flip(path('copy.cose'), at);
    await both(`a bit at ${at}`, path('copy.cose'), BAD);
  }
  await check_both('another log', path('log.cose'), { trust: path('other.trust') }, BAD);
  await check_both('no trust file', path('log.cose'), {}, UNDECIDED);
  await check_both('keys of others', path('log.cose'), { trust: trust_with((file) => {
    file.token_keys = json('other.trust').token_keys;
  }) }, UNDECIDED);
});

test('a statement may leave out its content type, and have no other', options, async () => {
  const { instance_key: key } = new Thief(path('log'));
  const { header, unprotected, payload } = statement();
  for (const [name, type, more, expected] of [
    ['as it was written', [[HEADER.content_type, 'application/exec+jwt']], [], GOOD],
    ['without one', [], [], GOOD],
    ['another one beside the signature', [], [[HEADER.content_type, 'text/plain']], GOOD],
    ['another one', [[HEADER.content_type, 'text/plain']], [], BAD],
    ['that of the other dialect', [[HEADER.content_type, 'application/wimse-exec+jwt']], [], BAD],
    ['a number', [[HEADER.content_type, 50]], [], BAD],
    ['null', [[HEADER.content_type, null]], [], BAD]]) {
    writeFileSync(path('copy.cose'), sign1(key, { payload, unprotected: [...unprotected, ...more],
      kid: Buffer.from(header.get(HEADER.kid)).toString(),
      header: [...type, [HEADER.cwt_claims, header.get(HEADER.cwt_claims)]] }));
    await check_both(name, path('copy.cose'), { trust: path('log.trust') }, expected);
  }
});

test('the vector is good for the independent reader, and the page prints its receipt', () => {
  const vector = JSON.parse(readFileSync(new URL('../../vectors/cose_receipt.json', import.meta.url)));
  const trust = read_trust(Buffer.from(JSON.stringify(vector.trust)));
  const doubts = [];
  const bytes = Buffer.from(vector.statement, 'hex');
  assert.deepEqual(check_cose_receipt(bytes, trust, doubts), { index: 2, size: 3 });
  assert.deepEqual(doubts, []);
  const page = readFileSync(new URL('../../../docs/formats/cose_receipt.md', import.meta.url), 'utf8');
  assert.equal(page.match(/```\n([0-9a-f\n]+)```/)[1].replaceAll('\n', ''), vector.receipt);
  assert.deepEqual(Buffer.from(open1(bytes).unprotected.get(RECEIPTS)[0]).toString('hex'), vector.receipt);
});
