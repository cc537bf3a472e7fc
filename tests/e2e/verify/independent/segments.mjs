// The batches of a ledger, segment by segment (segment.md: batches, reading).
import { at, bad, Bad } from './verdict.mjs';
import {
  holds_frame_from,
  is_blank,
  HEADER_BYTES,
  KINDS,
  read_frame,
  read_header,
} from './frame.mjs';

// `files` are the segments in order, each { name, read() }; `on_batch({ frames, note, where })` is
// called for each whole batch; `entries()` tells how many entries it has taken.
// Returns { batches, torn }: torn is where a tail was left out, or ''.
// Of a pruned log `begin` names the first segment that is kept, and its first batch.
export function read_segments(files, entries, on_batch, begin = { segment: 1, batch: 1 }) {
  let batch = BigInt(begin.batch);
  let torn = '';
  files.forEach(({ name, read }, position) => {
    const file = read();
    const last = position === files.length - 1;
    if (!header_reads(name, file, BigInt(position + begin.segment), batch, entries(), last)) {
      torn = `${name}: a segment that was being made`;
      return;
    }
    const end = read_batches(name, file, batch, (found) => {
      on_batch(found);
      batch += 1n;
    });
    if (end.blank && is_blank_from(file, end.offset)) return;
    const where = `${name}, offset ${end.offset}: batch ${batch}`;
    if (!last) bad(`${where}: ${end.why}`);
    if (holds_frame_from(file, end.offset, batch + 1n))
      bad(`${where}: ${end.why}, and later batches follow`);
    torn = `${where}: ${end.why}`;
  });
  return { batches: Number(batch - BigInt(begin.batch)), torn };
}

const is_blank_from = (file, offset) => file.subarray(offset).every((byte) => byte === 0);

// False: a last segment without a batch that was being made when the power went.
function header_reads(name, file, number, batch, entries, last) {
  let header;
  try {
    header = at(name, () => read_header(file));
  } catch (error) {
    if (error instanceof Bad && last && !holds_frame_from(file, HEADER_BYTES, batch)) return false;
    throw error;
  }
  if (header.number !== number) bad(`${name}: the header has the number ${header.number}`);
  if (header.batch !== batch) bad(`${name}: begins with batch ${header.batch}, not ${batch}`);
  if (header.entries !== BigInt(entries))
    bad(`${name}: counts ${header.entries} entries before it, not ${entries}`);
  return true;
}

// Reads whole batches from the begin; returns where the first that is not whole begins, and why.
function read_batches(name, file, first, on_batch) {
  let offset = HEADER_BYTES;
  for (let batch = first; ; batch += 1n) {
    if (is_blank(file, offset))
      return { offset, blank: true, why: 'something stands behind zeros' };
    const found = read_batch(file, offset, batch);
    if (typeof found === 'string') return { offset, blank: false, why: found };
    const where = `${name}, offset ${offset}: batch ${batch}`;
    on_batch({ ...found, where });
    offset = found.end;
  }
}

// { frames, note, end }, or a text when the batch is unfinished.
function read_batch(file, begin, batch) {
  const frames = [];
  for (let offset = begin; ;) {
    if (is_blank(file, offset)) return 'no checkpoint ends the batch';
    const frame = read_frame(file, offset);
    if (typeof frame === 'string') return `${frame} (offset ${offset})`;
    if (frame.batch !== batch) return `a frame of batch ${frame.batch} (offset ${offset})`;
    offset = frame.end;
    if (frame.kind === KINDS.checkpoint) return { frames, note: frame.body, end: offset };
    frames.push(frame);
  }
}
