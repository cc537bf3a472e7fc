// Key records that somebody wrote who stole the instance's and the log's keys: each rule of
// key_records.md has a log that breaks it, and both verifiers must say so.

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BAD, GOOD, UNDECIDED, options, with_made_logs } from './both_verifiers.mjs';
import { Thief, decode_jws, entries_of, read_log, sign_jws } from './forge.mjs';
import { KINDS } from './independent/frame.mjs';
import { thumbprint } from './independent/keys.mjs';

const { path, json, copy_of, trust_with, check_both } = with_made_logs();

const new_key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const jwk_of = (key) => {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
};
const kid_of = (key) => thumbprint(jwk_of(key));

/** Those who sign: A is the instance; O its operator, P another person. */
function people(thief) {
  const O = createPrivateKey(readFileSync(path('log/operator.pem')));
  return { A: thief.instance_key, B: new_key(), C: new_key(), O, P: new_key() };
}

/** A line of the log: who signs, seconds after the last true entry, and what. */
const call = (by, at, named) => ({ by, at, named });
const activated = (by, at, key, brings = key) => ({ by, at, kind: 'key.activated',
  body: (keys) => ({ kid: kid_of(keys[key]), jwk: jwk_of(keys[brings]) }) });
const retired = (by, at, key) => ({ by, at, kind: 'key.retired',
  body: (keys) => ({ kid: kid_of(keys[key]) }) });
/** `change` alters what the operator signs, after the record was made. */
const compromised = (by, at, key, since, next, { person = 'O', change, sign = true } = {}) => ({
  by, at, kind: 'key.compromised', body: (keys, end, iss) => {
    const said = { kid: kid_of(keys[key]), since: end + since, reason: 'stolen',
                   ...(next && { next: kid_of(keys[next]) }) };
    const claims = { aud: iss, iat: end + at, exp: end + at + 120, jti: randomUUID(),
                     key: { ...said } };
    change?.(claims, keys);
    const header = { alg: 'ES256', typ: 'compromise+jwt', kid: kid_of(keys[person]) };
    return { ...said, ...(next && { jwk: jwk_of(keys[next]) }), operator: 'ann',
             operator_kid: kid_of(keys[person]),
             ...(sign && { statement: sign_jws(keys[person], header, claims) }) };
  } });

/** Writes the lines behind the true log. */
function append(copy, lines) {
  const thief = new Thief(copy);
  const keys = people(thief);
  const batches = read_log(join(copy, 'ledger'));
  const entries = entries_of(batches);
  const { header, payload } = decode_jws(entries.at(-1).body);
  for (const { by, at, named = by, kind = 'node.stopped', body } of lines) {
    const jti = randomUUID();
    const area = `pawl.${kind.split('.')[0]}`;
    const claims = { ...payload, jti, iat: payload.iat + at, exp: payload.iat + at + 600,
      exec_act: kind, pred: [], ect_ext: { 'pawl.profile': 'urn:pawl:profile:1',
        [area]: body?.(keys, payload.iat, payload.iss) ?? { reason: 'shutdown' } } };
    const token = sign_jws(keys[by], { ...header, kid: kid_of(keys[named]) }, claims);
    batches.push({ frames: [{ kind: KINDS.entry, id: jti.replaceAll('-', ''),
                              body: Buffer.from(token) }] });
  }
  thief.write_log(join(copy, 'ledger'), batches);
  return entries.length;
}

const ROTATED = [activated('A', 1, 'B'), retired('B', 2, 'A'), call('B', 3)];
const rotated = (...more) => [...ROTATED, ...more];
const said = (change) => [compromised('A', 5, 'A', 3, 'B', { change })];
const SUSPECT = /suspect/;

/** [lines, verdict, what the independent verifier says] */
const CASES = {
  'a rotation: a pin of the first key is enough': [ROTATED, GOOD],
  'both keys until the retirement':
    [[activated('A', 1, 'B'), call('A', 2), call('B', 2), retired('B', 3, 'A')], GOOD],
  'a chain': [rotated(activated('B', 4, 'C'), retired('C', 5, 'B'), call('C', 6)), GOOD],
  'a compromise since the rotation': [rotated(compromised('B', 9, 'A', 8, 'B')), GOOD],
  'the retired key signs again': [rotated(call('A', 4)), BAD, /which was retired before/],
  'the retired key signs under an older time': [rotated(call('A', 0)), BAD, /retired before/],
  'the retired key comes back': [rotated(activated('B', 4, 'A')), BAD, /second time/],
  'a retired key is retired again': [rotated(retired('B', 4, 'A')), BAD, /not in force/],
  'a key retires itself': [[activated('A', 1, 'B'), retired('A', 2, 'A')], BAD, /itself/],
  'a key that nobody activated': [[call('B', 1)], BAD, /no record before it activated/],
  'a key that activates itself': [[activated('B', 1, 'B')], BAD, /no record before it activated/],
  'a key under another\'s thumbprint': [[activated('A', 1, 'B', 'C')], BAD, /thumbprint/],
  'a stranger under the new key\'s name':
    [[activated('A', 1, 'B'), call('C', 2, 'B')], BAD, /bad_signature/],
  'signed since the compromise': [[call('A', 3), compromised('A', 5, 'A', 3, 'B'),
    retired('B', 6, 'A'), call('B', 7)], UNDECIDED, /^2 of the entries/],
  'a stolen key that goes on under another name':
    [rotated(compromised('B', 9, 'A', 1)), UNDECIDED, SUSPECT],
  'which the operator vouches for': [rotated(compromised('B', 9, 'A', 1, 'B')), UNDECIDED,
    /^1 of the entries/],
  'a compromise that nobody signed':
    [[compromised('A', 5, 'A', 3, 'B', { sign: false })], BAD, /no operator signed it/],
  'a compromise by a person whom the verifier does not know':
    [[compromised('A', 5, 'A', 3, 'B', { person: 'P' })], UNDECIDED, /unknown_key/],
  'a compromise that the instance signed':
    [[compromised('A', 5, 'A', 3, 'B', { person: 'A' })], UNDECIDED, /unknown_key/],
  'a compromise in the operator\'s name': [said((claims) => { claims.iat += 1e6; }), BAD, /300/],
  'signed about another key':
    [said(({ key }, keys) => { key.kid = kid_of(keys.C); }), BAD, /another kid/],
  'signed about an earlier time': [said(({ key }) => { key.since -= 1; }), BAD, /another since/],
  'signed for another next key':
    [said(({ key }, keys) => { key.next = kid_of(keys.C); }), BAD, /another next/],
  'signed with another reason': [said(({ key }) => { key.reason = 'lost'; }), BAD, /another reason/],
  'signed for another instance': [said((claims) => { claims.aud += '2'; }), BAD, /another aud/],
  'signed on a later day': [said((claims) => {
    claims.iat += 86400;
    claims.exp += 86400;
  }), BAD, /before it was signed/],
  'a compromise from a later time on': [[compromised('A', 5, 'A', 6, 'B')], BAD, /later time/],
};

test('key records, as a thief of the keys might write them', options, async () => {
  for (const [name, [lines, expected, why]] of Object.entries(CASES)) {
    const copy = copy_of('log');
    append(copy, lines);
    await check_both(name, copy, { trust: path('log.trust') }, expected, why);
  }
});

test('a pin from before the compromise covers what it covers, and no time covers nothing', options,
  async () => {
    const copy = copy_of('log');
    const entries = append(copy, [call('A', 3), ...ROTATED.map((line) => ({ ...line, at: line.at + 3 })),
      compromised('B', 9, 'A', 0, 'B')]);
    const { payload: { iat } } = decode_jws(entries_of(read_log(join(copy, 'ledger')))[0].body);
    const last = json('log.trust').pinned;
    const pinned_at = (at) => trust_with((trust) => { trust.pinned = { ...last, at }; });
    await check_both('no time', copy, { trust: pinned_at(undefined) }, UNDECIDED, SUSPECT);
    await check_both('before', copy, { trust: pinned_at(iat - 1000) }, UNDECIDED,
      new RegExp(`entries ${entries} to`));
  });

test('with the log\'s own new key only, the first entries cannot be decided', options, async () => {
  const copy = copy_of('log');
  append(copy, ROTATED);
  const trust = trust_with((file) => {
    file.token_keys = json('other.trust').token_keys;
  });
  await check_both('another key', copy, { trust }, UNDECIDED, /unknown_key/);
});
