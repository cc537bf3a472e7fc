// What a forger does to a ledger: changes one byte of one record, in the digest of the call's
// input, and repairs the check of the frame around it. Written from docs/formats/segment.md.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const HEADER = 32;
const ID = 16;
const CHECK_AT = 20;
const CHECK_BYTES = 12;

const input_digest = (token) => JSON.parse(
  Buffer.from(token.split('.')[1], 'base64url')).inp_hash;

// The last character of a group of four holds six bits of one byte only: that byte is changed and
// no other. 3 bytes are 4 characters.
function place_of_change(token) {
  const claims = Buffer.from(token.split('.')[1], 'base64url').toString('latin1');
  const third = Math.ceil((claims.indexOf('"inp_hash":"') + '"inp_hash":"'.length) / 3);
  return token.indexOf('.') + 1 + third * 4 + 3;
}

/**
 * @param {string} segment file @param {string} token the record, as it stands in the file
 * @returns {{offset: number, before: string, after: string}} the digest before and after
 */
export function tamper(segment, token) {
  const bytes = readFileSync(segment);
  const begin = bytes.indexOf(token);
  assert.ok(begin > 0, 'the record stands in the segment');
  const offset = begin + place_of_change(token);
  bytes[offset] = bytes[offset] === 0x7a ? 0x79 : 0x7a;  // 'z', or 'y' where a 'z' stands
  const frame = begin - ID - HEADER;
  const check = createHash('sha256').update(bytes.subarray(frame, frame + CHECK_AT))
    .update(bytes.subarray(frame + HEADER, begin + token.length)).digest();
  check.copy(bytes, frame + CHECK_AT, 0, CHECK_BYTES);
  writeFileSync(segment, bytes);
  const forged = bytes.subarray(begin, begin + token.length).toString('latin1');
  return { offset, before: input_digest(token), after: input_digest(forged) };
}
