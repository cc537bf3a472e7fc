// A backup that somebody put back: with a head file outside the data folder the start is refused,
// and says what to do; the newest copy starts.

import assert from 'node:assert/strict';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));

test('an older ledger than the head file knows is refused', { skip: no_pawl() },
  async (context) => {
    const pawl = await Pawl.prepare({ agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
      servers: { w: { command: [NODE, WITNESS, '--stdio', '--journal', 'journal'] } },
      config: { head_file: 'outside.head' } });
    context.after(() => pawl.close());
    const head = join(pawl.folder, 'outside.head');
    const grow = async () => {
      await pawl.serve();
      const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
      await agent.call('change', { agent: 'a' });
      agent.close();
      await pawl.stop();
    };
    await grow();
    await pawl.serve();
    assert.equal((await override(pawl, 'stop', { scope: 'agent:b', reason: 'carried' })).status, 200);
    await pawl.stop();
    await rm(join(pawl.data, 'override.journal'));  // the ledger alone carries it
    const backup = join(pawl.folder, 'backup');
    await cp(pawl.data, backup, { recursive: true });
    await grow();
    const newest = await readFile(head, 'utf8');
    assert.equal(newest, await readFile(join(pawl.data, 'ledger', 'checkpoint'), 'utf8'));
    const { stdout } = await pawl.run(['ledger', 'head', '--config', pawl.config_file]);
    assert.equal(stdout, newest);

    const current = join(pawl.folder, 'current');
    await cp(pawl.data, current, { recursive: true });
    await rm(pawl.data, { recursive: true });
    await cp(backup, pawl.data, { recursive: true });
    const refused = await pawl.run(['serve', '--config', pawl.config_file]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /the head file .*outside\.head knows \d+: this is an older copy/);
    assert.equal(await readFile(head, 'utf8'), newest, 'refusing does not forget');

    await rm(pawl.data, { recursive: true });
    await cp(current, pawl.data, { recursive: true });
    await grow();

    // The newest copy is lost: people go on as a new log that says so.
    await rm(pawl.data, { recursive: true });
    await cp(backup, pawl.data, { recursive: true });
    const known = Number((await readFile(head, 'utf8')).split('\n')[1]);
    const renewed = await pawl.json('ledger', 'renew');
    assert.equal(renewed.number, 2);
    assert.equal(renewed.size_before, known);
    assert.ok(renewed.size_on_disk < known);
    // The head file is of the log before until the new one publishes; that is no altered file.
    const twice = await pawl.run(['ledger', 'renew', '--config', pawl.config_file]);
    assert.notEqual(twice.code, 0);
    assert.match(twice.stderr, /the log has no entry yet/);
    await grow();
    const [origin, size] = (await readFile(head, 'utf8')).split('\n');
    assert.equal(origin, 'example.org/pawl/gw1/2');
    assert.ok(Number(size) > 0);
    const { claims } = await pawl.json('ledger', 'show', '0');
    assert.equal(claims.exec_act, 'ledger.opened');
    const { after, number } = claims.ect_ext['pawl.ledger'];
    assert.equal(number, 2);
    assert.equal(after.origin, 'example.org/pawl/gw1');
    assert.equal(after.size, known);
    await pawl.serve();
    assert.deepEqual((await pawl.json('status')).stops.map(({ scope }) => scope), ['agent:b'],
      'the stop of the log before is in force');
    await pawl.stop();
    assert.notEqual((await pawl.run(['verify', join(pawl.data, 'ledgers', '000001')])).code, 1);
    assert.notEqual((await pawl.run(['verify', pawl.data])).code, 1);

    await rm(head);
    const missing = await pawl.run(['serve', '--config', pawl.config_file]);
    assert.notEqual(missing.code, 0);
    assert.match(missing.stderr, /the head file is not there.*pawl ledger head -o/);
    const begun = await pawl.run(['ledger', 'head', '-o', head, '--config', pawl.config_file]);
    assert.equal(begun.code, 0, begun.stderr);
    await grow();
  });
