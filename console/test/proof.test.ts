// A record that pawl made checks out; the same record with one bit changed anywhere does not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Bytes, fromBase64, fromBase64url, toBase64url, toHex, utf8 }
  from '../src/proof/bytes.ts';
import { type ProvenRecord, type Step, checkRecord } from '../src/proof/check.ts';
import { noteSigned, readCheckpoint, readNote, readVkey } from '../src/proof/note.ts';
import { leafHash, rootOf } from '../src/proof/tree.ts';
import { type Trust, readTrust } from '../src/proof/trust.ts';

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const vector = JSON.parse(file('vectors/record.json')) as { record: ProvenRecord; trust: object };
const read = (value: object): Trust => readTrust(JSON.stringify(value)).trust as Trust;
const trust = read(vector.trust);
const fresh = (): ProvenRecord => structuredClone(vector.record);

function answers(steps: Step[]): Record<string, string> {
  return Object.fromEntries(steps.map((step) => [step.name, step.answer]));
}

function flip(bytes: Bytes, bit: number): Bytes {
  const changed = bytes.slice() as Bytes;
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}

test('a record of pawl is proven with the keys that the reader brought', async () => {
  const { verdict, steps, claims } = await checkRecord(fresh(), trust);
  assert.equal(verdict, 'proven', JSON.stringify(steps));
  assert.equal(claims?.jti, vector.record.id);
});

test('with the keys that the server names it is consistent, and not proven', async () => {
  const { verdict, steps } = await checkRecord(fresh(), null);
  assert.equal(verdict, 'consistent');
  assert.equal(answers(steps).keys, 'unknown');
});

test('one bit of the token changed anywhere is bad', async () => {
  const { token } = vector.record;
  for (let at = 0; at < token.length; at += 37) {
    for (const mask of [1, 4]) {
      const record = fresh();
      const letter = String.fromCharCode(token.charCodeAt(at) ^ mask);
      record.token = token.slice(0, at) + letter + token.slice(at + 1);
      assert.equal((await checkRecord(record, trust)).verdict, 'bad', `byte ${at} mask ${mask}`);
      // A server that changes its leaf as well: signature and path still say no.
      record.proof!.leaf = toBase64url(utf8(record.token));
      assert.equal((await checkRecord(record, trust)).verdict, 'bad', `byte ${at}, leaf as well`);
    }
  }
});

test('one bit of each signature, hash, root and key changed is bad', async () => {
  const [header, payload, signature] = vector.record.token.split('.') as [string, string, string];
  const changed = fresh();
  changed.token = `${header}.${payload}.${
    toBase64url(flip(fromBase64url(signature) as Bytes, 77))}`;
  changed.proof!.leaf = toBase64url(utf8(changed.token));
  assert.equal(answers((await checkRecord(changed, trust)).steps).signature, 'bad');

  for (let step = 0; step < vector.record.proof!.path.length; step += 1) {
    const record = fresh();
    const hash = fromBase64url(record.proof!.path[step] as string) as Bytes;
    record.proof!.path[step] = toBase64url(flip(hash, 200));
    assert.equal(answers((await checkRecord(record, trust)).steps).place, 'bad');
  }

  const note = vector.record.proof!.checkpoint;
  for (let at = 0; at < note.length; at += 1) {
    const record = fresh();
    const letter = String.fromCharCode(note.charCodeAt(at) ^ 1);
    record.proof!.checkpoint = note.slice(0, at) + letter + note.slice(at + 1);
    assert.equal((await checkRecord(record, trust)).verdict, 'bad', `note, character ${at}`);
  }
});

test('index, size and claims that the server says otherwise are bad', async () => {
  const cases: [string, (record: ProvenRecord) => void][] = [
    ['entry', (record) => { record.index += 1; }],
    ['place', (record) => { record.index += 1; record.proof!.index += 1; }],
    ['place', (record) => { record.proof!.size += 1; }],
    ['place', (record) => { record.proof!.path.pop(); }],
    ['place', (record) => { record.proof!.path.push(record.proof!.path[0] as string); }],
    ['words', (record) => { (record.claims as Record<string, string>).exec_act = 'tool.list'; }],
    ['words', (record) => { record.id = '01a21cfd-9b51-7031-8546-2932862cceee'; }],
  ];
  for (const [name, change] of cases) {
    const record = fresh();
    change(record);
    const { verdict, steps } = await checkRecord(record, trust);
    assert.equal(verdict, 'bad', name);
    assert.equal(answers(steps)[name], 'bad', `${name}: ${change}`);
  }
});

test('what cannot be checked is undecided and never success', async () => {
  const noProof = { ...fresh(), proof: null };
  assert.equal((await checkRecord(noProof, trust)).verdict, 'undecided');
  const noKey = await checkRecord(fresh(), { ...trust, keys: [] });
  assert.equal(noKey.verdict, 'undecided');
  assert.equal(answers(noKey.steps).signature, 'unknown');
  const noLog = await checkRecord(fresh(), { ...trust, log: 'nonsense' });
  assert.equal(noLog.verdict, 'undecided');
});

test('a browser without Ed25519 says so; a wrong signature stays wrong', async () => {
  const real = crypto.subtle.importKey;
  crypto.subtle.importKey = function (this: SubtleCrypto, ...given: unknown[]) {
    if (given[2] === 'Ed25519') {
      throw new DOMException('Unrecognized name.', 'NotSupportedError');
    }
    return Reflect.apply(real, this, given);
  } as typeof real;
  try {
    const { verdict, steps } = await checkRecord(fresh(), trust);
    assert.equal(verdict, 'undecided');
    assert.equal(answers(steps).checkpoint, 'unknown');
    const record = fresh();
    record.token = `${record.token.slice(0, -4)}AAAA`;
    assert.equal((await checkRecord(record, trust)).verdict, 'bad');
  } finally {
    crypto.subtle.importKey = real;
  }
});

test('another head of the pinned size is bad', async () => {
  const root = flip(trust.pinned!.root, 0);
  const { verdict } = await checkRecord(fresh(), { ...trust, pinned: { ...trust.pinned!, root } });
  assert.equal(verdict, 'bad');
});

test('a payload with a member twice is not read with certainty', async () => {
  const [header] = vector.record.token.split('.');
  const payload = toBase64url(utf8(`{"jti":"${vector.record.id}","jti":"${vector.record.id}"}`));
  const record = { ...fresh(), token: `${header}.${payload}.${'A'.repeat(86)}` };
  delete record.claims;
  assert.equal(answers((await checkRecord(record, trust)).steps).words, 'unknown');
});

test('the receipt and the key of the ledger\'s own vectors', async () => {
  const folder = '../../tests/foundation/ledger/vectors/';
  const receipt = file(`${folder}receipt.txt`);
  const split = receipt.indexOf('\n\n');
  const note = receipt.slice(split + 2);
  const key = await readVkey(file(`${folder}log.vkey`));
  assert.ok(key);
  assert.equal((await noteSigned(note, key)).answer, 'good');
  const head = readCheckpoint(readNote(note)!.text)!;
  const bundle = Buffer.from(file(`${folder}bundle.hex`).replace(/\s/g, ''), 'hex');
  const first = new Uint8Array(bundle.subarray(2, 2 + bundle.readUInt16BE(0))) as Bytes;
  const sibling = fromBase64(receipt.split('\n')[2] as string) as Bytes;
  const root = await rootOf(0n, head.size, await leafHash(first), [sibling]);
  assert.equal(toHex(root as Bytes), toHex(head.root));
});

test('paths in trees of every size up to 40 lead to the root, and to no other index', async () => {
  const inner = async (a: Bytes, b: Bytes) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.concat([Buffer.of(1), a, b]))) as Bytes;
  const leaves = await Promise.all(Array.from({ length: 40 }, (_, n) => leafHash(utf8(`${n}`))));
  const tree = async (from: number, to: number): Promise<Bytes> => {
    if (to - from === 1) {
      return leaves[from] as Bytes;
    }
    const half = from + 2 ** Math.floor(Math.log2(to - from - 1));
    return inner(await tree(from, half), await tree(half, to));
  };
  const pathOf = async (index: number, from: number, to: number): Promise<Bytes[]> => {
    if (to - from === 1) {
      return [];
    }
    const half = from + 2 ** Math.floor(Math.log2(to - from - 1));
    return index < half ? [...await pathOf(index, from, half), await tree(half, to)]
      : [...await pathOf(index, half, to), await tree(from, half)];
  };
  for (const size of [1, 2, 3, 5, 8, 13, 31, 40]) {
    const root = toHex(await tree(0, size));
    for (let index = 0; index < size; index += 1) {
      const path = await pathOf(index, 0, size);
      const leaf = leaves[index] as Bytes;
      const found = await rootOf(BigInt(index), BigInt(size), leaf, path);
      assert.equal(found && toHex(found), root, `${index} of ${size}`);
      const other = await rootOf(BigInt((index + 1) % size), BigInt(size), leaf, path);
      assert.ok(size === 1 || other === null || toHex(other) !== root);
    }
  }
  assert.equal(await rootOf(2n, 2n, leaves[0] as Bytes, []), null);
  // The size is in no hash: a path that ends early would prove an entry of a tree that is said to be larger.
  assert.equal(await rootOf(0n, 4n, leaves[0] as Bytes, [leaves[1] as Bytes]), null);
  assert.equal(await rootOf(0n, 2n, leaves[0] as Bytes, []), null);
});

test('the records of the played gateway are signed as pawl signs them', async () => {
  const { PlayedLog } = await import('../../tests/console/played/log.mjs');
  const { play_day } = await import('../../tests/console/played/day.mjs');
  const log = new PlayedLog();
  play_day(log);
  const theirs = read(log.trust);
  for (const row of log.records) {
    assert.equal((await checkRecord(log.detail(row), theirs)).verdict, 'proven', row.kind);
    assert.equal((await checkRecord(log.detail(row), trust)).verdict, 'bad', 'the keys of another log');
  }
});
