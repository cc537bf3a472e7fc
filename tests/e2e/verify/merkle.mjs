// The Merkle tree of RFC 6962 section 2.1: leaf and node hashes, inclusion and consistency proofs
// (verified as RFC 9162 sections 2.1.3.2 and 2.1.4.2 describe), and the root of growing trees.

import { createHash } from 'node:crypto';
import { require_that } from './proof_error.mjs';

/** @param {Buffer} entry */
export function leaf_hash(entry) {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest();
}

/** @param {Buffer} left @param {Buffer} right */
export function node_hash(left, right) {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** The hash over hashes that stand side by side, split at the largest power of two below. */
export function subtree_hash(hashes) {
  if (hashes.length === 1) {
    return hashes[0];
  }
  const half = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return node_hash(subtree_hash(hashes.slice(0, half)), subtree_hash(hashes.slice(half)));
}

/**
 * Throws Bad unless `leaf` stands at `index` of the tree.
 * @param {{leaf: Buffer, index: bigint, size: bigint, root: Buffer, path: Buffer[]}} proof
 */
export function check_inclusion({ leaf, index, size, root, path }) {
  require_that(index < size, `inclusion: index ${index} is outside of a tree of ${size}`);
  let [first, last, hash] = [index, size - 1n, leaf];
  for (const sibling of path) {
    require_that(last > 0n, 'inclusion: proof too long');
    if ((first & 1n) === 1n || first === last) {
      hash = node_hash(sibling, hash);
      while ((first & 1n) === 0n && first > 0n) {
        [first, last] = [first >> 1n, last >> 1n];
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  require_that(last === 0n, 'inclusion: proof too short');
  require_that(hash.equals(root), 'inclusion: the proof leads to another root');
}

/**
 * Throws Bad unless the newer tree begins with the older one.
 * @param {{size: bigint, root: Buffer}} older @param {{size: bigint, root: Buffer}} newer
 * @param {Buffer[]} path
 */
export function check_consistency(older, newer, path) {
  require_that(older.size > 0n && older.size <= newer.size, 'consistency: sizes');
  if (older.size === newer.size) {
    require_that(path.length === 0, 'consistency: proof too long');
    require_that(older.root.equals(newer.root), 'consistency: two roots for one size');
    return;
  }
  const is_power = (older.size & (older.size - 1n)) === 0n;
  const [start, ...rest] = is_power ? [older.root, ...path] : path;
  require_that(start !== undefined, 'consistency: proof too short');
  let [first, last, old_hash, new_hash] = [older.size - 1n, newer.size - 1n, start, start];
  while ((first & 1n) === 1n) {
    [first, last] = [first >> 1n, last >> 1n];
  }
  for (const sibling of rest) {
    require_that(last > 0n, 'consistency: proof too long');
    if ((first & 1n) === 1n || first === last) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      while ((first & 1n) === 0n && first > 0n) {
        [first, last] = [first >> 1n, last >> 1n];
      }
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  require_that(last === 0n, 'consistency: proof too short');
  require_that(old_hash.equals(older.root), 'consistency: the older tree is not the beginning');
  require_that(new_hash.equals(newer.root), 'consistency: the proof leads to another root');
}

/** Takes leaves in order and knows the root at every size. */
export class GrowingTree {
  #stack = [];  // complete subtrees from left to right: {hash, leaves}
  size = 0n;

  /** @param {Buffer} leaf a leaf hash */
  push(leaf) {
    let top = { hash: leaf, leaves: 1 };
    while (this.#stack.at(-1)?.leaves === top.leaves) {
      const left = this.#stack.pop();
      top = { hash: node_hash(left.hash, top.hash), leaves: 2 * top.leaves };
    }
    this.#stack.push(top);
    this.size += 1n;
  }

  root() {
    if (this.#stack.length === 0) {
      return createHash('sha256').digest();
    }
    return this.#stack.map(({ hash }) => hash).reduceRight((right, left) => node_hash(left, right));
  }
}
