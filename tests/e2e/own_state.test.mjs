// The gateway's own state is in its ledger: how it is configured, who is enrolled, which local
// processes run and how they ended. Real programs, killed and restarted.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call } from './overload/support.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';
import { verify } from './verify/independent/verify.mjs';

const MORTAL = fileURLToPath(new URL('servers/mortal.mjs', import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };

async function prepare(context, { args = [], ...more } = {}) {
  const pawl = await Pawl.prepare({ init: true, agents: { a: {} }, rules: [ALLOW_ALL], ...more });
  const journal = join(pawl.folder, 'journal');
  await change(pawl, (config) => {
    config.servers = { m: { command: [NODE, MORTAL, '--journal', journal, ...args] } };
  });
  context.after(() => pawl.close());
  return pawl;
}

/** Rewrites pawl.yaml. */
async function change(pawl, edit) {
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  edit(config);
  await writeFile(pawl.config_file, JSON.stringify(config));
}

/** The records of one kind, oldest first: {index, claims, body}. */
async function records(pawl, kind) {
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', kind, '--limit', '1000', '--json',
    '--config', pawl.config_file]);
  const rows = stdout.trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))
    .filter(({ id }) => id !== undefined);
  const shown = [];
  for (const { id } of rows) {
    const { index, claims } = await pawl.json('ledger', 'show', id);
    shown.push({ index, id, claims, body: claims.ect_ext[`pawl.${kind.split('.')[0]}`] });
  }
  return shown.sort((one, other) => one.index - other.index);
}

/** Both verifiers, with a pin of now, while nothing runs. */
async function verify_good(pawl) {
  const trust = join(pawl.folder, 'now.trust');
  const pinned = await pawl.run(['trust', 'pin', pawl.data, '-o', trust, '--replace', '--config',
    pawl.config_file]);
  assert.equal(pinned.code, 0, pinned.stderr);
  const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust]);
  assert.equal(code, 0, stdout);
  const found = await verify(pawl.data, { trust });
  assert.equal(found.verdict, 'good', found.reason);
}

const answered = ({ body }) => body.result !== undefined && body.result.isError !== true;
const die = (pawl, until) => call(pawl, { server: 'm', tool: 'die', args: { until } });

test('a start records what changed since the last one, and nothing else', options, async (context) => {
  const pawl = await prepare(context);
  await pawl.serve();
  const [first] = await records(pawl, 'config.changed');
  assert.equal(first.body.before, undefined);
  assert.equal(first.body.policy, (await pawl.json('status')).rules.digest);
  const enrolled = await records(pawl, 'identity.enrolled');
  assert.deepEqual(enrolled.map(({ body }) => body.identity.target), ['agent:a', 'operator:operator']);
  assert.ok(!JSON.stringify(enrolled).includes(pawl.keys.a));

  await pawl.restart();
  await pawl.kill();
  await pawl.serve();
  assert.equal((await records(pawl, 'config.changed')).length, 1);
  assert.equal((await records(pawl, 'identity.enrolled')).length, 2);

  await pawl.stop();
  await change(pawl, (config) => {
    config.limits = { open_calls: 99 };
    config.servers.m.env = { TOKEN: 'a-secret-of-the-server' };
  });
  assert.equal((await pawl.run(['init', '--operator', 'ann', '--key-file',
    join(pawl.folder, 'ann.pem'), '--config', pawl.config_file])).code, 0);
  await pawl.serve();
  const second = (await records(pawl, 'config.changed'))[1];
  assert.deepEqual(second.body.changed, ['limits', 'servers']);
  assert.equal(second.body.before, first.body.digest);
  assert.ok(!JSON.stringify(second.claims).includes('a-secret'));
  assert.equal((await records(pawl, 'identity.enrolled'))[2].body.identity.target, 'operator:ann');

  const { stdout } = await pawl.run(['ledger', 'tail', '--config', pawl.config_file]);
  assert.match(stdout, /changed: limits, servers/);
  assert.match(stdout, /operator:ann enrolled/);
  await pawl.stop();
  await verify_good(pawl);
});

test('the effective configuration that is recorded is what config show says', options, async (context) => {
  const pawl = await prepare(context);
  const shown = await pawl.json('config', 'show');
  await pawl.serve();
  const [{ body }] = await records(pawl, 'config.changed');
  const names = Object.keys(shown).filter((name) => name !== 'file' && name !== 'warnings');
  assert.deepEqual(Object.keys(body.sections).sort(), [...names, 'development'].sort());
});

test('each process of a server begins and ends in the ledger', options, async (context) => {
  const pawl = await prepare(context);
  await pawl.serve();
  const died = await die(pawl, 2);
  assert.ok(!answered(died));
  await wait_for('its second life', async () => answered(await die(pawl, 2)) || undefined);
  const started = await records(pawl, 'process.started');
  const [{ body }] = started;
  assert.equal(body.server, 'm');
  assert.equal(body.program, NODE);
  assert.equal(body.arguments, 3);
  assert.deepEqual(started.map((record) => record.body.start), started.map((_, i) => i + 1));
  const [crash] = await records(pawl, 'process.exited');
  assert.deepEqual(crash.claims.pred, [started[0].id]);
  assert.deepEqual([crash.body.end, crash.body.status, crash.body.why], ['exited', 1, 'itself']);
  assert.ok(started[0].index < (await pawl.json('ledger', 'show', died.record)).index,
    'before the call that it served');

  await pawl.stop();
  await pawl.serve();
  const ended = await records(pawl, 'process.exited');
  assert.equal(ended.length, started.length, 'each has one end');
  const last = ended.at(-1);
  assert.deepEqual([last.body.end, last.body.status, last.body.why], ['exited', 0, 'asked']);
  assert.ok(last.index < (await records(pawl, 'node.stopped')).at(-1).index);

  assert.ok(answered(await die(pawl, 2)));
  await pawl.kill();
  await pawl.serve();
  const lost = (await records(pawl, 'process.exited')).at(-1);
  assert.deepEqual([lost.body.end, lost.body.why], ['unknown', 'gateway_ended']);
  const status = await pawl.json('status');
  assert.equal(status.unknown_outcomes.count, 1, 'of the call that died, and of no process');
  await pawl.stop();
  await verify_good(pawl);
});

test('a program that cannot run has an end, too', options, async (context) => {
  const pawl = await prepare(context);
  await change(pawl, (config) => {
    config.servers.m = { command: ['./no-such-program'] };
  });
  await pawl.serve();
  assert.ok(!answered(await die(pawl)));
  const ends = await wait_for('its end', async () => {
    const found = await records(pawl, 'process.exited');
    return found.length > 0 ? found : undefined;
  });
  assert.equal(ends[0].body.end, 'not_run');
  assert.match(ends[0].body.detail, /can't run the program: No such file/);
});

/** A shim around `sh`, which reads lines and ends as it is told. */
function wrap(pawl, script) {
  const shim = spawn(PAWL_BIN, ['wrap', '--config', pawl.config_file, '--name', 'sh', '--no-start',
    '--', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  shim.ended = new Promise((resolve) => {
    shim.on('exit', (code, signal) => resolve(code ?? signal));
  });
  return shim;
}

test('a wrapped command begins and ends in the ledger of its daemon', options, async (context) => {
  const pawl = await prepare(context);
  await pawl.serve();
  const next_end = async (count) => wait_for(`end ${count}`, async () =>
    (await records(pawl, 'process.exited'))[count - 1]);

  const orderly = wrap(pawl, 'while read line; do :; done; exit 3');
  await wait_for('its start', async () =>
    (await records(pawl, 'process.started')).length === 1 || undefined);
  const [{ body, id }] = await records(pawl, 'process.started');
  assert.deepEqual([body.server, body.agent, body.program, body.arguments], ['sh', 'local', 'sh', 2]);
  orderly.stdin.end();
  assert.equal(await orderly.ended, 3);
  const first = await next_end(1);
  assert.deepEqual(first.claims.pred, [id]);
  assert.deepEqual([first.body.end, first.body.status, first.body.why], ['exited', 3, 'asked']);

  const crash = wrap(pawl, 'kill -9 $$');
  await crash.ended;
  const second = await next_end(2);
  assert.deepEqual([second.body.end, second.body.signal, second.body.why], ['signaled', 9, 'itself']);

  const killed = wrap(pawl, 'while read line; do :; done');
  await wait_for('its start', async () =>
    (await records(pawl, 'process.started')).length === 3 || undefined);
  killed.kill('SIGKILL');
  await killed.ended;
  const third = await next_end(3);
  assert.deepEqual([third.body.end, third.body.why], ['unknown', 'shim_left']);
  await pawl.stop();
  await verify_good(pawl);
});
