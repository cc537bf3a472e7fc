// The independent reader of cosignatures and policies against what golang.org/x/mod made, and
// against the table that the program's own tests read too.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { read_checkpoint } from './independent/checkpoint.mjs';
import { COSIGNATURE, decode_verifier_key } from './independent/note.mjs';
import { Bad, Undecided } from './independent/verdict.mjs';
import { cosigned_at, judge, read_policy } from './independent/witness.mjs';

const read = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
const { vkeys, lines, first_time } = JSON.parse(read('vectors/cosigned/witnesses.json'));
const { cases } = JSON.parse(read('../../vectors/witness/policies.json'));
const checkpoint = read('vectors/cosigned/checkpoint');
const bare = checkpoint.slice(0, checkpoint.indexOf('\u2014 witness'));

const note_of = (text) => read_checkpoint(Buffer.from(text)).note;
const key_of = (name) => decode_verifier_key(vkeys[name], COSIGNATURE);
const policy_of = (text) =>
  read_policy(Buffer.from(text.replace(/\{([^}]+)\}/g, (_, name) => vkeys[name])));
const octets = (name) => Buffer.from(name).toString('latin1');

test('each witness cosigned at its time', () => {
  for (let i = 1; i <= 6; i += 1) {
    const expected = i <= 3 ? BigInt(first_time + i - 1) : null;
    assert.equal(cosigned_at(note_of(checkpoint), key_of(`w${i}`)), expected, `w${i}`);
    assert.equal(cosigned_at(note_of(bare + lines[`w${i}`]), key_of(`w${i}`)),
      BigInt(first_time + i - 1));
  }
});

test('a line that was altered, or stands on another checkpoint, is bad', () => {
  const [dash, name, base64] = lines.w1.trimEnd().split(' ');
  const changed = (change) => {
    const bytes = Buffer.from(base64, 'base64');
    return `${dash} ${name} ${change(bytes).toString('base64')}\n`;
  };
  const flip = (at) => (bytes) => {
    bytes[at] ^= 1;
    return bytes;
  };
  const notes = {
    'a time': bare + changed(flip(11)),
    'a signature': bare + changed(flip(40)),
    'a byte less': bare + changed((bytes) => bytes.subarray(0, 75)),
    'another size': checkpoint.replace('\n600\n', '\n601\n'),
    'a false line beside a true one': checkpoint + changed(flip(40)),
  };
  for (const [what, text] of Object.entries(notes)) {
    assert.throws(() => cosigned_at(note_of(text), key_of('w1')), Bad, what);
  }
  assert.equal(cosigned_at(note_of(bare + changed(flip(0))), key_of('w1')), null, 'another id');
});

test('every policy of the table is taken as it says', () => {
  assert.ok(cases.length > 60);
  for (const { name, policy, text, cosigned, expect, line, missing } of cases) {
    const read_it = () => policy_of(text ?? policy.map((one) => `${one}\n`).join(''));
    if (expect === 'refused') {
      assert.throws(read_it, (error) => error instanceof Undecided &&
        (line === undefined || error.message.includes(`line ${line}:`)), name);
      continue;
    }
    const found = judge(read_it(), note_of(bare + cosigned.map((who) => lines[who]).join('')));
    assert.equal(found.met, expect === 'met', name);
    assert.deepEqual(found.missing, missing.map(octets), name);
  }
});
