// An exported bundle: entry bundles, tiles and one checkpoint (tiles.md).
import { join } from 'node:path';
import { at, bad, undecided } from './verdict.mjs';
import { check_signer, read_checkpoint } from './checkpoint.mjs';
import { Entries } from './entries.mjs';
import { read_file } from './files.mjs';
import { root_over } from './merkle.mjs';
import { begin_pruned, check_pruned, read_pruned } from './pruned.mjs';

const TILE_WIDTH = 256;
const MOST_CHECKPOINT = 1 << 20;
const MOST_BUNDLE = TILE_WIDTH * (2 + 65535);

export function check_bundle(folder, trust, doubts) {
  const head = at('checkpoint', () => {
    const found = read_checkpoint(read_file(join(folder, 'checkpoint'), MOST_CHECKPOINT));
    check_signer(found, trust.log);
    return found;
  });
  const entries = new Entries(trust, doubts);
  const pruned = read_pruned(folder);
  begin_pruned(pruned, folder, entries);
  let statement;
  for (const entry of read_entries(folder, head.size, entries.size)) {
    const index = entries.size;
    const claims = at(`entry ${index}`, () => entries.add(entry));
    if (index === pruned?.record_index) statement = claims;
  }
  const found = check_pruned(pruned, statement);
  check_tiles(folder, entries.tree.leaves);
  at('checkpoint', () => entries.check_head(head));
  at('pinned head', () => {
    if (!trust.pinned) return;
    // A bundle is a copy of its time: a pin taken later covers more.
    const { size } = trust.pinned;
    if (size > entries.size) undecided(`covers ${size} entries, the bundle has ${entries.size}`);
    entries.check_head(trust.pinned);
  });
  const signers = entries.check_signers();
  if (trust.log === null) undecided('there is no trust file');
  if (entries.size === 0) undecided('the log has no entries');
  if (!trust.pinned?.size) undecided('no head of the log is pinned');
  return { entries: entries.size, ...signers, ...found };
}

// The first `size` entries of a folder with entry bundles, from `from` on, a multiple of 256.
export function* read_entries(folder, size, from = 0) {
  for (const { path, begin, width } of tiles('entries', Number(size))) {
    if (begin < from) continue;
    const file = read_file(join(folder, path), MOST_BUNDLE);
    yield* at(path, () => split_bundle(file, width));
  }
}

// The resources of a level with `count` hashes or entries: { path, begin, width }.
function* tiles(level, count) {
  for (let begin = 0; begin < count; begin += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, count - begin);
    const name = tile_name(begin / TILE_WIDTH) + (width < TILE_WIDTH ? `.p/${width}` : '');
    yield { path: `tile/${level}/${name}`, begin, width };
  }
}

// 1234067 is x001/x234/067.
export function tile_name(number) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g);
  return groups
    .map((group, position) => (position < groups.length - 1 ? `x${group}` : group))
    .join('/');
}

function split_bundle(file, width) {
  const entries = [];
  let offset = 0;
  while (entries.length < width) {
    if (offset + 2 > file.length) bad(`ends after ${entries.length} of ${width} entries`);
    const begin = offset + 2;
    offset = begin + file.readUInt16BE(offset);
    if (offset > file.length) bad(`ends inside entry ${entries.length}`);
    entries.push(file.subarray(begin, offset));
  }
  if (offset !== file.length) bad(`has ${file.length - offset} bytes too many`);
  return entries;
}

// Compares every tile of every level with the hashes that follow from the leaves.
export function check_tiles(folder, leaves) {
  let hashes = leaves;
  for (let level = 0; hashes.length > 0; level += 1) {
    for (const { path, begin, width } of tiles(level, hashes.length)) {
      const expected = Buffer.concat(hashes.slice(begin, begin + width));
      const file = read_file(join(folder, path), TILE_WIDTH * 32);
      if (!file.equals(expected)) bad(`${path}: is not the tile of these entries`);
    }
    hashes = above(hashes);
  }
}

function above(hashes) {
  const full = Math.floor(hashes.length / TILE_WIDTH);
  return Array.from({ length: full }, (_, tile) =>
    root_over(hashes.slice(tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH)),
  );
}
