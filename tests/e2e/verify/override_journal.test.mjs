// DATA/override.journal, as the real program leaves it after kill -9, read from its page alone.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { override } from '../support/override.mjs';
import { Pawl, no_pawl } from '../support/pawl.mjs';

const [SLOTS, SLOT, CHECK, MOST_BODY] = [256, 512, 480, 472];

/** null: free. Throws for what the page calls damage. */
function read_slot(slot) {
  assert.deepEqual(createHash('sha256').update(slot.subarray(0, CHECK)).digest(),
    slot.subarray(CHECK));
  assert.equal(slot.toString('latin1', 0, 4), 'PWLJ');
  const [version, kind, length] = [slot[4], slot[5], slot.readUInt16BE(6)];
  assert.equal(version, 1);
  assert.ok([0, 1].includes(kind) && length <= MOST_BODY && (kind === 0) === (length === 0));
  assert.ok(slot.subarray(8 + length, CHECK).every((byte) => byte === 0));
  return kind === 0 ? null : JSON.parse(slot.toString('utf8', 8, 8 + length));
}

test('a stop that was acknowledged stands in the journal', { skip: no_pawl() }, async () => {
  const pawl = await Pawl.start({ init: true, agents: { a: {} } });
  try {
    const { stop } = (await override(pawl, 'stop', { scope: 'agent:a', reason: 'why' })).body;
    await pawl.kill();
    const file = readFileSync(join(pawl.data, 'override.journal'));
    assert.equal(file.length, SLOTS * SLOT);
    const slots = Array.from({ length: SLOTS }, (_, i) =>
      read_slot(file.subarray(i * SLOT, (i + 1) * SLOT)));
    assert.deepEqual(slots.filter((slot) => slot !== null), [stop]);
  } finally {
    await pawl.close();
  }
});
