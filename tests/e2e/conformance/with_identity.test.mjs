import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { add_identity } from './with_identity.mjs';

let upstream;
let proxy;
let latest;  // the newest {req, res} that reached the upstream
const exchanges = [];

before(async () => {
  upstream = createServer((req, res) => {
    latest = { req, res };
    upstream.emit('arrived');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  proxy = await add_identity({ key: 'secret', on_exchange: (exchange) => exchanges.push(exchange),
    upstream: `http://127.0.0.1:${upstream.address().port}/mcp/x` });
});

after(async () => {
  await proxy.close();
  upstream.closeAllConnections();
  upstream.close();
});

/** Sends through the proxy and waits until the upstream has it. */
async function send(options, body = '') {
  const arrived = once(upstream, 'arrived');
  const sent = request(proxy.url, { method: 'POST', agent: false, ...options });
  sent.on('error', () => {});
  sent.end(body);
  await arrived;
  return sent;
}

test('the key is added and every other header passes', async () => {
  const sent = await send({ headers: { 'Mcp-Session-Id': 'S', 'X-Twice': ['1', '2'] } }, 'body');
  const { req, res } = latest;
  assert.equal(req.headers.authorization, 'Bearer secret');
  assert.ok(req.rawHeaders.includes('Mcp-Session-Id'), 'the spelling of names is kept');
  assert.equal(req.headers['x-twice'], '1, 2');
  assert.equal(req.url, '/mcp/x');
  assert.equal(req.headers.host, `127.0.0.1:${upstream.address().port}`);
  const [chunk] = await once(req, 'data');
  assert.equal(String(chunk), 'body');
  res.writeHead(418, { 'X-Answer': 'yes' }).end('tea');
  const [answer] = await once(sent, 'response');
  assert.equal(answer.statusCode, 418);
  assert.equal(answer.headers['x-answer'], 'yes');
  answer.resume();
});

test('posted messages are told, and a body that is no JSON passes all the same', async () => {
  for (const body of ['{"method":"ping"}', '{"method":']) {
    const sent = await send({}, body);
    const chunks = await latest.req.toArray();
    assert.equal(Buffer.concat(chunks).toString(), body);
    latest.res.end();
    const [answer] = await once(sent, 'response');
    answer.resume();
  }
  assert.deepEqual(exchanges.filter(({ message }) => message?.method === 'ping').length, 1);
});

test('a foreign Host and Origin reach the upstream unchanged', async () => {
  const sent = await send({ setHost: false,
    headers: { Host: 'evil.example.com', Origin: 'http://evil.example.com' } });
  assert.equal(latest.req.headers.host, 'evil.example.com');
  assert.equal(latest.req.headers.origin, 'http://evil.example.com');
  latest.res.end();
  await once(sent, 'response').then(([answer]) => answer.resume());
});

test('events pass one by one, before the stream ends', async () => {
  const sent = await send({});
  latest.res.writeHead(200, { 'content-type': 'text/event-stream' });
  latest.res.flushHeaders();
  const [answer] = await once(sent, 'response');
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    latest.res.write(event);
    const [chunk] = await once(answer, 'data');
    assert.equal(String(chunk), event);
  }
  latest.res.end();
  await once(answer, 'end');
});

test('a client that leaves closes the upstream request', async () => {
  const sent = await send({});
  const closed = once(latest.res, 'close');
  sent.destroy();
  await closed;
});

test('an upstream that dies closes the client connection', async () => {
  const sent = await send({});
  const closed = once(sent, 'close');
  latest.req.socket.destroy();
  await assert.rejects(closed, /socket hang up/);
});
