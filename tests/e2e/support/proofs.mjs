// Keys, tokens and proofs of possession as their owners make them, with the npm package jose: DPoP
// (RFC 9449), workload identity tokens with their proofs and signatures (WIMSE).

import { createHash, generateKeyPairSync, randomUUID, sign as sign_bytes } from 'node:crypto';
import { SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';

export const now_s = () => Math.floor(Date.now() / 1000);
export const token_hash = (token) => createHash('sha256').update(token).digest('base64url');

/** @returns {Promise<{privateKey, jwk: object, jkt: string}>} */
export async function make_key() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) };
}

export const sign = (header, claims, { privateKey }) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey);

/** A proof for one request. @param {{key, token: string, url: string, method?: string}} what */
export const dpop_proof = ({ key, token, url, method = 'POST', claims = {} }) =>
  sign({ typ: 'dpop+jwt', jwk: key.jwk }, { jti: randomUUID(), htm: method, htu: url, iat: now_s(),
    ath: token_hash(token), ...claims }, key);

/** @param {{issuer, key, sub: string}} what `issuer` signs, `key` is the workload's */
export const wit = ({ issuer, key, sub, claims = {} }) => sign({ typ: 'wit+jwt', kid: 'k' },
  { sub, exp: now_s() + 3600, cnf: { jwk: { ...key.jwk, alg: 'ES256' } }, ...claims }, issuer);

/** @param {{key, token: string, url: string}} what `token` is the WIT */
export const wpt = ({ key, token, url, claims = {} }) => sign({ typ: 'wpt+jwt' },
  { jti: randomUUID(), aud: url, exp: now_s() + 60, wth: token_hash(token), ...claims }, key);

const b64_digest = (text) => createHash('sha256').update(text).digest('base64');

/**
 * Fields of a request that a workload signed (RFC 9421, the profile of WIMSE).
 * @param {{key, token: string, url: string, body: string, covered?: string[]}} what
 */
export function signed_request({ key, token, url, body, covered, parameters = {} }) {
  const fields = { 'content-type': 'application/json', 'workload-identity-token': token,
    'content-digest': `sha-256=:${b64_digest(body)}:` };
  const { pathname, search } = new URL(url);
  const value_of = { '@method': 'POST', '@path': pathname, '@query': search || '?', ...fields };
  const names = covered ?? Object.keys(value_of);
  const values = { created: now_s(), expires: now_s() + 60, nonce: randomUUID(),
    tag: 'wimse-workload-to-workload', 'wimse-aud': url, ...parameters };
  const input = `(${names.map((name) => `"${name}"`).join(' ')})${Object.entries(values)
    .map(([name, value]) => `;${name}=${JSON.stringify(value)}`).join('')}`;
  const base = [...names.map((name) => `"${name}": ${value_of[name]}`),
    `"@signature-params": ${input}`].join('\n');
  const signature = sign_bytes('sha256', Buffer.from(base),
    { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64');
  return { ...fields, authorization: [], 'signature-input': `wimse=${input}`,
    signature: `wimse=:${signature}:` };
}
