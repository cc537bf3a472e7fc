// ES256 keys from JWK sets, and their thumbprints.
import { createHash, createPublicKey } from 'node:crypto';
import { decode_base64url, is_object } from './text.mjs';

// A Map from kid to key: the P-256 keys of the set, others are skipped. A key without kid is known
// by its thumbprint. Null when this is no set, when a kid stands twice, or when nothing is left.
export function read_key_set(set) {
  if (!is_object(set) || !Array.isArray(set.keys)) return null;
  const keys = new Map();
  for (const jwk of set.keys) {
    const key = import_key(jwk);
    if (key === null) continue;
    const kid = jwk.kid === undefined || jwk.kid === '' ? thumbprint(jwk) : jwk.kid;
    if (keys.has(kid)) return null;
    keys.set(kid, key);
  }
  return keys.size === 0 ? null : keys;
}

export function import_key(jwk) {
  if (!is_object(jwk) || jwk.kty !== 'EC' || jwk.crv !== 'P-256' || !is_for_signatures(jwk)) {
    return null;
  }
  const { kid = '', x, y } = jwk;
  if (typeof kid !== 'string') return null;
  if (![x, y].every((part) => typeof part === 'string' && decode_base64url(part)?.length === 32)) {
    return null;
  }
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return null; // not a point of the curve
  }
}

// Of a passkey (RFC 8037).
export function import_ed25519({ kty, crv, x }) {
  const is_one = kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && decode_base64url(x)?.length === 32;
  return is_one ? createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) : null;
}

function is_for_signatures({ use = 'sig', key_ops = ['verify'], alg = 'ES256' }) {
  return use === 'sig' && Array.isArray(key_ops) && key_ops.includes('verify') && alg === 'ES256';
}

// RFC 7638: the required members in their order.
export function thumbprint({ crv, kty, x, y }) {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
