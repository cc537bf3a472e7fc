// Writes ledgers that the program would never write: by someone who can alter the files, and by
// someone who also stole the instance's keys. For tests of verifiers; written from docs/formats.

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from './independent/frame.mjs';
import { Tree } from './independent/merkle.mjs';
import { read_segments } from './independent/segments.mjs';

const SEGMENT = 'segments/000000000001.seg';
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS by an ES256 key. */
export function sign_jws(key, header, payload) {
  const text = `${part(header)}.${part(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** @param {string} token @returns {{header: object, payload: object}} */
export function decode_jws(token) {
  const [header, payload] = String(token).split('.')
    .map((text, i) => (i < 2 ? JSON.parse(Buffer.from(text, 'base64url')) : text));
  return { header, payload };
}

/** The batches of a ledger's first segment: [{frames: [{kind, id, body, closes_intent}], note}]. */
export function read_log(ledger) {
  const file = readFileSync(join(ledger, SEGMENT));
  const batches = [];
  let entries = 0;
  read_segments([{ name: SEGMENT, read: () => file }], () => entries, ({ frames, note }) => {
    entries += frames.filter(({ kind }) => kind === KINDS.entry).length;
    batches.push({ frames, note });
  });
  return batches;
}

export const entries_of = (batches) => batches.flatMap(({ frames }) => frames)
  .filter(({ kind }) => kind === KINDS.entry);

export const entry_of = (batches, index) => entries_of(batches)[index];
export const batch_of = (batches, index) =>
  batches.find(({ frames }) => frames.includes(entry_of(batches, index)));

function frame_bytes({ kind, closes_intent = false }, batch, body) {
  const head = Buffer.alloc(20);
  head.write('PAWL', 'latin1');
  head[4] = kind;
  head[5] = closes_intent ? 1 : 0;
  head.writeBigUInt64BE(BigInt(batch), 8);
  head.writeUInt32BE(body.length, 16);
  const padding = Buffer.alloc((8 - (body.length % 8)) % 8);
  return Buffer.concat([head, sha256(head, body).subarray(0, 12), body, padding]);
}

function header_bytes() {
  const header = Buffer.alloc(64);
  header.write('PAWLSEG1', 'latin1');
  header.writeBigUInt64BE(1n, 8);
  header.writeBigUInt64BE(1n, 16);
  sha256(header.subarray(0, 32)).copy(header, 32, 0, 16);
  return header;
}

/** Writes the batches as segment 1, with checks that fit; `note_of` gives each batch's checkpoint. */
export function write_log(ledger, batches, note_of = ({ note }) => note) {
  const tree = new Tree();
  const parts = [header_bytes()];
  let note;
  batches.forEach((batch, i) => {
    for (const frame of batch.frames) {
      if (frame.kind === KINDS.entry) tree.add(frame.body);
      const body = Buffer.concat([Buffer.from(frame.id, 'hex'), frame.body]);
      parts.push(frame_bytes(frame, i + 1, body));
    }
    note = note_of(batch, tree);
    parts.push(frame_bytes({ kind: KINDS.checkpoint }, i + 1, note));
  });
  const used = Buffer.concat(parts);
  writeFileSync(join(ledger, SEGMENT), Buffer.concat([used, Buffer.alloc((1 << 20) - used.length)]));
  return note;
}

/** Someone who has the instance's keys: from a data folder. */
export class Thief {
  constructor(data) {
    const pem = (name) => createPrivateKey(readFileSync(join(data, 'keys', name)));
    this.instance_key = pem('instance.pem');
    this.#log_key = pem('log.pem');
    this.#name = readFileSync(join(data, 'ledger', 'log.vkey'), 'latin1').split('+')[0];
  }
  #log_key;
  #name;

  checkpoint(tree) {
    const text = Buffer.from(`${this.#name}\n${tree.size}\n${tree.root().toString('base64')}\n`);
    const { x } = createPublicKey(this.#log_key).export({ format: 'jwk' });
    const id = sha256(Buffer.from(`${this.#name}\n\x01`), Buffer.from(x, 'base64url'));
    const signature = Buffer.concat([id.subarray(0, 4), sign(null, text, this.#log_key)]);
    const line = `\n\u2014 ${this.#name} ${signature.toString('base64')}\n`;
    return Buffer.concat([text, Buffer.from(line)]);
  }

  /** Writes the batches with checkpoints of its own, and publishes the last one. */
  write_log(ledger, batches) {
    const note = write_log(ledger, batches, (_, tree) => this.checkpoint(tree));
    writeFileSync(join(ledger, 'checkpoint'), note);
  }
}
