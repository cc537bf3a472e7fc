// An authenticator in software, by Node's cryptography and the npm package cborg: what a browser sends
// for a passkey (W3C Web Authentication, 6.1, 6.5, 5.8.1), and the same with one thing wrong.

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { encode } from 'cborg';

export const FLAGS = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 };

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const from_base64url = (text) => Buffer.from(text, 'base64url');

/** COSE_Key of a public JWK, keys in the order that authenticators use. */
export function cose_key({ kty, x, y }, change = (map) => map) {
  const map = kty === 'EC'
    ? [[1, 2], [3, -7], [-1, 1], [-2, from_base64url(x)], [-3, from_base64url(y)]]
    : [[1, 1], [3, -8], [-1, 6], [-2, from_base64url(x)]];
  return Buffer.from(encode(new Map(change(map))));
}

/** @param {{rp_id: string, flags: number, counter?: number, credential?: Buffer, key?: Buffer,
 *           aaguid?: Buffer, extensions?: object, more?: Buffer}} parts */
export function authenticator_data({ rp_id, flags, counter = 0, credential, key,
                                     aaguid = Buffer.alloc(16), extensions, more }) {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(counter, 1);
  const parts = [sha256(rp_id), head];
  if (credential !== undefined) {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(credential.length);
    parts.push(aaguid, size, credential, key);
  }
  if (extensions !== undefined) {
    parts.push(Buffer.from(encode(extensions)));
  }
  return Buffer.concat([...parts, more ?? Buffer.alloc(0)]);
}

export const client_data = (type, challenge, origin, more = {}) =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...more }));

export const attestation = (auth_data, { fmt = 'none', attStmt = {} } = {}) =>
  Buffer.from(encode({ fmt, attStmt, authData: auth_data }));

/** ES256 in DER, or Ed25519, over the authenticator data and the digest of the client data. */
export function signature(private_jwk, auth_data, client) {
  const key = createPrivateKey({ key: private_jwk, format: 'jwk' });
  const text = Buffer.concat([auth_data, sha256(client)]);
  return sign(private_jwk.kty === 'EC' ? 'sha256' : null, text, key);
}

/** RFC 7638. */
export function thumbprint(private_jwk) {
  const { crv, kty, x, y } = createPublicKey(createPrivateKey({ key: private_jwk, format: 'jwk' }))
    .export({ format: 'jwk' });
  return sha256(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }))
    .toString('base64url');
}
