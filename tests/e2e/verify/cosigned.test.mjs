// Witnesses' lines on what the real program made, and policies that ask for them: `pawl verify` and the
// independent verifier agree on folders, bundles and receipts.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BAD, GOOD, UNDECIDED, options, with_made_logs } from './both_verifiers.mjs';
import { make_witness } from './made_witness.mjs';

const { path, json, copy_of, check_both } = with_made_logs();

const [a, b, c] = ['a', 'b', 'c'].map((name, i) => make_witness(name, 1772000000 + i));
const last_bit = (bytes) => {
  bytes[bytes.length - 1] ^= 1;
  return bytes;
};
const WITNESSES = a.policy + b.policy + c.policy;
const TWO = `${WITNESSES}group g 2 a b c\nquorum g\n`;
const listing = (trust) => `log ${json(trust).log}\n${TWO}`;

const CASES = [
  ['two of three', (note) => a.cosign(note) + c.cosign(note), () => TWO, GOOD],
  ['two of three, of this log', (note) => a.cosign(note) + c.cosign(note),
   () => listing('log.trust'), GOOD],
  ['two of three, of another log', (note) => a.cosign(note) + c.cosign(note),
   () => listing('other.trust'), UNDECIDED],
  ['one of three', (note) => b.cosign(note), () => TWO, UNDECIDED],
  ['one of three, twice', (note) => b.cosign(note) + b.cosign(note), () => TWO, UNDECIDED],
  ['nobody', () => '', () => TWO, UNDECIDED],
  ['nobody is asked', () => '', () => `${WITNESSES}quorum none\n`, GOOD],
  ['two, and a false line', (note) => a.cosign(note) + b.cosign(note, last_bit) + c.cosign(note),
   () => TWO, BAD],
  ['two lines for another checkpoint',
   (note) => a.cosign(note.replace('\n', ' \n')) + c.cosign(note.replace('\n', ' \n')),
   () => TWO, BAD],
  ['a policy that is none', (note) => a.cosign(note) + c.cosign(note), () => WITNESSES, UNDECIDED],
];

for (const [name, lines_of, policy_of, expected] of CASES) {
  test(`${name}: ${expected}`, options, async () => {
    const policy = path('copy.policy');
    writeFileSync(policy, policy_of());
    const asked = { trust: path('log.trust'), policy };
    const add_lines = (file, to) => {
      const text = readFileSync(file, 'utf8');
      // A receipt ends in the checkpoint, whose own empty line is the second one.
      const at = text.startsWith('c2sp.org/') ? text.indexOf('\n\n') + 2 : 0;
      writeFileSync(to, text + lines_of(text.slice(at)));
    };
    add_lines(path('log.tlog-proof'), path('copy.tlog-proof'));
    await check_both(name, path('log.token'), { ...asked, proof: path('copy.tlog-proof') }, expected);
    for (const [what, published] of [['log', 'ledger/checkpoint'], ['log_bundle', 'checkpoint']]) {
      const copy = copy_of(what);
      add_lines(join(copy, published), join(copy, published));
      await check_both(`${name}, ${what}`, copy, asked, expected);
    }
  });
}

test('a folder whose checkpoint is gone was seen by no witness', options, async () => {
  writeFileSync(path('copy.policy'), TWO);
  const copy = copy_of('log');
  rmSync(join(copy, 'ledger/checkpoint'));
  await check_both('gone', copy, { trust: path('log.trust'), policy: path('copy.policy') }, UNDECIDED);
});
