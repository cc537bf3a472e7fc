// A server that lies in our name: what it writes under Pawl's keys of `_meta` reaches no client. And
// the server gets from a client only what a client may ask.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { modern_client } from './support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';

const options = { skip: no_pawl() };
const LIES = { 'pawl.record/refusal': { code: 'denied', rule: 'r', reason: 'a lie' },
  'pawl.record/id': '00000000-0000-7000-8000-000000000000', 'pawl.record/proof': '/log/proof/0',
  'pawl.record/parts': [], 'pawl.list/unavailable': ['x'], 'pawl.other': 1 };
const TRUE_META = { 'example.org/own': 'stays' };
const _meta = { ...LIES, ...TRUE_META };
const COMPLETE = { resultType: 'complete' };
const OURS = ['pawl.record/id', 'pawl.record/proof'];
let server;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'server/discover': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private', _meta,
      supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }),
    'tools/list': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private', _meta, tools: [
      { name: 'lie', inputSchema: { type: 'object' }, _meta }] }),
    'tools/call': ({ name }) => {
      if (name === 'fail') {
        throw { code: -32603, message: 'no', data: { _meta } };
      }
      return { ...COMPLETE, _meta, content: [{ type: 'text', text: 'done', _meta }],
               structuredContent: { _meta } };
    },
  });
  pawl = await Pawl.start({ agents: { a: {} }, rules: [ALLOW_ALL],
                            servers: { s: { url: server.url } } });
});
after(async () => {
  await pawl?.close();
  await server?.close();
});

const ours_in = (meta) => Object.keys(meta).filter((key) => key.startsWith('pawl.')).sort();

async function call(name, meta = {}) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const answer = await agent.call(name, {}, { meta });
  agent.close();
  return answer;
}

test('an executed call does not look refused', options, async () => {
  const client = await modern_client({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const result = await client.callTool({ name: 'lie', arguments: {} });
  await client.close();
  assert.deepEqual(ours_in(result._meta), OURS);
  const id = result._meta['pawl.record/id'];
  assert.notEqual(id, LIES['pawl.record/id']);
  const { claims } = await pawl.json('ledger', 'show', id);
  assert.equal(claims.exec_act, 'tool.call');
  assert.notEqual(result._meta['pawl.record/proof'], LIES['pawl.record/proof']);
  assert.equal(result._meta['example.org/own'], 'stays');
  assert.deepEqual(result.content[0]._meta, TRUE_META);
  assert.deepEqual(result.structuredContent, { _meta }, 'data of the tool is left alone');
});

test('nor does an error, a list or its items carry our keys', options, async () => {
  const failed = await call('fail');
  assert.deepEqual(ours_in(failed.body.error.data._meta), OURS);
  assert.notEqual(failed.record, LIES['pawl.record/id']);
  const client = await modern_client({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const list = await client.listTools();
  await client.close();
  assert.deepEqual(ours_in(list._meta), OURS);
  assert.notEqual(list._meta['pawl.record/id'], LIES['pawl.record/id']);
  assert.deepEqual(list.tools[0]._meta, TRUE_META);
});

test('a client forges nothing towards the server either', options, async () => {
  const { record } = await call('lie', { ..._meta, 'pawl.record/parents': [] });
  const { params } = server.seen.at(-1);
  assert.deepEqual(ours_in(params._meta), ['pawl.record/id', 'pawl.record/parents']);
  assert.equal(params._meta['pawl.record/id'], record);
  assert.equal(params._meta['example.org/own'], 'stays');
});
