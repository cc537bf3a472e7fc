// COSE_Sign1 and CWT claims of the tests, over the packages cborg and Node's crypto: the other side of
// src/foundation/cose and of docs/formats/ect_cbor.md, written from the standards and from that page.

import { sign, verify } from 'node:crypto';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';

export const HEADER = { alg: 1, crit: 2, content_type: 3, kid: 4, cwt_claims: 15, typ: 16 };
export const COSE_ALG = { ES256: -7, EdDSA: -8, ES384: -35 };
export const ECT_TYPE = 'application/exec+cwt';
const DIGEST = { ES256: 'sha256', ES384: 'sha384', EdDSA: null };
const TAG_SIGN1 = 0xd2;
const TAG_CWT = [0xd8, 0x3d];

/** The deterministic encoding; a Map for integer keys. @returns {Buffer} */
export const to_cbor = (value) => Buffer.from(encode(value, rfc8949EncodeOptions));
/** Maps for maps, and nothing but the shortest forms. */
export const from_cbor = (bytes) => decode(bytes, { useMaps: true, strict: true,
  rejectDuplicateMapKeys: true, allowIndefinite: false, allowUndefined: false });

const signing_input = (protected_bytes, aad, payload) =>
  to_cbor(['Signature1', protected_bytes, aad, payload]);

/**
 * @param {import('node:crypto').KeyObject} key a private one
 * @param {{ alg?: string, kid?: string, payload: Uint8Array, header?: [number, unknown][],
 *   unprotected?: [number, unknown][], detached?: boolean, cwt?: boolean, aad?: Uint8Array }} draft
 * @returns {Buffer} the tagged message
 */
export function sign1(key, { alg = 'ES256', kid, payload, header = [], unprotected = [],
  detached = false, cwt = false, aad = Buffer.alloc(0) }) {
  const protected_bytes = to_cbor(new Map([[HEADER.alg, COSE_ALG[alg]],
    ...kid === undefined ? [] : [[HEADER.kid, Buffer.from(kid)]], ...header]));
  const signature = sign(DIGEST[alg], signing_input(protected_bytes, aad, payload),
                         { key, dsaEncoding: 'ieee-p1363' });
  const message = to_cbor([protected_bytes, new Map(unprotected), detached ? null : payload,
                           signature]);
  return Buffer.concat([Buffer.from(cwt ? TAG_CWT : []), Buffer.from([TAG_SIGN1]), message]);
}

/** Takes a message with its tag apart. @param {Uint8Array} bytes */
export function open1(bytes) {
  const rest = Buffer.from(bytes);
  const start = rest[0] === TAG_CWT[0] && rest[1] === TAG_CWT[1] ? 2 : 0;
  if (rest[start] !== TAG_SIGN1) {
    throw new Error('no COSE_Sign1');
  }
  const [protected_bytes, unprotected, payload, signature] = from_cbor(rest.subarray(start + 1));
  const header = protected_bytes.length === 0 ? new Map() : from_cbor(protected_bytes);
  return { header, protected_bytes, unprotected, payload, signature };
}

/** @returns {boolean} whether `key`, a public one, signed what open1() took apart */
export function verify1({ header, protected_bytes, payload, signature }, key,
                        { payload: beside, aad = Buffer.alloc(0) } = {}) {
  const alg = Object.keys(COSE_ALG).find((name) => COSE_ALG[name] === header.get(HEADER.alg));
  return alg !== undefined && verify(DIGEST[alg],
    signing_input(protected_bytes, aad, payload ?? beside), { key, dsaEncoding: 'ieee-p1363' },
    signature);
}

const DECISIONS = ['approved', 'rejected', 'pending_human_review'];
const uuid_bytes = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');
const hash_pair = (text) => [-16, Buffer.from(text, 'base64url')];
const as_map = (value) => Array.isArray(value) ? value.map(as_map)
  : value !== null && typeof value === 'object'
    ? new Map(Object.entries(value).map(([name, one]) => [name, as_map(one)])) : value;

/** The claims set in CBOR of a payload in the names of -01. @returns {Map<number, unknown>} */
export function cbor_claims(claims) {
  const { pol, pol_decision: decision, pol_enforcer: enforcer, pol_timestamp: timestamp,
          ...others } = claims.ect_ext ?? {};
  const number = DECISIONS.indexOf(decision);
  const rest = { ...others,
                 ...number < 0 && decision !== undefined ? { pol, pol_decision: decision } : {} };
  const out = [[1, claims.iss], [3, claims.aud], [4, claims.exp], [6, claims.iat],
    [7, uuid_bytes(claims.jti)], [300, claims.wid && uuid_bytes(claims.wid)],
    [301, claims.exec_act], [302, claims.pred?.map(uuid_bytes)],
    [303, number < 0 ? undefined : pol], [304, number < 0 ? undefined : number],
    [305, enforcer], [306, timestamp],
    [307, claims.inp_hash && hash_pair(claims.inp_hash)],
    [308, claims.out_hash && hash_pair(claims.out_hash)],
    [309, Object.keys(rest).length > 0 ? as_map(rest) : undefined]];
  return new Map(out.filter(([, value]) => value !== undefined));
}

/** A token in CBOR form, as it is presented. @returns {string} */
export const cbor_token = (key, claims, { kid, alg, ...more } = {}) =>
  sign1(key, { alg, kid, payload: to_cbor(cbor_claims(claims)), header: [[HEADER.typ, ECT_TYPE]],
               ...more }).toString('base64url');
