// Today's program opens the data folders of every format since the first, proves them, and comes to
// the same decisions. The folders stand in tests/vectors/golden.

import assert from 'node:assert/strict';
import { chmod, cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Pawl, no_pawl } from './support/pawl.mjs';

const GOLDEN = fileURLToPath(new URL('../vectors/golden/', import.meta.url));

/** A checkout knows no mode but 755 and 644; a data folder is its owner's alone. */
async function close_to_others(folder) {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? close_to_others(path) : chmod(path, 0o600));
  }
}

/** The snapshot's JSON object: the second line of its note (docs/formats/snapshot.md). */
async function snapshot_of(data) {
  return JSON.parse((await readFile(join(data, 'ledger/snapshot'), 'utf8')).split('\n')[1]);
}

for (const entry of await readdir(GOLDEN, { withFileTypes: true })) {
  if (!entry.isDirectory()) {
    continue;
  }
  test(`${entry.name}: proven, scrubbed, opened, and gone on with`, { skip: no_pawl() },
    async (context) => {
      const pawl = await Pawl.prepare({ agents: { a: {}, b: {} } });
      context.after(() => pawl.close());
      const trust = join(GOLDEN, entry.name, 'log.trust');
      await cp(join(GOLDEN, entry.name, 'data'), pawl.data, { recursive: true });
      await close_to_others(pawl.data);
      const old_fold = (await snapshot_of(pawl.data)).fold_version;
      const verify = async () => {
        const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust, '--json']);
        assert.equal(code, 0, stdout);
        return JSON.parse(stdout);
      };

      const before = await verify();
      assert.equal(before.entries, 15);
      assert.equal(before.open_intents, 1);
      const scrubbed = await pawl.run(['scrub', pawl.data, '--json']);
      assert.equal(JSON.parse(scrubbed.stdout).result, 'good', scrubbed.stderr);

      await pawl.serve();
      const status = await pawl.json('status');
      assert.deepEqual(status.stops.map(({ scope }) => scope), ['agent:b']);
      assert.equal(status.ledger.recovered_unknowns, 1);
      assert.equal(status.ledger.writable, true);
      const outcome = await pawl.json('ledger', 'query', '--outcome', 'unknown');
      assert.match(JSON.stringify(outcome), /"change"/);
      await pawl.stop();
      // The start read no snapshot of another fold: what is in force was folded anew.
      const snapshot = await snapshot_of(pawl.data);
      assert.ok(snapshot.fold_version > old_fold, `${snapshot.fold_version}`);
      const state = JSON.parse(snapshot.state);
      const expected = JSON.parse(
        await readFile(join(GOLDEN, entry.name, 'decisions.json'), 'utf8'));
      for (const member of ['stops', 'revoked', 'lifted', 'lifted_at', 'tasks', 'keys']) {
        assert.deepEqual(state[member], expected[member], member);
      }
      assert.equal(state.unknown_count, expected.unknown_count + before.open_intents);
      const after = await verify();
      assert.ok(after.entries > before.entries);
      assert.equal(after.open_intents, 0);
    });
}
