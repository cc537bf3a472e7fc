// Signed notes and verifier keys (tiles.md).
import { createHash, createPublicKey, verify } from 'node:crypto';
import { bad } from './verdict.mjs';
import { decode_base64, decode_utf8 } from './text.mjs';

export const ED25519 = 1;
export const COSIGNATURE = 4;
const MOST_SIGNATURES = 64;
const DASH = '\u2014';

const name_is_valid = (name) => name !== '' && !/[\p{White_Space}+]/u.test(name);

// { name, id (4 bytes), key, raw (32 bytes) }, or null when the text is not a verifier key of this
// type.
export function decode_verifier_key(text, type = ED25519) {
  const [name, id, base64, ...rest] = split_key(text);
  const bytes = decode_base64(base64 ?? '');
  if (rest.length > 0 || bytes?.length !== 33 || bytes[0] !== type || !name_is_valid(name))
    return null;
  const expected = createHash('sha256').update(`${name}\n`).update(bytes).digest().subarray(0, 4);
  if (id !== expected.toString('hex')) return null;
  const raw = bytes.subarray(1);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { name, id: expected, key: createPublicKey({ key: jwk, format: 'jwk' }), raw };
}

// Base64 may hold "+", a name may not: only the first two separate.
function split_key(text) {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  if (first < 0 || second < 0) return [text];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

// The text of a note and its signatures [{ name, id, signature }]. Verifies nothing.
export function read_note(bytes) {
  const note = decode_utf8(bytes);
  if (note === null) bad('the note is not UTF-8');
  if (/[\x00-\x09\x0b-\x1f]/.test(note)) bad('the note holds a control character');
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) bad('the note has no signatures');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) bad('the note has more than 64 signatures');
  return { text: note.slice(0, end + 1), signatures: lines.map(read_signature) };
}

function read_signature(line) {
  const [dash, name, base64, ...rest] = line.split(' ');
  const bytes = decode_base64(base64 ?? '');
  if (
    dash !== DASH ||
    rest.length > 0 ||
    !name_is_valid(name ?? '') ||
    bytes === null ||
    bytes.length < 5
  ) {
    bad('the note has a malformed signature line');
  }
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

// Throws Bad unless the trusted key signed the note and every signature in its name verifies.
export function check_signature({ text, signatures }, trusted) {
  const own = signatures.filter(({ name, id }) => name === trusted.name && id.equals(trusted.id));
  if (own.length === 0) bad(`no signature by the trusted key of ${trusted.name}`);
  for (const { signature } of own) {
    if (!verify(null, Buffer.from(text), trusted.key, signature)) {
      bad(`the signature by ${trusted.name} does not verify`);
    }
  }
}
