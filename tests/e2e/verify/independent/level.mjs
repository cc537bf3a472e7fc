// One token that an agent presents: its level and algorithm (ect.md: order of checks, Levels), without
// its graph. Messages begin with that page's reasons.
import { constants, createPublicKey, verify } from 'node:crypto';
import { TOKEN_TYPES, check_claims, check_presentation } from './claims.mjs';
import { read_jws } from './jws.mjs';
import { decode_base64url, decode_json_object } from './text.mjs';
import { bad } from './verdict.mjs';

const ECDSA = { dsaEncoding: 'ieee-p1363' };
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const ALGORITHMS = {
  ES256: { type: 'ec', curve: 'prime256v1', hash: 'sha256', options: ECDSA },
  ES384: { type: 'ec', curve: 'secp384r1', hash: 'sha384', options: ECDSA },
  EdDSA: { type: 'ed25519', hash: null, options: {} },
  RS256: { type: 'rsa', hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: { type: 'rsa', hash: 'sha256', options: PSS },
};

export const read_keys = (jwks) =>
  new Map(jwks.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));

// What the token counts for. `self`: the agent that presents it; `issuer`: whose `keys` are trusted.
export function check_level(token, verifier) {
  const { minimum_level = 'L2' } = verifier;
  const bytes = token.includes('.') ? null : decode_base64url(token);
  const level = bytes?.[0] === '{'.charCodeAt(0) ? 'L1' : 'L2';
  if (level < minimum_level) bad(`level: ${level}`);
  const payload = level === 'L1' ? check_unsigned(bytes, verifier) : check_signed(token, verifier);
  check_presentation({ ...payload, aud: verifier.self }, { audience: verifier.self,
                                                           now: verifier.now });
  return level;
}

function check_unsigned(bytes, { self, proof = 'bearer_key' }) {
  const payload = decode_json_object(bytes) ?? bad('malformed: no strict JSON object');
  check_claims({ header: { typ: 'exec+jwt' }, payload: { aud: self, ...payload } });
  if (proof === 'none' || payload.iss !== self) bad('wrong_presenter: not its own word');
  return payload;
}

function check_signed(token, { self, issuer, keys, algorithms = ['ES256'] }) {
  const jws = read_jws(Buffer.from(token), { most: 65536, types: TOKEN_TYPES, algorithms });
  const { header, payload, signed, signature } = jws;
  const key = payload.iss === issuer ? keys.get(header.kid) : undefined;
  if (key === undefined) bad(`unknown_key: ${header.kid}`);
  const { type, curve, hash, options } = ALGORITHMS[header.alg];
  const fits = key.asymmetricKeyType === type && key.asymmetricKeyDetails.namedCurve === curve;
  if (!fits || !verify(hash, signed, { key, ...options }, signature)) bad('bad_signature');
  check_claims(jws);
  if (payload.iss !== self && ![payload.aud].flat().includes(self)) bad('wrong_presenter');
  return payload;
}
