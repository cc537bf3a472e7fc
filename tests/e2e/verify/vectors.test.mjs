// The independent verifier against vectors of others: a log that golang.org/x/mod made, and tokens
// that another implementation signed. And against damage of each.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check_tiles, read_entries, tile_name } from './independent/bundle.mjs';
import { check_signer, read_checkpoint } from './independent/checkpoint.mjs';
import { TOKEN_TYPES, check_claims, check_presentation } from './independent/claims.mjs';
import { check_graph } from './independent/graph.mjs';
import { check_jws, read_jws } from './independent/jws.mjs';
import { read_key_set } from './independent/keys.mjs';
import { check_level, read_keys } from './independent/level.mjs';
import { Tree, leaf_hash, root_by_path } from './independent/merkle.mjs';
import { decode_verifier_key } from './independent/note.mjs';
import { read_receipt } from './independent/receipt.mjs';
import { Bad, Undecided } from './independent/verdict.mjs';

const VECTORS = fileURLToPath(new URL('vectors', import.meta.url));
const ECT = fileURLToPath(new URL('../../vectors/ect/tokens.json', import.meta.url));
const LEVELS = fileURLToPath(new URL('../../vectors/ect/levels.json', import.meta.url));
const GRAPHS = fileURLToPath(new URL('../../vectors/ect/graphs.json', import.meta.url));
const read = (name) => readFileSync(join(VECTORS, name), 'utf8');
const vectors = JSON.parse(read('vectors.json'));
const log_key = decode_verifier_key(vectors.vkey);
const entry = (index) => Buffer.from(`entry ${index} of the test log`);
const RECEIPTS = [[0, 1], [0, 2], [1, 2], [2, 3], [6, 7], [255, 256], [256, 257], [0, 600],
                  [300, 600], [599, 600]];
const receipt = ([index, size]) => read(`receipts/${index}-of-${size}.tlog-proof`);

/** Throws unless the log's key signed this checkpoint. */
function open_checkpoint(text, key = log_key) {
  const checkpoint = read_checkpoint(Buffer.from(text));
  check_signer(checkpoint, key);
  return checkpoint;
}

/** Throws unless the receipt proves this entry. Not check_receipt: these entries are no tokens. */
function prove(bytes, text) {
  const { index, path, checkpoint } = read_receipt(Buffer.from(text));
  check_signer(checkpoint, log_key);
  const root = root_by_path(leaf_hash(bytes), index, checkpoint.size, path);
  if (!root?.equals(checkpoint.root)) throw new Bad('another root');
  return { index, size: checkpoint.size };
}

let folder;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'pawl-verify-')); });
after(async () => { await rm(folder, { recursive: true }); });

test('checkpoints of every size open, and the tree of the entries has their roots', () => {
  const tree = new Tree();
  for (const size of vectors.sizes) {
    while (tree.size < size) {
      tree.add(entry(tree.size));
    }
    const opened = open_checkpoint(read(`checkpoints/${size}`));
    assert.equal(opened.size, BigInt(size));
    assert.deepEqual(tree.root(), opened.root, `root at ${size}`);
  }
});

test('a signature of a witness is ignored, and is not the log\'s', () => {
  const witness = decode_verifier_key(vectors.witness_vkey);
  assert.equal(open_checkpoint(read('checkpoint')).note.signatures.length, 2);
  assert.throws(() => open_checkpoint(read('checkpoint'), witness), Bad, 'a witness is not the log');
});

test('notes that were altered are refused', () => {
  const note = read('checkpoint');
  const lines = note.split('\n');
  const flipped = Buffer.from(lines[4].split(' ')[2], 'base64');
  flipped[20] ^= 1;
  const damaged = `\u2014 ${log_key.name} ${flipped.toString('base64')}`;
  const cases = [
    ['another size', note.replace('\n600\n', '\n601\n')],
    ['no signature', `${lines.slice(0, 3).join('\n')}\n\n`],
    ['signed by the witness only', [...lines.slice(0, 4), ...lines.slice(5)].join('\n')],
    ['a damaged signature', note.replace(lines[4], damaged)],
    ['a damaged signature beside a good one', `${note}${damaged}\n`],
    ['no newline at the end', note.slice(0, -1)],
    ['a control character', note.replace('600', '600\r')],
    ['a hyphen for the dash', note.replaceAll('\u2014', '-')],
    ['65 signatures', note + `${lines[5]}\n`.repeat(63)],
    ['empty', ''],
  ];
  for (const [name, altered] of cases) {
    assert.throws(() => open_checkpoint(altered), Bad, name);
  }
  assert.equal(open_checkpoint(note + `${lines[5]}\n`.repeat(62)).size, 600n);
});

test('verifier keys: the id belongs to the name and the key', () => {
  const [name, id] = vectors.vkey.split('+');
  const key = vectors.vkey.slice(name.length + id.length + 2);
  const other_type = Buffer.from(key, 'base64');
  other_type[0] = 4;
  const cases = {
    'wrong id': `${name}+00000000+${key}`,
    'other name': vectors.vkey.replace('example.org', 'example.com'),
    'other type': `${name}+${id}+${other_type.toString('base64')}`,
    'not a key': 'hello',
  };
  for (const [what, text] of Object.entries(cases)) {
    assert.equal(decode_verifier_key(text), null, what);
  }
});

test('receipts prove their entry and no other', () => {
  for (const pair of RECEIPTS) {
    const [index, size] = pair;
    const proven = { index: BigInt(index), size: BigInt(size) };
    assert.deepEqual(prove(entry(index), receipt(pair)), proven, String(pair));
    assert.throws(() => prove(entry(index + 1), receipt(pair)), Bad, String(pair));
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
    ['an unknown line', text.replace('\nindex', '\nnote aGVsbG8=\nindex')],
    ['base64 that is not canonical', text.replace(lines[2], `${lines[2].slice(0, -2)}_=`)],
    ['the checkpoint of another size',
     `${text.slice(0, text.indexOf('\n\n') + 2)}${read('checkpoints/257')}`],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 1)],
  ];
  for (const [name, altered] of cases) {
    assert.throws(() => prove(entry(300), altered), Bad, name);
  }
  prove(entry(300), text.replace('\nindex', '\nextra aGVsbG8=\nindex'));
});

test('the path of a leaf does not prove an inner node', () => {
  const { path, checkpoint } = read_receipt(Buffer.from(receipt([0, 2])));
  assert.deepEqual(root_by_path(leaf_hash(entry(0)), 0n, 2n, path), checkpoint.root);
  assert.equal(root_by_path(checkpoint.root, 0n, 1n, path), null);
});

test('names of tiles', () => {
  const names = { 0: '000', 7: '007', 1000: 'x001/000', 1234067: 'x001/x234/067' };
  for (const [number, name] of Object.entries(names)) {
    assert.equal(tile_name(Number(number)), name);
  }
});

/** What check_bundle does, for entries that are no tokens. */
function check_log(log) {
  const tree = new Tree();
  for (const bytes of read_entries(log, 600)) {
    tree.add(bytes);
  }
  check_tiles(log, tree.leaves);
  if (!tree.root().equals(open_checkpoint(read('checkpoint')).root)) throw new Bad('another root');
  return tree;
}

test('the whole log verifies; altered it is refused, without a tile it is not decided', async () => {
  assert.equal(check_log(VECTORS).size, 600);
  const flip = (file, at) => async (log) => {
    const bytes = await readFile(join(log, file));
    bytes[at] ^= 1;
    await writeFile(join(log, file), bytes);
  };
  const append = (file) => async (log) => writeFile(join(log, file), '\0', { flag: 'a' });
  const cases = [
    ['an entry', flip('tile/entries/001', 300), Bad],
    ['a length', flip('tile/entries/001', 1), Bad],
    ['a byte too many', append('tile/entries/002.p/88'), Bad],
    ['a leaf tile', flip('tile/0/000', 0), Bad],
    ['an upper tile', flip('tile/1/000.p/2', 40), Bad],
    ['a longer tile', append('tile/1/000.p/2'), Bad],
    ['a missing bundle', (log) => rm(join(log, 'tile/entries/001')), Undecided],
    ['a missing tile', (log) => rm(join(log, 'tile/1/000.p/2')), Undecided],
  ];
  for (const [name, damage, error] of cases) {
    const log = join(folder, name.replaceAll(' ', '-'));
    await cp(VECTORS, log, { recursive: true });
    await damage(log);
    assert.throws(() => check_log(log), error, name);
  }
});

test('every token of the vectors is answered as its page says', () => {
  const { cases, keys, issuer, audience, now } = JSON.parse(readFileSync(ECT, 'utf8'));
  const trusted = read_key_set({ keys });
  const judge = (token) => {
    try {
      const jws = read_jws(Buffer.from(token), { most: 65536, types: TOKEN_TYPES });
      const is_known = [issuer, undefined].includes(jws.payload.iss);
      check_jws(jws, is_known ? trusted : new Map());
      check_claims(jws);
      check_presentation(jws.payload, { audience, now });
      return 'ok';
    } catch (error) {
      return error.message.split(':')[0];
    }
  };
  assert.ok(cases.length > 50);
  for (const { name, token, expect } of cases) {
    assert.equal(judge(token), expect, name);
  }
});

test('every level and algorithm of the vectors is answered as its page says', () => {
  const { cases, keys, agent, domain, ...verifier } = JSON.parse(readFileSync(LEVELS, 'utf8'));
  const by_all = { ...verifier, keys: read_keys(keys), self: `spiffe://${domain}/agent/${agent}` };
  assert.ok(cases.length > 25);
  for (const { name, expect, level, token, ...asked } of cases) {
    const judge = () => check_level(token, { ...by_all, ...asked });
    if (expect === 'ok') {
      assert.equal(judge(), level, name);
    } else {
      assert.throws(judge, (error) => error instanceof Bad
        && error.message.split(':')[0] === expect, name);
    }
  }
});

test('every graph of the vectors is answered as its page says', () => {
  const { cases, own_issuer } = JSON.parse(readFileSync(GRAPHS, 'utf8'));
  assert.ok(cases.length > 35);
  for (const graph of cases) {
    const judge = () => check_graph(graph, own_issuer);
    if (graph.expect === 'ok') {
      assert.deepEqual(judge(), { missing: graph.missing, level: graph.level }, graph.name);
    } else {
      assert.throws(judge, (error) => error instanceof Bad
        && error.message.split(':')[0] === graph.expect, graph.name);
    }
  }
});
