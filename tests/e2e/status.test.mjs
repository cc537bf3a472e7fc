// `pawl status` at three in the morning: on the live path, each kind of trouble makes its line and
// exit code 1, and it goes away when its cause does. Without a daemon the data folder still talks.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from './support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { read_journal, start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl() };
const DENY = { id: 'no-static', when: { tool: 'test_simple_text' }, then: 'deny', reason: 'no' };
let folder;
let journal;
let reference;
let mortal;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-status-'));
  journal = join(folder, 'journal');
  reference = await start_reference('modern', { journal });
  mortal = await start_reference('modern');
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [DENY, ALLOW_ALL],
    servers: { good: { url: reference.url }, mortal: { url: mortal.url },
               broken: { command: ['/bin/false'] } },
    config: { telemetry: { traces: 'http://127.0.0.1:9/v1/traces' },
              limits: { open_calls_per_agent: 1, call_timeout_s: 2 } } });
});
after(async () => {
  await pawl?.close();
  await reference?.stop('SIGKILL');
  await mortal?.stop('SIGKILL');
  if (folder) await rm(folder, { recursive: true });
});

async function status() {
  const { code, stdout, stderr } =
    await pawl.run(['status', '--config', pawl.config_file, '--json']);
  assert.equal(stderr, '');
  const told = JSON.parse(stdout);
  assert.equal(code, told.down !== undefined ? 2 : told.troubles.length > 0 ? 1 : 0);
  return told;
}
const has = async (id) => (await status()).troubles.find((trouble) => trouble.id === id);
const appears = (id) => wait_for(`trouble ${id}`, () => has(id));
const client_of = (server, agent = 'a', connect = modern_client) =>
  connect({ url: pawl.mcp_url(server), key: pawl.keys[agent] });

test('well: exit 0, and the numbers are there', options, async () => {
  const client = await client_of('good');
  await client.callTool({ name: 'probe_echo', arguments: {} });
  await client.close();
  const told = await status();
  assert.deepEqual(told.troubles.filter(({ id }) => id !== 'telemetry_failing'), []);
  assert.equal(told.upstreams.find(({ server }) => server === 'good').state, 'up');
  assert.equal(told.upstreams.find(({ server }) => server === 'broken').state, 'unused');
  for (const step of ['decide', 'intent', 'upstream', 'record']) {
    const { p50_ms, p99_ms, count } = told.steps.find((one) => one.step === step);
    assert.ok(count >= 1 && p99_ms >= p50_ms && p50_ms > 0, step);
  }
  assert.ok(told.calls.total >= 1);
  assert.equal(told.addresses.control, pawl.addresses.control);
  assert.ok(told.disk.free_bytes > 0);
  const { stdout } = await pawl.run(['status', '--config', pawl.config_file]);
  for (const word of ['good: up', 'records', 'p99', 'version', 'digest']) {
    assert.ok(stdout.includes(word), `${word} in ${stdout}`);
  }
});

test('traces that do not arrive', options, async () => {
  const trouble = await appears('telemetry_failing');
  assert.match(trouble.do, /telemetry\.traces/);
});

test('a stop, until it is lifted', options, async () => {
  await pawl.run(['stop', 'agent:b', '--reason', 'test', '--config', pawl.config_file]);
  const trouble = await appears('stopped');
  assert.match(trouble.what, /agent:b .*test/);
  assert.match(trouble.do, /pawl resume agent:b/);
  const { code, stdout } = await pawl.run(['status', '--config', pawl.config_file]);
  assert.equal(code, 1);
  assert.match(stdout, /^NEEDS A PERSON/);
  await pawl.run(['resume', 'agent:b', '--reason', 'test', '--config', pawl.config_file]);
  assert.equal(await has('stopped'), undefined);
});

test('a server that cannot be started, with its reason', options, async () => {
  await assert.rejects(client_of('broken', 'a', legacy_client));
  const trouble = await appears('upstream_down');
  assert.match(trouble.what, /server broken is down since \d{4}-/);
});

test('a server that dies is down; it is up again with the next answer', options, async () => {
  const client = await client_of('mortal');
  await client.callTool({ name: 'probe_echo', arguments: {} });
  const { port } = new URL(mortal.url);
  await mortal.stop('SIGKILL');
  await client.callTool({ name: 'probe_echo', arguments: {} }).catch(() => {});
  await wait_for('mortal down', async () => (await status()).troubles.some(({ id, what }) =>
    id === 'upstream_down' && what.includes('mortal')) || undefined);
  mortal = await start_reference('modern', { port: Number(port) });
  await wait_for('mortal up', async () => {
    await client.callTool({ name: 'probe_echo', arguments: {} }).catch(() => {});
    return (await status()).upstreams.find(({ server }) => server === 'mortal').state === 'up'
      || undefined;
  });
  await client.close();
});

test('rules that do not load, until they do', options, async () => {
  await writeFile(pawl.rules_file, 'rules: [ {');
  const decided = async () => {
    const client = await client_of('good');
    assert.ok(!(await client.callTool({ name: 'probe_echo', arguments: {} })).isError);
    await client.close();
  };
  await decided();  // no decision reads the file
  process.kill(pawl.pid, 'SIGHUP');
  const trouble = await appears('rules_not_reloaded');
  assert.match(trouble.what, /rules\.yaml:1/);
  await decided();
  await pawl.write_rules([DENY, ALLOW_ALL]);
  process.kill(pawl.pid, 'SIGHUP');
  await wait_for('loaded', async () => await has('rules_not_reloaded') === undefined || undefined);
});

test('a call whose outcome is unknown, and an agent that is shed meanwhile', options, async () => {
  const client = await client_of('good');
  const slow = client.callTool({ name: 'probe_sleep', arguments: { ms: 60_000 } })
    .catch((error) => error);
  const [open] = await wait_for('open', async () => {
    const { running } = await status();
    return running.some(({ stage }) => stage === 'running') ? running : undefined;
  });
  assert.deepEqual([open.agent, open.server, open.verb, open.tool], ['a', 'good', 'tool.call', 'probe_sleep']);
  assert.match(open.id, /^[0-9a-f-]{36}$/);
  const { stdout } = await pawl.run(['status', '--config', pawl.config_file]);
  assert.match(stdout, /^open {4}agent a -> good: tool\.call probe_sleep, running for \d+ s$/m);
  await client.callTool({ name: 'probe_echo', arguments: {} }).catch(() => {});
  const shed = await appears('agent_shed');
  assert.match(shed.what, /agent a /);
  await slow;
  const trouble = await appears('unknown_outcomes');
  assert.match(trouble.do, /pawl why [0-9a-f-]{36}/);
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_limits_reached_total\{limit="call_timeout_s"\} 1/);
  assert.match(metrics, /pawl_limits_reached_total\{limit="open_calls_per_agent"\} [1-9]/);
  assert.match(metrics, /pawl_upstream_up\{server="good"\} 1/);
  assert.match(metrics, /pawl_bugs_total 0/);
  await client.close();
});

test('a flood of refusals names the agent', options, async () => {
  const client = await client_of('good', 'b');
  // At once: the allowance of records grows by twenty a second.
  await Promise.all(Array.from({ length: 400 },
    () => client.callTool({ name: 'test_simple_text', arguments: {} })));
  await client.close();
  const trouble = await appears('agent_flooding');
  assert.match(trouble.what, /agent b /);
});

test('without a daemon: exit 2, the ledger and the stops of the journal', options, async () => {
  await pawl.run(['stop', 'agent:b', '--reason', 'night', '--config', pawl.config_file]);
  const records = (await status()).ledger.size;
  assert.ok(records > 0);
  await pawl.stop();
  const told = await status();
  assert.match(told.troubles[0].what, /no daemon runs|does not answer/);
  assert.equal(told.troubles[0].id, 'down');
  assert.ok(told.ledger.size >= records, `${told.ledger.size} of ${records}`);
  assert.ok(told.ledger.segment_bytes > 0);
  assert.deepEqual(told.stops.map(({ scope }) => scope), ['agent:b']);
  const { code, stdout } = await pawl.run(['status', '--config', pawl.config_file]);
  assert.equal(code, 2);
  assert.match(stdout, /no daemon runs|does not answer/);
});

test('after kill -9 with a call open: the next start says so', options, async () => {
  await pawl.serve();
  const client = await client_of('good');
  const sleeps = async () =>
    (await read_journal(journal)).filter(({ tool }) => tool === 'probe_sleep').length;
  const before_it = await sleeps();
  client.callTool({ name: 'probe_sleep', arguments: { ms: 60_000 } }).catch(() => {});
  // What the server began to execute has a durable intent; a call that is only admitted may have none.
  await wait_for('executing', async () => await sleeps() > before_it || undefined);
  await pawl.kill();
  await pawl.serve();
  const trouble = await appears('recovered');
  assert.match(trouble.what, /it left 1 call open/);
  await client.close().catch(() => {});
});
