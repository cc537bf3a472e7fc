// Mcp-Param-* headers are checked against the schema of the tool, also of one that nobody listed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';

const options = { skip: no_pawl() };
const PAGE = 2;
const tool = (name, header) => ({ name, inputSchema: { type: 'object', properties: {
  region: { type: 'string', ...header === undefined ? {} : { 'x-mcp-header': header } } } } });
let listed;
let broken;
let pawl;
let server;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'tools/list': ({ cursor = '0' }) => {
      if (broken) {
        throw { code: -32603, message: 'no list today' };
      }
      const from = Number(cursor);
      return { resultType: 'complete', ttlMs: 0, cacheScope: 'private',
        tools: listed.slice(from, from + PAGE),
        ...from + PAGE < listed.length && { nextCursor: String(from + PAGE) } };
    },
    'tools/call': ({ name }) => ({ resultType: 'complete', content: [{ type: 'text', text: name }] }),
  });
});
after(() => server?.close());

/** A gateway that knows nothing yet. */
async function fresh(work) {
  pawl = await Pawl.start({ agents: { a: {}, b: {} }, servers: { s: { url: server.url } }, rules: [
    { id: 'a', when: { agent: 'a' }, then: 'allow', reason: 'test' }] });
  listed = [tool('first'), tool('second'), tool('deploy', 'Region')];
  broken = false;
  server.seen = [];
  try {
    await work();
  } finally {
    await pawl.close();
  }
}

async function call(name, region, header, agent = 'a') {
  const raw = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys[agent] });
  const answer = await raw.call(name, { region },
    { headers: header === undefined ? {} : { 'Mcp-Param-Region': header } });
  raw.close();
  return answer;
}

const code_of = ({ status, body }) => [status, body.error?.code];
const lists = () => server.count('tools/list');

test('the gateway learns all pages once, and checks the first call already', options, () =>
  fresh(async () => {
    assert.deepEqual(code_of(await call('deploy', 'eu', 'us')), [400, -32020]);
    assert.equal(server.count('tools/call'), 0);
    assert.equal(lists(), 2, 'two pages');
    assert.deepEqual(code_of(await call('deploy', 'eu')), [400, -32020], 'a missing one');
    assert.deepEqual(code_of(await call('deploy', 'eu', 'eu')), [200, undefined]);
    assert.equal(server.seen.at(-1).headers['mcp-param-region'], 'eu');
    assert.deepEqual(code_of(await call('unlisted', 'eu')), [200, undefined]);
    assert.equal(lists(), 2, 'asked once');
  }));

test('what no list names cannot be confirmed', options, () => fresh(async () => {
  const refused = await call('unlisted', 'eu', 'eu');
  assert.deepEqual(code_of(refused), [400, -32020]);
  assert.match(refused.body.error.message, /schema of tool "unlisted" is not known/);
  assert.equal(server.count('tools/call'), 0);
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_rejected_input_total\{kind="header_mismatch"\} 1/);
}));

test('a server without a list: headers are refused, and it is not asked again at once', options,
  () => fresh(async () => {
    broken = true;
    assert.deepEqual(code_of(await call('deploy', 'eu', 'eu')), [400, -32020]);
    assert.deepEqual(code_of(await call('deploy', 'eu', 'eu')), [400, -32020]);
    assert.deepEqual(code_of(await call('deploy', 'eu')), [200, undefined], 'nothing to confirm');
    assert.equal(lists(), 1);
  }));

test('who may not use the tool is refused by the rules, with a record', options, () =>
  fresh(async () => {
    const refused = await call('deploy', 'eu', 'us', 'b');
    assert.equal(refused.body.result?.isError, true);
    const { claims } = await pawl.json('ledger', 'show', refused.record);
    assert.equal(claims.exec_act, 'task.denied');
    assert.equal(lists(), 0, 'nothing is asked for it');
  }));
