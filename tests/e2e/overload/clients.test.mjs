// Clients that are slow, silent, greedy or many: they are bounded, each hurts only itself, and
// people's listeners answer meanwhile.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { after, before, test } from 'node:test';
import { LEGACY_REVISION } from '../support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from '../support/pawl.mjs';
import { wait_for } from '../support/wait.mjs';
import { FaultyServer, flood } from './faulty_server.mjs';
import { MEMORY_BUDGET_MIB, call, call_bytes, call_headers, connect, is_confirmed, peak_mib, stat }
  from './support.mjs';

const MANY = 2000;
const MAX_CONNECTIONS = 512;
const SESSIONS_PER_AGENT = 256;
const GOOD_CALLS = 20;
const options = { skip: no_pawl() };
let server;
let old;  // speaks 2025-11-25
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  [server, old] = await Promise.all([FaultyServer.listen(), FaultyServer.listen()]);
  old.legacy = true;
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {}, greedy: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: server.url }, flooding: { url: server.url },
      old: { url: old.url } },
    config: { limits: { max_connections: MAX_CONNECTIONS,
                        connections_per_agent: SESSIONS_PER_AGENT + 1 } } });
});
after(async () => {
  server?.close();
  old?.close();
  await pawl?.close();
});

async function assert_everybody_else_is_served() {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < GOOD_CALLS; ++n) {
    assert.ok(is_confirmed(await call(pawl, { server: 'w' })), 'a new connection');
    assert.ok(is_confirmed(await call(pawl, { server: 'w', agent: kept })), 'a kept connection');
  }
  kept.destroy();
  assert.equal((await fetch(`${pawl.addresses.control}/healthz`)).status, 200);
  assert.equal((await pawl.json('stop', 'agent:b')).stop.scope, 'agent:b');
  await pawl.json('resume', 'agent:b');
}

/** Opens many connections that each send the same bytes and then nothing. */
async function open_many(count, bytes) {
  const sockets = Array.from({ length: count }, () => connect(pawl));
  await Promise.all(sockets.map(async (socket) => {
    if (await socket.opened && bytes !== '') {
      await Promise.race([socket.gone, new Promise((sent) => { socket.write(bytes, sent); })]);
    }
  }));
  return sockets;
}

async function close_all(sockets) {
  sockets.forEach((socket) => socket.destroy());
  await Promise.all(sockets.map(({ gone }) => gone));
}

const body_begun = (who) => {
  const head = Object.entries(call_headers(pawl.keys[who], 'look', 1000))
    .map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `POST /mcp/w HTTP/1.1\r\n${head}\r\n{"jsonrpc"`;
};

// name, what each of the many connections sends
const SILENT = [
  ['idle connections', () => ''],
  ['requests whose head does not end', () => 'POST /mcp/w HTTP/1.1\r\nHost: 127.0.0.1\r\nX-'],
  ['requests whose body does not end', () => body_begun('greedy')],
];

for (const [name, bytes] of SILENT) {
  test(`${MANY} ${name}: good calls and stops pass`, options, async () => {
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.ok(is_confirmed(await call(pawl, { server: 'w', agent: kept })));
    const sockets = await open_many(MANY, bytes());
    await assert_everybody_else_is_served();
    await close_all(sockets);
    kept.destroy();
    assert.ok(is_confirmed(await call(pawl, { server: 'w' })), 'afterwards');
  });
}

test(`${MANY} connections that come and go leave nothing behind`, options, async () => {
  const descriptors = async () => (await readdir(`/proc/${pawl.pid}/fd`)).length;
  const before_them = await descriptors();
  for (let n = 0; n < MANY; n += 100) {
    await close_all(await open_many(100, 'GET / HT'));
  }
  await assert_everybody_else_is_served();
  await wait_for('the descriptors of clients that left', async () =>
    await descriptors() <= before_them + 10 || undefined);
});

test('pipelined calls are answered in order, and one connection is one turn', options, async () => {
  const count = 200;
  const socket = connect(pawl);
  let text = '';
  const all = new Promise((resolve) => {
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
      if (text.split('"id":').length > count) {
        resolve();
      }
    });
  });
  let bytes = '';
  for (let n = 0; n < count; ++n) {
    bytes += call_bytes(pawl.keys.greedy, 'w', 'look', { n }, n);
  }
  socket.write(bytes);
  assert.ok(is_confirmed(await call(pawl, { server: 'w' })), 'meanwhile');
  await all;
  socket.destroy();
  const ids = [...text.matchAll(/"id": ?(\d+)/g)].map(([, id]) => Number(id));
  assert.deepEqual(ids.slice(0, count), Array.from({ length: count }, (_, n) => n));
});

test('a slow reader of a stream without end slows its own server connection only', options,
  async () => {
    const notice = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message',
      params: { level: 'info', data: 'x'.repeat(60_000) } })}\n\n`;
    let written;
    server.expect();
    server.on_call = (socket) => {
      written = socket;
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
        + 'Transfer-Encoding: chunked\r\n\r\n');
      flood(socket, () => `${Buffer.byteLength(notice).toString(16)}\r\n${notice}\r\n`);
    };
    const reader = connect(pawl);
    reader.pause();
    reader.write(call_bytes(pawl.keys.greedy, 'flooding', 'look', {}));
    await server.reached;
    server.on_call = undefined;
    for (let n = 0; n < 3; ++n) {
      await assert_everybody_else_is_served();
    }
    assert.ok(written.bytesWritten < 64 * 1024 * 1024, `${written.bytesWritten} bytes were taken`);
    reader.destroy();
    await new Promise((resolve) => { written.once('close', resolve); });
    assert.ok(is_confirmed(await call(pawl, { who: 'greedy', server: 'flooding' })));
  });

const initialize = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {
  protocolVersion: LEGACY_REVISION, capabilities: {}, clientInfo: { name: 'x', version: '1' } } });

const legacy_headers = (session) => ({ authorization: `Bearer ${pawl.keys.greedy}`,
  'content-type': 'application/json', accept: 'application/json, text/event-stream',
  'mcp-protocol-version': LEGACY_REVISION,
  ...session === undefined ? {} : { 'mcp-session-id': session } });

async function new_session() {
  const answer = await fetch(`${pawl.addresses.data}/mcp/old`, { method: 'POST',
    headers: legacy_headers(), body: initialize });
  return { text: await answer.text(), id: answer.headers.get('mcp-session-id') };
}

test('thousands of sessions: the unused ones of the same agent end, used ones are kept', options,
  async () => {
    const first = await new_session();
    assert.notEqual(first.id, null, first.text);
    for (let n = 0; n < SESSIONS_PER_AGENT; ++n) {
      assert.notEqual((await new_session()).id, null);
    }
    const gone = await fetch(`${pawl.addresses.data}/mcp/old`, { method: 'POST',
      headers: legacy_headers(first.id), body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' });
    assert.equal(gone.status, 404);
    await gone.text();
    const streams = [];
    for (let n = 0; n < SESSIONS_PER_AGENT; ++n) {
      const { id } = await new_session();
      const socket = connect(pawl);
      const head = Object.entries(legacy_headers(id)).map(([k, v]) => `${k}: ${v}\r\n`).join('');
      socket.write(`GET /mcp/old HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}\r\n`);
      await new Promise((resolve) => { socket.once('data', resolve); });
      streams.push(socket);
    }
    const refused = await new_session();
    assert.equal(refused.id, null);
    assert.match(refused.text, /too many open sessions/);
    await assert_everybody_else_is_served();
    await close_all(streams);
    await wait_for('room again', async () => (await new_session()).id ?? undefined);
  });

test('afterwards: memory within its budget, the flood is in the metrics', options, async () => {
  const mib = await peak_mib(pawl);
  assert.ok(mib < MEMORY_BUDGET_MIB, `${mib} MiB`);
  assert.ok(await stat(pawl, 'pawl_limits_reached_total', 'limit="max_connections"') >= MANY);
  assert.equal(await stat(pawl, 'pawl_bugs_total '), 0);
});
