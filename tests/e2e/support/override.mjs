// People's side of a test: the override listener, and statements signed with the operator's key,
// true ones and forged ones. Written from docs/formats/override.md, on jose.

import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';

const LIFE_S = 120;

/** The key that `pawl init` made. @param {import('./pawl.mjs').Pawl} pawl */
export async function operator_key(pawl) {
  return createPrivateKey(await readFile(join(pawl.data, 'operator.pem'), 'utf8'));
}

/**
 * @param {import('node:crypto').KeyObject} key
 * @param {{verb: 'stop' | 'resume', scope: string, stops?: string[], reason?: string}} ovr
 * @param {{aud?: string, iat?: number, exp?: number, typ?: string, kid?: string,
 *          jti?: string}} [other]
 */
export async function sign_statement(key, { verb, scope, stops = [], reason = 'test' },
  other = {}) {
  const now = Math.floor(Date.now() / 1000);
  const { iat = now, exp = iat + LIFE_S, aud = 'spiffe://example.org/pawl/gw1',
          typ = 'override+jwt', jti = randomUUID() } = other;
  const kid = other.kid ?? await calculateJwkThumbprint(await exportJWK(createPublicKey(key)));
  return new SignJWT({ aud, iat, exp, jti, ovr: { verb, scope, reason, stops } })
    .setProtectedHeader({ alg: 'ES256', typ, kid }).sign(key);
}

/**
 * One request to the override listener; `token` as of DATA/run/override.token unless given.
 * @returns {Promise<{status: number, body: any, at: number}>} at: performance.now() of the answer
 */
export async function override(pawl, what, body, { token } = {}) {
  const bearer = token
    ?? (await readFile(join(pawl.data, 'run', 'override.token'), 'utf8')).trim();
  const answer = await fetch(`${pawl.addresses.override}/override/v1/${what}`, {
    method: body === undefined ? 'GET' : 'POST', body: JSON.stringify(body),
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' } });
  return { status: answer.status, body: await answer.json(), at: performance.now() };
}

/**
 * A signed revocation, or with `lifts` its end. Written from docs/formats/revocation.md.
 * @param {import('node:crypto').KeyObject} key
 * @param {{target: string, reason?: string, since?: number, lifts?: string[]}} rev
 * @param {{aud?: string, iat?: number, exp?: number, typ?: string, jti?: string}} [other]
 */
export async function sign_revocation(key, { target, reason = 'test', since, lifts }, other = {}) {
  const now = Math.floor(Date.now() / 1000);
  const { iat = now, exp = iat + LIFE_S, aud = 'spiffe://example.org/pawl/gw1',
          typ = 'revocation+jwt', jti = randomUUID() } = other;
  const kid = await calculateJwkThumbprint(await exportJWK(createPublicKey(key)));
  const rev = { verb: lifts === undefined ? 'revoke' : 'lift', target, reason, since,
                revocations: lifts };
  return new SignJWT({ aud, iat, exp, jti, rev })
    .setProtectedHeader({ alg: 'ES256', typ, kid }).sign(key);
}
