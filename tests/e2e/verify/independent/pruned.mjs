// What a pruned log has below its minimum index (minimum.md): hashes, and the entries that are kept.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { at, bad, undecided } from './verdict.mjs';
import { tile_name } from './bundle.mjs';
import { exists, read_file } from './files.mjs';
import { leaf_hash } from './merkle.mjs';
import { decode_json_object } from './text.mjs';

const TILE_WIDTH = 256;
const MOST_MINIMUM = 4096;
const MOST_KEPT = 256 << 20;
const NUMBERS = ['minimum', 'segment', 'batch', 'size', 'record_index'];

// null: nothing was pruned.
export function read_pruned(folder) {
  const path = join(folder, 'minimum');
  if (!exists(path)) return null;
  const said = at('minimum', () => decode_json_object(read_file(path, MOST_MINIMUM)));
  if (said.format !== 'pawl.minimum/1') undecided('minimum: an unknown format');
  if (!NUMBERS.every((name) => Number.isSafeInteger(said[name]))) bad('minimum: a number is missing');
  const { minimum, size, record_index: last } = said;
  if (minimum < 1 || minimum % TILE_WIDTH !== 0 || size > minimum || last <= minimum)
    bad('minimum: its numbers contradict each other');
  const name = `kept.${last}`;
  if (!exists(join(folder, name))) bad(`${name} is missing`);
  const bytes = read_file(join(folder, name), MOST_KEPT);
  const kept = at(name, () => split_kept(bytes, minimum));
  return { ...said, kept, kept_hash: createHash('sha256').update(bytes).digest('base64url') };
}

function split_kept(bytes, minimum) {
  const kept = new Map();
  let last = -1;
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + 10 > bytes.length) bad('ends inside an entry');
    const index = Number(bytes.readBigUInt64BE(offset));
    const end = offset + 10 + bytes.readUInt16BE(offset + 8);
    if (end > bytes.length) bad('ends inside an entry');
    if (index <= last || index >= minimum) bad(`entry ${index} has no place here`);
    kept.set(index, bytes.subarray(offset + 10, end));
    last = index;
    offset = end;
  }
  return kept;
}

// Gives the entries what is known of those below the minimum index.
export function begin_pruned(pruned, folder, entries) {
  if (pruned === null) return;
  entries.goes_on();
  for (let first = 0; first < pruned.minimum; first += TILE_WIDTH) {
    const path = `tile/0/${tile_name(first / TILE_WIDTH)}`;
    const tile = read_file(join(folder, path), TILE_WIDTH * 32);
    if (tile.length !== TILE_WIDTH * 32) bad(`${path}: is not a tile`);
    for (let i = 0; i < TILE_WIDTH; i += 1) {
      const hash = tile.subarray(i * 32, (i + 1) * 32);
      const entry = pruned.kept.get(first + i);
      if (entry === undefined) {
        entries.tree.add_hash(hash);
        continue;
      }
      at(`kept entry ${first + i}`, () => {
        if (!leaf_hash(entry).equals(hash)) bad('is not the one of the tree');
        entries.add(entry);
      });
    }
  }
}

// The record that the file names says that they were pruned; else they are missing.
export function check_pruned(pruned, claims) {
  if (pruned === null) return {};
  const body = claims?.extension['pawl.ledger'];
  if (claims?.act !== 'ledger.pruned' || claims.id !== pruned.record.replaceAll('-', '')
      || body?.minimum !== pruned.minimum || body.kept_hash !== pruned.kept_hash)
    bad(`entries below ${pruned.minimum} are missing, and entry ${pruned.record_index} does not say so`);
  const { minimum, record, kept } = pruned;
  return { pruned: { minimum, record, gone: minimum - kept.size } };
}
