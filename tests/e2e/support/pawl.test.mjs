// The harness itself, against a stand-in for the program that follows the same contract.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { NODE } from './process.mjs';
import { Pawl } from './pawl.mjs';

const stand_in = () => [NODE, fileURLToPath(new URL('stand_in.mjs', import.meta.url))];

test('starts with generated configuration and keys, waits until ready, restarts, cleans up',
  async () => {
    const pawl = await Pawl.start({ program: stand_in(), agents: { 'agent-1': { groups: ['g'] } },
      servers: { s: { url: 'http://127.0.0.1:1/mcp' } }, config: { mode: 'observe' } });
    const { config, environment } = await pawl.json('config', 'show');
    assert.equal(config.mode, 'observe');
    assert.deepEqual(config.agents, { 'agent-1': { key: '${PAWL_TEST_KEY_AGENT_1}',
                                                   groups: ['g'] } });
    assert.equal(environment.PAWL_TEST_KEY_AGENT_1, pawl.keys['agent-1']);
    assert.match(pawl.mcp_url('s'), /^http:\/\/127\.0\.0\.1:\d+\/mcp\/s$/);
    const first = pawl.pid;
    assert.equal(await pawl.kill(), 'SIGKILL');
    await pawl.serve();
    assert.notEqual(pawl.pid, first);
    assert.equal(await pawl.stop(), 0);
    await pawl.close();
    assert.ok(!existsSync(pawl.folder));
  });

test('a program that ends before it is ready is reported with its output', async () => {
  await assert.rejects(Pawl.start({ program: stand_in(), serve_args: ['--fail'] }),
    /ended with 3[^]*no such option/);
});

test('a failing command is reported with its exit code and output', async () => {
  const pawl = await Pawl.prepare({ program: stand_in() });
  await assert.rejects(pawl.json('nonsense'), /pawl nonsense ended with 2: unknown command/);
  const { code, stderr } = await pawl.run(['nonsense']);
  assert.deepEqual([code, stderr], [2, 'unknown command\n']);
  await pawl.close();
});
