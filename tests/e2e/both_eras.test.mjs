// A server that speaks both eras at one URL, or on stdio: clients of both just work, in any order
// and at once, each through an upstream of its own era.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { LEGACY_REVISION, MODERN_REVISION, legacy_client, modern_client }
  from './support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const options = { skip: no_pawl() };
const BOTH = fileURLToPath(new URL('servers/both_eras.mjs', import.meta.url));
const CONNECT = { legacy: legacy_client, modern: modern_client };
const NAMES = ['web', 'child'];
let server;
let pawl;

before(async () => {
  if (!no_pawl()) {
    server = await start_until_json(NODE, [BOTH]);
  }
});
after(() => server?.stop());

/** A gateway that knows nothing yet. */
async function fresh(work) {
  pawl = await Pawl.start({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { web: { url: server.ready.url }, child: { command: [NODE, BOTH, '--stdio'] } } });
  try {
    await work();
  } finally {
    await pawl.close();
  }
}

/** Connects with the official client of an era, lists and calls. */
async function use(era, name) {
  const client = await CONNECT[era]({ url: pawl.mcp_url(name), key: pawl.keys.a });
  try {
    const expected = name === undefined ? NAMES.map((each) => `${each}__which`) : ['which'];
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), expected.sort());
    for (const tool of expected) {
      const result = await client.callTool({ name: tool, arguments: {} });
      assert.deepEqual(result.content, [{ type: 'text', text: era }], `${era} at ${name}`);
      assert.match(result._meta['pawl.record/id'], /^[0-9a-f-]{36}$/);
    }
  } finally {
    await client.close();
  }
}

async function in_turn(eras) {
  for (const era of eras) {
    for (const name of NAMES) {
      await use(era, name);
    }
  }
}

const at_once = () => Promise.all(NAMES.flatMap((name) =>
  ['legacy', 'modern', 'legacy', 'modern'].map((era) => use(era, name))));

async function discover() {
  const answer = await fetch(pawl.mcp_url('web'), { method: 'POST', headers: {
    authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
    'mcp-method': 'server/discover' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1,
    method: 'server/discover', params: { _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
      'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {} } } }) });
  return (await answer.json()).result.supportedVersions;
}

for (const order of [['legacy', 'modern'], ['modern', 'legacy']]) {
  test(`${order.join(' first, then ')}, and the other way round after a restart`, options,
    () => fresh(async () => {
      await in_turn([...order, ...order]);
      await pawl.restart();
      await in_turn(order.toReversed());
      await pawl.restart();
      await at_once();
    }));
}

test('both at once on a fresh gateway', options, () => fresh(at_once));

test('a modern client that asks for nothing first', options, () => fresh(async () => {
  for (const name of NAMES) {
    const agent = new RawAgent({ url: pawl.mcp_url(name), key: pawl.keys.a });
    const { body } = await agent.call('which', {});
    assert.equal(body.result?.content?.[0].text, 'modern', JSON.stringify(body));
    agent.close();
  }
  await in_turn(['legacy']);
}));

test('discover names the revisions of both eras', options, () => fresh(async () => {
  assert.deepEqual(await discover(), [MODERN_REVISION, LEGACY_REVISION]);
}));

test('all servers under one address, in both eras', options, () => fresh(async () => {
  for (const era of ['legacy', 'modern', 'legacy']) {
    await use(era);
  }
}));
