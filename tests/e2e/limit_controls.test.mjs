// controls.test.mjs, second part: controls that bound what all share, or guard the ledger and
// repeats. Each has a daemon of its own, because its limit is set low.

import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { FaultyServer, good_result, http_answer, json_answer } from './overload/faulty_server.mjs';
import { call, call_bytes, connect, is_confirmed, outcome_of, stat } from './overload/support.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';
import { Witness } from './support/witness.mjs';

const CHILD = fileURLToPath(new URL('overload/faulty_child.mjs', import.meta.url));
const MOST_RESERVE_MIB = 2 ** 20;        // a TiB: more than is free on the disk of a test
const SHARE = 2;
const BIG = 3.8 * 1024 * 1024;             // an answer
const UNREAD = 8;                          // of them; more than the kernel takes for a reader
const MORE_THAN_A_MIB = 1500;              // records

let folder;
let server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-limits-'));
  server = await FaultyServer.listen();
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** A daemon for one test, not started. */
async function prepare(context, { limits = {}, servers = {}, ...config } = {}) {
  const pawl = await Pawl.prepare({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: server.url }, ...servers }, config: { limits, ...config } });
  context.after(async () => {
    server.on_call = undefined;
    await pawl.close();
  });
  return pawl;
}

async function start(context, options) {
  const pawl = await prepare(context, options);
  await pawl.serve();
  return pawl;
}

/** @param {string} name @param {(context) => Promise<void>} body */
function control(name, body) {
  test(`control: ${name}`, { skip: no_pawl(), timeout: 80_000 }, body);
}

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;

// ---- the ledger's keys ----

control('retired-key', async (context) => {
  const pawl = await start(context);
  const old_key = createPrivateKey(await readFile(join(pawl.data, 'keys/instance.pem'), 'utf8'));
  const { in_use: kid } = await pawl.json('keys', 'list');
  await pawl.json('keys', 'rotate');
  const now = Math.floor(Date.now() / 1000);
  const present = async (iat) => {
    const token = await new SignJWT({ iss: 'spiffe://example.org/pawl/gw1', pred: [], iat,
      aud: ['spiffe://example.org/agent/a'], jti: randomUUID(), exec_act: 'tool.call',
      exp: iat + 600 }).setProtectedHeader({ alg: 'ES256', kid, typ: 'exec+jwt' }).sign(old_key);
    const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
    try {
      return (await agent.call('tool', {}, { headers: { 'execution-context': token } })).status;
    } finally {
      agent.close();
    }
  };
  assert.equal(await present(now - 60), 200, 'from before its retirement');
  assert.equal(await present(now + 20), 403);
});

// ---- the ledger's disk, its past, its length ----

control('disk-reserve', async (context) => {
  const pawl = await prepare(context, { limits: { reserve_mib: MOST_RESERVE_MIB } });
  const serving = pawl.serve().catch(() => {});  // it is up, and never says that it is ready
  await wait_for('its addresses', async () => pawl.addresses);
  const answer = await call(pawl, { server: 'w' });
  await pawl.kill();
  await serving;
  assert.equal(refusal_of(answer)?.code, 'evidence_unavailable');
});

control('head-file', async (context) => {
  const head = join(folder, 'head.note');
  const pawl = await start(context, { head_file: head });
  assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
  await pawl.stop();
  await rm(head, { force: true });
  await assert.rejects(pawl.serve());
});

control('log-limits', async (context) => {
  const pawl = await start(context, { limits: { log_max_mib: 1 } });
  const is_renewed = async () => (await pawl.json('status')).ledger.log > 1;
  let made = 0;
  let renewed = false;
  const calls = Promise.all(Array.from({ length: 16 }, async () => {
    const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
    while (++made < MORE_THAN_A_MIB && !renewed) {
      await agent.call('change', {});
    }
    agent.close();
  }));
  await wait_for('a second log, or more than a log may hold', async () => {
    renewed = await is_renewed();
    return renewed || made >= MORE_THAN_A_MIB || undefined;
  }, { within_ms: 60_000 });
  await calls;
  if (!renewed) {
    const looked = Date.now() + 3000;  // the daemon looks about once a second
    await wait_for('a look at the size', async () =>
      await is_renewed() || Date.now() > looked || undefined);
  }
  assert.ok(renewed || await is_renewed());
});

// Two witnesses must have seen a record before anybody gets its proof; one of them is down.
control('witness-required', async (context) => {
  const policy = join(folder, 'witnesses.policy');
  const pawl = await prepare(context, { witnesses: { policy, required: true, every_s: 1 } });
  const witnesses = await Promise.all(['a', 'b'].map((name) => Witness.make(`example.org/${name}`)));
  context.after(() => Promise.all(witnesses.map((witness) => witness.close())));
  const write_policy = (urls) => writeFile(policy, [
    ...witnesses.map(({ vkey }, i) => `witness w${i} ${vkey} ${urls[i]}`),
    'group both all w0 w1', 'quorum both', ''].join('\n'));
  await write_policy(['http://127.0.0.1:9', 'http://127.0.0.1:9']);
  await pawl.serve();
  const vkey = await (await fetch(`${pawl.addresses.data}/log/vkey`)).text();
  for (const witness of witnesses) await witness.serve([vkey.trim()]);
  await write_policy([witnesses[0].url, 'http://127.0.0.1:9']);
  await pawl.restart();
  assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
  await wait_for('the first witness', async () =>
    (await pawl.json('status')).witnesses.witnesses[0].good || undefined);
  assert.equal((await fetch(`${pawl.addresses.data}/log/proof/0`)).status, 503);
  assert.equal((await fetch(`${pawl.addresses.data}/log/checkpoint`)).status, 503);
});

// An agent's key, or none, is no reader's key.
control('log-reader', async (context) => {
  const pawl = await start(context, { readers: { auditor: { key: 'reader-'.repeat(8) } } });
  assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
  const bundle = (key) => fetch(`${pawl.addresses.data}/log/tile/entries/000.p/1`,
    key ? { headers: { authorization: `Bearer ${key}` } } : {});
  assert.equal((await bundle()).status, 401);
  assert.equal((await bundle(pawl.keys.a)).status, 401);
  assert.equal((await bundle('reader-'.repeat(8))).status, 200);
});

// A program of a server runs behind the record of its start, and not without one.
control('process-recorded', async (context) => {
  const pawl = await start(context, { servers: { child: { command: [NODE, CHILD] } } });
  await call(pawl, { server: 'child' });
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'process.started', '--json',
    '--config', pawl.config_file]);
  assert.match(stdout, /"server":"child"/);
});

// ---- repeats ----

/** A call in a workflow of its own. */
async function traced(pawl, args, repeat_of) {
  const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  const answer = await agent.call('change', args, {
    meta: repeat_of === undefined ? {} : { 'pawl.record/repeat-of': repeat_of },
    headers: { traceparent: `00-${randomBytes(16).toString('hex')}-00f067aa0ba902b7-01` } });
  agent.close();
  return answer;
}

control('repeat-same-call', async (context) => {
  const pawl = await start(context);
  const first = await traced(pawl, { n: 1 });
  assert.ok(is_confirmed(await traced(pawl, { n: 1 }, first.record)), 'a repeat');
  assert.equal(refusal_of(await traced(pawl, { n: 2 }, first.record))?.code, 'not_found');
});

control('repeat-stopped', async (context) => {
  const pawl = await start(context);
  const first = await traced(pawl, { n: 1 });
  const { claims } = await pawl.json('ledger', 'show', first.record);
  const scope = `workflow:${claims.wid}`;
  assert.equal((await override(pawl, 'stop', { scope, reason: 'test' })).status, 200);
  assert.ok(is_confirmed(await traced(pawl, { n: 1 })), 'another workflow goes on');
  assert.equal(refusal_of(await traced(pawl, { n: 1 }, first.record))?.code, 'stopped');
});

// ---- what one agent, or one server, may take ----

control('connections-per-agent', async (context) => {
  const pawl = await start(context, { limits: { connections_per_agent: SHARE } });
  let at_the_server = 0;
  server.on_call = () => { at_the_server += 1; };  // never answered
  const sockets = Array.from({ length: SHARE }, () => {
    const socket = connect(pawl);
    socket.write(call_bytes(pawl.keys.a, 'w', 'look', {}));
    return socket;
  });
  await wait_for('its share', async () => at_the_server === SHARE || undefined);
  server.on_call = undefined;
  const answer = await call(pawl, { server: 'w' });
  sockets.forEach((socket) => socket.destroy());
  assert.equal(refusal_of(answer)?.rule, 'connections-per-agent');
});

control('queue-budget', async (context) => {
  const pawl = await start(context, { limits: { max_queued_mib: 4 } });
  server.on_call = (socket, { id }) => socket.write(
    http_answer(json_answer(id, good_result('x'.repeat(BIG)))));
  const readers = Array.from({ length: UNREAD }, () => {
    const socket = connect(pawl).pause();
    socket.write(call_bytes(pawl.keys.a, 'w', 'look', {}).repeat(5));
    return socket;
  });
  const queued = () => stat(pawl, 'pawl_state', 'queued_output_bytes');
  const cut = () => stat(pawl, 'pawl_limits_reached_total', 'limit="max_queued_mib"');
  await wait_for('more than the budget, or a reader that is cut off', async () =>
    await cut() > 0 || await queued() > 8 * 1024 * 1024 || undefined);
  const readers_cut = await cut();
  readers.forEach((socket) => socket.destroy());
  assert.ok(readers_cut > 0);
});

control('silent-server', async (context) => {
  const pawl = await start(context, { servers: { deaf: { command: [NODE, CHILD],
    env: { FAULT_FILE: join(folder, 'faults') }, call_timeout_s: 1 } } });
  const answer = await call(pawl, { server: 'deaf', args: { fault: 'deaf' } });
  assert.equal(await outcome_of(pawl, answer), 'unknown');
  for (let n = 0; n < 2; ++n) {
    assert.equal(await outcome_of(pawl, await call(pawl, { server: 'deaf' })), 'unknown');
  }
  // What comes next meets a new child, or a refusal until it is there.
  await call(pawl, { server: 'deaf' });
  assert.equal(await stat(pawl, 'pawl_limits_reached_total', 'limit="upstream_silent"'), 1);
});
