// A log of records that are signed like pawl's: ES256 tokens, an RFC 6962 tree, a checkpoint signed with
// Ed25519. Written from docs/formats/{ect,tiles,receipt}.md for pages that are tested without a gateway.

import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const inner = (left, right) => sha256(Buffer.of(1), left, right);
const below = (count) => 2 ** Math.floor(Math.log2(count - 1));
const base64url = (value) => Buffer.from(value).toString('base64url');

export class PlayedLog {
  #signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #log = generateKeyPairSync('ed25519');
  #leaves = [];
  #roots = new Map();
  #origin;
  records = [];

  constructor(origin = 'example.org/pawl/gw1') {
    this.#origin = origin;
    const { kty, crv, x, y } = this.#signer.publicKey.export({ format: 'jwk' });
    this.jwk = { kty, crv, x, y, kid: base64url(sha256(Buffer.from(JSON.stringify({ crv, kty, x, y })))) };
  }

  get vkey() {
    const key = this.#public_key();
    return `${this.#origin}+${this.#key_id().toString('hex')}+${key.toString('base64')}`;
  }

  get trust() {
    return { format: 'pawl.trust/1', log: this.vkey, token_keys: { keys: [this.jwk] } };
  }

  /** Appends a record of these claims; what is missing is filled in. Answers its row. */
  append({ kind, at, workflow = '', causes = [], body, pol, decision, id = randomUUID() }) {
    const area = kind.split('.')[0];
    const claims = {
      iss: `spiffe://${this.#origin}`, aud: [`spiffe://${this.#origin}/ledger`], iat: at, exp: at + 600,
      jti: id, ...(workflow ? { wid: workflow } : {}), exec_act: kind,
      pred: causes.map((cause) => cause.id),
      ...(body.agent && kind !== 'task.denied'
        ? { inp_hash: base64url(sha256(Buffer.from(`in ${id}`))),
          out_hash: base64url(sha256(Buffer.from(`out ${id}`))) } : {}),
      ect_ext: { 'pawl.profile': 'urn:pawl:profile:1', ...(pol ? { pol, pol_decision: decision } : {}),
        [`pawl.${area}`]: { ...body,
          ...(causes.length ? { basis: causes.map((cause) => cause.basis) } : {}) } },
    };
    const header = { alg: 'ES256', kid: this.jwk.kid, typ: 'exec+jwt' };
    const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
    const signature = sign('sha256', Buffer.from(text),
      { key: this.#signer.privateKey, dsaEncoding: 'ieee-p1363' });
    const token = `${text}.${base64url(signature)}`;
    const row = { index: this.records.length, id, kind, at, agent: body.agent ?? '',
      server: body.server ?? '', name: body.tool ?? body.resource ?? '',
      outcome: body.outcome ?? '', workflow, verb: body.verb ?? kind, causes, claims, token };
    this.records.push(row);
    this.#leaves.push(sha256(Buffer.of(0), Buffer.from(token)));
    this.#roots.clear();
    return row;
  }

  /** As GET /api/v1/records/ID answers. */
  detail(row) {
    return { index: row.index, id: row.id, token: row.token, claims: row.claims,
      proof: { checkpoint: this.#checkpoint(), index: row.index, size: this.records.length,
        path: this.#path(row.index, 0, this.records.length).map(base64url),
        leaf: base64url(row.token) },
      keys: { jwks: { keys: [this.jwk] }, vkey: this.vkey } };
  }

  #public_key() {
    const { x } = this.#log.publicKey.export({ format: 'jwk' });
    return Buffer.concat([Buffer.of(1), Buffer.from(x, 'base64url')]);
  }

  #key_id() {
    return sha256(Buffer.from(`${this.#origin}\n`), this.#public_key()).subarray(0, 4);
  }

  #checkpoint() {
    const size = this.records.length;
    const text = `${this.#origin}\n${size}\n${this.#root(0, size).toString('base64')}\n`;
    const signature = sign(null, Buffer.from(text), this.#log.privateKey);
    return `${text}\n\u2014 ${this.#origin} ${
      Buffer.concat([this.#key_id(), signature]).toString('base64')}\n`;
  }

  #root(from, to) {
    if (to - from === 1) {
      return this.#leaves[from];
    }
    const key = `${from} ${to}`;
    const half = from + below(to - from);
    const root = this.#roots.get(key) ?? inner(this.#root(from, half), this.#root(half, to));
    this.#roots.set(key, root);
    return root;
  }

  #path(index, from, to) {
    if (to - from === 1) {
      return [];
    }
    const half = from + below(to - from);
    return index < half ? [...this.#path(index, from, half), this.#root(half, to)]
      : [...this.#path(index, half, to), this.#root(from, half)];
  }
}
