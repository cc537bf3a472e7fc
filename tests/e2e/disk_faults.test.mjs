// The real program on disks that are full or fail: nothing is executed that cannot be recorded, a
// stop works all the same, and the service goes on by itself where that is safe.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const SHIM = fileURLToPath(new URL('support/failing_sync.cc', import.meta.url));
const MOST_CALLS = 5000;  // a segment's mebibyte holds fewer
const MIB = 1 << 20;

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;

/** A gateway before a witness that notes what it executes. */
async function open(context, options) {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-disk-'));
  const journal = join(folder, 'journal');
  const witness = await start_until_json(NODE, [WITNESS, '--journal', journal]);
  context.after(async () => {
    await witness.stop();
    await rm(folder, { recursive: true });
  });
  const pawl = await Pawl.prepare({ agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    servers: { http: { url: witness.ready.url } }, ...options(folder) });
  context.after(() => pawl.close());
  await pawl.serve();
  const call = async (id, args = {}) => {
    const agent = new RawAgent({ url: pawl.mcp_url('http'), key: pawl.keys[id] });
    const answer = await agent.call('change', { agent: id, ...args });
    agent.close();
    return answer;
  };
  const executed = async () =>
    (await read_journal(journal)).filter(({ phase }) => phase === 'began').length;
  const ready = async () => (await fetch(`${pawl.addresses.control}/readyz`)).status === 200;
  return { pawl, call, executed, ready, folder };
}

/**
 * Calls until one is refused. What the disk refuses first may also be the outcome of a call: its
 * answer then waits for room, and `late` is that call.
 * @returns {Promise<{passed: number, late?: Promise<object>}>} passed: those that were answered
 */
async function call_until_refused(call, ready) {
  const closed = wait_for('closed', async () => !await ready() || undefined).then(() => 'closed');
  for (let passed = 0; passed < MOST_CALLS; passed += 1) {
    const one = call('a');
    const first = await Promise.race([one, closed]);
    const answer = first === 'closed' ? await call('a') : first;
    if (!succeeded(answer)) {
      assert.equal(refusal_of(answer).code, 'evidence_unavailable');
      return { passed, late: first === 'closed' ? one : undefined };
    }
  }
  return assert.fail(`${MOST_CALLS} calls passed on a full disk`);
}

/** Nothing that was refused was executed; @returns what waits must have become once there is room */
async function check_executed(executed, passed, late) {
  const beyond = await executed() - passed;
  assert.ok(beyond === 0 || (beyond === 1 && late), `${beyond} calls that were refused were executed`);
  return async () => assert.equal(late !== undefined && succeeded(await late), beyond === 1);
}

async function verify(pawl) {
  const trust = join(pawl.folder, 'pinned.trust');
  const pin = await pawl.run(['trust', 'pin', '-o', trust, '--replace', '--config',
                              pawl.config_file]);
  assert.equal(pin.code, 0, pin.stderr);
  const { code, stdout, stderr } = await pawl.run(['verify', pawl.data, '--trust', trust]);
  assert.equal(code, 0, stdout + stderr);
}

const options = { skip: no_pawl() };

test('no file may grow: intents are refused, a stop is durable, and calls pass when it may again',
  options, async (context) => {
    // SIGXFSZ is ignored by whoever starts it here, so that a write fails with EFBIG.
    const limited = ['bash', '-c', 'trap "" XFSZ; ulimit -S -f 1024; exec "$@"', 'bash', PAWL_BIN];
    const { pawl, call, executed, ready } = await open(context, () => (
      { program: limited, config: { limits: { reserve_mib: 0 } } }));
    const { passed, late } = await call_until_refused(call, ready);
    assert.ok(passed > 50, 'the first mebibyte is used');
    const check_late = await check_executed(executed, passed, late);
    assert.equal(await ready(), false);
    const stop = await override(pawl, 'stop', { scope: 'agent:b', reason: 'disk' });
    assert.deepEqual([stop.status, stop.body.durable], [200, true]);
    execFileSync('prlimit', ['--pid', String(pawl.pid), `--fsize=${64 * MIB}:`]);
    await wait_for('ready', async () => await ready() || undefined);
    await check_late();
    assert.ok(succeeded(await call('a')), 'no restart was needed');
    assert.equal(refusal_of(await call('b')).code, 'stopped');
    await verify(pawl);
  });

test('no space left on a real file system: the same', options, async (context) => {
  const data = await mkdtemp(join(tmpdir(), 'pawl-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', data],
      { stdio: 'pipe' });
  } catch {
    await rm(data, { recursive: true });
    context.skip('a small file system cannot be mounted by this user');
    return;
  }
  const opened = open(context, () => ({ data, config: { limits: { reserve_mib: 0 } } }));
  await opened.catch(() => {});
  context.after(async () => {  // after the hooks of open()
    execFileSync('umount', ['-l', data]);
    await rm(data, { recursive: true });
  });
  const { pawl, call, executed, ready } = await opened;
  assert.ok(succeeded(await call('a')));
  const filler = join(data, 'filler');
  await writeFile(filler, Buffer.alloc(8 * MIB)).catch(({ code }) => assert.equal(code, 'ENOSPC'));
  const { passed, late } = await call_until_refused(call, ready);
  const check_late = await check_executed(executed, 1 + passed, late);
  const stop = await override(pawl, 'stop', { scope: 'agent:b', reason: 'disk' });
  assert.deepEqual([stop.status, stop.body.durable], [200, true]);
  await rm(filler);
  await wait_for('ready', async () => await ready() || undefined);
  await check_late();
  assert.ok(succeeded(await call('a')), 'no restart was needed');
  assert.equal(refusal_of(await call('b')).code, 'stopped');
  await verify(pawl);
});

test('a sync fails: nothing is acknowledged any more, a stop is in force, a restart recovers',
  options, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'pawl-sync-'));
    context.after(() => rm(folder, { recursive: true }));
    const shim = join(folder, 'failing_sync.so');
    execFileSync('g++', ['-shared', '-fPIC', '-O1', '-o', shim, SHIM]);
    const trigger = join(folder, 'fail');
    const { pawl, call, executed, ready } = await open(context, () => (
      { env: { LD_PRELOAD: shim, PAWL_FAIL_SYNC: trigger } }));
    assert.ok(succeeded(await call('a')));
    await writeFile(trigger, '');
    assert.equal(refusal_of(await call('a')).code, 'evidence_unavailable');
    assert.equal(await executed(), 1, 'the refused call was not executed');
    const stop = await override(pawl, 'stop', { scope: 'agent:b', reason: 'disk' });
    assert.deepEqual([stop.status, stop.body.durable], [200, false], 'and the answer says so');
    await rm(trigger);
    assert.equal(await ready(), false);
    assert.equal(refusal_of(await call('a')).code, 'evidence_unavailable', 'not without a restart');
    assert.equal(await executed(), 1);
    await pawl.kill();
    await pawl.serve();
    assert.ok(succeeded(await call('a')));
    assert.equal(await executed(), 2);
    const status = await pawl.json('status');
    assert.ok(status.ledger.writable);
    await verify(pawl);
  });

test('its own output cannot be written: it works all the same', options, async (context) => {
  const deaf = ['bash', '-c', '[ "$1" = serve ] && exec >/dev/full 2>&1; exec "$0" "$@"',
                PAWL_BIN];
  const { call } = await open(context, () => ({ program: deaf }));
  assert.ok(succeeded(await call('a')));
});
