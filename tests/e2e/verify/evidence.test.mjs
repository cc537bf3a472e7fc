// Evidence files by somebody who has keys and lies: each rule of evidence.md has a file that breaks
// it, and both verifiers must say so. And the table of changes to the vector.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BAD, GOOD, UNDECIDED, options, with_scratch } from './both_verifiers.mjs';
import { MadeLog, new_key } from './made_evidence.mjs';
import { make_witness } from './made_witness.mjs';
import { verify } from './independent/verify.mjs';

const { path, check_both } = with_scratch();
const W = '8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718';
const OTHER = '8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60719';
const L2 = { outcome: 'confirmed', level: 'L2', basis: ['declared'] };

/** Asks both. @param {object} evidence @param {object} trust */
async function check(name, evidence, trust, expected, why, policy) {
  writeFileSync(path('file'), JSON.stringify(evidence));
  writeFileSync(path('trust'), JSON.stringify(trust));
  if (policy !== undefined) writeFileSync(path('policy'), policy);
  const asked = { trust: path('trust'), policy: policy === undefined ? undefined : path('policy') };
  await check_both(name, path('file'), asked, expected, why);
}

/** A log with a chain of three calls of W between others. */
function chain() {
  const log = new MadeLog();
  const stray = log.add({ wid: OTHER });
  const root = log.add({ wid: W });
  const child = log.add({ wid: W, pred: [root] });
  const leaf = log.add({ wid: W, pred: [root, child] });
  log.add({ wid: OTHER, pred: [leaf] });
  return { log, stray, root, child, leaf, shown: [root, child, leaf] };
}

test('a chain is good, and with other keys or none it is not', options, async () => {
  const { log, shown } = chain();
  const file = log.evidence(W, shown);
  await check('a chain', file, log.trust(), GOOD);
  await check('other keys', file, new MadeLog().trust(), BAD, /checkpoint/);
  await check('another token key', file, log.trust([new_key()]), UNDECIDED, /unknown_key/);
  writeFileSync(path('file'), JSON.stringify(file));
  await check_both('no trust', path('file'), {}, UNDECIDED, /no trust file/);
});

/** [change of the file, verdict, why]; `c` is chain(). */
const ALTERED = {
  'a removed leaf cannot be seen':
    [(file) => { file.entries.pop(); }, GOOD],
  'a removed parent': [(file) => { file.entries.splice(1, 1); }, BAD, /missing and not named/],
  'a removed parent, named as missing': [(file, c) => {
    file.entries.splice(1, 1);
    file.missing = [c.log.entries[c.child].id];
  }, UNDECIDED, /recorded here/],
  'a token of another workflow smuggled in':
    [(file, c) => { file.entries.unshift(c.log.entry(c.stray)); }, BAD, /another workflow/],
  'a token of another workflow smuggled in as a key record':
    [(file, c) => { file.key_records.push(c.log.entry(c.stray)); }, BAD, /nothing of keys/],
  'two proofs exchanged': [(file) => {
    [file.entries[0].proof, file.entries[1].proof] = [file.entries[1].proof, file.entries[0].proof];
  }, BAD, /proof does not lead/],
  'two tokens exchanged': [(file) => {
    [file.entries[0].token, file.entries[1].token] = [file.entries[1].token, file.entries[0].token];
  }, BAD, /proof does not lead/],
  'a proof that is too short': [(file) => { file.entries[0].proof.pop(); }, BAD, /proof/],
  'a proof that is too long':
    [(file) => { file.entries[0].proof.push(file.entries[0].proof[0]); }, BAD, /proof/],
  'an index beyond the checkpoint': [(file) => { file.entries.at(-1).index = 99; }, BAD, /proof/],
  'a token of another log': [(file) => {
    const other = new MadeLog();
    other.add({ wid: W });
    file.entries[0].token = other.entries[1].token;
  }, BAD, /proof/],
  'the checkpoint of another log': [(file) => {
    const other = new MadeLog();
    for (let i = 0; i < 5; i += 1) other.add();
    file.checkpoint = other.checkpoint();
  }, BAD],
  'an older checkpoint': [(file, c) => { file.checkpoint = c.older; }, BAD, /proof/],
  'two checkpoints': [(file, c) => { file.checkpoint += c.older; }, BAD],
  'nothing tells the first key': [(file) => { file.key_records[0].index = 1; }, BAD, /not entry 0/],
  'another log\'s key is named':
    [(file) => { file.keys.log = new MadeLog().vkey(); }, BAD, /checkpoint/],
  'a key under another name':
    [(file) => { file.keys.token_keys.keys[0].kid = 'k1'; }, BAD, /thumbprint/],
  'named as missing, and there':
    [(file, c) => { file.missing = [c.log.entries[c.root].id]; }, BAD, /and is not/],
  'named as missing, and nobody\'s parent':
    [(file) => { file.missing = [randomUUID()]; }, BAD, /and is not/],
  'the records of another workflow': [(file) => { file.workflow = OTHER; }, BAD, /no record/],
  'a later form': [(file) => { file.format = 'pawl.evidence/2'; }, UNDECIDED],
  'a member that nobody knows': [(file) => { file.note = 'all is well'; }, BAD, /has a note/],
};

test('what was altered is caught, with its reason', options, async () => {
  const c = chain();
  c.older = c.log.checkpoint();
  c.log.add({ wid: OTHER });
  const whole = c.log.evidence(W, c.shown);
  for (const [name, [change, expected, why]] of Object.entries(ALTERED)) {
    const file = structuredClone(whole);
    change(file, c);
    await check(name, file, c.log.trust(), expected, why);
  }
});

test('a key twice in an object: two checkpoints', options, async () => {
  const { log, shown } = chain();
  const text = JSON.stringify(log.evidence(W, shown));
  writeFileSync(path('trust'), JSON.stringify(log.trust()));
  writeFileSync(path('file'), text.replace('"checkpoint":', '"checkpoint":"x","checkpoint":'));
  await check_both('twice', path('file'), { trust: path('trust') }, BAD, /key twice/);
  writeFileSync(path('file'), text.slice(0, -1));
  await check_both('cut off', path('file'), { trust: path('trust') }, BAD, /JSON/);
  writeFileSync(path('file'), `${text}{}`);
  await check_both('something behind it', path('file'), { trust: path('trust') }, BAD, /JSON/);
  writeFileSync(path('file'), `\n ${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  await check_both('other white space', path('file'), { trust: path('trust') }, GOOD);
});

/** What stands in the log: [build(log) => file, verdict, why]. */
const LOGS = {
  'from another workflow, with its own parent': [(log) => {
    const far = log.add({ wid: OTHER });
    const near = log.add({ pred: [far] });
    return log.evidence(W, [far, near, log.add({ wid: W, pred: [near] })]);
  }, GOOD],
  'what a person found out about a call': [(log) => {
    const call = log.add({ wid: W, body: { outcome: 'unknown' } });
    return log.evidence(W, [call, log.add({ kind: 'node.stopped', pred: [call], body: {} })]);
  }, GOOD],
  'a parent from elsewhere is missing': [(log) => {
    const far = randomUUID();
    return log.evidence(W, [log.add({ wid: W, pred: [far], body: L2 })], { missing: [far] });
  }, GOOD],
  'a parent from elsewhere is not named': [(log) =>
    log.evidence(W, [log.add({ wid: W, pred: [randomUUID()], body: L2 })]), BAD, /not named/],
  'a parent that order alone found is recorded here': [(log) => {
    const far = randomUUID();
    const body = { ...L2, basis: ['inferred'] };
    return log.evidence(W, [log.add({ wid: W, pred: [far], body })], { missing: [far] });
  }, UNDECIDED, /recorded here/],
  'a child stands before its parent': [(log) => {
    const id = randomUUID();
    const child = log.add({ wid: W, pred: [id] });
    return log.evidence(W, [child, log.add({ wid: W, id })]);
  }, BAD, /behind it/],
  'one id twice': [(log) => {
    const id = randomUUID();
    return log.evidence(W, [log.add({ wid: W, id }), log.add({ wid: W, id })]);
  }, BAD, /jti/],
  'signed by a stranger': [(log) =>
    log.evidence(W, [log.add({ wid: W, by: new_key() })]), BAD, /no record before it activated/],
  'signed by a stranger in the key\'s name': [(log) =>
    log.evidence(W, [log.add({ wid: W, by: new_key(), named: log.first })]), BAD, /bad_signature/],
  'a new key, by its record': [(log, B) => {
    const begun = log.activate(B);
    return log.evidence(W, [log.add({ by: B, wid: W })], { key_records: [0, begun] });
  }, GOOD],
  'a new key, without its record': [(log, B) => {
    log.activate(B);
    return log.evidence(W, [log.add({ by: B, wid: W })]);
  }, BAD, /no record before it activated/],
  'a retired key signs on': [(log, B) => {
    const changed = [0, log.activate(B), log.retire(log.first, { by: B })];
    return log.evidence(W, [log.add({ wid: W })], { key_records: changed });
  }, BAD, /which was retired before/],
  'a retired key signed before': [(log, B) => {
    const call = log.add({ wid: W });
    const changed = [0, log.activate(B), log.retire(log.first, { by: B })];
    return log.evidence(W, [call], { key_records: changed });
  }, GOOD],
  'a compromised key signed since': [(log, B) => {
    const call = log.add({ wid: W, at: 20 });
    const changed = [0, log.activate(B, { at: 30 }), log.compromise(log.first, 15, { at: 31 })];
    return log.evidence(W, [call], { key_records: changed });
  }, UNDECIDED, /suspect/],
  'a compromised key signed before': [(log, B) => {
    const call = log.add({ wid: W, at: 10 });
    const changed = [0, log.activate(B, { at: 30 }), log.compromise(log.first, 15, { at: 31 })];
    return log.evidence(W, [call], { key_records: changed });
  }, GOOD],
  'a compromised key dates back, and what stood before tells': [(log) => {
    const mark = log.add({ wid: OTHER, at: 16 });
    const call = log.add({ wid: W, at: 10 });
    const report = log.compromise(log.first, 15, { at: 31 });
    return log.evidence(W, [call], { key_records: [0, mark, report] });
  }, UNDECIDED, /suspect/],
  'a compromise that nobody signed': [(log) => {
    const call = log.add({ wid: W });
    return log.evidence(W, [call],
      { key_records: [0, log.compromise(log.first, 50, { at: 51, signed: null })] });
  }, BAD, /no operator signed it/],
  'a compromise by a person whom nobody knows': [(log) => {
    const call = log.add({ wid: W });
    return log.evidence(W, [call],
      { key_records: [0, log.compromise(log.first, 50, { at: 51, signed: new_key() })] });
  }, UNDECIDED, /unknown_key/],
};

test('what stands in the log is judged as in the log', options, async () => {
  for (const [name, [build, expected, why]] of Object.entries(LOGS)) {
    const log = new MadeLog();
    await check(name, build(log, new_key()), log.trust(), expected, why);
  }
});

test('a pinned head counts at its own size only', options, async () => {
  const { log, shown } = chain();
  const root = log.tree.root().toString('base64');
  const file = log.evidence(W, shown);
  const wrong = Buffer.alloc(32).toString('base64');
  const pinned = (size, value) => log.trust([log.first], { pinned: { size, root: value } });
  await check('the same', file, pinned(log.tree.size, root), GOOD);
  await check('another root', file, pinned(log.tree.size, wrong), BAD, /another root/);
  await check('another size', file, pinned(log.tree.size + 1, wrong), GOOD);
});

test('a later log of the instance, by the trust root of the first', options, async () => {
  const later = new MadeLog(new_key(), 1772064000, 'example.org/pawl/gw1/2');
  const file = later.evidence(W, [later.add({ wid: W })]);
  const first = new MadeLog();
  first.log_key = later.log_key;
  const trust = { ...later.trust(), log: first.vkey() };
  await check('later', file, trust, GOOD);
  const other = new MadeLog(new_key(), 1772064000, 'example.org/pawl/gw2');
  other.log_key = later.log_key;
  await check('of another instance', file, { ...trust, log: other.vkey() }, BAD, /origin/);
});

test('witnesses: a quorum, a false line, and lines of strangers', options, async () => {
  const { log, shown } = chain();
  const [a, b] = ['a', 'b'].map((name) => make_witness(name, 1772064100));
  const policy = `${a.policy}${b.policy}group g 1 a b\nquorum g\n`;
  const last_bit = (bytes) => {
    bytes[bytes.length - 1] ^= 1;
    return bytes;
  };
  const with_lines = (...lines) => {
    const file = log.evidence(W, shown);
    file.checkpoint += lines.map((line) => line(file.checkpoint)).join('');
    return file;
  };
  const asked = (name, file, verdict, why) => check(name, file, log.trust(), verdict, why, policy);
  await asked('one of two', with_lines((note) => a.cosign(note)), GOOD);
  await asked('none', with_lines(), UNDECIDED, /quorum/);
  await asked('a false line',
    with_lines((note) => a.cosign(note), (note) => b.cosign(note, last_bit)), BAD, /w\/b is false/);
  const stranger = make_witness('c', 1);
  await asked('a false line of a stranger',
    with_lines((note) => a.cosign(note), (note) => stranger.cosign(note, last_bit)), GOOD);
});

const vector = (name) =>
  fileURLToPath(new URL(`../../vectors/evidence/${name}`, import.meta.url));

test('the table of changes to the vector', options, async () => {
  const { cases } = JSON.parse(readFileSync(vector('cases.json'), 'utf8'));
  const text = readFileSync(vector('workflow.evidence'), 'utf8');
  assert.ok(cases.length > 40);
  for (const { name, replace, by, verdict } of cases) {
    assert.ok(text.includes(replace), `${name}: ${replace}`);
    const changed = text.replace(replace, () => by);
    assert.notEqual(changed, text, name);
    writeFileSync(path('file'), changed);
    const found = await verify(path('file'), { trust: vector('log.trust') });
    assert.equal(found.verdict, verdict, `${name}: ${found.reason}`);
  }
  await check_both('whole', vector('workflow.evidence'), { trust: vector('log.trust') }, GOOD);
});

// The program's own tests flip every bit of a small file.
test('one bit of every 17th byte: bad or undecided', options, async () => {
  const bytes = readFileSync(vector('workflow.evidence'));
  for (let at = 0; at < bytes.length; at += 17) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1 << (at % 8);
    writeFileSync(path('file'), changed);
    const { verdict, reason } = await verify(path('file'), { trust: vector('log.trust') });
    assert.notEqual(verdict, GOOD, `byte ${at}: ${reason}`);
  }
});
