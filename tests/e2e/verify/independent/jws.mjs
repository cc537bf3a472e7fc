// A JWS in compact form (RFC 7515, RFC 7518), as a record is: signed with ES256. Checked in the order
// of ect.md: form, typ, alg, kid, then (check_jws) key and signature. Messages begin with that page's
// reasons.
import { verify } from 'node:crypto';
import { bad, undecided } from './verdict.mjs';
import { decode_base64url, decode_json_object } from './text.mjs';

const ASYMMETRIC = /^((ES|RS|PS)(256|384|512)|EdDSA|Ed25519|Ed448|ES256K)$/;

// { header, payload, signed, signature } of the exact bytes of a token. Verifies nothing.
export function read_jws(bytes, { most, types, algorithms = ['ES256'] }) {
  if (bytes.length > most) bad(`malformed: longer than ${most} bytes`);
  const text = bytes.toString('latin1');
  const parts = text.split('.');
  if (parts.length === 1 && read_part(text) !== null) bad('level: the token is not signed');
  if (parts.length !== 3) bad('malformed: not three parts');
  const header = read_part(parts[0]) ?? bad('malformed: the header is no strict JSON object');
  const payload = read_part(parts[1]) ?? bad('malformed: the payload is no strict JSON object');
  const signature = decode_base64url(parts[2]) ?? bad('malformed: the signature is not base64url');
  if (Object.hasOwn(header, 'crit')) bad('malformed: the header has crit');
  if (!ASYMMETRIC.test(header.alg)) bad(`malformed: alg ${JSON.stringify(header.alg)}`);
  if (!types.includes(header.typ)) bad(`bad_type: typ ${JSON.stringify(header.typ)}`);
  if (!algorithms.includes(header.alg)) bad(`bad_alg: alg is ${header.alg}, not ${algorithms}`);
  if (typeof header.kid !== 'string' || header.kid === '') bad('missing_kid: no kid');
  const signed = Buffer.from(text.slice(0, text.lastIndexOf('.')), 'latin1');
  return { header, payload, signed, signature };
}

function read_part(text) {
  const bytes = decode_base64url(text);
  return bytes === null ? null : decode_json_object(bytes);
}

// Throws Bad unless the key that `kid` names in `keys` made the signature; Undecided when it names
// none.
export function check_jws({ header, signed, signature }, keys) {
  const key = keys.get(header.kid) ?? undecided(`unknown_key: no trusted key is ${header.kid}`);
  // r and s, 32 bytes each; anything else does not verify.
  if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)) {
    bad(`bad_signature: it does not verify with key ${header.kid}`);
  }
}
