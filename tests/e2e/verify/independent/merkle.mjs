// The tree of tiles.md: hashes, roots and the walk from a leaf to the root.
import { createHash } from 'node:crypto';

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const LEAF = Buffer.of(0);
const INNER = Buffer.of(1);

export const leaf_hash = (entry) => sha256(LEAF, entry);
export const inner_hash = (left, right) => sha256(INNER, left, right);

// Leaves are added at the right; `right` holds the roots of complete subtrees, largest first, with
// their sizes being the powers of two in the number of leaves.
export class Tree {
  #right = [];
  leaves = [];

  get size() {
    return this.leaves.length;
  }

  add(entry) {
    this.add_hash(leaf_hash(entry));
  }

  add_hash(leaf) {
    let hash = leaf;
    for (let size = this.leaves.length; size % 2 === 1; size = Math.floor(size / 2)) {
      hash = inner_hash(this.#right.pop(), hash);
    }
    this.#right.push(hash);
    this.leaves.push(leaf);
  }

  root() {
    if (this.size === 0) return sha256();
    return this.#right.reduceRight((right, left) => inner_hash(left, right));
  }
}

// The root over `hashes`, which are roots of complete subtrees of one size.
export function root_over(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return inner_hash(root_over(hashes.slice(0, half)), root_over(hashes.slice(half)));
}

// The root to which `path` leads from the leaf at `index` in a tree of `size`; null when the path
// is too long or too short (receipt.md). Both numbers are BigInts.
export function root_by_path(leaf, index, size, path) {
  if (index >= size) return null;
  let fn = index;
  let sn = size - 1n;
  let root = leaf;
  for (const hash of path) {
    if (sn === 0n) return null;
    if (fn % 2n === 1n || fn === sn) {
      root = inner_hash(hash, root);
      while (fn % 2n === 0n && fn !== 0n) {
        fn /= 2n;
        sn /= 2n;
      }
    } else {
      root = inner_hash(root, hash);
    }
    fn /= 2n;
    sn /= 2n;
  }
  return sn === 0n ? root : null;
}
