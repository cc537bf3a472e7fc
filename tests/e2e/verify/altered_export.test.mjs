// Bundles and receipts that somebody altered.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BAD, GOOD, UNDECIDED, flip, options, with_made_logs } from './both_verifiers.mjs';
import { entry_of, read_log } from './forge.mjs';
import { CALL, RECORD, SIZE } from './made_logs.mjs';

const { path, copy_of, check_both, trust_with } = with_made_logs();
const ENTRIES = `tile/entries/000.p/${SIZE}`;
const TILE = `tile/0/000.p/${SIZE}`;

/** The offset of an entry in an entry bundle, behind its length. */
function offset_in(bundle, index) {
  let at = 0;
  for (let i = 0; i < index; i += 1) at += 2 + bundle.readUInt16BE(at);
  return at + 2;
}

const BUNDLES = {
  'a bit of a token': [(copy) => {
    const file = join(copy, ENTRIES);
    flip(file, offset_in(readFileSync(file), RECORD) + 300);
  }, BAD, new RegExp(`^entry ${RECORD}: `)],
  'a length': [(copy) => flip(join(copy, ENTRIES), 1), BAD],
  'two entries swapped': [(copy) => {
    const bundle = readFileSync(join(copy, ENTRIES));
    const at = [CALL, CALL + 1, CALL + 2].map((index) => offset_in(bundle, index) - 2);
    writeFileSync(join(copy, ENTRIES), Buffer.concat([bundle.subarray(0, at[0]),
      bundle.subarray(at[1], at[2]), bundle.subarray(at[0], at[1]), bundle.subarray(at[2])]));
  }, BAD, /is not the tile of these entries/],
  'a byte too many': [(copy) => writeFileSync(join(copy, ENTRIES), '\0', { flag: 'a' }),
    BAD, /1 bytes too many/],
  'an entry bundle cut off': [(copy) => truncateSync(join(copy, ENTRIES), 3000), BAD, /ends inside/],
  'no entry bundle': [(copy) => rmSync(join(copy, ENTRIES)), UNDECIDED, /missing/],
  'a bit of a tile': [(copy) => flip(join(copy, TILE), 40), BAD, /is not the tile/],
  'no tile': [(copy) => rmSync(join(copy, TILE)), UNDECIDED, /missing/],
  'a bit of the checkpoint\'s root': [(copy) => flip(join(copy, 'checkpoint'), 30), BAD],
  'a bit of the checkpoint\'s signature': [(copy) => flip(join(copy, 'checkpoint'), -4),
    BAD, /^checkpoint: |malformed signature line/],  // some characters are then none of base64
  'a token and the checkpoint': [(copy) => {
    flip(join(copy, ENTRIES), 300);
    flip(join(copy, 'checkpoint'), -4);
  }, BAD, /^checkpoint: |malformed signature line/],
  'no checkpoint': [(copy) => rmSync(join(copy, 'checkpoint')), UNDECIDED],
  'the checkpoint of another log': [(copy) =>
    cpSync(path('other_bundle/checkpoint'), join(copy, 'checkpoint')), BAD, /no signature by/],
  'another bundle': [(copy) => {
    rmSync(copy, { recursive: true });
    cpSync(path('other_bundle'), copy, { recursive: true });
  }, BAD, /no signature by the trusted/],
  'no keys beside it': [(copy) => {
    rmSync(join(copy, 'log.vkey'));
    rmSync(join(copy, 'pawl.trust'));
  }, GOOD],
};

test('a bundle that is older than the pin is no proof of anything; a data folder is bad', options,
  async () => {
    const later = trust_with((trust) => {
      trust.pinned.size += 1;
      delete trust.pinned.note;
    });
    await check_both('bundle', path('log_bundle'), { trust: later }, UNDECIDED, /^pinned head: covers/);
    await check_both('folder', path('log'), { trust: later }, BAD, /^pinned head: covers/);
    const altered = copy_of('log_bundle');
    flip(join(altered, ENTRIES), 300);
    await check_both('altered', altered, { trust: later }, BAD);
  });

test('a bundle that was altered', options, async () => {
  for (const [name, [change, expected, why]] of Object.entries(BUNDLES)) {
    const copy = copy_of('log_bundle');
    change(copy);
    await check_both(name, copy, { trust: path('log.trust') }, expected, why);
  }
});

const RECEIPTS = {
  'a bit of the token': [({ token }) => flip(token, 300), BAD, /does not lead/],
  'a bit of the token\'s signature': [({ token }) => flip(token, -20), BAD, /does not lead/],
  'white space behind the token': [({ token }) => writeFileSync(token, '\n', { flag: 'a' }), GOOD],
  'another entry': [({ token, log }) => writeFileSync(token, entry_of(log, RECORD + 1).body),
    BAD, /does not lead/],
  'another index': [({ proof }) => edit(proof, (text) => text.replace(`index ${RECORD}`, `index ${RECORD + 1}`)), BAD],
  'a bit of a hash': [({ proof }) => flip(proof, 40), BAD],
  'a hash less': [({ proof }) => edit(proof, (text) => text.replace(/\n.{43}=\n/, '\n')), BAD],
  'a bit of the checkpoint\'s signature': [({ proof }) => flip(proof, -4), BAD],
  'the checkpoint of another log': [({ proof }) => edit(proof, (text) =>
    text.replace(/\n\n.*$/s, `\n\n${readFileSync(path('other_bundle/checkpoint'))}`)), BAD],
  'an unknown line': [({ proof }) => edit(proof, (text) => text.replace('index', 'note x\nindex')), BAD],
  'a newer version': [({ proof }) => edit(proof, (text) => text.replace('@v1', '@v2')), BAD],
  'an extra line': [({ proof }) => edit(proof, (text) => text.replace('index', 'extra eA==\nindex')), GOOD],
  'another log\'s receipt and token': [({ token, proof }) => {
    cpSync(path('other.token'), token);
    cpSync(path('other.tlog-proof'), proof);
  }, BAD, /no signature by the trusted/],
};
const edit = (file, change) => {
  const text = readFileSync(file, 'utf8');
  assert.notEqual(change(text), text, 'the test changes something');
  writeFileSync(file, change(text));
};

test('a receipt or its token that was altered', options, async () => {
  const log = read_log(path('log/ledger'));
  const [token, proof] = [path('copy.token'), path('copy.tlog-proof')];
  for (const [name, [change, expected, why]] of Object.entries(RECEIPTS)) {
    cpSync(path('log.token'), token);
    cpSync(path('log.tlog-proof'), proof);
    change({ token, proof, log });
    await check_both(name, token, { trust: path('log.trust'), proof }, expected, why);
  }
});
