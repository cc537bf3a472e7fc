// `pawl verify` of tokens in CBOR form, over the vectors; and the vectors over libraries of others.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Sign1 } from '@auth0/cose';
import { HEADER, cbor_claims, from_cbor, open1, to_cbor, verify1 } from '../support/cose.mjs';
import { PAWL_BIN, no_pawl } from '../support/pawl.mjs';

const read = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
const { keys, cases } = JSON.parse(read('../../vectors/ect/cbor.json'));
const key = createPublicKey({ key: keys[0], format: 'jwk' });
const good = cases.filter(({ expect }) => expect === 'ok');
// What only a presentation has, or only keys that are bound to an issuer.
const UNJUDGED = ['wrong_audience', 'expired', 'not_yet', 'unknown_key'];

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-cbor-'));
  const [, json] = read('../../../docs/formats/trust.md').match(/```json\n([^`]+)```/);
  await writeFile(join(folder, 'trust'),
    JSON.stringify({ ...JSON.parse(json), token_keys: { keys }, pinned: undefined }));
});
after(() => rm(folder, { recursive: true }));

const verify = async (content, trust = ['--trust', join(folder, 'trust')]) => {
  await writeFile(join(folder, 'token'), content);
  return new Promise((resolve) => {
    execFile(PAWL_BIN, ['verify', join(folder, 'token'), '--json', ...trust],
      { env: { XDG_CONFIG_HOME: folder } }, (error, stdout) => {
        resolve({ code: error === null ? 0 : error.code, ...JSON.parse(stdout) });
      });
  });
};

test('every vector gets the verdict of the page', { skip: no_pawl() }, async () => {
  for (const { name, expect, token } of cases) {
    const { code, reason, tokens_verified: verified } = await verify(Buffer.from(token, 'base64url'));
    if (expect === 'ok' || UNJUDGED.includes(expect)) {
      assert.equal(code, 2, `${name}: ${reason}`);
      assert.match(reason, name === 'a key that nobody has' ? /no token key with kid "other"/
        : /the key "gw-test-1" signed token .* but nothing here proves that it stands/, name);
      assert.equal(verified, name === 'a key that nobody has' ? 0 : 1, name);
    } else if (name !== 'the tag of a COSE_Mac0') {
      assert.equal(code, 1, `${name}: ${reason}`);
      assert.match(reason, new RegExp(`not proven: the token: ${expect}: `), name);
    }
  }
});

test('as it is presented, it is read too; without keys nothing is decided', { skip: no_pawl() },
  async () => {
    const [{ token }] = good;
    assert.match((await verify(`${token}\n`)).reason, /signed token/);
    const { code, reason } = await verify(token, []);
    assert.equal(code, 2);
    assert.match(reason, /needs keys that you trust/);
  });

test('the libraries of others read the same claims, and write the same bytes', async () => {
  for (const { name, token, claims, payload } of good) {
    const bytes = Buffer.from(token, 'base64url');
    const message = open1(bytes);
    assert.ok(verify1(message, key), name);
    const theirs = Sign1.decode(bytes[0] === 0xd2 ? bytes : bytes.subarray(2));
    await theirs.verify(key, { algorithms: [-7] });
    assert.deepEqual(Buffer.from(theirs.payload), Buffer.from(message.payload), name);
    if (payload !== undefined) {
      assert.deepEqual(from_cbor(message.payload), from_cbor(to_cbor(cbor_claims(claims))), name);
      assert.equal(Buffer.from(message.payload).toString('hex'), payload, name);
    }
  }
});

test('ect_cbor.md prints the second of them', () => {
  const [, { token, claims, payload }] = cases;
  const text = read('../../../docs/formats/ect_cbor.md');
  const [printed_token, printed_payload] = [...text.matchAll(/```\n([A-Za-z0-9_\n-]+)```/g)]
    .map(([, block]) => block.replaceAll('\n', ''));
  assert.equal(printed_token, token);
  assert.equal(printed_payload, payload);
  assert.deepEqual(JSON.parse(text.match(/```json\n([^`]+)```/)[1]), claims);
  assert.equal(open1(Buffer.from(token, 'base64url')).header.get(HEADER.typ), 'application/exec+cwt');
});
