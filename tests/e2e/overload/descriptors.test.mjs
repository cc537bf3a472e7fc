// Out of descriptors: agents take at most their half, so that people's listener and stops keep
// working; whoever was refused a descriptor is served when they come back, without a restart.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from '../support/pawl.mjs';
import { wait_for } from '../support/wait.mjs';
import { FaultyServer } from './faulty_server.mjs';
import { call, call_bytes, connect, is_confirmed, stat } from './support.mjs';

const SOFT = 128;
const HARD = 256;
const HALF = HARD / 2;
const CONNECTIONS = 300;
const options = { skip: no_pawl() };

const events_in = async (pawl) => (await pawl.log()).split('\n')
  .filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const logged = (pawl, name, count = 1) => wait_for(name, async () => {
  const found = (await events_in(pawl)).filter(({ event }) => event === name);
  return found.length >= count ? found.at(-1) : undefined;
});
const set_limit = (pawl, soft) =>
  execFileSync('prlimit', ['--pid', String(pawl.pid), `--nofile=${soft}:`]);

async function with_pawl(body) {
  const server = await FaultyServer.listen();
  const pawl = await Pawl.start({ init: true, agents: { a: {}, greedy: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: server.url } }, config: { limits: { max_connections: 4096, open_calls: 8 } },
    program: ['prlimit', `--nofile=${SOFT}:${HARD}`, PAWL_BIN] });
  try {
    await body(pawl, server);
    assert.equal(await stat(pawl, 'pawl_bugs_total '), 0);
  } finally {
    server.close();
    await pawl.close();
  }
}

test('the start raises the soft limit to the hard one and says what it got', options, () =>
  with_pawl(async (pawl) => {
    const { limit, for_agents } = await logged(pawl, 'descriptors');
    assert.deepEqual([Number(limit), Number(for_agents)], [HARD, HALF]);
  }));

test('open calls of an agent take its half: people and stops keep theirs, then all recovers',
  options, () => with_pawl(async (pawl, server) => {
    assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
    let at_server = 0;
    server.on_call = () => { at_server += 1; };  // never answers
    const bytes = call_bytes(pawl.keys.greedy, 'w', 'look', {});
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(pawl));
    sockets.forEach((socket) => socket.write(bytes));
    await wait_for('out_of_descriptors', async () => {  // every place waits for an answer now
      sockets.push(connect(pawl));
      sockets.at(-1).write(bytes);
      return (await pawl.log()).includes('"out_of_descriptors"') || undefined;
    });
    assert.ok(at_server <= 8, `${at_server} calls`);
    assert.ok(await stat(pawl, 'pawl_limits_reached_total', 'limit="descriptors"') > 0);
    for (let n = 0; n < 10; ++n) {
      assert.equal((await fetch(`${pawl.addresses.control}/healthz`,
        { headers: { connection: 'close' } })).status, 200);
    }
    assert.equal((await pawl.json('stop', 'agent:greedy')).stop.scope, 'agent:greedy');
    sockets.forEach((socket) => socket.destroy());
    server.heal();
    await wait_for('a good call', async () =>
      is_confirmed(await call(pawl, { server: 'w' })) || undefined);
    await logged(pawl, 'descriptors_again');
  }));

test('half-open connections over the half give way to good calls', options, () =>
  with_pawl(async (pawl) => {
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(pawl));
    await Promise.all(sockets.map(async (socket) => {
      await socket.opened;
      socket.write('POST /mcp/w HT');
    }));
    for (let n = 0; n < 10; ++n) {
      const answer = await call(pawl, { server: 'w' });
      assert.ok(is_confirmed(answer), JSON.stringify(answer.body));
    }
    sockets.forEach((socket) => socket.destroy());
  }));

test('no descriptor at all: the call that waited is answered when there are some again', options,
  () => with_pawl(async (pawl) => {
    assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
    set_limit(pawl, 1);
    const waiting = call(pawl, { server: 'w' });
    await logged(pawl, 'out_of_descriptors');
    set_limit(pawl, HARD);
    assert.ok(is_confirmed(await waiting));
    assert.ok(is_confirmed(await call(pawl, { server: 'w' })));
    await logged(pawl, 'descriptors_again');
  }));
