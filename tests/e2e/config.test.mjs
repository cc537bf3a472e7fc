// `pawl config check` and `pawl serve` say the same of a configuration, with its place.

import assert from 'node:assert/strict';
import { chmod, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Pawl, no_pawl } from './support/pawl.mjs';

const options = { skip: no_pawl() };

test('what check finds, serve refuses in the same words', options, async () => {
  const pawl = await Pawl.prepare({});
  try {
    const cases = [
      [{ agents: { a: { key: 'short' } } }, /agents\.a\.key: .*at least 16 characters/],
      [{ agents: { a: { key: 'k'.repeat(20) } }, readers: { b: { key: 'k'.repeat(20) } } },
        /readers\.b\.key: is the key of agent a, too/],
      [{ control: '0.0.0.0:7701' }, /control: 0\.0\.0\.0:7701 is off loopback/],
      [{ listen: '127.0.0.1:7702' }, /`override` has the address of `listen` \(127\.0\.0\.1:7702\)/],
      [{ listen: '0.0.0.0:7700' }, /listen: 0\.0\.0\.0:7700 is off loopback: configure tls/],
      [{ tls: { certificate: 'c.pem', key: 'k.pem' } }, /tls\.certificate: \S+c\.pem: cannot open/],
      [{ domain: 'example.org', node: 'gw1',
         agents: { a: { identities: ['spiffe://example.org/pawl/gw1'] } } },
        /agents\.a\.identities: .*"spiffe:\/\/example\.org\/pawl\/gw1" is this gateway itself/],
      [{ service: { user: 'no-such-user-1', child_user: 'nobody' } }, /service\.user: /],
    ];
    for (const [members, told] of cases) {
      await writeFile(pawl.config_file, `${JSON.stringify({ data: pawl.data, ...members }, undefined, 2)}\n`);
      const checked = await pawl.run(['config', 'check', '--config', pawl.config_file]);
      const served = await pawl.run(['serve', '--config', pawl.config_file]);
      assert.match(checked.stderr, told);
      assert.match(checked.stderr, /^pawl: \S+pawl\.yaml:\d+:\d+: /);
      assert.equal(served.stderr, checked.stderr);
      assert.deepEqual([checked.code, served.code], [2, 2]);
    }
  } finally {
    await pawl.close();
  }
});

test('a data folder into which others may write is refused, and what they put there is not written', options,
  async (context) => {
    const pawl = await Pawl.prepare({});
    context.after(() => pawl.close());
    await pawl.serve();
    await pawl.stop();
    const victim = `${pawl.config_file}.victim`;
    await writeFile(victim, 'precious');
    await rm(join(pawl.data, 'in_flight.journal'), { force: true });
    await symlink(victim, join(pawl.data, 'in_flight.journal'));
    for (const mode of [0o777, 0o1777, 0o770]) {
      await chmod(pawl.data, mode);
      const { code, stderr } = await pawl.run(['serve', '--config', pawl.config_file]);
      assert.notEqual(code, 0);
      assert.match(stderr, /data folder: .*`chmod go-w .*` mends it/);
    }
    assert.equal(await readFile(victim, 'utf8'), 'precious');
    await chmod(pawl.data, 0o700);
    await rm(join(pawl.data, 'in_flight.journal'));
    await pawl.serve();
  });
