// Who is stopped is told so, also when it connects anew: over HTTP in both eras, and through wrap.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { legacy_client, modern_client } from './support/clients.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const options = { skip: no_pawl(), timeout: 60_000 };
const BOTH = fileURLToPath(new URL('servers/both_eras.mjs', import.meta.url));
const REASON = 'wrong folder';
let server;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await start_until_json(NODE, [BOTH]);
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    servers: { web: { url: server.ready.url } } });
});
after(async () => {
  await pawl?.close();
  await server?.stop();
});

/** Runs the work while the scope is stopped. */
async function stopped(scope, work) {
  await pawl.json('stop', scope, '--reason', REASON);
  try {
    await work();
  } finally {
    const { code, stderr } = await pawl.run(['resume', scope, '--config', pawl.config_file]);
    assert.equal(code, 0, stderr);
  }
}

function check_refusal(data, scope) {
  assert.equal(data?.code, 'stopped', JSON.stringify(data));
  assert.equal(data.control, 'stops');
  assert.match(data.rule, /^stop:[0-9a-f-]{36}$/);
  assert.ok(data.reason.startsWith(`${scope} is stopped: ${REASON}; `), data.reason);
  assert.ok(data.reason.includes(`pawl resume ${scope}`), data.reason);
  assert.equal(data.retry_helps, false);
}

/** `fetch` that keeps what the server answered. */
function keeping(bodies) {
  return async (...request) => {
    const answer = await fetch(...request);
    const text = await answer.clone().text();
    bodies.push(text.startsWith('{') ? JSON.parse(text) : text);
    return answer;
  };
}

for (const [era, connect] of [['legacy', legacy_client], ['modern', modern_client]]) {
  for (const scope of ['agent:a', 'server:web']) {
    test(`${era}: a client of ${scope} that connects`, options, () => stopped(scope, async () => {
      const bodies = [];
      await assert.rejects(connect({ url: pawl.mcp_url('web'), key: pawl.keys.a,
                                     fetch: keeping(bodies) }), (error) => {
        assert.ok(era === 'modern' || error.message.includes(REASON), error.message);
        return true;
      });
      check_refusal(bodies[0].error?.data, scope);
      assert.equal(bodies[0].error.code, -32014);
    }));
  }
}

test('a client that is connected already, and pings', options, async () => {
  const client = await legacy_client({ url: pawl.mcp_url('web'), key: pawl.keys.a });
  await client.ping();
  await stopped('agent:a', async () => {
    await assert.rejects(client.ping(), (error) => {
      check_refusal(error.data, 'agent:a');
      return true;
    });
  });
  await client.ping();
  await client.close();
});

test('others go on, and so does it after the resume', options, async () => {
  const use = async (connect, agent) => {
    const client = await connect({ url: pawl.mcp_url('web'), key: pawl.keys[agent] });
    await client.callTool({ name: 'which', arguments: {} });
    await client.close();
  };
  for (const connect of [legacy_client, modern_client]) {
    await stopped('agent:a', () => use(connect, 'b'));
    await use(connect, 'a');
  }
});

for (const [era, Client, Stdio] of [['legacy', LegacyClient, LegacyStdio],
                                    ['modern', ModernClient, ModernStdio]]) {
  test(`${era}: a client that starts wrap`, options, () => stopped('agent:local', async () => {
    const transport = new Stdio({ command: PAWL_BIN, stderr: 'ignore', args: ['wrap', '--config',
      pawl.config_file, '--name', 'wrapped', '--', NODE, BOTH, '--stdio'] });
    const client = new Client({ name: 'test', version: '1' },
      era === 'modern' ? { versionNegotiation: { mode: 'auto' } } : {});
    await assert.rejects(client.connect(transport), (error) => {
      assert.ok(error.message.includes(`agent:local is stopped: ${REASON}`), error.message);
      return true;
    });
    await client.close();
  }));
}
