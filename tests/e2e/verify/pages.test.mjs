// The worked examples of docs/formats, which the program's own tests make, read by the independent
// verifier; and what the pages print of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { check_signer, read_checkpoint } from './independent/checkpoint.mjs';
import { KINDS, read_frame, read_header } from './independent/frame.mjs';
import { Tree, leaf_hash, root_by_path } from './independent/merkle.mjs';
import { check_signature, decode_verifier_key, read_note } from './independent/note.mjs';
import { read_receipt } from './independent/receipt.mjs';
import { read_segments } from './independent/segments.mjs';
import { read_trust } from './independent/trust.mjs';
import { open_object, salt_of, salted_digest } from './independent/vault.mjs';

const root = new URL('../../../', import.meta.url);
const page = (name) => readFileSync(new URL(`docs/formats/${name}.md`, root), 'utf8');
const vector = (name) => readFileSync(new URL(`tests/foundation/ledger/vectors/${name}`, root));
const hex_vector = (name) => Buffer.from(vector(name).toString().replaceAll('\n', ''), 'hex');
const log_key = decode_verifier_key(vector('log.vkey').toString().trim());
const ENTRIES = ['eyJhIjoxfQ.eyJiIjoyfQ.c2ln', 'eyJhIjoxfQ.eyJiIjozfQ.c2ln'];

/** The example's tree. */
function tree_of_example() {
  const tree = new Tree();
  for (const entry of ENTRIES) tree.add(Buffer.from(entry));
  return tree;
}

test('segment.md: the header, every frame and every batch read', () => {
  const file = hex_vector('segment.hex');
  assert.deepEqual(read_header(file), { number: 1n, batch: 1n, entries: 0n });
  const batches = [];
  const tree = new Tree();
  const found = read_segments([{ name: '1', read: () => file }], () => tree.size, (batch) => {
    for (const { kind, body } of batch.frames) {
      if (kind === KINDS.entry) tree.add(body);
    }
    const head = read_checkpoint(batch.note);
    check_signer(head, log_key);
    assert.deepEqual([head.size, head.root], [BigInt(tree.size), tree.root()]);
    batches.push(batch);
  });
  assert.deepEqual(found, { batches: 4, torn: '' });
  const frames = batches.flatMap((batch) => batch.frames);
  assert.deepEqual(frames.map(({ kind, closes_intent, body }) =>
    [kind, closes_intent, body.toString()]), [
    [KINDS.intent, false, '{"v":1}'], [KINDS.entry, true, ENTRIES[0]],
    [KINDS.intent, false, '{"v":1}'], [KINDS.entry, false, ENTRIES[1]]]);
  assert.equal(frames[0].id, '01890a5dac96774bbcceb302099a8057');
  assert.equal(frames[1].id, frames[0].id);
  assert.equal(read_frame(file, 344).batch, 2n, 'the offset that the page names');
});

test('segment.md prints the vector', () => {
  const lines = vector('segment.hex').toString().split('\n');
  const printed = page('segment').match(/^[0-9a-f]{32}(?=   |$)/gm);
  assert.deepEqual(printed, lines.slice(0, printed.length));
  assert.ok(printed.length >= 10);
});

test('tiles.md: checkpoint, verifier key, entry bundle and tile', () => {
  const text = page('tiles');
  const checkpoint = vector('checkpoint.txt').toString();
  assert.ok(text.includes(checkpoint.replace('\u2014', '-')), 'the page prints the checkpoint');
  assert.ok(text.includes(`\`${vector('log.vkey').toString().trim()}\``));
  const head = read_checkpoint(Buffer.from(checkpoint));
  check_signer(head, log_key);
  const tree = tree_of_example();
  assert.deepEqual(head.root, tree.root());
  const bundle = ENTRIES.map((entry) => `001a${Buffer.from(entry).toString('hex')}`);
  assert.equal(hex_vector('bundle.hex').toString('hex'), bundle.join(''));
  for (const line of bundle) {
    assert.ok(text.includes(line.replace('001a', '001a ')), 'the page prints the entry bundle');
  }
  assert.deepEqual(hex_vector('tile.hex'), Buffer.concat(tree.leaves));
});

test('receipt.md: the receipt leads from entry 0 to the checkpoint', () => {
  const { index, path, checkpoint } = read_receipt(vector('receipt.txt'));
  check_signer(checkpoint, log_key);
  const leaf = leaf_hash(Buffer.from(ENTRIES[0]));
  assert.deepEqual(root_by_path(leaf, index, checkpoint.size, path), checkpoint.root);
  const lines = vector('receipt.txt').toString().split('\n').slice(0, 7);
  assert.ok(page('receipt').includes(lines.join('\n')), 'the page prints the receipt');
});

test('snapshot.md: a note by the log\'s key; the page prints its text', () => {
  const note = read_note(vector('snapshot.txt'));
  check_signature(note, log_key);
  assert.ok(page('snapshot').includes(note.text));
  const [format, json] = note.text.split('\n');
  assert.equal(format, 'pawl.snapshot/1');
  assert.deepEqual(JSON.parse(json).root, tree_of_example().root().toString('base64'));
});

test('trust.md: the example is a trust file for the example log', () => {
  const [, json] = page('trust').match(/```json\n([^`]+)```/);
  const { log, token_keys, operator_keys, pinned } = read_trust(Buffer.from(json));
  assert.equal(log.name, log_key.name);
  assert.deepEqual(log.id, log_key.id);
  assert.deepEqual([[...token_keys.keys()], operator_keys], [['k1'], null]);
  assert.deepEqual(pinned, { size: 2, root: tree_of_example().root() });
});

test('vault.md: the key opens the object; the page prints both', () => {
  const { key_file, object, name, content } =
    JSON.parse(readFileSync(new URL('tests/vectors/vault/object.json', root)));
  const file = Buffer.from(object, 'hex');
  const opened = open_object(key_file, file);
  assert.deepEqual([opened.name, opened.content.toString()], [name, content]);
  const head = file.subarray(0, file.indexOf('QEFC') + 81).toString();
  for (const text of [key_file, head]) {
    assert.ok(page('vault').includes(`\`\`\`\n${text}\`\`\``));
  }
  for (let bit = 0; bit < file.length * 8; bit += 7) {
    const altered = Buffer.from(file);
    altered[bit >> 3] ^= 1 << (bit & 7);
    // What this reader is not asked for, the name, is bound, too.
    assert.throws(() => open_object(key_file, altered), `bit ${bit}`);
  }
});

test('salted_digests.md: key, salt and digests are those of the vector', () => {
  const { key_file, record, input, output, salts, salted } =
    JSON.parse(readFileSync(new URL('tests/vectors/vault/salted.json', root)));
  const [salt, ...rest] = [['inp', input], ['out', output]].map(([of, bytes]) => {
    const made = salt_of(key_file, record, of);
    assert.equal(made.toString('base64url'), salts[of]);
    assert.equal(salted_digest(made, bytes), salted[of]);
    return salts[of];
  });
  assert.notEqual(salt, rest[0]);
  for (const text of [key_file, `${salt}\n`]) {
    assert.ok(page('salted_digests').includes(`\`\`\`\n${text}\`\`\``));
  }
  const [, json] = page('salted_digests').match(/```json\n([^`]+)```/);
  assert.deepEqual(JSON.parse(json), salted);
  assert.ok(page('salted_digests').includes(record) && page('salted_digests').includes(input));
});

test('ect.md prints the first token of its vectors', () => {
  const vectors = JSON.parse(readFileSync(new URL('tests/vectors/ect/tokens.json', root)));
  const token = vectors.cases[0].token;
  const printed = page('ect').match(/```\n(eyJ[A-Za-z0-9_.\n-]+)```/)[1].replaceAll('\n', '');
  assert.equal(printed, token);
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  const [, json] = page('ect').match(/```json\n([^`]+)```/);
  assert.deepEqual(JSON.parse(json), { header: JSON.parse(header), payload: JSON.parse(payload) });
});
