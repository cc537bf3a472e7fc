// What one agent may take of connections and of memory for slow readers: whoever takes too much is
// told or cut off, others go on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ALLOW_ALL, Pawl, no_pawl } from '../support/pawl.mjs';
import { wait_for } from '../support/wait.mjs';
import { FaultyServer, good_result, http_answer, json_answer } from './faulty_server.mjs';
import { call, call_bytes, connect, is_confirmed, stat } from './support.mjs';

const MAX_CONNECTIONS = 64;
const SHARE = 32;                         // half of them, the default
const MAX_QUEUED_MIB = 4;
const LARGE = 3.8 * 1024 * 1024;          // an answer of the greedy one
const SMALL = 512 * 1024;                 // of the modest one: the lesser part of what waits
const TOTAL = 19 * 1024 * 1024;           // for each slow reader; more than the kernel takes
const SLOW_READERS = 6;
const options = { skip: no_pawl() };
let server;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await FaultyServer.listen();
  pawl = await Pawl.start({ agents: { greedy: {}, modest: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: server.url } },
    config: { limits: { max_connections: MAX_CONNECTIONS, max_queued_mib: MAX_QUEUED_MIB } } });
});
after(async () => {
  server?.close();
  await pawl?.close();
});

/** Connections of an agent that each ask, so many times, and read nothing. */
function open_many(count, who, size = TOTAL) {
  return Array.from({ length: count }, () => {
    const socket = connect(pawl).pause();
    socket.write(call_bytes(pawl.keys[who], 'w', 'look', { size }).repeat(TOTAL / size));
    return socket;
  });
}

async function close_all(sockets) {
  sockets.forEach((socket) => socket.destroy());
  await Promise.all(sockets.map(({ gone }) => gone));
}

test('an agent with its share of the connections under way is told to wait; others are served',
  options, async () => {
    assert.ok(is_confirmed(await call(pawl, { who: 'greedy', server: 'w' })));
    let at_the_server = 0;
    server.on_call = () => { at_the_server += 1; };  // never answered
    const sockets = open_many(SHARE, 'greedy');
    await wait_for('its share', async () => at_the_server === SHARE || undefined);
    server.on_call = undefined;
    const answer = await call(pawl, { who: 'greedy', server: 'w' });
    const refusal = answer.body.result._meta['pawl.record/refusal'];
    assert.equal(refusal.code, 'overloaded');
    assert.equal(refusal.rule, 'connections-per-agent');
    assert.ok(refusal.retry_after_ms > 0);
    assert.equal(await stat(pawl, 'pawl_limits_reached_total', 'limit="connections_per_agent"'), 1);
    assert.ok(is_confirmed(await call(pawl, { who: 'modest', server: 'w' })));
    await close_all(sockets);
    await wait_for('its share again', async () =>
      is_confirmed(await call(pawl, { who: 'greedy', server: 'w' })) || undefined);
  });

test('more than the budget waits for slow readers: the agent for whom most waits is cut off',
  options, async () => {
    server.on_call = (socket, { id, params }) => socket.write(
      http_answer(json_answer(id, good_result('x'.repeat(params.arguments.size)))));
    const [modest] = open_many(1, 'modest', SMALL);
    await wait_for('the first answer', async () =>
      await stat(pawl, 'pawl_state', 'queued_output_bytes') > 0 || undefined);
    const greedy = open_many(SLOW_READERS, 'greedy', LARGE);
    const cut = () => stat(pawl, 'pawl_limits_reached_total', 'limit="max_queued_mib"');
    await wait_for('a reader that is cut off', async () => await cut() > 0 || undefined);
    let bytes = 0;
    const all = new Promise((resolve) => {
      modest.on('data', (more) => (bytes += more.length) >= TOTAL && resolve(true));
      modest.gone.then(() => resolve(false));
    });
    modest.resume();
    assert.ok(await all, `${bytes} bytes of its answers came`);
    greedy.forEach((socket) => socket.resume());
    await Promise.race(greedy.map(({ gone }) => gone));
    await close_all([modest, ...greedy]);
    server.on_call = undefined;
    await wait_for('nothing waits', async () =>
      await stat(pawl, 'pawl_state', 'queued_output_bytes') === 0 || undefined);
    assert.ok(is_confirmed(await call(pawl, { who: 'greedy', server: 'w' })));
  });
