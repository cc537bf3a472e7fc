// A data folder's ledger: segments, the published checkpoint and the snapshot (segment.md).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, Bad, bad, undecided } from './verdict.mjs';
import { decode_json_object } from './text.mjs';
import { check_signer, read_checkpoint } from './checkpoint.mjs';
import { check_signature, read_note } from './note.mjs';
import { Entries } from './entries.mjs';
import { exists, file_size, read_file } from './files.mjs';
import { KINDS } from './frame.mjs';
import { begin_pruned, check_pruned, read_pruned } from './pruned.mjs';
import { read_segments } from './segments.mjs';

const MOST_SEGMENT = 1 << 30;
const MOST_SNAPSHOT = 256 << 20;
const MOST_CHECKPOINT = 1 << 20;

export function check_folder(ledger, trust, doubts) {
  // Before the segments: a daemon may write while we read, and heads must not be newer.
  const published = read_file_if_there(join(ledger, 'checkpoint'), MOST_CHECKPOINT);
  const snapshot = read_file_if_there(join(ledger, 'snapshot'), MOST_SNAPSHOT);
  const entries = new Entries(trust, doubts);
  const pruned = read_pruned(ledger);
  begin_pruned(pruned, ledger, entries);
  const batches = new Batches(entries, trust, pruned);
  const found = read_segments(
    segment_files(join(ledger, 'segments'), pruned?.segment ?? 1),
    () => batches.position,
    (batch) => batches.add(batch),
    pruned ?? undefined,
  );
  const what_went = check_pruned(pruned, batches.statement);
  if (published !== null) {
    at('checkpoint', () => {
      const head = read_checkpoint(published);
      check_signer(head, trust.log);
      entries.check_head(head);
    });
  }
  at('snapshot', () => snapshot !== null && check_snapshot(snapshot, trust.log, entries));
  at('pinned head', () => trust.pinned && entries.check_head(trust.pinned));
  const signers = entries.check_signers();
  if (trust.log === null) undecided('there is no trust file');
  if (entries.size === 0) undecided('the log has no entries');
  if (!trust.pinned?.size) undecided('no head of the log is pinned');
  return { entries: entries.size, ...signers, ...found, ...what_went, intents: batches.intents, open: batches.open.size };
}

const read_file_if_there = (path, most) => (exists(path) ? read_file(path, most) : null);

// The segments by number, from the first that is due; a gap is damage.
function segment_files(folder, first) {
  if (!exists(folder)) undecided(`${folder} is missing`);
  const names = readdirSync(folder)
    .filter((name) => /^[0-9]{12}\.seg$/.test(name))
    .filter((name) => Number(name.slice(0, 12)) >= first)
    .sort();
  return names.map((name, position) => {
    const due = `${String(position + first).padStart(12, '0')}.seg`;
    if (name !== due) bad(`segment ${due} is missing`);
    return { name, read: () => read_segment(join(folder, name)) };
  });
}

function read_segment(path) {
  if (file_size(path) > MOST_SEGMENT) bad(`${path} is larger than 1 GiB`);
  return read_file(path, MOST_SEGMENT);
}

// What holds for each batch: its intents, entries and checkpoint.
class Batches {
  open = new Set();
  intents = 0;
  position = 0; // in the log, also of entries below the minimum index
  statement; // claims of the record that the minimum index names
  #pruned;
  #entries;
  #trust;

  constructor(entries, trust, pruned) {
    this.#entries = entries;
    this.#trust = trust;
    this.#pruned = pruned;
    this.position = pruned?.size ?? 0;
  }

  add({ frames, note, where }) {
    for (const frame of frames) {
      if (frame.kind === KINDS.entry) this.#add_entry(frame);
      else this.#add_intent(frame);
    }
    if (this.position < (this.#pruned?.minimum ?? 0)) return;
    at(where, () => {
      const head = read_checkpoint(note);
      const { size } = this.#entries;
      if (head.size !== BigInt(size)) bad(`its checkpoint has size ${head.size}, not ${size}`);
      if (!head.root.equals(this.#entries.tree.root())) bad('its checkpoint has another root');
      check_signer(head, this.#trust.log);
    });
  }

  #add_intent({ id }) {
    this.intents += 1;
    this.open.add(id);
  }

  #add_entry({ id, body, closes_intent }) {
    const index = this.position;
    this.position += 1;
    if (index < (this.#pruned?.minimum ?? 0)) {
      this.open.delete(id);
      return;
    }
    at(`entry ${this.#entries.size}`, () => {
      const claims = this.#entries.add(body);
      if (claims.id !== id) bad(`the frame has the id ${id}, the token the jti ${claims.id}`);
      if (index === this.#pruned?.record_index) this.statement = claims;
      // The intent may stand in a segment that was pruned.
      if (this.open.delete(id) !== closes_intent && !(this.#pruned && closes_intent)) {
        bad(closes_intent ? 'closes an intent that is not open' : 'leaves its own intent open');
      }
    });
  }
}

// A snapshot is a cache: one that does not fit is ignored. Signed, it may not cover more than there is.
function check_snapshot(bytes, log, entries) {
  if (log === null) return;
  let state;
  try {
    const note = read_note(bytes);
    check_signature(note, log);
    const [format, json, ...rest] = note.text.slice(0, -1).split('\n');
    state =
      format === 'pawl.snapshot/1' && rest.length === 0
        ? decode_json_object(Buffer.from(json))
        : null;
  } catch (error) {
    if (error instanceof Bad) return;
    throw error;
  }
  const size = state?.at?.size;
  if (Number.isSafeInteger(size) && size > entries.size)
    bad(`covers ${size} entries, there are ${entries.size}`);
}
