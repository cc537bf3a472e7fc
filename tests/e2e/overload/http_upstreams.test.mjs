// Servers over HTTP that are slow, stuck, flooding or lying: the call that meets them ends with the
// right outcome, other agents and servers go on meanwhile, and the same server works afterwards.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ALLOW_ALL, Pawl, no_pawl } from '../support/pawl.mjs';
import { wait_for } from '../support/wait.mjs';
import { FaultyServer, flood, good_result, http_answer, json_answer } from './faulty_server.mjs';
import { MEMORY_BUDGET_MIB, call, is_confirmed, outcome_of, outcomes, peak_mib, stat }
  from './support.mjs';

const options = { skip: no_pawl() };
const MIB = 1024 * 1024;
const BLOCK = 'x'.repeat(64 * 1024);
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
  + 'Transfer-Encoding: chunked\r\n\r\n';
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const event = (text) => chunk(`data: ${text}\n\n`);
const notice = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message',
  params: { level: 'info', data: 'x'.repeat(8000) } });
const good = (id) => json_answer(id, good_result('once'));

// An agent has its own session with a server, so each start below is a first one.
const NEW_AGENTS = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`new${n}`, {}]));
let faulty;   // called by the agent that suffers
let sound;    // called by the others
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  [faulty, sound] = await Promise.all([FaultyServer.listen(), FaultyServer.listen()]);
  const limits = { call_timeout_s: 1, start_timeout_s: 1 };
  pawl = await Pawl.start({ agents: { a: {}, b: {}, ...NEW_AGENTS }, rules: [ALLOW_ALL], servers: {
    faulty: { url: faulty.url, ...limits }, sound: { url: sound.url },
    tls: { url: faulty.url.replace('http:', 'https:'), ...limits } } });
});
after(async () => {
  faulty?.close();
  sound?.close();
  await pawl?.close();
});

/** Writes a text byte by byte, each in a turn of its own. */
function trickle(socket, text) {
  socket.setNoDelay(true);
  let at = 0;
  const more = () => {
    if (at < text.length && !socket.destroyed) {
      socket.write(text[at++], () => setImmediate(more));
    }
  };
  more();
}

// name, what the server does with a call, outcome of the call's record
const CALLS = [
  ['never answers', () => {}, 'unknown'],
  ['answers byte by byte', (socket, { id }) => trickle(socket, http_answer(good(id))), 'confirmed'],
  ['begins an answer and goes silent', (socket) => socket.write(`${HEAD}Content-Length: 9\r\n\r\n{`),
   'unknown'],
  ['sends a byte now and then, without end', (socket) => {
    socket.write(`${HEAD}Content-Length: 999999\r\n\r\n`);
    flood(socket, () => ' ');
  }, 'unknown'],
  ['dies in the middle of a chunk', (socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n`
    + '\r\nff\r\n{"jsonrpc"'), 'unknown'],
  ['dies before the end of its length', (socket, { id }) => socket.end(
    `${HEAD}Content-Length: 5000\r\n\r\n${good(id)}`), 'unknown'],
  ['closes without an answer', (socket) => socket.destroy(), 'unknown'],
  ['speaks no HTTP', (socket) => socket.end('+OK ready\r\n\r\n'), 'unknown'],
  ['sends a head without end', (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, () => `X-More: ${BLOCK}\r\n`);
  }, 'unknown'],
  ['sends interim answers without end', (socket) => flood(socket,
    () => 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(500)), 'unknown'],
  ['answers 100 MiB with a length', (socket) => {
    socket.write(`${HEAD}Content-Length: ${100 * MIB}\r\n\r\n`);
    flood(socket, () => BLOCK);
  }, 'unknown'],
  ['answers in chunks without end', (socket) => {
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    flood(socket, () => chunk(BLOCK));
  }, 'unknown'],
  ['sends one event without end', (socket) => {
    socket.write(`${STREAM}${chunk('data: ')}`);
    flood(socket, () => chunk(BLOCK));
  }, 'unknown'],
  ['floods events without end', (socket) => {
    socket.write(STREAM);
    flood(socket, () => event(notice).repeat(4));
  }, 'unknown'],
  ['floods comments without end', (socket) => {
    socket.write(STREAM);
    flood(socket, () => chunk(': nothing\n'.repeat(500)));
  }, 'unknown'],
  ['answers twice', (socket, { id }) => socket.write(http_answer(good(id)).repeat(2)), 'confirmed'],
  ['answers twice in a stream', (socket, { id }) => socket.write(
    `${STREAM}${event(good(id)).repeat(2)}0\r\n\r\n`), 'confirmed'],
  ['answers with another id', (socket, { id }) => socket.write(http_answer(good(id + 1))), 'unknown'],
  ['answers with the id as text', (socket, { id }) => socket.write(http_answer(good(String(id)))),
   'unknown'],
  ['answers with another id in a stream', (socket, { id }) => socket.write(
    `${STREAM}${event(good(id + 1))}0\r\n\r\n`), 'unknown'],
  ['answers with no JSON', (socket) => socket.write(http_answer('<html>')), 'unknown'],
  ['answers with status 500', (socket) => socket.write(
    'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'), 'unknown'],
];

for (const [name, fault, expected] of CALLS) {
  test(`a server that ${name}: ${expected}`, options, async () => {
    assert.ok(is_confirmed(await call(pawl, { server: 'faulty' })), 'before');
    const recorded = await outcomes(pawl, expected);
    faulty.on_call = fault;
    const suffering = call(pawl, { server: 'faulty' });
    await faulty.reached;
    assert.ok(is_confirmed(await call(pawl, { who: 'b', server: 'sound' })), 'another agent');
    assert.ok(is_confirmed(await call(pawl, { who: 'a', server: 'sound' })), 'another server');
    const answer = await suffering;
    assert.equal(await outcome_of(pawl, answer), expected);
    assert.equal(is_confirmed(answer), expected === 'confirmed', JSON.stringify(answer.body));
    const others = expected === 'confirmed' ? 2 : 0;
    assert.equal(await outcomes(pawl, expected) - recorded, 1 + others, 'not in the metrics');
    faulty.heal();
    const next = await call(pawl, { server: 'faulty', args: { n: 'mine' } });
    assert.equal(next.body.result?.content?.[0].text, 'mine', 'its own answer, not one of before');
  });
}

// name, server, what becomes of each connection
const STARTS = [
  ['accepts and never answers', 'faulty', () => {}],
  ['closes each connection', 'faulty', (socket) => socket.destroy()],
  ['resets each connection', 'faulty', (socket) => socket.resetAndDestroy()],
  ['never ends its head', 'faulty', (socket) => flood(socket, () => `X: ${BLOCK}\r\n`)],
  ['hangs in the TLS handshake', 'tls', () => {}],
  ['answers TLS with something else', 'tls', (socket) => flood(socket, () => BLOCK)],
];

for (const [index, [name, server, fault]] of STARTS.entries()) {
  const who = `new${index}`;
  test(`a server that ${name} at its start: refused, nothing was sent`, options, async () => {
    faulty.drop();
    faulty.on_accept = fault;
    faulty.expect();
    const unknown = await outcomes(pawl, 'unknown');
    const confirmed = await outcomes(pawl, 'confirmed');
    const suffering = call(pawl, { who, server });
    await faulty.reached;
    assert.ok(is_confirmed(await call(pawl, { who: 'b', server: 'sound' })), 'another agent');
    const answer = await suffering;
    assert.equal(is_confirmed(answer), false);
    assert.equal(await outcomes(pawl, 'unknown'), unknown, 'nothing can have happened');
    assert.equal(await outcomes(pawl, 'confirmed'), confirmed + 1);
    faulty.heal();
    if (server === 'faulty') {
      await wait_for('the server after its back-off', async () =>
        is_confirmed(await call(pawl, { who, server })) || undefined);
    }
  });
}

test('afterwards: memory within its budget, nothing broke', options, async () => {
  const mib = await peak_mib(pawl);
  assert.ok(mib < MEMORY_BUDGET_MIB, `${mib} MiB`);
  assert.equal(await stat(pawl, 'pawl_bugs_total '), 0);
  assert.equal(await stat(pawl, 'pawl_open_calls '), 0);
});
