// A task that a call left running is followed to its end, whatever happens to the gateway: kill -9
// while it runs, a restart between two ends. Each end is recorded once.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { KNOWS_TASKS, PlayedServer } from './support/played_server.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl() };
const MORTAL = fileURLToPath(new URL('servers/mortal.mjs', import.meta.url));
const states = new Map();
let next_task = 0;
let pawl;
let server;

function view(id) {
  return { taskId: id, status: states.get(id), ttlMs: 600_000, pollIntervalMs: 50,
    createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z',
    ...states.get(id) === 'completed' && { result: { resultType: 'complete', content: [] } } };
}

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'tools/call': () => {
      const id = `raw-task-id-${next_task++}`;
      states.set(id, 'working');
      return { resultType: 'task', ...view(id) };
    },
    'tasks/get': ({ taskId }) => ({ resultType: 'complete', ...view(taskId) }),
  });
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { far: { url: server.url },
               child: { command: [NODE, MORTAL, '--journal', '/dev/null'] } } });
});
after(async () => {
  await pawl?.close();
  await server?.close();
});

/** @returns {Promise<string>} the record of the call that created a task */
async function begin_task(name, tool = 'build') {
  const agent = new RawAgent({ url: pawl.mcp_url(name), key: pawl.keys.a });
  const { body, record } = await agent.call(tool, {}, { meta: KNOWS_TASKS });
  agent.close();
  assert.equal(body.result?.resultType, 'task', JSON.stringify(body));
  return record;
}

async function outcomes() {
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'task.outcome', '--json',
                                     '--config', pawl.config_file]);
  const rows = stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return Promise.all(rows.map(async ({ id }) => {
    const { claims } = await pawl.json('ledger', 'show', id);
    const { outcome, detail } = claims.ect_ext['pawl.task'];
    return { call: claims.pred[0], outcome, detail };
  }));
}

const ends_of = async (call) => (await outcomes()).filter((end) => end.call === call);
const end_of = (call) => wait_for(`the end of the task of ${call}`,
  async () => (await ends_of(call))[0]);

test('kill -9 while tasks run: each end is recorded once', options, async () => {
  const first = await begin_task('far');
  const second = await begin_task('far');
  await pawl.kill();
  states.set('raw-task-id-0', 'completed');
  await pawl.serve();
  assert.equal((await end_of(first)).outcome, 'confirmed');
  await pawl.kill();  // between the two ends
  states.set('raw-task-id-1', 'failed');
  await pawl.serve();
  assert.equal((await end_of(second)).outcome, 'failed');
  await pawl.restart();
  const polls = server.count('tasks/get');
  const third = await begin_task('far');  // a whole round of polls later nothing was added
  states.set('raw-task-id-2', 'cancelled');
  assert.equal((await end_of(third)).outcome, 'unknown');
  assert.ok(server.count('tasks/get') > polls);
  assert.ok(server.seen.slice(-1)[0].params.taskId === 'raw-task-id-2', 'only that one is asked');
  assert.deepEqual((await outcomes()).map(({ call }) => call).sort(),
    [first, second, third].sort());
});

test('an orderly restart follows on, too', options, async () => {
  const call = await begin_task('far');
  await pawl.restart();
  assert.deepEqual(await ends_of(call), [], 'the end of the daemon is not the end of the task');
  states.set('raw-task-id-3', 'completed');
  assert.equal((await end_of(call)).outcome, 'confirmed');
});

test('a child takes its task with it: unknown, once', options, async () => {
  const call = await begin_task('child', 'task');
  await pawl.kill();
  await pawl.serve();
  const { outcome, detail } = await end_of(call);
  assert.equal(outcome, 'unknown');
  assert.match(detail, /the server ended before its task/);
  await pawl.restart();
  assert.equal((await ends_of(call)).length, 1);
});

test('the id of a task stands in no file of the ledger', options, async () => {
  const folder = join(pawl.data, 'ledger');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  const forms = ['raw-task-id-', 'stdio-task-'].flatMap((id) => [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + id).toString('base64url').slice(shift + 1, -2)).concat(id));
  for (const { parentPath, path, name } of files) {
    if (name.endsWith('.tmp')) {
      continue;  // being written, and renamed before it can be read
    }
    const bytes = await readFile(join(parentPath ?? path, name), 'latin1');
    for (const form of forms) {
      assert.ok(!bytes.includes(form), `${name} holds ${form}`);
    }
  }
});
