// A whole log in the C2SP tlog-tiles layout, read from a folder and checked against a checkpoint:
// every entry bundle, every tile at every level, and the root at every earlier size of interest.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GrowingTree, leaf_hash, subtree_hash } from './merkle.mjs';
import { Undecided, require_that } from './proof_error.mjs';

const WIDTH = 256;
const HASH = 32;

/** "x001/x234/067", with ".p/W" when partial. @param {number} index @param {number} width */
export function tile_name(level, index, width = WIDTH) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/.{3}/g);
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === WIDTH ? '' : `.p/${width}`}`;
}

/** Splits an entry bundle. @param {Buffer} bundle @param {number} count expected */
export function split_bundle(bundle, count, name) {
  const entries = [];
  let at = 0;
  while (at < bundle.length) {
    require_that(at + 2 <= bundle.length, `${name}: cut in a length`);
    const end = at + 2 + bundle.readUInt16BE(at);
    require_that(end <= bundle.length, `${name}: cut in an entry`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  require_that(entries.length === count, `${name}: ${entries.length} entries, expected ${count}`);
  return entries;
}

async function read_tile(folder, name) {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    throw new Undecided(`${name}: ${error.code}`);
  }
}

/** Compares one level's tiles with the recomputed hashes. @returns the hashes one level up */
async function check_level(folder, level, hashes) {
  const parents = [];
  for (let index = 0; index * WIDTH < hashes.length; index += 1) {
    const expected = hashes.slice(index * WIDTH, (index + 1) * WIDTH);
    const name = tile_name(level, index, expected.length);
    const found = await read_tile(folder, name);
    require_that(found.length === expected.length * HASH, `${name}: ${found.length} bytes`);
    require_that(found.equals(Buffer.concat(expected)), `${name}: differs from the entries`);
    if (expected.length === WIDTH) {
      parents.push(subtree_hash(expected));
    }
  }
  return parents;
}

/**
 * Throws Bad for the first thing that is wrong, Undecided for what is missing.
 * @param {string} folder holds "tile/..." @param {{size: bigint, root: Buffer}} checkpoint
 * @param {{size: bigint, root: Buffer}[]} [older] checkpoints that the log must begin with
 * @param {(entry: Buffer, index: number) => void | Promise<void>} [on_entry]
 */
export async function check_log(folder, checkpoint, older = [], on_entry = () => {}) {
  const tree = new GrowingTree();
  let hashes = [];
  const check_older = () => {
    for (const { size, root } of older.filter((candidate) => candidate.size === tree.size)) {
      require_that(root.equals(tree.root()), `the log does not begin with its tree of ${size}`);
    }
  };
  require_that(older.every(({ size }) => size <= checkpoint.size), 'an older checkpoint is larger');
  check_older();
  for (let index = 0; tree.size < checkpoint.size; index += 1) {
    const left = checkpoint.size - tree.size;
    const count = left < BigInt(WIDTH) ? Number(left) : WIDTH;
    const name = tile_name('entries', index, count);
    for (const entry of split_bundle(await read_tile(folder, name), count, name)) {
      await on_entry(entry, Number(tree.size));
      const hash = leaf_hash(entry);
      hashes.push(hash);
      tree.push(hash);
      check_older();
    }
  }
  require_that(tree.root().equals(checkpoint.root), 'the entries lead to another root');
  for (let level = 0; hashes.length > 0; level += 1) {
    hashes = await check_level(folder, level, hashes);
  }
}
