// A log for tests of witnesses and monitors, written from the C2SP texts: leaves, heads, proofs, and forks of it.
//
//   const log = new SignedLog('example.org/log');
//   log.grow(5);
//   const answer = await log.ask(url, 0, 5);           // POST add-checkpoint
//   const fork = log.fork(3);                          // the same key, other entries from 3 on

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { leaf_hash, root_over } from '../verify/independent/merkle.mjs';

const split = (size) => 2 ** (Math.ceil(Math.log2(size)) - 1);

/** RFC 6962, section 2.1.2: SUBPROOF(m, D[n], whole). */
function subproof(old_size, leaves, whole) {
  if (old_size === leaves.length) return whole ? [] : [root_over(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return old_size <= k ? [...subproof(old_size, left, whole), root_over(right)]
    : [...subproof(old_size - k, right, false), root_over(left)];
}

export class SignedLog {
  #leaves = [];
  #key;
  #typed;
  #id;

  constructor(origin, key = generateKeyPairSync('ed25519')) {
    this.origin = origin;
    this.#key = key;
    const raw = Buffer.from(key.publicKey.export({ format: 'jwk' }).x, 'base64url');
    this.#typed = Buffer.concat([Buffer.of(1), raw]);
    this.#id = createHash('sha256').update(`${origin}\n`).update(this.#typed).digest()
      .subarray(0, 4);
  }

  get size() { return this.#leaves.length; }
  get vkey() {
    return `${this.origin}+${this.#id.toString('hex')}+${this.#typed.toString('base64')}`;
  }
  get origin_hash() { return createHash('sha256').update(this.origin).digest('hex'); }

  grow(count, branch = '') {
    for (let i = 0; i < count; ++i) this.#leaves.push(leaf_hash(`${branch}${this.size}`));
    return this;
  }

  fork(at) {
    const fork = new SignedLog(this.origin, this.#key);
    fork.#leaves = this.#leaves.slice(0, at);
    return fork.grow(this.size - at, 'other');
  }

  checkpoint(size = this.size) {
    const root = root_over(this.#leaves.slice(0, size)).toString('base64');
    const text = `${this.origin}\n${size}\n${root}\n`;
    const signature = Buffer.concat([this.#id, sign(null, Buffer.from(text), this.#key.privateKey)]);
    return `${text}\n\u2014 ${this.origin} ${signature.toString('base64')}\n`;
  }

  /** Hashes of a tile (C2SP tlog-tiles): roots of complete subtrees of 256 ** level leaves. */
  tile(level, index, width) {
    const span = 256 ** level;
    return Buffer.concat(Array.from({ length: width }, (_, i) => {
      const first = (index * 256 + i) * span;
      return root_over(this.#leaves.slice(first, first + span));
    }));
  }

  proof(old_size, size = this.size) {
    return old_size === 0 || old_size > size ? []
      : subproof(old_size, this.#leaves.slice(0, size), true);
  }

  body(old_size, size = this.size) {
    const lines = this.proof(old_size, size).map((hash) => `${hash.toString('base64')}\n`);
    return `old ${old_size}\n${lines.join('')}\n${this.checkpoint(size)}`;
  }

  /** @returns {Promise<{status: number, type: string, text: string}>} */
  async ask(url, old_size, size = this.size, body = this.body(old_size, size)) {
    const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
    return { status: answer.status, type: answer.headers.get('content-type'),
      text: await answer.text() };
  }
}
