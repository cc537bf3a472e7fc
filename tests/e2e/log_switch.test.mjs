// A new log begins under load, without a restart and without losing a call; the frozen ones are
// proven with it, found by queries, and a kill at any moment leaves nothing out.

import assert from 'node:assert/strict';
import { access, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;

async function open(context, limits = {}) {
  const pawl = await Pawl.prepare({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    config: { limits, servers: {} } });
  const witness = await start_until_json(NODE, [WITNESS, '--journal', join(pawl.folder, 'journal')]);
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  config.servers = { w: { url: witness.ready.url, tools: { look: { effects: 'read_only' } } } };
  await writeFile(pawl.config_file, JSON.stringify(config));
  context.after(async () => {
    await pawl.close();
    await witness.stop();
  });
  await pawl.serve();
  return pawl;
}

/** Calls until told to stop; every answer must be a success with a record. */
function callers(pawl, count) {
  const ids = [];
  let going = true;
  const done = Promise.all(Array.from({ length: count }, async (_, n) => {
    const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
    while (going) {
      const answer = await agent.call(n % 3 === 0 ? 'look' : 'change',
        { agent: 'a', ms: n % 4 === 0 ? 200 : 0 });
      assert.ok(succeeded(answer), JSON.stringify(answer.body));
      ids.push(answer.record);
    }
    agent.close();
  }));
  return { ids, async stop() { going = false; await done; } };
}

async function pin(pawl) {
  const trust = join(pawl.folder, 'log.trust');
  const { code, stderr } = await pawl.run(['trust', 'pin', pawl.data, '-o', trust]);
  assert.equal(code, 0, stderr);
  return trust;
}

async function verify(pawl, trust) {
  const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust, '--json']);
  return { code, ...JSON.parse(stdout) };
}

test('switched three times under load: no call is lost, and the chain is proven',
  { skip: no_pawl() }, async (context) => {
    const pawl = await open(context);
    const load = callers(pawl, 12);
    await wait_for('some calls', async () => load.ids.length > 50 || undefined);
    const trust = await pin(pawl);
    assert.equal((await override(pawl, 'stop', { scope: 'agent:b', reason: 'carried' })).status, 200);
    for (const number of [2, 3, 4]) {
      const before = load.ids.length;
      const { code, stdout, stderr } =
        await pawl.run(['ledger', 'renew', '--config', pawl.config_file, '--json']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), { number, by_daemon: true });
      await wait_for('calls in it', async () => load.ids.length > before + 50 || undefined);
    }
    await load.stop();
    const status = await pawl.json('status');
    assert.equal(status.ledger.log, 4);
    assert.deepEqual(status.stops.map(({ scope }) => scope), ['agent:b'], 'the stop is carried');
    assert.equal((await pawl.run(['resume', 'agent:b', '--config', pawl.config_file])).code, 0);
    const [{ id: stop_record }] = (await pawl.run(['ledger', 'query', '--kind', 'override.applied',
      '--json', '--config', pawl.config_file])).stdout.trim().split('\n').map((line) => JSON.parse(line));
    const story = await pawl.run(['why', stop_record, '--config', pawl.config_file]);
    assert.equal(story.code, 0, story.stderr);
    assert.match(story.stdout, /stop .*record [0-9a-f-]{36}/);
    assert.match(story.stdout, /resumed .*record [0-9a-f-]{36}/);

    // Also while it runs, from a pin of log 1.
    const running = await verify(pawl, trust);
    assert.equal(running.code, 0, running.reason);
    assert.deepEqual(running.goes_on_from.map(({ log, verdict }) => [log, verdict]),
      [[3, 'good'], [2, 'good'], [1, 'good']]);

    const found = new Set();
    const { stdout } = await pawl.run(['ledger', 'query', '--agent', 'a', '--limit', '10000',
      '--json', '--config', pawl.config_file]);
    const rows = stdout.trim().split('\n').map((line) => JSON.parse(line));
    for (const row of rows) {
      assert.ok(!found.has(row.id), `${row.id} has two records`);
      found.add(row.id);
      assert.equal(row.outcome, 'confirmed');
    }
    assert.deepEqual(load.ids.filter((id) => !found.has(id)), [], 'every answer has its record');
    for (const log of [undefined, 1, 2, 3]) {
      const { id } = rows.find((row) => row.log === log);
      const why = await pawl.run(['why', id, '--config', pawl.config_file]);
      assert.equal(why.code, 0, why.stderr);
      const base = join(pawl.folder, `receipt-${log}`);
      const proof = await pawl.run(['ledger', 'prove', id, '-o', base, '--config', pawl.config_file]);
      assert.equal(proof.code, 0, proof.stderr);
      const proven = await pawl.run(['verify', `${base}.token`, '--proof', `${base}.tlog-proof`,
        '--trust', trust]);
      assert.equal(proven.code, 0, proven.stdout);
    }

    await pawl.stop();
    await pawl.serve();  // a start goes on in log 4
    assert.equal((await pawl.json('status')).ledger.log, 4);
    await pawl.stop();
    const after = await verify(pawl, trust);
    assert.equal(after.code, 0, after.reason);
    assert.equal(after.open_intents, 0);

    // What the fold begins with must be what the first record names.
    const opened_file = join(pawl.data, 'ledger', 'opened.json');
    const opened = await readFile(opened_file, 'utf8');
    const forged = JSON.parse(opened);
    forged.decisions = JSON.stringify({ ...JSON.parse(forged.decisions), stops: [] });
    await writeFile(opened_file, JSON.stringify(forged));
    const refused = await pawl.run(['serve', '--config', pawl.config_file]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /opened\.json: is not what the first record of this log names/);
    await writeFile(opened_file, opened);

    // A frozen log that is altered, and one that is not there.
    const segments = join(pawl.data, 'ledgers', '000002', 'segments');
    const [name] = await readdir(segments);
    const whole = await readFile(join(segments, name));
    const bent = Buffer.from(whole);
    bent[bent.indexOf('eyJ') + 200] ^= 1;
    await writeFile(join(segments, name), bent);
    const bad = await verify(pawl, trust);
    assert.equal(bad.code, 1);
    assert.match(bad.reason, /^log 2: /);
    await writeFile(join(segments, name), whole);
    const away = join(pawl.folder, 'away');
    await rename(join(pawl.data, 'ledgers', '000001'), away);
    const missing = await verify(pawl, trust);
    assert.equal(missing.code, 2);
    assert.match(missing.reason, /log 1 is not in .*ledgers/);
    const moved = await pawl.run(['verify', away, '--trust', trust]);
    assert.equal(moved.code, 0, moved.stdout);
  });

test('a kill around the switch: each answered call has one record, each open one is unknown',
  { skip: no_pawl() }, async (context) => {
    const pawl = await open(context);
    const trust = await pin(pawl);
    const ids = [];
    const there = (...path) => access(join(pawl.data, ...path)).then(() => true);
    const moments = {
      'the request has left': async () => true,
      'it was answered': async ({ asked }) => (await asked, true),
      'the next log is prepared': async ({ frozen }) =>
        there('ledger.next', 'opened.json').catch(() => there('ledgers', frozen)),
      'the old log is frozen': async ({ frozen }) => there('ledgers', frozen),
      'all is over': async ({ frozen }) =>
        (await pawl.log()).includes(`"log_switched","number":"${Number(frozen) + 1}"`) || undefined,
    };
    for (const [when, moment] of Object.entries(moments)) {
      const { log } = (await pawl.json('status')).ledger;
      const frozen = String(log).padStart(6, '0');
      const agents = Array.from({ length: 8 },
        () => new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a }));
      let going = true;
      const load = Promise.all(agents.map(async (agent, n) => {
        while (going) {
          const answer = await agent.call(n % 2 ? 'change' : 'look', { agent: 'a' })
            .catch(() => undefined);
          if (answer !== undefined && succeeded(answer)) {
            ids.push(answer.record);
          }
          going &&= answer !== undefined;
        }
      }));
      await wait_for('calls', async () => ids.length > 20 || undefined);
      const token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
      const asked = fetch(`${pawl.addresses.control}/api/v1/ledger/renew`,
        { method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}` } })
        .catch(() => undefined);
      await wait_for(when, () => moment({ asked, frozen }));
      await pawl.kill();
      going = false;
      await load;
      await asked;
      agents.forEach((agent) => agent.close());
      await pawl.serve();
    }
    await pawl.stop();
    const proven = await verify(pawl, trust);
    assert.equal(proven.code, 0, proven.reason);
    assert.equal(proven.open_intents, 0);
    const { stdout } = await pawl.run(['ledger', 'query', '--agent', 'a', '--limit', '10000',
      '--json', '--config', pawl.config_file]);
    const count = new Map();
    for (const line of stdout.trim().split('\n')) {
      const { id } = JSON.parse(line);
      count.set(id, (count.get(id) ?? 0) + 1);
    }
    assert.deepEqual([...count].filter(([, times]) => times !== 1), [], 'one record each');
    assert.deepEqual(ids.filter((id) => !count.has(id)), [], 'every answer has its record');
  });

test('a kill, then a renewal of the stopped folder: each read has one record, with its outcome',
  { skip: no_pawl() }, async (context) => {
    const pawl = await open(context);
    const agents = Array.from({ length: 4 },
      () => new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a }));
    const ids = (await Promise.all(agents.map((agent) => agent.call('look', { agent: 'a' }))))
      .map((answer) => answer.record);
    await pawl.kill();
    agents.forEach((agent) => agent.close());
    const renewed = await pawl.run(['ledger', 'renew', '--config', pawl.config_file]);
    assert.equal(renewed.code, 0, renewed.stderr);
    await pawl.serve();
    const { stdout } = await pawl.run(['ledger', 'query', '--agent', 'a', '--limit', '1000',
      '--json', '--config', pawl.config_file]);
    const rows = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(rows.map(({ id, outcome }) => [id, outcome]).sort(),
      ids.map((id) => [id, 'confirmed']).sort());
  });

test('a log of limits.log_max_mib is followed by the next one, by itself', { skip: no_pawl() },
  async (context) => {
    const pawl = await open(context, { log_max_mib: 1 });
    const load = callers(pawl, 16);
    await wait_for('log 2', async () =>
      (await pawl.json('status')).ledger.log > 1 || undefined, { within_ms: 60_000 });
    await load.stop();
    assert.match(await pawl.log(), /"log_switched"/);
  });

test('a renewed log of other keys is not taken at first sight by who pinned the one before',
  { skip: no_pawl() }, async (context) => {
    const [mine, forged] = [await open(context), await open(context)];
    const env = { XDG_CONFIG_HOME: join(mine.folder, 'config') };
    const pin_here = (...more) => mine.run(['trust', 'pin', mine.data, ...more], { env });
    assert.equal((await pin_here()).code, 0);
    assert.equal((await forged.run(['ledger', 'renew', '--config', forged.config_file])).code, 0);
    await wait_for('the next log', async () =>
      (await forged.json('status')).ledger.log === 2 || undefined);
    await mine.stop();
    await forged.stop();
    await rename(mine.data, `${mine.data}.true`);
    await rename(forged.data, mine.data);
    const { code, stderr } = await pin_here();
    assert.equal(code, 1);
    assert.match(stderr, /other keys were pinned for \S+, an earlier log of this instance/);
    assert.equal((await mine.run(['verify', mine.data], { env })).code, 1);
    assert.equal((await pin_here('--replace')).code, 0, 'whoever knows why may say so');
    await rename(mine.data, forged.data);
  });
