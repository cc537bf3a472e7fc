// The independent verifier against vectors that golang.org/x/mod made, and against damage.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GrowingTree, check_consistency, check_inclusion, leaf_hash } from './merkle.mjs';
import { open_checkpoint, open_note, parse_vkey } from './note.mjs';
import { Bad, Undecided } from './proof_error.mjs';
import { check_receipt, parse_receipt } from './receipt.mjs';
import { check_log, tile_name } from './tiles.mjs';

const VECTORS = fileURLToPath(new URL('vectors', import.meta.url));
const read = (name) => readFileSync(join(VECTORS, name), 'utf8');
const vectors = JSON.parse(read('vectors.json'));
const log_key = parse_vkey(vectors.vkey);
const entry = (index) => Buffer.from(`entry ${index} of the test log`);
const checkpoint = (size) => open_checkpoint(read(`checkpoints/${size}`), log_key);
const RECEIPTS = [[0, 1], [0, 2], [1, 2], [2, 3], [6, 7], [255, 256], [256, 257], [0, 600],
                  [300, 600], [599, 600]];
const receipt = ([index, size]) => read(`receipts/${index}-of-${size}.tlog-proof`);

let folder;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'pawl-verify-')); });
after(async () => { await rm(folder, { recursive: true }); });

/** A copy of the log to damage. */
async function copy_log(name) {
  const copy = join(folder, name);
  await cp(VECTORS, copy, { recursive: true });
  return copy;
}

test('checkpoints of every size open, and the tree of the entries has their roots', () => {
  const tree = new GrowingTree();
  for (const size of vectors.sizes) {
    while (tree.size < size) {
      tree.push(leaf_hash(entry(Number(tree.size))));
    }
    const opened = checkpoint(size);
    assert.equal(opened.size, BigInt(size));
    assert.deepEqual(tree.root(), opened.root, `root at ${size}`);
  }
});

test('a witness that the verifier knows counts, an unknown one is ignored', () => {
  const witness = parse_vkey(vectors.witness_vkey);
  const note = read('checkpoint');
  assert.deepEqual(open_note(note, [log_key, witness]).signed_by, [log_key.name, witness.name]);
  assert.deepEqual(open_note(note, [log_key]).signed_by, [log_key.name]);
  assert.throws(() => open_checkpoint(note, witness), Bad, 'a witness is not the log');
});

test('notes that were altered are refused', () => {
  const note = read('checkpoint');
  const lines = note.split('\n');
  const flipped = Buffer.from(lines[4].split(' ')[2], 'base64');
  flipped[20] ^= 1;
  const cases = [
    ['another size', note.replace('\n600\n', '\n601\n')],
    ['no signature', `${lines.slice(0, 3).join('\n')}\n\n`],
    ['signed by the witness only', [...lines.slice(0, 4), ...lines.slice(5)].join('\n')],
    ['a damaged signature', note.replace(lines[4], `\u2014 ${log_key.name} `
      + flipped.toString('base64'))],
    ['no newline at the end', note.slice(0, -1)],
    ['a control character', note.replace('600', '600\r')],
    ['a hyphen for the dash', note.replaceAll('\u2014', '-')],
    ['empty', ''],
  ];
  for (const [name, altered] of cases) {
    assert.throws(() => open_checkpoint(altered, log_key), Bad, name);
  }
});

test('verifier keys: the id belongs to the key, other types are not decided', () => {
  const [name, id, key] = vectors.vkey.split('+');
  const other_type = Buffer.from(vectors.vkey.slice(name.length + id.length + 2), 'base64');
  other_type[0] = 4;
  const cases = [
    ['wrong id', `${name}+00000000+${vectors.vkey.slice(name.length + id.length + 2)}`, Bad],
    ['other name', vectors.vkey.replace('example.org', 'example.com'), Bad],
    ['other type', `${name}+${id}+${other_type.toString('base64')}`, Undecided],
    ['not a key', 'hello', Undecided],
  ];
  assert.ok(key.length > 0);
  for (const [what, text, error] of cases) {
    assert.throws(() => parse_vkey(text), error, what);
  }
});

test('receipts prove their entry and no other', () => {
  for (const pair of RECEIPTS) {
    const [index, size] = pair;
    assert.deepEqual(check_receipt(entry(index), receipt(pair), log_key),
      { origin: vectors.origin, index: BigInt(index), size: BigInt(size) }, String(pair));
    assert.throws(() => check_receipt(entry(index + 1), receipt(pair), log_key), Bad, String(pair));
  }
});

test('receipts that were altered are refused', () => {
  const text = receipt([300, 600]);
  const lines = text.split('\n');
  const cases = [
    ['another index', text.replace('index 300', 'index 301')],
    ['an index outside of the tree', text.replace('index 300', 'index 600')],
    ['a leading zero', text.replace('index 300', 'index 0300')],
    ['a hash less', [...lines.slice(0, 2), ...lines.slice(3)].join('\n')],
    ['a hash more', [...lines.slice(0, 3), ...lines.slice(2)].join('\n')],
    ['two hashes swapped',
     [...lines.slice(0, 2), lines[3], lines[2], ...lines.slice(4)].join('\n')],
    ['another version', text.replace('@v1', '@v2')],
    ['base64 that is not canonical', text.replace(lines[2], `${lines[2].slice(0, -2)}_=`)],
    ['the checkpoint of another size',
     `${text.slice(0, text.indexOf('\n\n') + 2)}${read('checkpoints/257')}`],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 1)],
  ];
  for (const [name, altered] of cases) {
    assert.throws(() => check_receipt(entry(300), altered, log_key), Bad, name);
  }
  const with_extra = text.replace('\nindex', '\nextra aGVsbG8=\nindex');
  assert.equal(String(parse_receipt(with_extra).extra), 'hello');
  check_receipt(entry(300), with_extra, log_key);
});

test('every consistency proof of the vectors verifies, and none in another place', () => {
  const decode = (path) => path.map((hash) => Buffer.from(hash, 'base64'));
  for (const [pair, path] of Object.entries(vectors.consistency)) {
    const [older, newer] = pair.split('-').map(checkpoint);
    check_consistency(older, newer, decode(path));
    const forked = { ...older, root: leaf_hash(Buffer.from('fork')) };
    assert.throws(() => check_consistency(forked, newer, decode(path)), Bad, `${pair} forked`);
    assert.throws(() => check_consistency(older, newer, decode(path).concat(newer.root)), Bad,
      `${pair} longer`);
    assert.throws(() => check_consistency(older, newer, decode(path).slice(1)), Bad,
      `${pair} shorter`);
  }
  check_consistency(checkpoint(7), checkpoint(7), []);
});

test('the path of a leaf does not prove an inner node', () => {
  const { path } = parse_receipt(receipt([0, 2]));
  const { size, root } = checkpoint(2);
  check_inclusion({ leaf: leaf_hash(entry(0)), index: 0n, size, root, path });
  assert.throws(() => check_inclusion({ leaf: root, index: 0n, size: 1n, root, path }), Bad);
});

test('names of tiles', () => {
  const cases = [[0, 0, 256, 'tile/0/000'], [1, 7, 5, 'tile/1/007.p/5'],
    ['entries', 1234067, 256, 'tile/entries/x001/x234/067'], [0, 1000, 1, 'tile/0/x001/000.p/1']];
  for (const [level, index, width, name] of cases) {
    assert.equal(tile_name(level, index, width), name);
  }
});

test('the whole log verifies and begins with every older checkpoint', async () => {
  const seen = [];
  await check_log(VECTORS, checkpoint(600), vectors.sizes.map(checkpoint),
    (bytes, index) => { seen.push([String(bytes), index]); });
  assert.equal(seen.length, 600);
  assert.deepEqual(seen[599], [String(entry(599)), 599]);
});

test('a log that was altered is refused, one that lacks a tile is not decided', async () => {
  const flip = (file, at) => async (log) => {
    const bytes = await readFile(join(log, file));
    bytes[at] ^= 1;
    await writeFile(join(log, file), bytes);
  };
  const cases = [
    ['an entry', flip('tile/entries/001', 300), Bad],
    ['a length', flip('tile/entries/001', 1), Bad],
    ['a leaf tile', flip('tile/0/000', 0), Bad],
    ['an upper tile', flip('tile/1/000.p/2', 40), Bad],
    ['a missing bundle', (log) => rm(join(log, 'tile/entries/001')), Undecided],
    ['a missing tile', (log) => rm(join(log, 'tile/1/000.p/2')), Undecided],
  ];
  for (const [name, damage, error] of cases) {
    const log = await copy_log(name.replaceAll(' ', '-'));
    await damage(log);
    await assert.rejects(check_log(log, checkpoint(600)), error, name);
  }
  const fork = { size: 300n, root: leaf_hash(Buffer.from('fork')) };
  await assert.rejects(check_log(VECTORS, checkpoint(600), [fork]), Bad, 'a fork');
});
