// What the reference servers serve beyond the official suites: stdio, tasks of the older era,
// updates on the GET stream, cancellation.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, ResourceUpdatedNotificationSchema }
  from '@modelcontextprotocol/sdk/types.js';
import { legacy_client, modern_client } from '../support/clients.mjs';
import { NODE } from '../support/process.mjs';
import { read_journal, reference_script, start_reference } from '../support/reference.mjs';

const ME = { name: 'test', version: '1.0.0' };

for (const [era, make_client, Transport] of [
  ['legacy', () => new LegacyClient(ME), LegacyStdio],
  ['modern', () => new ModernClient(ME,
    { versionNegotiation: { mode: { pin: '2026-07-28' } } }), ModernStdio],
]) {
  test(`${era}: stdio, with a journal`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pawl-e2e-'));
    const journal = join(folder, 'journal');
    const client = make_client();
    await client.connect(new Transport({ command: NODE,
      args: [reference_script(era), '--stdio', '--journal', journal] }));
    const answer = await client.callTool({ name: 'test_simple_text', arguments: {} });
    assert.match(answer.content[0].text, /simple text/);
    await client.close();
    assert.deepEqual((await read_journal(journal)).map(({ tool }) => tool), ['test_simple_text']);
    await rm(folder, { recursive: true });
  });
}

async function with_server(era, body) {
  const server = await start_reference(era);
  try {
    await body(server.url);
  } finally {
    await server.stop();
  }
}

test('legacy: a call becomes a task when the caller asks for one', () =>
  with_server('legacy', async (url) => {
    const client = await legacy_client({ url });
    const seen = [];
    for await (const message of client.experimental.tasks.callToolStream(
      { name: 'test_slow_task', arguments: { ms: 20 } }, CallToolResultSchema,
      { task: { ttl: 60_000 } })) {
      seen.push(message);
    }
    assert.equal(seen[0].type, 'taskCreated');
    assert.equal(seen.at(-1).type, 'result');
    assert.equal(seen.at(-1).result.content[0].text, 'slept 20 ms');
    await client.close();
  }));

test('legacy: a subscriber hears of a changed resource on its GET stream', () =>
  with_server('legacy', async (url) => {
    const client = await legacy_client({ url });
    const heard = new Promise((resolve) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, resolve);
    });
    const uri = 'test://watched-resource';
    await client.subscribeResource({ uri });
    await client.callTool({ name: 'test_touch_resource', arguments: { uri } });
    assert.equal((await heard).params.uri, uri);
    await client.close();
  }));

for (const [era, connect] of [['legacy', legacy_client], ['modern', modern_client]]) {
  test(`${era}: a call can be cancelled, and the next one is answered`, () => with_server(era, async (url) => {
    const client = await connect({ url });
    const abort = new AbortController();
    const call = client.callTool({ name: 'probe_sleep', arguments: { ms: 600_000 } },
      ...(era === 'legacy' ? [undefined] : []), { signal: abort.signal });
    abort.abort();
    await assert.rejects(call);
    const next = await client.callTool({ name: 'test_simple_text', arguments: {} });
    assert.match(next.content[0].text, /simple text/);
    await client.close();
  }));
}
