// What readers of SCITT find over HTTP: the COSE receipt of a record by its id and the key that
// signed it, and that nothing of others is registered.

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { Sign1 } from '@auth0/cose';
import { from_cbor, open1, to_cbor } from './support/cose.mjs';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { wait_for } from './support/wait.mjs';
import { leaf_hash, root_by_path } from './verify/independent/merkle.mjs';

const options = { skip: no_pawl() };
const KEY = 'reader-'.repeat(8);
const CONCISE_PROBLEM = 'application/concise-problem-details+cbor';
const [VDP, INCLUSION] = [396, -1];

async function start(context, readers = { auditor: { key: KEY } }) {
  const pawl = await Pawl.start({ init: true, config: { readers }, agents: { a: {} },
    rules: [ALLOW_ALL], servers: { s: { url: 'http://127.0.0.1:1/mcp' } } });
  context.after(() => pawl.close());
  return pawl;
}

/** @returns {Promise<{status: number, type: string, location: string, value?: Map, bytes: Buffer}>} */
async function ask(pawl, path, { key = KEY, ...more } = {}) {
  const response = await fetch(`${pawl.addresses.data}${path}`, { ...more,
    headers: { ...key === null ? {} : { authorization: `Bearer ${key}` }, ...more.headers } });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  return { status: response.status, type, location: response.headers.get('location'), bytes,
    value: type.endsWith('cbor') ? from_cbor(bytes) : undefined };
}

/** One refused call (its server is not there), which has a record all the same. */
async function one_record(pawl) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const answer = await agent.call('change', {}, {});
  agent.close();
  return { id: answer.record, token: answer.headers['execution-context'] };
}

test('a receipt by the id of its record, and the key to verify it', options, async (context) => {
  const pawl = await start(context);
  const { id, token } = await one_record(pawl);
  const found = await wait_for('the record to be in the index', async () => {
    const answer = await ask(pawl, `/entries/${id}`);
    return answer.status === 200 ? answer : undefined;
  });
  assert.equal(found.type, 'application/cose');
  assert.equal(found.location, `/entries/${id}`);
  const { value: [key, ...others] } = await ask(pawl, '/.well-known/scitt-keys', { key: null });
  assert.deepEqual(others, []);
  assert.deepEqual([...key.keys()].sort(), [-1, -2, 1, 2, 3].sort());
  assert.deepEqual([key.get(1), key.get(3), key.get(-1)], [1, -8, 6]);
  const kid = Buffer.from(key.get(2)).toString();
  for (const name of [kid, Buffer.from(kid).toString('base64url')]) {
    const single = await ask(pawl, `/.well-known/scitt-keys/${name}`, { key: null });
    assert.deepEqual(single.value, key);
  }
  const receipt = open1(found.bytes);
  assert.equal(Buffer.from(receipt.header.get(4)).toString(), kid);
  const [size, index, path] = from_cbor(receipt.unprotected.get(VDP).get(INCLUSION)[0]);
  const root = root_by_path(leaf_hash(Buffer.from(token)), BigInt(index), BigInt(size),
                            path.map((hash) => Buffer.from(hash)));
  const x = Buffer.from(key.get(-2)).toString('base64url');
  const log_key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  await Sign1.decode(found.bytes).verify(log_key, { algorithms: [-8], detachedPayload: root });
});

test('what is not there, or not for whoever asks, is a concise problem', options, async (context) => {
  const pawl = await start(context);
  const { id } = await one_record(pawl);
  const statement = { method: 'POST', body: to_cbor([]), headers: { 'content-type': 'application/cose' } };
  const unknown = '/entries/019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f';
  for (const [path, asked, status, title] of [
    [`/entries/${id}`, { key: null }, 401, 'Unauthorized'],
    [`/entries/${id}`, { key: 'x'.repeat(20) }, 401, 'Unauthorized'],
    [`/entries/${id}`, { key: pawl.keys.a }, 401, 'Unauthorized'],
    [unknown, {}, 404, 'Not Found'],
    ['/entries/1', {}, 400, 'Invalid locator'],
    [`/entries/${id}/x`, {}, 400, 'Invalid locator'],
    ['/entries', statement, 400, 'Rejected'],
    ['/entries', { ...statement, key: null }, 401, 'Unauthorized'],
    ['/.well-known/scitt-keys/x', { key: null }, 404, 'No such key'],
  ]) {
    const answer = await ask(pawl, path, asked);
    assert.deepEqual([answer.status, answer.type, answer.value.get(-1)],
                     [status, CONCISE_PROBLEM, title], path);
    assert.ok(answer.value.get(-2).length > 0, path);
  }
  for (const [path, method] of [['/entries', 'GET'], ['/entries/', 'GET'], ['/entriesx', 'POST'],
    [`/entries/${id}`, 'POST'], ['/.well-known/scitt-keysx', 'GET']]) {
    const { status } = await fetch(`${pawl.addresses.data}${path}`, { method });
    assert.ok([404, 405].includes(status), `${method} ${path}: ${status}`);
  }
});

test('without readers in the configuration nobody is one', options, async (context) => {
  const pawl = await start(context, {});
  const { id } = await one_record(pawl);
  assert.equal((await ask(pawl, `/entries/${id}`)).status, 401);
});
