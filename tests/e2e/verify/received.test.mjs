// Records that stand for somebody else's token, judged from docs/formats/records.md with the package
// jose: the other reader of tests/vectors/ect/received.json.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compactVerify, createLocalJWKSet } from 'jose';

const vectors = JSON.parse(readFileSync(
  new URL('../../vectors/ect/received.json', import.meta.url), 'utf8'));
const keys = createLocalJWKSet({ keys: vectors.keys });
const parse = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
const decode = (part) => parse(Buffer.from(part ?? '', 'base64url').toString());

function judge({ exec_act: act, ect_ext: extension, pred, wid }) {
  const body = extension['pawl.token'];
  if (act !== 'token.received' || extension['pawl.profile'] !== 'urn:pawl:profile:1'
    || ['id', 'iss', 'iat', 'payload'].some((name) => body[name] === undefined)) {
    return 'none';
  }
  if (body.token === undefined) {
    return 'ok';
  }
  const is_signed = body.token.includes('.');
  const said = is_signed ? body.token.split('.')[1] : body.token;
  const words = decode(said);
  if (words === undefined) {
    return 'token';
  }
  const approved = (words.ect_ext?.pol_decision ?? 'approved') === 'approved';
  const same = {
    id: words.jti.toLowerCase() === body.id.toLowerCase(), iss: words.iss === body.iss,
    iat: words.iat === body.iat,
    payload: createHash('sha256').update(said).digest('base64url') === body.payload,
    approved: approved === (body.approved ?? true),
    pred: JSON.stringify(words.pred) === JSON.stringify(pred), wid: words.wid === wid,
    level: is_signed || body.level === 'L1',
  };
  return Object.keys(same).find((name) => !same[name]) ?? 'ok';
}

test('every record of the vectors is what the page says', () => {
  for (const { name, record, expect } of vectors.cases) {
    assert.equal(judge(record), expect, name);
  }
});

test('what stands in a good one verifies with its issuer\'s keys', async () => {
  const signed = vectors.cases.filter(({ expect }) => expect === 'ok')
    .map(({ record }) => record.ect_ext['pawl.token'].token).filter((token) => token?.includes('.'));
  assert.ok(signed.length > 3);
  for (const token of signed) {
    await compactVerify(token, keys);
  }
});
