// Evidence files that the program would never write: made by someone who has keys, of whatever log.
// Written from docs/formats/evidence.md.

import { createHash, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { sign_jws } from './forge.mjs';
import { thumbprint } from './independent/keys.mjs';
import { Tree, root_over } from './independent/merkle.mjs';

const ISS = 'spiffe://example.org/pawl/gw1';
const ORIGIN = 'example.org/pawl/gw1';

export const new_key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
export function jwk_of(key) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { kid: thumbprint({ crv, kty, x, y }), kty, crv, x, y };
}
export const kid_of = (key) => jwk_of(key).kid;
const sorted = (keys) => ({ keys: keys.map(jwk_of).sort((a, b) => (a.kid < b.kid ? -1 : 1)) });

/** The inclusion path of a leaf, from its sibling up. @param {Buffer[]} leaves hashes */
export function path_of(leaves, index) {
  if (leaves.length === 1) return [];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  const [own, other, at] = index < half
    ? [leaves.slice(0, half), leaves.slice(half), index]
    : [leaves.slice(half), leaves.slice(0, half), index - half];
  return [...path_of(own, at), root_over(other)];
}

/** A log of one instance: tokens are added, and shown as evidence. */
export class MadeLog {
  entries = [];  // { id, token }
  tree = new Tree();
  log_key = generateKeyPairSync('ed25519').privateKey;
  operator = new_key();

  /** `first`: the key that begins. @param {number} time of entry 0, in seconds */
  constructor(first = new_key(), time = 1772064000, origin = ORIGIN) {
    Object.assign(this, { first, time, origin });
    this.add({ kind: 'ledger.opened', body: { token_key: kid_of(first) } });
  }

  /**
   * @param {{by?: object, named?: object, at?: number, id?: string, wid?: string, pred?: number[],
   *   kind?: string, body?: object}} record `by` signs, `named` stands in the header; `pred`:
   *   indexes or ids
   * @returns {number} its index
   */
  add({ by = this.first, named = by, at = this.entries.length, id = randomUUID(), wid, pred = [],
        kind = 'tool.call', body = { outcome: 'confirmed' } } = {}) {
    const iat = this.time + at;
    const payload = { iss: ISS, aud: [`${ISS}/ledger`], iat, exp: iat + 600, jti: id,
      ...(wid && { wid }), exec_act: kind,
      pred: pred.map((one) => (typeof one === 'number' ? this.entries[one].id : one)),
      ect_ext: { 'pawl.profile': 'urn:pawl:profile:1', [`pawl.${kind.split('.')[0]}`]: body } };
    const token = sign_jws(by, { alg: 'ES256', kid: kid_of(named), typ: 'exec+jwt' }, payload);
    this.entries.push({ id, token });
    this.tree.add(Buffer.from(token));
    return this.entries.length - 1;
  }

  activate(key, { by, at } = {}) {
    const body = { kid: kid_of(key), jwk: jwk_of(key) };
    return this.add({ by, at, kind: 'key.activated', body });
  }

  retire(key, { by, at } = {}) {
    return this.add({ by, at, kind: 'key.retired', body: { kid: kid_of(key) } });
  }

  /** `since` and `at` in seconds after the begin; `signed`: by whom, null for nobody. */
  compromise(key, since, { by, at = this.entries.length, signed = this.operator } = {}) {
    const said = { kid: kid_of(key), since: this.time + since, reason: 'stolen' };
    const iat = this.time + at;
    const claims = { aud: ISS, iat, exp: iat + 120, jti: randomUUID(), key: said };
    const header = { alg: 'ES256', typ: 'compromise+jwt', kid: signed && kid_of(signed) };
    return this.add({ by, at, kind: 'key.compromised', body: { ...said, operator: 'ann',
      ...(signed && { operator_kid: header.kid, statement: sign_jws(signed, header, claims) }) } });
  }

  #typed() {
    const { x } = createPublicKey(this.log_key).export({ format: 'jwk' });
    return Buffer.concat([Buffer.of(1), Buffer.from(x, 'base64url')]);
  }

  #key_id() {
    const digest = createHash('sha256').update(`${this.origin}\n`).update(this.#typed()).digest();
    return digest.subarray(0, 4);
  }

  vkey() {
    return `${this.origin}+${this.#key_id().toString('hex')}+${this.#typed().toString('base64')}`;
  }

  checkpoint() {
    const text = `${this.origin}\n${this.tree.size}\n${this.tree.root().toString('base64')}\n`;
    const signature = Buffer.concat([this.#key_id(), sign(null, Buffer.from(text), this.log_key)]);
    return `${text}\n\u2014 ${this.origin} ${signature.toString('base64')}\n`;
  }

  /** @param {object[]} keys those that the verifier knows */
  trust(keys = [this.first], more = {}) {
    return { format: 'pawl.trust/1', log: this.vkey(), token_keys: sorted(keys),
             operator_keys: sorted([this.operator]), ...more };
  }

  /** An entry of the file. */
  entry(index) {
    const { token } = this.entries[index];
    const proof = path_of(this.tree.leaves, index).map((hash) => hash.toString('base64'));
    return { index, token, proof };
  }

  /** The evidence of these entries, by index. */
  evidence(workflow, entries, { key_records = [0], missing = [] } = {}) {
    const { log, token_keys, operator_keys } = this.trust();
    return { format: 'pawl.evidence/1', workflow, checkpoint: this.checkpoint(),
             keys: { log, token_keys, operator_keys },
             key_records: key_records.map((index) => this.entry(index)),
             entries: entries.map((index) => this.entry(index)), missing: [...missing].sort() };
  }
}
