// A record's own signature: a JWS in compact form, checked as checks 2 to 6 of docs/formats/ect.md ask of
// what Pawl issues. ES256 and, where WebCrypto has it, EdDSA with Ed25519. Pure but for WebCrypto.

import { type Bytes, fromBase64url, textOf, utf8 } from './bytes.ts';
import { type Answer, type Found, bad, good, unknown } from './answer.ts';
import { ed25519Holds, es256Holds } from './signature.ts';

const MOST_BYTES = 64 * 1024;
const TYPES = ['exec+jwt', 'wimse-exec+jwt'];

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Jwk {
  kty?: string;
  crv?: string;
  kid?: string;
  x?: string;
  y?: string;
}

export interface Token {
  header: JsonObject;
  claims: JsonObject;
  /** What the payload says is one text in one spelling: no member stands twice. */
  exact: boolean;
  signed: Bytes;
  signature: Bytes;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(part: string): { value: JsonObject; exact: boolean } | null {
  const bytes = fromBase64url(part);
  const text = bytes === null ? null : textOf(bytes);
  if (text === null) {
    return null;
  }
  try {
    const value = JSON.parse(text) as Json;
    // Pawl prints as JSON.stringify does, without white space. Another text may hold a member twice, of
    // which JSON.parse shows the last one only.
    return isObject(value) ? { value, exact: JSON.stringify(value) === text } : null;
  } catch {
    return null;
  }
}

/** null: not a signed token in compact form. */
export function readToken(compact: string): Token | null {
  const parts = compact.split('.');
  const [first, middle, last] = parts;
  if (parts.length !== 3 || compact.length > MOST_BYTES || !first || !middle || !last) {
    return null;
  }
  const header = readObject(first);
  const claims = readObject(middle);
  const signature = fromBase64url(last);
  if (header === null || claims === null || signature === null || !header.exact) {
    return null;
  }
  return { header: header.value, claims: claims.value, exact: claims.exact,
    signed: utf8(`${first}.${middle}`), signature };
}

async function holds(alg: string, key: Jwk, token: Token): Promise<Answer> {
  const x = fromBase64url(key.x ?? '');
  const y = fromBase64url(key.y ?? '');
  if (alg === 'ES256' && key.kty === 'EC' && key.crv === 'P-256' && x !== null && y !== null) {
    return es256Holds(x, y, token.signature, token.signed);
  }
  if (alg === 'EdDSA' && key.kty === 'OKP' && key.crv === 'Ed25519' && x !== null) {
    return ed25519Holds(x, token.signature, token.signed);
  }
  return 'bad';
}

/** Whether one of `keys`, the one that the token names, signed it. */
export async function tokenSigned(token: Token, keys: Jwk[]): Promise<Found> {
  const { alg, kid, typ, crit } = token.header;
  if (crit !== undefined || typeof typ !== 'string' || !TYPES.includes(typ)) {
    return bad('its header is not that of a record');
  }
  if (alg !== 'ES256' && alg !== 'EdDSA') {
    return typeof alg === 'string' && /^(ES384|RS256|PS256)$/.test(alg)
      ? unknown(`signed with ${alg}: not checked here`) : bad('its algorithm is none that counts');
  }
  if (typeof kid !== 'string') {
    return bad('it names no key');
  }
  const named = keys.filter((key) => key.kid === kid);
  if (named.length !== 1) {
    return named.length === 0 ? unknown('its key is not among those at hand')
      : bad('two keys have the name that it names');
  }
  switch (await holds(alg, named[0] as Jwk, token)) {
    case 'good': return good(`${alg}, by the key ${kid}`);
    case 'bad': return bad('its signature is wrong');
    default: return unknown(`this browser has no ${alg}: not checked here`);
  }
}
