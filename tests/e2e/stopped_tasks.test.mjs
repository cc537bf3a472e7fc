// A stop reaches the tasks that already run: who may not call a tool may not go on with its tasks
// either, and the gateway cancels them at the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { MODERN_REVISION } from './support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { KNOWS_TASKS, PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const COMPLETE = { resultType: 'complete' };
const states = new Map();
let server;
let pawl;

const view = (id) => ({ taskId: id, status: states.get(id), ttlMs: 600_000, pollIntervalMs: 50,
  createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' });

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'tools/call': ({ name }) => {
      const id = `${name}-${states.size}`;
      states.set(id, 'working');
      return { resultType: 'task', ...view(id) };
    },
    'tasks/get': ({ taskId }) => ({ ...COMPLETE, ...view(taskId) }),
    'tasks/update': () => COMPLETE,
    'tasks/cancel': ({ taskId }) => {
      states.set(taskId, 'cancelled');
      return COMPLETE;
    },
  });
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
                            servers: { far: { url: server.url } } });
});
after(async () => {
  await pawl?.close();
  await server?.close();
});

async function begin(tool) {
  const agent = new RawAgent({ url: pawl.mcp_url('far'), key: pawl.keys.a });
  const { body, record } = await agent.call(tool, {}, { meta: KNOWS_TASKS });
  agent.close();
  assert.equal(body.result?.resultType, 'task', JSON.stringify(body));
  return { handle: body.result.taskId, id: [...states.keys()].at(-1), record };
}

async function ask(method, { handle }) {
  const answer = await fetch(pawl.mcp_url('far'), { method: 'POST', headers: {
    authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
    'mcp-method': method, 'mcp-name': handle }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method,
    params: { taskId: handle, ...method === 'tasks/update' && { inputResponses: {} }, _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
      'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' }, ...KNOWS_TASKS } } }) });
  return answer.json();
}

const seen = (method, { id }) => server.seen.filter((each) => each.method === method
  && each.params.taskId === id);
const code_of = async (method, task) => (await ask(method, task)).error?.data.code;
const METHODS = ['tasks/get', 'tasks/update', 'tasks/cancel'];

async function end_of(call) {
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'task.outcome', '--json',
                                     '--config', pawl.config_file]);
  for (const { id } of stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line))) {
    const { claims } = await pawl.json('ledger', 'show', id);
    if (claims.pred[0] === call) {
      const { outcome, detail } = claims.ect_ext['pawl.task'];
      return { outcome, detail };
    }
  }
  return undefined;
}

async function resume(scope) {
  const { code, stderr } = await pawl.run(['resume', scope, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr);
}

for (const scope of ['tool:far/build', 'agent:a']) {
  test(`a stop of ${scope}`, options, async () => {
    const build = await begin('build');
    const other = await begin('other');
    assert.equal((await ask('tasks/get', build)).result?.status, 'working');
    await pawl.json('stop', scope, '--reason', 'test');
    await wait_for('the gateway to cancel the task',
      () => seen('tasks/cancel', build).length > 0 || undefined);
    const before_asking = METHODS.slice(1).map((method) => seen(method, build).length);
    for (const method of METHODS) {
      assert.equal(await code_of(method, build), 'stopped', method);
    }
    assert.deepEqual(METHODS.slice(1).map((method) => seen(method, build).length), before_asking,
      'nothing of the agent reaches the server');
    assert.deepEqual(before_asking, [0, 1], 'cancelled once');
    const spared = scope.startsWith('tool:');
    assert.equal((await ask('tasks/get', other)).result?.status, spared ? 'working' : undefined);
    if (!spared) {
      await wait_for('the other cancellation',
        () => seen('tasks/cancel', other).length === 1 || undefined);
    } else {
      assert.equal(seen('tasks/cancel', other).length, 0);
      const end = await wait_for('the end of the task', () => end_of(build.record));
      assert.deepEqual(end, { outcome: 'unknown', detail: 'cancelled after a stop' });
    }
    await resume(scope);
    assert.equal((await ask('tasks/get', build)).result?.taskId, build.handle);
  });
}

test('a handle names its tool after kill -9, too', options, async () => {
  const build = await begin('build');
  const other = await begin('other');
  states.set(build.id, 'completed');
  await wait_for('the end of the task', () => end_of(build.record));  // it is followed no longer
  await pawl.json('stop', 'tool:far/build', '--reason', 'test');
  await pawl.kill();
  await pawl.serve();
  assert.equal(await code_of('tasks/get', build), 'stopped');
  const { result } = await ask('tasks/get', other);
  assert.equal(result?.status, 'working');
  assert.equal(result.taskId, other.handle);
  await resume('tool:far/build');
  assert.equal((await ask('tasks/get', build)).result?.status, 'completed');
});
