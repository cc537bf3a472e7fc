// Old records are pruned under a written retention: what is in force stays in force, what is kept
// stays provable, what went is reported, and nothing can go without a record that says so.

import assert from 'node:assert/strict';
import { access, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';
import { verify as verify_independently } from './verify/independent/verify.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const options = { skip: no_pawl(), timeout: 240_000 };
const CALLS = 1300;
const TOLD = 'x'.repeat(200);

async function change(pawl, edit) {
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  edit(config);
  await writeFile(pawl.config_file, JSON.stringify(config));
}

/** A daemon with small segments, and its readers. */
async function open(context) {
  const pawl = await Pawl.prepare({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    config: { retention: { records: '1s' }, readers: { auditor: { key: 'r'.repeat(32) } },
      limits: { segment_mib: 1 } } });
  const witness = await start_until_json(NODE, [WITNESS, '--journal', join(pawl.folder, 'journal')]);
  await change(pawl, (config) => { config.servers = { w: { url: witness.ready.url } }; });
  context.after(async () => {
    await pawl.close();
    await witness.stop();
  });
  await pawl.serve();
  return pawl;
}

/** So many calls of agent a, some at a time; the records' ids. */
async function calls(pawl, count) {
  const ids = [];
  await Promise.all(Array.from({ length: 8 }, async (_, n) => {
    const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
    for (let i = n; i < count; i += 8) {
      const { body, record } = await agent.call('change', { agent: TOLD });
      assert.ok(body.result, JSON.stringify(body));
      ids.push(record);
    }
    agent.close();
  }));
  return ids;
}

async function run_json(pawl, args, code = 0) {
  const found = await pawl.run([...args, '--json']);
  assert.equal(found.code, code, `${args.join(' ')}: ${found.stdout} ${found.stderr}`);
  return JSON.parse(found.stdout);
}

/** Of a stopped daemon: starts that are recorded, until one is later than the rest by the retention. */
const until_old = (pawl) => wait_for('records that may go', async () => {
  await pawl.serve();
  await pawl.stop();
  const planned = await run_json(pawl, ['ledger', 'prune', '--dry-run', '--config', pawl.config_file]);
  return planned.minimum;
});
const ledger = (pawl, ...args) => pawl.run(['ledger', ...args, '--config', pawl.config_file]);
const exists = (path) => access(path).then(() => true, () => false);

test('old records go, and stops, proofs and receipts stay', options, async (context) => {
  const pawl = await open(context);
  assert.equal((await override(pawl, 'stop', { scope: 'agent:b', reason: 'old stop' })).status, 200);
  const first = await calls(pawl, CALLS);
  const trust = join(pawl.folder, 'log.trust');
  assert.equal((await pawl.run(['trust', 'pin', pawl.data, '-o', trust])).code, 0);
  const old = first[0];
  const old_base = join(pawl.folder, 'old');
  assert.equal((await ledger(pawl, 'prove', old, '-o', old_base)).code, 0);
  const running = await ledger(pawl, 'prune');
  assert.notEqual(running.code, 0, 'not beside a daemon');

  await pawl.stop();
  await until_old(pawl);
  await pawl.serve();
  const later = await calls(pawl, 20);
  await pawl.stop();

  const segments = join(pawl.data, 'ledger', 'segments');
  const before = (await readdir(segments)).length;
  const planned = await run_json(pawl, ['ledger', 'prune', '--dry-run', '--config', pawl.config_file]);
  assert.equal(planned.pruned, false);
  assert.equal((await readdir(segments)).length, before);
  const done = await run_json(pawl, ['ledger', 'prune', '--config', pawl.config_file]);
  assert.equal(done.pruned, true);
  assert.equal(done.minimum, planned.minimum);
  assert.ok(done.minimum >= 256 && done.minimum % 256 === 0, JSON.stringify(done));
  assert.equal((await readdir(segments)).length, before - done.segments);
  assert.equal(await exists(join(pawl.data, 'index.sqlite')), false);

  // Both verifiers, from a pin of before.
  const answer = await run_json(pawl, ['verify', pawl.data, '--trust', trust]);
  assert.equal(answer.verdict, 'good', answer.reason);
  assert.deepEqual([answer.pruned.minimum, answer.pruned.record, answer.pruned.gone],
    [done.minimum, done.record, done.gone]);
  assert.match(answer.reason, /were pruned on/);
  const other = await verify_independently(pawl.data, { trust });
  assert.equal(other.verdict, 'good', other.reason);
  assert.deepEqual(other.pruned, { minimum: done.minimum, record: done.record, gone: done.gone });

  // A receipt of before still proves what went; the log itself says that it went.
  const receipt = ['verify', `${old_base}.token`, '--proof', `${old_base}.tlog-proof`, '--trust', trust];
  assert.equal((await pawl.run(receipt)).code, 0);
  const shown = await ledger(pawl, 'show', old);
  assert.equal(shown.code, 2);
  assert.match(shown.stderr, /were pruned, as record/);

  // A start after it: from the newest snapshot, and from the one that stays.
  for (const snapshot of [true, false]) {
    if (!snapshot) await rm(join(pawl.data, 'ledger', 'snapshot'));
    await pawl.serve();
    const status = await pawl.json('status');
    assert.equal(status.ledger.minimum_index, done.minimum);
    assert.deepEqual(status.stops.map(({ scope }) => scope), ['agent:b'], 'the stop is in force');
    const stopped = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.b });
    const { body } = await stopped.call('change', { agent: 'b' });
    assert.match(JSON.stringify(body), /agent:b is stopped: old stop/);
    stopped.close();
    await calls(pawl, 5);

    const get = (path) => fetch(`${pawl.addresses.data}/log/${path}`,
      { headers: { Authorization: `Bearer ${'r'.repeat(32)}` } });
    assert.equal((await get('tile/entries/000')).status, 404);
    assert.equal((await get('tile/0/000')).status, 200, 'hashes stay');
    assert.equal(JSON.parse(await (await get('minimum')).text()).minimum, done.minimum);
    const kept_bundle = await get(`tile/entries/${String(done.minimum / 256).padStart(3, '0')}`);
    const partial = kept_bundle.status === 404;  // the log may be shorter than a whole bundle more
    assert.ok(partial || kept_bundle.status === 200);

    const base = join(pawl.folder, `later-${snapshot}`);
    const proved = await ledger(pawl, 'prove', later[0], '-o', base);
    assert.equal(proved.code, 0, proved.stderr);
    const proven = await pawl.run(['verify', `${base}.token`, '--proof', `${base}.tlog-proof`,
      '--trust', trust]);
    assert.equal(proven.code, 0, proven.stdout);
    await pawl.stop();
  }

  // The stop's record is kept, so is its proof; the call's went.
  const stops = (await ledger(pawl, 'query', '--kind', 'override.applied', '--json')).stdout;
  const { id: stop_record, index } = JSON.parse(stops.trim().split('\n')[0]);
  assert.ok(index < done.minimum);
  assert.equal((await ledger(pawl, 'prove', stop_record, '-o', join(pawl.folder, 'stop'))).code, 0);

  const bundle = join(pawl.folder, 'bundle');
  const exported = await ledger(pawl, 'export', bundle);
  assert.equal(exported.code, 0, exported.stderr);
  const of_bundle = await run_json(pawl, ['verify', bundle, '--trust', trust]);
  assert.equal(of_bundle.verdict, 'good', of_bundle.reason);
  assert.equal(of_bundle.pruned.minimum, done.minimum);
  const other_bundle = await verify_independently(bundle, { trust });
  assert.equal(other_bundle.verdict, 'good', other_bundle.reason);

  // Cutting off is no pruning.
  const minimum = join(pawl.data, 'ledger', 'minimum');
  const said = await readFile(minimum, 'utf8');
  const record_index = JSON.parse(said).record_index;
  for (const text of [undefined, said.replace(`"minimum":${done.minimum}`, `"minimum":${done.minimum + 256}`),
    said.replace(`"record_index":${record_index}`, `"record_index":${record_index + 1}`)]) {
    if (text === undefined) await rm(minimum);
    else await writeFile(minimum, text);
    const bad = await run_json(pawl, ['verify', pawl.data, '--trust', trust], 1);
    assert.equal(bad.verdict, 'bad', bad.reason);
    assert.equal((await verify_independently(pawl.data, { trust })).verdict, 'bad');
    assert.notEqual((await pawl.run(['serve', '--config', pawl.config_file])).code, 0);
  }
  await writeFile(minimum, said);
  assert.equal((await run_json(pawl, ['verify', pawl.data, '--trust', trust])).verdict, 'good');
});

test('a frozen log that was pruned is proven with the one that goes on', options, async (context) => {
  const pawl = await open(context);
  await calls(pawl, CALLS);
  const trust = join(pawl.folder, 'log.trust');
  assert.equal((await pawl.run(['trust', 'pin', pawl.data, '-o', trust])).code, 0);
  await pawl.stop();
  await until_old(pawl);
  const done = await run_json(pawl, ['ledger', 'prune', '--config', pawl.config_file]);
  assert.equal(done.pruned, true);
  const renewed = await ledger(pawl, 'renew');
  assert.equal(renewed.code, 0, renewed.stderr);
  await pawl.serve();
  await calls(pawl, 5);
  await pawl.stop();
  const answer = await run_json(pawl, ['verify', pawl.data, '--trust', trust]);
  assert.equal(answer.verdict, 'good', answer.reason);
  assert.equal(answer.pruned, null);
  assert.deepEqual(answer.goes_on_from.map(({ log, verdict, pruned }) => [log, verdict, pruned]),
    [[1, 'good', done.gone]]);
});
