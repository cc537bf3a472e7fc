// Floods cost no record each and no memory: log messages of one server, request bodies that never
// end.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { after, before, test } from 'node:test';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl() };
const MESSAGES = 1000;
const CONNECTIONS = 200;
const BODY = 4 * 1024 * 1024;
const UNFINISHED_MIB = 8;
let pawl;
let server;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({ 'tools/call': (params, request, response, id) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (message) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0',
      ...message })}\n\n`);
    for (let n = 0; n < MESSAGES; ++n) {
      send({ method: 'notifications/message', params: { level: 'info', data: `line ${n}` } });
    }
    send({ id, result: { resultType: 'complete', content: [] } });
    response.end();
  } });
  pawl = await Pawl.start({ servers: { noisy: { url: server.url } }, agents: { a: {}, b: {} },
    rules: [ALLOW_ALL], config: { limits: { max_unfinished_mib: UNFINISHED_MIB,
      open_calls: 4096, open_calls_per_agent: 4096 } } });
});
after(async () => {
  await pawl?.close();
  await server?.close();
});

async function metric(name) {
  const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function rows(...words) {
  const { stdout } = await pawl.run(['ledger', 'query', ...words, '--limit', '10000', '--json',
                                     '--config', pawl.config_file]);
  return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

test('a thousand log messages of one call: all arrive, few have a record, one sums the rest up',
  options, async () => {
    const response = await fetch(pawl.mcp_url('noisy'), { method: 'POST', headers: {
      authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
      accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call', 'mcp-name': 'talk' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'talk',
        arguments: {}, _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/logLevel': 'info' } } }) });
    const text = await response.text();
    assert.equal(text.match(/notifications\/message/g)?.length, MESSAGES, text.slice(-500));
    const summary = await wait_for('the summary', async () =>
      (await rows('--kind', 'notice.summary'))[0]);
    const { claims } = await pawl.json('ledger', 'show', summary.id);
    const { server: name, count, root } = claims.ect_ext['pawl.notice'];
    const own = (await rows('--kind', 'log.message')).length;
    assert.equal(name, 'noisy');
    assert.match(root, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(own >= 100 && own < MESSAGES / 2, `${own} have records of their own`);
    const summed = await metric('pawl_notices_summarized_total');
    assert.equal(own + summed, MESSAGES);
    assert.ok(count <= summed);
  });

/** @returns {Promise<{answer: Promise<string>, close: () => void}>} all of `body` but its end */
async function begin_body(key) {
  const socket = createConnection(Number(new URL(pawl.addresses.data).port), '127.0.0.1');
  let text = '';
  const answer = new Promise((resolve) => {
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
      if (text.includes('\r\n\r\n')) {
        resolve(text.split('\r\n', 1)[0]);
      }
    });
    socket.on('error', () => resolve(text)).on('close', () => resolve(text));
  });
  socket.write('POST /mcp/noisy HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    + 'Accept: application/json, text/event-stream\r\n'
    + `${key === undefined ? '' : `Authorization: Bearer ${key}\r\n`}`
    + `Content-Length: ${BODY}\r\n\r\n`);
  const sent = new Promise((resolve) => {
    socket.write(Buffer.alloc(BODY - 1, ' '), () => resolve('sent'));
  });
  return { answer, settled: Promise.race([answer, sent]), close: () => socket.destroy() };
}

const resident_mib = async () => Number(/VmRSS:\s+(\d+) kB/.exec(
  await readFile(`/proc/${pawl.pid}/status`, 'utf8'))[1]) / 1024;

test('200 bodies without an identity are not read', options, async () => {
  const before_it = await resident_mib();
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => begin_body()));
  const answers = await Promise.all(all.map(({ answer }) => answer));
  assert.deepEqual(new Set(answers), new Set(['HTTP/1.1 401 Unauthorized']));
  assert.equal(await metric('pawl_rejected_input_total{kind="at_header"}'), CONNECTIONS);
  const grown = await resident_mib() - before_it;
  assert.ok(grown < 64, `memory grew by ${grown} MiB`);
  all.forEach(({ close }) => close());
});

test('200 bodies with one: bounded, the newest of who holds most gives way', options, async () => {
  const before_it = await resident_mib();
  const modest = await begin_body(pawl.keys.b);
  await modest.settled;
  const all = await Promise.all(Array.from({ length: CONNECTIONS },
    () => begin_body(pawl.keys.a)));
  await Promise.all(all.map(({ settled }) => settled));
  await wait_for('the bound', async () => {
    const held = await metric('pawl_state{name="unfinished_body_bytes"}');
    assert.ok(held <= UNFINISHED_MIB * 1024 * 1024, `${held} bytes are held`);
    return await metric('pawl_rejected_input_total{kind="too_much_unfinished"}')
      >= CONNECTIONS - 2 * UNFINISHED_MIB ? true : undefined;
  });
  const grown = await resident_mib() - before_it;
  assert.ok(grown < 100, `memory grew by ${grown} MiB`);
  all.forEach(({ close }) => close());
  assert.equal(await Promise.race([modest.answer, Promise.resolve('open')]), 'open',
    'who holds little is not touched');
  modest.close();
});
