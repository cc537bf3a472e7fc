// The obligation `redact` wherever an answer comes on its way beside the usual one: progress, and
// what a task of 2025-11-25 ends with; from servers over HTTP and over stdio, to official clients.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { legacy_client, modern_client } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { reference_script, start_reference } from './support/reference.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const redact = (id, tool, matches) => ({ id, when: { tool }, then: { allow: { redact: [{ matches }] } } });
const RULES = [
  redact('slept', 'test_slow_task', 'slept [0-9]+'),
  redact('half', 'test_tool_with_progress', '50 of'),
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];

let pawl;
let far;

before(async () => {
  if (no_pawl()) {
    return;
  }
  far = await start_reference('legacy');
  const child = (era) => ({ command: [NODE, reference_script(era), '--stdio'] });
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
    servers: { far: { url: far.url }, near: child('legacy'), modern: child('modern') } });
});
after(async () => {
  await pawl?.close();
  await far?.stop();
});

const obliged_by = async (record) => {
  const { claims } = await pawl.json('ledger', 'show', record);
  return claims.ect_ext['pawl.tool'] ?? claims.ect_ext['pawl.task'];
};

for (const server of ['far', 'near']) {
  test(`a task of 2025-11-25 ends with what its caller may see: ${server}`, options, async () => {
    const client = await legacy_client({ url: pawl.mcp_url(server), key: pawl.keys.a });
    await client.listTools();
    let task;
    let result;
    for await (const message of client.experimental.tasks.callToolStream(
      { name: 'test_slow_task', arguments: { ms: 20 } }, undefined, { task: { ttl: 60_000 } })) {
      task ??= message.task?.taskId;
      result = message.result;
    }
    assert.equal(result.content[0].text, '[redacted] ms');
    assert.deepEqual((await obliged_by(result._meta['pawl.record/id'])).redacted_by, ['slept']);
    const again = await client.experimental.tasks.getTaskResult(task, CallToolResultSchema);
    assert.equal(again.content[0].text, '[redacted] ms', 'who asks again is told the same');
    await client.close();
  });
}

for (const [server, connect] of [['far', legacy_client], ['near', legacy_client], ['modern', modern_client]]) {
  test(`progress that matches does not reach a client: ${server}`, options, async () => {
    const client = await connect({ url: pawl.mcp_url(server), key: pawl.keys.a });
    const heard = [];
    const call = { name: 'test_tool_with_progress', arguments: {} };
    const about = { onprogress: ({ message }) => heard.push(message) };
    const result = connect === legacy_client ? await client.callTool(call, undefined, about)
      : await client.callTool(call, about);
    assert.ok(heard.includes('0 of 100'), heard.join());
    assert.ok(!heard.includes('50 of 100'), heard.join());
    assert.equal((await obliged_by(result._meta['pawl.record/id'])).events_withheld, 1);
    await client.close();
  });
}
