// The two structures of a segment: its header and its frames (segment.md). Big-endian throughout.
import { createHash } from 'node:crypto';
import { bad, undecided } from './verdict.mjs';

export const HEADER_BYTES = 64;
export const FRAME_BYTES = 32;
export const KINDS = { intent: 1, entry: 2, checkpoint: 3 };
const ID_BYTES = 16;
const MOST_BODY = 65551;
const MAGIC = Buffer.from('PAWL');
const CLOSES_INTENT = 1;

// Least bytes of a body, by kind.
const LEAST_BODY = { 1: ID_BYTES, 2: ID_BYTES, 3: 0 };

const sha256 = (bytes, length) => createHash('sha256').update(bytes).digest().subarray(0, length);
const is_zero = (bytes) => bytes.every((byte) => byte === 0);

// { number, batch, entries } as BigInts. Throws Bad when it does not read, Undecided when newer.
export function read_header(file) {
  const magic = file.toString('latin1', 0, 8);
  if (/^PAWLSEG[2-9]$/.test(magic)) undecided(`the format ${magic} is newer than PAWLSEG1`);
  if (file.length < HEADER_BYTES) bad('the header is cut off');
  if (magic !== 'PAWLSEG1') bad('the header does not begin with PAWLSEG1');
  if (!sha256(file.subarray(0, 32), 16).equals(file.subarray(32, 48)))
    bad('the check of the header is wrong');
  if (!is_zero(file.subarray(48, 64))) bad('the header does not end in zeros');
  return {
    number: file.readBigUInt64BE(8),
    batch: file.readBigUInt64BE(16),
    entries: file.readBigUInt64BE(24),
  };
}

// Whether no frame stands at `offset`, but zeros or the end of the file.
export function is_blank(file, offset) {
  return is_zero(file.subarray(offset, offset + FRAME_BYTES));
}

// The frame at `offset`: { kind, closes_intent, batch, id, body, end }; a text when none reads there.
export function read_frame(file, offset) {
  const head = file.subarray(offset, offset + FRAME_BYTES);
  if (head.length < FRAME_BYTES) return 'the file ends inside a frame';
  if (!head.subarray(0, 4).equals(MAGIC)) return 'no frame begins here';
  const [kind, flags] = [head[4], head[5]];
  if (!(kind in LEAST_BODY)) return `unknown kind ${kind}`;
  if (flags !== 0 && !(flags === CLOSES_INTENT && kind === KINDS.entry))
    return `unknown flags ${flags}`;
  if (head.readUInt16BE(6) !== 0) return 'bytes 6 and 7 are not zero';
  const length = head.readUInt32BE(16);
  if (length < LEAST_BODY[kind] || length > MOST_BODY) return `a body of ${length} bytes`;
  const begin = offset + FRAME_BYTES;
  const end = begin + Math.ceil(length / 8) * 8;
  if (end > file.length) return 'the file ends inside a frame';
  const body = file.subarray(begin, begin + length);
  const check = sha256(Buffer.concat([head.subarray(0, 20), body]), 12);
  if (!check.equals(head.subarray(20))) return 'the check of the frame is wrong';
  if (!is_zero(file.subarray(begin + length, end))) return 'the padding is not zero';
  const closes_intent = flags === CLOSES_INTENT;
  const batch = head.readBigUInt64BE(8);
  if (kind === KINDS.checkpoint) return { kind, closes_intent, batch, id: '', body, end };
  const id = body.toString('hex', 0, ID_BYTES);
  return { kind, closes_intent, batch, id, body: body.subarray(ID_BYTES), end };
}

// Whether a frame of batch `least` or later stands at or behind `offset`.
export function holds_frame_from(file, offset, least) {
  for (let at = file.indexOf(MAGIC, offset); at >= 0; at = file.indexOf(MAGIC, at + 1)) {
    if (at % 8 !== 0) continue;
    const frame = read_frame(file, at);
    if (typeof frame !== 'string' && frame.batch >= least) return true;
  }
  return false;
}
