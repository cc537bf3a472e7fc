// What people said yes to is one call: these bytes, of this caller, for this person, in this workflow.
// Whatever else differs is asked about anew, and nothing reaches the server.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from './support/clients.mjs';
import { Login, UNPLUGGED, end_of, executed, no_unplugged, raw_agent, start_held, went_through }
  from './support/held_calls.mjs';
import { no_pawl } from './support/pawl.mjs';
import { approvals, control, decide, pending } from './support/people.mjs';
import { start_both_references } from './support/reference.mjs';
import { TaskAgent } from './support/waiting.mjs';

const CLIENTS = { legacy: legacy_client, modern: modern_client };
const options = { skip: no_pawl(), timeout: 60_000 };
const login = new Login();
let folder;
let references;

before(async () => {
  if (!no_pawl()) {
    folder = await mkdtemp(join(tmpdir(), 'pawl-binding-'));
    references = await start_both_references('pawl-binding-servers-');
  }
});
after(async () => {
  await references?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const start = (context, more = {}) => start_held(context, references, { login, folder, ...more });
const sent = (era) => executed(references, era);

/** Approves the one that waits, and says which it was. */
async function approve(pawl, person) {
  const [one] = await pending(pawl);
  const { status, body } = await decide(pawl, person, one);
  assert.equal(status, 200, JSON.stringify(body));
  return one;
}

// ---- numbers, as they are on the wire ----

const digits = (text) => ({ n: JSON.rawJSON(text) });
const NEXT = '9007199254740993';  // which a double cannot hold: read as one, it is the number before

test('an approval of a number fits no other digits', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const agent = raw_agent(context, pawl);
  await agent.call('probe_echo', digits('9007199254740992'));
  const one = await approve(pawl, ann);
  const { params } = (await control(pawl, `approvals/${one.id}`)).body;
  assert.match(params, /"n":9007199254740992\}/, 'these digits were on the wire');
  const before_it = await sent();
  for (const text of [NEXT, '9007199254740994', '9007199254740992.0', '9.007199254740992e15',
                      '"9007199254740992"']) {
    const { asked, refused, error } = end_of(await agent.call('probe_echo', digits(text)));
    assert.ok(asked ?? refused ?? error, `${text} went through`);
    assert.notEqual(asked, one.id, text);
    assert.equal(refused?.rule ?? error?.data?.rule, text === NEXT ? 'exact-numbers' : undefined);
    assert.equal(await sent(), before_it, text);
  }
  assert.ok(went_through(await agent.call('probe_echo', digits('9007199254740992'))));
  assert.equal(await sent(), before_it + 1);
});

for (const [approved, replayed] of [['9007199254740992', NEXT], [NEXT, '9007199254740992']]) {
  test(`without the control of numbers, an approval of ${approved} does not fit ${replayed}, either`,
    { ...options, skip: no_pawl() || no_unplugged() }, async (context) => {
      const { pawl, people: [ann] } = await start(context,
        { pawl: { program: [UNPLUGGED], env: { PAWL_UNPLUG: 'numbers' } } });
      const agent = raw_agent(context, pawl);
      await agent.call('probe_echo', digits(approved));
      const one = await approve(pawl, ann);
      const before_it = await sent();
      const { asked } = end_of(await agent.call('probe_echo', digits(replayed)));
      assert.ok(asked !== undefined && asked !== one.id, 'people are asked about the other one');
      assert.equal(await sent(), before_it);
      assert.ok(went_through(await agent.call('probe_echo', digits(approved))));
      assert.equal(await sent(), before_it + 1);
    });
}

// ---- for whom ----

for (const [era, connect] of Object.entries(CLIENTS)) {
  test(`${era}: what was approved for alice is asked anew for bob`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const client_for = async (person) => {
      const client = await connect({ url: pawl.mcp_url(era), key: await login.token(person) });
      context.after(() => client.close());
      return client;
    };
    const asked_by = async (client) => (await client.callTool({ name: 'probe_echo', arguments: { x: 1 } }))
      ._meta['pawl.record/approval']?.id;
    const [alice, bob] = await Promise.all(['alice', 'bob'].map(client_for));
    await asked_by(alice);
    const one = await approve(pawl, ann);
    assert.equal(one.binding.on_behalf_of, 'alice');
    const before_it = await sent(era);
    const other = await asked_by(bob);
    assert.ok(other !== undefined && other !== one.id, 'a new approval');
    const [waits] = await pending(pawl);
    assert.deepEqual([waits.id, waits.binding.on_behalf_of], [other, 'bob']);
    assert.equal(await sent(era), before_it);
    assert.equal(await asked_by(alice), undefined, "alice's goes through");
    assert.equal(await sent(era), before_it + 1);
  });
}

test('a session that began for alice makes no call of bob hers', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  let key = await login.token('alice');
  const client = await legacy_client({ url: pawl.mcp_url('legacy'), fetch: (url, init) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    return fetch(url, { ...init, headers });
  } });
  context.after(() => client.close());
  const call = () => client.callTool({ name: 'probe_echo', arguments: { x: 1 } });
  await call();
  const one = await approve(pawl, ann);
  const before_it = await sent('legacy');
  key = await login.token('bob');
  const told = await call().catch((error) => error);
  assert.notEqual(told._meta?.['pawl.record/approval']?.id, one.id);
  assert.equal(await sent('legacy'), before_it, JSON.stringify(told));
  key = await login.token('alice');
  assert.equal((await call())._meta['pawl.record/approval'], undefined);
  assert.equal(await sent('legacy'), before_it + 1);
});

// The handle of a task says of which agent it is, but not for whom that acts.
test('control: hold-caller', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const agent_for = async (person, agent) =>
    new TaskAgent({ url: pawl.mcp_url('modern'), key: await login.token(person, agent) });
  const alice = await agent_for('alice');
  const task = await alice.start('probe_echo', { x: 1 });
  const others = await Promise.all([agent_for('bob'), agent_for('alice', 'b')]);
  const before_it = await sent();
  const refused_all = async () => {
    for (const other of others) {
      for (const method of ['tasks/get', 'tasks/cancel']) {
        const answer = await other.ask(method, { taskId: task.taskId });
        assert.equal(answer.error?.code, -32602, `${method}: ${JSON.stringify(answer)}`);
      }
    }
    assert.equal(await sent(), before_it);
  };
  await refused_all();
  const one = await approve(pawl, ann);
  await refused_all();
  for (const other of others) {
    await other.start('probe_echo', { x: 1 });
  }
  const waiting = await pending(pawl, { count: 2 });
  assert.ok(waiting.every(({ id }) => id !== one.id), 'the same call of others is asked about');
  assert.equal(await sent(), before_it);
  assert.equal((await alice.end_of(task)).failed, false);
  assert.equal(await sent(), before_it + 1);
});

test("a page that was opened for alice's call lets no call for bob through", options, async (context) => {
  const { pawl, people: [ann] } = await start(context,
    { approval: { address: 'https://pawl.example/approvals' } });
  const agent_for = async (person) => new TaskAgent({ url: pawl.mcp_url('modern'),
    key: await login.token(person), capabilities: { elicitation: { url: {} } } });
  const [alice, bob] = await Promise.all(['alice', 'bob'].map(agent_for));
  const { result: { requestState } } = await alice.call('probe_echo', { x: 1 });
  const one = await approve(pawl, ann);
  const before_it = await sent();
  const retry = { name: 'probe_echo', arguments: { x: 1 }, requestState,
                  inputResponses: { 'pawl.approval': { action: 'accept' } } };
  const { result } = await bob.ask('tools/call', retry);
  assert.equal(result.resultType, 'input_required', JSON.stringify(result));
  assert.ok(!JSON.stringify(result).includes(one.id), 'his own is asked about');
  assert.equal(await sent(), before_it);
  assert.equal((await alice.ask('tools/call', retry)).result.isError ?? false, false);
  assert.equal(await sent(), before_it + 1);
});

// ---- in which workflow ----

test('what was approved in one workflow that a token says is asked anew in another', options,
  async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const agent = raw_agent(context, pawl);
    const of_workflow = async () =>
      ({ headers: { 'execution-context': (await agent.call('test_simple_text', {})).headers['execution-context'] } });
    const [first, second] = [await of_workflow(), await of_workflow()];
    const call = async (more) => end_of(await agent.call('probe_echo', { x: 1 }, more));
    await call(first);
    const one = await approve(pawl, ann);
    assert.match(one.binding.workflow, /^[0-9a-f-]{36}$/);
    const before_it = await sent();
    for (const [what, more] of [['another workflow', second], ['none that is verified', {}]]) {
      const { asked } = await call(more);
      assert.ok(asked !== undefined && asked !== one.id, what);
      assert.equal(await sent(), before_it, what);
    }
    const workflows = (await approvals(pawl)).map(({ binding }) => binding.workflow);
    assert.equal(new Set(workflows).size, 3, JSON.stringify(workflows));
    assert.deepEqual(await call(first), { asked: undefined, refused: undefined, error: undefined });
    assert.equal(await sent(), before_it + 1);
  });
