// Data folders that somebody altered who may write the files but has no key.

import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BAD, GOOD, UNDECIDED, flip, options, with_made_logs } from './both_verifiers.mjs';
import { batch_of, entry_of as entry, read_log, write_log } from './forge.mjs';
import { KINDS } from './independent/frame.mjs';
import { CALL, NARROW, RECORD } from './made_logs.mjs';

const SEGMENT = 'ledger/segments/000000000001.seg';
const { path, copy_of, check_both } = with_made_logs();
const flip_in = (bytes, at) => { bytes[at] ^= 1; };

const at = (index, why = '') => new RegExp(`^entry ${index}: ${why}`);

/** Alters the log's batches and writes them with frame checks that fit. */
const rewrite = (change) => (copy) => {
  const batches = read_log(join(copy, 'ledger'));
  change(batches);
  write_log(join(copy, 'ledger'), batches);
};
function swap_bodies(a, b) {
  [a.body, b.body] = [b.body, a.body];
}

const FOLDERS = {
  'a bit of a token': [rewrite((log) => flip_in(entry(log, RECORD).body, 300)), BAD, at(RECORD)],
  'a bit of a token\'s signature': [rewrite((log) => {
    const { body } = entry(log, RECORD);
    body[body.length - 20] = body[body.length - 20] === 0x41 ? 0x42 : 0x41;
  }), BAD, at(RECORD, 'bad_signature')],
  'a bit of a checkpoint\'s root': [rewrite((log) => flip_in(batch_of(log, RECORD).note, 30)), BAD, /root/],
  'a bit of a checkpoint\'s signature': [rewrite((log) => {
    const { note } = batch_of(log, RECORD);
    note[note.length - 20] = note[note.length - 20] === 0x41 ? 0x42 : 0x41;
  }), BAD, /the signature by .* does not verify/],
  'two tokens swapped': [rewrite((log) => swap_bodies(entry(log, CALL), entry(log, RECORD))),
    BAD, at(CALL, 'the frame has the id')],
  'two entries swapped': [rewrite((log) => {
    swap_bodies(entry(log, CALL), entry(log, RECORD));
    [entry(log, CALL).id, entry(log, RECORD).id] = [entry(log, RECORD).id, entry(log, CALL).id];
  }), BAD, at(CALL, 'closes an intent that is not open')],
  'two entries without intents swapped': [rewrite((log) => {
    swap_bodies(entry(log, NARROW), entry(log, NARROW + 1));
    [entry(log, NARROW).id, entry(log, NARROW + 1).id] = [entry(log, NARROW + 1).id, entry(log, NARROW).id];
  }), BAD, /another root/],
  'an entry twice': [rewrite((log) => {
    const again = entry(log, NARROW);
    log.splice(log.indexOf(batch_of(log, NARROW)) + 1, 0, { ...batch_of(log, NARROW), frames: [again] });
  }), BAD, at(NARROW + 1, `has the jti of entry ${NARROW}`)],
  'an entry taken out': [rewrite((log) => {
    const { frames } = batch_of(log, RECORD);
    frames.splice(frames.indexOf(entry(log, RECORD)), 1);
  }), BAD, new RegExp(`size ${RECORD + 1}, not ${RECORD}`)],
  'an intent taken out': [rewrite((log) => {
    const { id } = entry(log, RECORD);
    const batch = log.find(({ frames }) => frames.some((frame) =>
      frame.kind === KINDS.intent && frame.id === id));
    batch.frames = batch.frames.filter((frame) => frame.kind !== KINDS.intent || frame.id !== id);
    if (batch.frames.length === 0) log.splice(log.indexOf(batch), 1);
  }), BAD, at(RECORD, 'closes an intent that is not open')],
  'a batch taken out': [rewrite((log) => log.splice(log.indexOf(batch_of(log, NARROW)), 1)), BAD, /size/],
  'the last batches taken out': [rewrite((log) => log.splice(-2)), BAD, /^checkpoint: covers/],
  'the last batches and the head taken out': [(copy) => {
    rewrite((log) => log.splice(-2))(copy);
    rmSync(join(copy, 'ledger/checkpoint'));
    rmSync(join(copy, 'ledger/snapshot'));
  }, BAD, /^pinned head: covers/],
  'another log in its place': [(copy) => {
    rmSync(copy, { recursive: true });
    cpSync(path('other'), copy, { recursive: true });
  }, BAD, /no signature by the trusted|pinned/],
  'the head of another log': [(copy) =>
    cpSync(path('other/ledger/checkpoint'), join(copy, 'ledger/checkpoint')),
  BAD, /^checkpoint: no signature/],
  'no published head': [(copy) => rmSync(join(copy, 'ledger/checkpoint')), GOOD],
  'a bit of an intent, without a fitting check': [(copy) => {
    const intent = readFileSync(join(copy, SEGMENT)).indexOf('PAWL\x01');
    flip(join(copy, SEGMENT), intent + 60);
  }, BAD, /the check of the frame is wrong/],
  'a bit of the header': [(copy) => flip(join(copy, SEGMENT), 20), BAD, /header/],
  'a newer format': [(copy) => {
    const file = readFileSync(join(copy, SEGMENT));
    file.write('PAWLSEG2', 'latin1');
    writeFileSync(join(copy, SEGMENT), file);
  }, UNDECIDED, /newer/],
  'a segment cut in half': [(copy) => truncateSync(join(copy, SEGMENT), 8000),
    BAD, /^checkpoint: covers|later/],
  'zeros over a batch in the middle': [(copy) => {
    const file = readFileSync(join(copy, SEGMENT));
    file.fill(0, 344, 344 + 4096);
    writeFileSync(join(copy, SEGMENT), file);
  }, BAD, /later batches follow/],
  'no segment': [(copy) => rmSync(join(copy, SEGMENT)), BAD, /^checkpoint: covers/],
  'no ledger': [(copy) => rmSync(join(copy, 'ledger'), { recursive: true }), UNDECIDED],
  'a torn tail': [(copy) => {
    const file = readFileSync(join(copy, SEGMENT));
    const end = file.findLastIndex((byte) => byte !== 0) + 1;
    file.write('PAWL', Math.ceil(end / 8) * 8, 'latin1');
    writeFileSync(join(copy, SEGMENT), file);
  }, GOOD],
};

test('a data folder that was altered', options, async () => {
  for (const [name, [change, expected, why]] of Object.entries(FOLDERS)) {
    const copy = copy_of('log');
    change(copy);
    await check_both(name, copy, { trust: path('log.trust') }, expected, why);
  }
});
