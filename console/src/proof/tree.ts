// The Merkle tree of docs/formats/tiles.md (RFC 6962): leaf hash, inner hash, and the root that an
// inclusion path leads to (docs/formats/receipt.md). Pure but for WebCrypto's SHA-256.

import { type Bytes, concat, sha256 } from './bytes.ts';

const LEAF = Uint8Array.of(0) as Bytes;
const INNER = Uint8Array.of(1) as Bytes;

export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(concat(LEAF, entry));
}

function innerHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(concat(INNER, left, right));
}

/** The root over `size` entries if `hash` is the leaf at `index`; null: the path does not fit there. */
export async function rootOf(index: bigint, size: bigint, hash: Bytes,
                              path: Bytes[]): Promise<Bytes | null> {
  if (index < 0n || index >= size || path.length > 63) {
    return null;
  }
  let node = index;
  let last = size - 1n;
  let root = hash;
  for (const step of path) {
    if (last === 0n || step.length !== 32) {
      return null;
    }
    if ((node & 1n) === 1n || node === last) {
      root = await innerHash(step, root);
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await innerHash(root, step);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}
