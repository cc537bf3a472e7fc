// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), Ed25519 only.
//
// Signatures of keys that the verifier does not know are ignored; a signature of a known key that
// does not verify refuses the note, and so does a note that no known key signed.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { Undecided, decode_base64, require_that } from './proof_error.mjs';

const ED25519 = 1;
const MAX_SIGNATURES = 64;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/;

/** @typedef {{name: string, id: number, key: import('node:crypto').KeyObject}} VerifierKey */

/** "NAME+8 hex digits+base64(type || key)". @param {string} vkey @returns {VerifierKey} */
export function parse_vkey(vkey) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey.trim());
  if (match === null) {
    throw new Undecided('not a verifier key');
  }
  const [, name, hex, encoded] = match;
  const material = decode_base64(encoded, 'verifier key');
  if (material[0] !== ED25519 || material.length !== 33) {
    throw new Undecided('verifier key of an unsupported type');
  }
  const id = createHash('sha256').update(`${name}\n`).update(material).digest().readUInt32BE(0);
  require_that(id === parseInt(hex, 16), 'verifier key: its id does not belong to it');
  const x = material.subarray(1).toString('base64url');
  return { name, id, key: createPublicKey({ format: 'jwk',
                                            key: { kty: 'OKP', crv: 'Ed25519', x } }) };
}

function parse_signature(line) {
  const match = SIGNATURE_LINE.exec(line);
  require_that(match !== null, 'note: not a signature line');
  const bytes = decode_base64(match[2], 'note: signature');
  require_that(bytes.length >= 5, 'note: signature too short');
  return { name: match[1], id: bytes.readUInt32BE(0), bytes: bytes.subarray(4) };
}

/**
 * @param {string} note
 * @param {VerifierKey[]} keys the keys that the verifier trusts
 * @returns {{text: string, signed_by: string[]}} names of the keys whose signature verified
 */
export function open_note(note, keys) {
  const split = note.lastIndexOf('\n\n');
  require_that(split >= 0 && note.endsWith('\n'), 'note: no signatures');
  require_that(!/[\0-\x09\x0b-\x1f]/.test(note), 'note: control character');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  require_that(lines.length <= MAX_SIGNATURES, 'note: too many signatures');
  const signed_by = [];
  for (const signature of lines.map(parse_signature)) {
    const known = keys.find(({ name, id }) => name === signature.name && id === signature.id);
    if (known !== undefined) {
      require_that(verify(null, Buffer.from(text), known.key, signature.bytes),
        `note: the signature of ${known.name} does not verify`);
      signed_by.push(known.name);
    }
  }
  require_that(signed_by.length > 0, 'note: signed by no known key');
  return { text, signed_by };
}

/**
 * Opens a checkpoint of the log whose key is `log_key`; the origin is the key's name.
 * @param {string} note @param {VerifierKey} log_key
 * @returns {{origin: string, size: bigint, root: Buffer, extensions: string[]}}
 */
export function open_checkpoint(note, log_key) {
  const { text } = open_note(note, [log_key]);
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  require_that(origin === log_key.name, `checkpoint of another log: ${origin}`);
  require_that(/^(0|[1-9][0-9]{0,18})$/.test(size ?? ''), 'checkpoint: size');
  const hash = decode_base64(root ?? '', 'checkpoint: root');
  require_that(hash.length === 32, 'checkpoint: root is not 32 bytes');
  require_that(extensions.every((line) => line !== ''), 'checkpoint: empty extension line');
  return { origin, size: BigInt(size), root: hash, extensions };
}
