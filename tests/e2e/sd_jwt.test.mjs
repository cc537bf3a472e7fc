// `pawl token`: what it issues and presents, the package @sd-jwt/core verifies, and the other way
// round; every refusal ends with its reason and exit code.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SDJwtInstance } from '@sd-jwt/core';
import { SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';
import { Pawl, no_pawl } from './support/pawl.mjs';

const options = { skip: no_pawl() };
const TYPE = 'example+sd-jwt';
const VERIFIER = 'https://verifier.example';
const CLAIMS = { iss: 'https://issuer.example', name: 'Ada', roles: ['lead', 'author', 'reader'],
  address: { town: 'Turin', country: 'IT' } };
const DISCLOSABLE = ['/name', '/roles/1', '/address/town', '/address'];
const new_key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const issuer = new_key();
const holder = new_key();
const jwk_of = (key) => exportJWK(createPublicKey(key));

let pawl;
let issuer_kid;
const path = (name) => join(pawl.folder, name);
const pem = (key) => key.export({ type: 'pkcs8', format: 'pem' });

before(async () => {
  if (no_pawl()) return;
  pawl = await Pawl.prepare();
  issuer_kid = await calculateJwkThumbprint(await jwk_of(issuer));
  await writeFile(path('issuer.pem'), pem(issuer), { mode: 0o600 });
  await writeFile(path('holder.pem'), pem(holder), { mode: 0o600 });
  await writeFile(path('holder.jwk'), JSON.stringify(await jwk_of(holder)));
  await writeFile(path('keys.json'),
    JSON.stringify({ keys: [{ ...await jwk_of(issuer), kid: issuer_kid }] }));
  await writeFile(path('claims.json'), JSON.stringify(CLAIMS));
});
after(() => pawl?.close());

async function good(args, input) {
  const { code, stdout, stderr } = await pawl.run(['token', ...args], { input });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}
const issue = (...more) => good(['issue', path('claims.json'), '--key-file', path('issuer.pem'), '--type', TYPE,
  ...DISCLOSABLE.flatMap((pointer) => ['--disclosable', pointer]), ...more]);
const present = (token, ...more) => good(['present', '-', ...more], token);
const verify_ours = (token, ...more) => pawl.run(
  ['token', 'verify', '-', '--keys', path('keys.json'), '--type', TYPE, '--json', ...more], { input: token });

/** The other library, as issuer, holder and verifier. */
function theirs({ signer = issuer } = {}) {
  const sign_with = (key) => (data) =>
    sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const verify_with = (key) => (data, signature) => verify('sha256', Buffer.from(data),
    { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  return new SDJwtInstance({ signer: sign_with(signer), signAlg: 'ES256', verifier: verify_with(issuer),
    hasher: (data, alg) => {
      assert.equal(alg, 'sha-256');
      return new Uint8Array(createHash('sha256').update(data).digest());
    },
    hashAlg: 'sha-256', saltGenerator: (length) => randomBytes(length).toString('base64url'),
    kbSigner: sign_with(holder), kbSignAlg: 'ES256', kbVerifier: verify_with(holder) });
}

test('what pawl issues, another library reads, part by part', options, async () => {
  const token = await issue('--decoys', '2');
  const { payload } = await theirs().verify(token);
  assert.deepEqual(payload, CLAIMS);
  for (const [pointers, expected] of [
    [[], { iss: CLAIMS.iss, roles: ['lead', 'reader'] }],
    [['/name'], { iss: CLAIMS.iss, name: 'Ada', roles: ['lead', 'reader'] }],
    [['/roles/1'], { iss: CLAIMS.iss, roles: CLAIMS.roles }],
    [['/address'], { iss: CLAIMS.iss, roles: ['lead', 'reader'], address: { country: 'IT' } }],
    [['/address/town'], { iss: CLAIMS.iss, roles: ['lead', 'reader'], address: CLAIMS.address }],
  ]) {
    const shown = await present(token, ...pointers.flatMap((pointer) => ['--disclose', pointer]));
    assert.deepEqual((await theirs().verify(shown)).payload, expected);
    const ours = await verify_ours(shown);
    assert.equal(ours.code, 0, ours.stderr);
    const { claims, bound, verdict } = JSON.parse(ours.stdout);
    assert.deepEqual([verdict, claims, bound], ['good', expected, false]);
  }
  assert.deepEqual((await theirs().verify(await present(token, '--all'))).payload, CLAIMS);
  const shown = await good(['show', '-'], token);
  for (const pointer of DISCLOSABLE) {
    assert.match(shown, new RegExp(`^may withhold +${pointer}$`, 'm'));
  }
});

test('what another library issues and presents, pawl reads', options, async () => {
  const claims = { ...CLAIMS, cnf: { jwk: await jwk_of(holder) } };
  const frame = { _sd: ['name', 'address'], _sd_decoy: 3, address: { _sd: ['town'] },
    roles: { _sd: [1], _sd_decoy: 2 } };
  const token = await theirs().issue(claims, frame, { header: { typ: TYPE, kid: issuer_kid } });
  const all = await verify_ours(token);
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(JSON.parse(all.stdout).claims, claims);
  const bound = await theirs().present(token, { name: true, roles: { 1: true } },
    { kb: { payload: { iat: Math.floor(Date.now() / 1000), aud: VERIFIER, nonce: 'n-1' } } });
  const ours = await verify_ours(bound, '--audience', VERIFIER, '--nonce', 'n-1');
  assert.equal(ours.code, 0, ours.stderr);
  const found = JSON.parse(ours.stdout);
  assert.deepEqual([found.claims.name, found.claims.roles, found.claims.address, found.bound],
                   ['Ada', CLAIMS.roles, undefined, true]);
});

test('a holder proves possession of its key, and the proof is good for one request', options, async () => {
  const token = await issue('--holder', path('holder.jwk'));
  const bound = await present(token, '--disclose', '/name', '--holder-key', path('holder.pem'),
    '--audience', VERIFIER, '--nonce', 'n-1');
  const { kb, payload } = await theirs().verify(bound, { keyBindingNonce: 'n-1' });
  assert.equal(kb.payload.aud, VERIFIER);
  assert.equal(payload.name, 'Ada');
  const asked = ['--audience', VERIFIER, '--nonce', 'n-1'];
  assert.equal((await verify_ours(bound, ...asked)).code, 0);
  const shown = await present(token, '--disclose', '/name');
  const other = await present(token, '--disclose', '/roles/1');
  const proof = bound.slice(shown.length);
  const stranger = await new SignJWT({ aud: VERIFIER, nonce: 'n-1',
    sd_hash: createHash('sha256').update(shown).digest('base64url') })
    .setProtectedHeader({ alg: 'ES256', typ: 'kb+jwt' }).setIssuedAt().sign(new_key());
  for (const [name, text, more, reason] of [
    ['another nonce', bound, ['--audience', VERIFIER, '--nonce', 'n-2'], 'key_binding_nonce'],
    ['another verifier', bound, ['--audience', 'https://b.example', '--nonce', 'n-1'], 'key_binding_audience'],
    ['none, where one is asked for', shown, asked, 'key_binding_missing'],
    ['one, where none is asked for', bound, [], 'key_binding_unexpected'],
    ['moved to other disclosures', other + proof, asked, 'key_binding_hash'],
    ['by another key', shown + stranger, asked, 'key_binding_signature'],
  ]) {
    const { code, stderr } = await verify_ours(text, ...more);
    assert.equal(code, 1, name);
    assert.match(stderr, new RegExp(`"${reason}: `), name);
  }
  await writeFile(path('other.pem'), pem(new_key()), { mode: 0o600 });
  const refused = await pawl.run(['token', 'present', '-', '--holder-key', path('other.pem'), '--audience',
    VERIFIER, '--nonce', 'n'], { input: token });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /not the one to which cnf binds/);
});

test('what was altered, and what cannot be done, says why', options, async () => {
  const token = await issue();
  const [jwt, first, ...rest] = token.split('~');
  const disclosure = JSON.parse(Buffer.from(first, 'base64url'));
  const forged = Buffer.from(JSON.stringify([disclosure[0], disclosure[1], 'Eve'])).toString('base64url');
  const signed = async (payload, header = {}) => `${await new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid: issuer_kid, ...header }).sign(issuer)}~`;
  for (const [name, text, code, reason] of [
    ['a forged disclosure', [jwt, forged, ...rest].join('~'), 1, 'unreferenced_disclosure'],
    ['one twice', [jwt, first, first, ...rest].join('~'), 1, 'duplicate_disclosure'],
    ['another payload', token.replace('.', '.e'), 1, 'malformed'],
    ['a hash algorithm of its own', await signed({ _sd_alg: 'sha-512' }), 1, 'bad_hash_alg'],
    ['a digest twice', await signed({ _sd: ['x', 'x'] }), 1, 'duplicate_digest'],
    ['another type', await signed({}, { typ: 'JWT' }), 1, 'bad_type'],
    ['an unknown key', await signed({}, { kid: 'other' }), 2, 'unknown_key'],
    ['expired', await signed({ exp: 1 }), 1, 'expired'],
    ['a JWT alone', jwt, 1, 'malformed'],
  ]) {
    const answer = await verify_ours(text);
    assert.equal(answer.code, code, `${name}: ${answer.stderr}`);
    assert.match(answer.stderr, new RegExp(`"${reason}: `), name);
  }
  const issue_of = (pointer) => pawl.run(['token', 'issue', path('claims.json'), '--key-file',
    path('issuer.pem'), '--disclosable', pointer]);
  for (const [pointer, why] of [['/iss', /stays visible/], ['/none', /no such member/], ['name', /JSON Pointer/]]) {
    const { code, stderr } = await issue_of(pointer);
    assert.equal(code, 2);
    assert.match(stderr, why);
  }
  const absent = await pawl.run(['token', 'present', '-', '--disclose', '/none'], { input: token });
  assert.equal(absent.code, 2);
  assert.match(absent.stderr, /no disclosable member/);
});
