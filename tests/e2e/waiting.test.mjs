// How a caller waits for people, in every cell: {tasks, a page to open, neither} in both eras, with
// the clients' own defaults; and what becomes of it when people approve, deny, change the arguments,
// or say nothing, when the gateway is killed in the middle, and when the client is gone.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ElicitRequestSchema, ElicitationCompleteNotificationSchema, UrlElicitationRequiredError }
  from '@modelcontextprotocol/sdk/types.js';
import { legacy_client } from './support/clients.mjs';
import { SignJWT, exportJWK } from 'jose';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { approvals, control, decide, digest_of, enroll, pending } from './support/people.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { start_both_references } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';
import { CELLS, TaskAgent, waiting_client } from './support/waiting.mjs';

const ADDRESS = 'https://pawl.example/console/approvals';
const rules = (within = '10m') => [
  { id: 'never', when: { tool: 'probe_echo', arguments: { x: { equals: 'forbidden' } } },
    then: 'deny', reason: 'nobody may' },
  { id: 'never-guests', when: { group: 'guests', tool: 'probe_echo', arguments: { x: { equals: 'members' } } },
    then: 'deny', reason: 'not for guests' },
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'], within } },
    reason: 'people are asked first' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl(), timeout: 90_000 };
let references;

before(async () => {
  references = no_pawl() ? undefined : await start_both_references('pawl-waiting-');
});
after(() => references?.stop());

async function start(context, { within, people = ['ann'], approval = {}, config = {} } = {}) {
  const pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: rules(within),
    config: { approval: { address: ADDRESS, ...approval }, ...config },
    servers: { legacy: { url: references.legacy.url }, modern: { url: references.modern.url } } });
  context.after(() => pawl.close());
  return { pawl, people: await enroll(pawl, ...people) };
}
const target = (pawl, era, agent = 'a') => ({ url: pawl.mcp_url(era), key: pawl.keys[agent] });
const client_of = async (context, pawl, cell) => {
  const client = await waiting_client(cell, target(pawl, cell.era));
  context.after(() => client.close());
  return client;
};
const asked = async (era) => (await references.calls(era)).filter((one) =>
  JSON.stringify(one).includes('probe_echo'));

/** Approves it with other arguments. */
async function change(pawl, person, one, args) {
  const { body } = await control(pawl, `approvals/${one.id}`);
  const params = JSON.stringify({ ...JSON.parse(body.params), arguments: args });
  const statement = await person.sign(person.statement(one, 'approve',
    { executed: digest_of(params) }));
  return control(pawl, 'approvals/decide', { statement, params });
}

for (const cell of CELLS) {
  const { era, way } = cell;
  const name = `${era}, ${way}`;

  test(`${name}: approved`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const sent = (await asked(era)).length;
    const client = await client_of(context, pawl, cell);
    const { end } = await client.begin({ x: 1 });
    const [one] = await pending(pawl);
    assert.equal((await asked(era)).length, sent, 'nothing is sent before');
    assert.equal((await decide(pawl, ann, one)).body.phase, 'approved');
    const { text, failed } = await end();
    assert.equal(failed, false, text);
    assert.match(text, /"x":1/);
    assert.equal((await asked(era)).length, sent + 1);
    if (way === 'page') {
      assert.equal(client.pages[0], `${ADDRESS}/${one.id}`);
    }
    assert.equal((await approvals(pawl)).length, 1);
  });

  test(`${name}: denied`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const sent = (await asked(era)).length;
    const { end } = await (await client_of(context, pawl, cell)).begin({ x: 1 });
    const [one] = await pending(pawl);
    await decide(pawl, ann, one, 'deny');
    const { text, failed } = await end();
    assert.equal(failed, true);
    assert.match(text, /was denied by ann \(approver\)/);
    assert.equal((await asked(era)).length, sent);
  });

  test(`${name}: approved with other arguments, and the caller is told`, options,
    async (context) => {
      const { pawl, people: [ann] } = await start(context);
      const sent = (await asked(era)).length;
      const { end } = await (await client_of(context, pawl, cell)).begin({ x: 1, y: 'mine' });
      const [one] = await pending(pawl);
      const { status, body } = await change(pawl, ann, one, { x: 'forbidden' });
      assert.equal(status, 403, JSON.stringify(body));
      assert.match(body.detail, /may not go on with these arguments: rule "never" denies it: nobody may\. The statement does not count/);
      assert.deepEqual((await pending(pawl)).map(({ by }) => by), [[]], 'it waits as before');
      const decided = await change(pawl, ann, one, { x: 2 });
      assert.equal(decided.body.phase, 'approved', JSON.stringify(decided.body));
      const { text, failed, meta } = await end();
      assert.equal(failed, false, text);
      assert.match(text, /"x":2/);
      assert.match(text, /A person changed this call before it ran.*\/arguments\/x/);
      assert.deepEqual(meta['pawl.record/approval'].changed, ['/arguments/x', '/arguments/y']);
      const calls = await asked(era);
      assert.equal(calls.length, sent + 1);
      assert.equal(JSON.stringify(calls.at(-1)).includes('mine'), false);
    });

  test(`${name}: nobody says anything, and it is over`, options, async (context) => {
    const { pawl } = await start(context, { within: '2s' });
    const sent = (await asked(era)).length;
    const { end } = await (await client_of(context, pawl, cell)).begin({ x: 1 });
    const { text, failed } = await end();
    assert.equal(failed, true);
    assert.match(text, /nobody decided in time/);
    assert.equal((await asked(era)).length, sent);
  });

  test(`${name}: the gateway is killed in the middle`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const sent = (await asked(era)).length;
    const client = await client_of(context, pawl, cell);
    const first = await client.begin({ x: 1 });
    const [one] = await pending(pawl);
    await pawl.restart();
    client.moved?.(target(pawl, era));
    const now = client.moved !== undefined ? first
      : await (await client_of(context, pawl, cell)).begin({ x: 1 });
    assert.deepEqual((await pending(pawl)).map(({ id }) => id), [one.id], 'it attached');
    await decide(pawl, ann, one);
    const { text, failed } = await now.end();
    assert.equal(failed, false, text);
    assert.equal((await asked(era)).length, sent + 1);
  });

  test(`${name}: a client that is gone loses nothing, and nothing happens without it`, options,
    async (context) => {
      const { pawl, people: [ann] } = await start(context);
      const sent = (await asked(era)).length;
      const client = await waiting_client(cell, target(pawl, era));
      await client.begin({ x: 1 });
      const [one] = await pending(pawl);
      await client.close();
      await decide(pawl, ann, one);
      assert.equal((await asked(era)).length, sent, 'nobody waited');
      const again = await client_of(context, pawl, cell);
      const { text, failed } = await (await again.begin({ x: 1 })).end();
      assert.equal(failed, false, text);
      assert.equal((await asked(era)).length, sent + 1);
      assert.equal((await approvals(pawl)).length, 1);
    });
}

// A client of 2025-11-25 that opens pages, and whose patience is over before people decide. Its transport
// listens for notifications, or the stream for them is refused to it.
const LISTENS = {
  'is told of the end': fetch,
  'that listens to nothing comes by itself': (url, init) =>
    (init?.method === 'GET' ? new Response(null, { status: 405 }) : fetch(url, init)),
};
for (const [what, fetch_or_refuse] of Object.entries(LISTENS)) {
  for (const decision of ['approve', 'deny']) {
    test(`legacy, page: error -32042, and a client ${what}: ${decision}`, options, async (context) => {
      const { pawl, people: [ann] } = await start(context, { approval: { patience_s: 1 } });
      const sent = (await asked('legacy')).length;
      const client = await legacy_client({ ...target(pawl, 'legacy'), fetch: fetch_or_refuse,
        options: { capabilities: { elicitation: { url: {} } } } });
      context.after(() => client.close());
      const completed = [];
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' }));
      client.setNotificationHandler(ElicitationCompleteNotificationSchema,
        ({ params }) => { completed.push(params); });
      const call = () => client.callTool({ name: 'probe_echo', arguments: { x: 1 } });

      const error = await call().catch((one) => one);
      assert.ok(error instanceof UrlElicitationRequiredError, JSON.stringify(error));
      assert.equal(error.code, -32042);
      const [one, ...more] = await pending(pawl);
      assert.equal(more.length, 0);
      const [page, ...others] = error.elicitations;
      assert.deepEqual(others, []);
      assert.deepEqual({ ...page, message: undefined }, { mode: 'url', elicitationId: one.id,
        url: `${ADDRESS}/${one.id}`, message: undefined });
      assert.match(page.message, /A person has to approve this call/);
      assert.deepEqual([completed, (await asked('legacy')).length], [[], sent], 'nothing happened yet');

      assert.equal((await decide(pawl, ann, one, decision)).status, 200);
      if (fetch_or_refuse === fetch) {
        await wait_for('notifications/elicitation/complete', () => completed[0]);
        assert.deepEqual(completed, [{ elicitationId: one.id }]);
      }
      assert.equal((await asked('legacy')).length, sent, 'that people decided sends nothing');
      const again = await call();
      assert.equal(again.isError ?? false, decision === 'deny', JSON.stringify(again));
      const through = decision === 'approve' ? 1 : 0;
      assert.equal((await asked('legacy')).length, sent + through);
      const { code } = await call().catch((new_question) => new_question);
      assert.equal(code, -32042);
      assert.notEqual((await pending(pawl))[0].id, one.id, 'afterwards it is a new call');
      assert.equal((await asked('legacy')).length, sent + through);
      assert.ok(completed.every(({ elicitationId }) => elicitationId === one.id), 'of the new one nothing');
    });
  }
}

// Also before the record that the answer was delivered is durable.
for (const [way, capabilities] of Object.entries({ plain: {}, page: { elicitation: { url: {} } },
  task: { extensions: { 'io.modelcontextprotocol/tasks': {} } } })) {
  test(`modern, ${way}: a repeat right behind the answer has an approval of its own`,
    options, async (context) => {
      const { pawl, people: [ann] } = await start(context, { approval: { patience_s: 0 } });
      const call = async (agent) => JSON.stringify((await agent.call('probe_echo', { x: 1 })).result);
      const first = new TaskAgent({ ...target(pawl, 'modern'), capabilities: {} });
      const again = new TaskAgent({ ...target(pawl, 'modern'), capabilities });
      await call(first);
      const [one] = await pending(pawl);
      assert.equal((await decide(pawl, ann, one)).status, 200);
      assert.ok(!(await call(first)).includes('pawl.record/approval'), 'it went through');
      assert.ok(!(await call(again)).includes(one.id), 'the next one is another call');
    });
}

// That its token makes the agent a guest is not known before the call goes on.
test('control: changed-anew', options, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-guests-'));
  context.after(() => rm(folder, { recursive: true }));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks_file = join(folder, 'jwks.json');
  await writeFile(jwks_file, JSON.stringify({ keys: [{ ...await exportJWK(publicKey), kid: 'k' }] }));
  const issuer = 'https://login.example.org';
  const { pawl, people: [ann] } = await start(context, { config: { jwt_issuers: [{ issuer, audience: ['pawl'],
    algorithms: ['ES256'], jwks_file, agent_claim: 'sub', groups_claim: 'groups' }] } });
  const guest = await new SignJWT({ iss: issuer, aud: 'pawl', sub: 'a', groups: ['guests'] }).setIssuedAt()
    .setExpirationTime('5 minutes').setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'k' }).sign(privateKey);
  const sent = (await asked('modern')).length;
  const client = await waiting_client({ era: 'modern', way: 'plain' }, { ...target(pawl, 'modern'), key: guest });
  context.after(() => client.close());
  const { end } = await client.begin({ x: 1 });
  const [one] = await pending(pawl);
  assert.equal((await change(pawl, ann, one, { x: 'forbidden' })).status, 403, 'whatever its groups are');
  assert.equal((await change(pawl, ann, one, { x: 'members' })).body.phase, 'approved');
  const { failed, meta } = await end();
  assert.equal(failed, true);
  assert.equal(meta['pawl.record/refusal'].rule, 'never-guests');
  assert.equal((await asked('modern')).length, sent, 'what a rule denies, no person lets through');
});

test('control: approval-state', options, async (context) => {
  const { pawl } = await start(context);
  const agent = new TaskAgent({ ...target(pawl, 'modern'), capabilities: { elicitation: { url: {} } } });
  const first = await agent.call('probe_echo', { x: 1 });
  assert.equal(first.result.resultType, 'input_required');
  const { requestState } = first.result;
  const inputResponses = { 'pawl.approval': { action: 'decline' } };
  const again = (args, state, more = {}) => agent.ask('tools/call',
    { name: 'probe_echo', arguments: args, inputResponses, requestState: state, ...more });
  const declined = await again({ x: 1 }, requestState);
  assert.equal(declined.result.resultType, 'complete', 'who will not open it is told in words');
  for (const [args, state] of [[{ x: 2 }, requestState], [{ x: 1 }, `${requestState.slice(0, -4)}AAAA`],
                               [{ x: 1 }, 'pawl-approval.e30']]) {
    const { error } = await again(args, state);
    assert.equal(error?.code, -32602, 'a state fits its own call');
  }
  assert.equal((await approvals(pawl)).length, 1);
});

test('a page: another agent cannot use the state, and responses for nobody are not forwarded', options,
  async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const sent = (await asked('modern')).length;
    const capabilities = { elicitation: { url: {} } };
    const agent = new TaskAgent({ ...target(pawl, 'modern'), capabilities });
    const { result } = await agent.call('probe_echo', { x: 1 });
    const [one] = await pending(pawl);
    assert.equal(result.inputRequests['pawl.approval'].params.url, `${ADDRESS}/${one.id}`);
    const retry = { name: 'probe_echo', arguments: { x: 1 }, requestState: result.requestState,
                    inputResponses: { 'pawl.approval': { action: 'accept' }, other: { action: 'accept' } } };
    const other = new TaskAgent({ ...target(pawl, 'modern', 'b'), capabilities });
    assert.equal((await other.ask('tools/call', retry)).error.code, -32602);
    await decide(pawl, ann, one);
    const done = await agent.ask('tools/call', retry);
    assert.equal(done.result.resultType, 'complete', JSON.stringify(done));
    const calls = await asked('modern');
    assert.equal(calls.length, sent + 1);
    assert.equal(JSON.stringify(calls.at(-1)).includes('inputResponses'), false);
  });

test('a task: another agent gets nothing of it, and it can be cancelled', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const sent = (await asked('modern')).length;
  const agent = new TaskAgent(target(pawl, 'modern'));
  const task = await agent.start('probe_echo', { x: 1 });
  const [one] = await pending(pawl);
  const other = new TaskAgent(target(pawl, 'modern', 'b'));
  for (const method of ['tasks/get', 'tasks/cancel']) {
    assert.equal((await other.ask(method, { taskId: task.taskId })).error.code, -32602);
  }
  assert.equal((await agent.ask('tasks/update', { taskId: task.taskId, inputResponses: {} })).error.code,
    -32602);
  const cancelled = await agent.ask('tasks/cancel', { taskId: task.taskId });
  assert.equal(cancelled.result.resultType, 'complete', JSON.stringify(cancelled));
  assert.notEqual((await decide(pawl, ann, one)).status, 200, 'nobody decides on it any more');
  assert.match((await agent.end_of(task)).text, /was cancelled/);
  assert.equal((await asked('modern')).length, sent);
});

test('a hundred tasks for one call are one call', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const sent = (await asked('modern')).length;
  const agent = new TaskAgent(target(pawl, 'modern'));
  const tasks = await Promise.all(Array.from({ length: 100 }, () => agent.start('probe_echo', { x: 1 })));
  const [one, ...more] = await pending(pawl);
  assert.equal(more.length, 0);
  await decide(pawl, ann, one);
  const ends = await Promise.all(tasks.map((task) => agent.end_of(task)));
  assert.ok(ends.every(({ failed }) => !failed), JSON.stringify(ends.find(({ failed }) => failed)));
  assert.equal((await asked('modern')).length, sent + 1);
});

test('a round with answers for the server is held as its own, and its state is used once', options,
  async (context) => {
    const played = await PlayedServer.start({
      'tools/list': () => ({ resultType: 'complete', ttlMs: 0, cacheScope: 'private',
        tools: [{ name: 'probe_echo', inputSchema: { type: 'object' } }] }),
      'tools/call': (params) => (params.inputResponses === undefined
        ? { resultType: 'input_required', requestState: 'of the server',
            inputRequests: { q: { method: 'elicitation/create', params: { mode: 'form',
              message: 'sure?', requestedSchema: { type: 'object', properties: {} } } } } }
        : { resultType: 'complete', content: [{ type: 'text', text: 'done' }] }) });
    context.after(() => played.close());
    const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: rules(),
      config: { approval: { patience_s: 0 } }, servers: { modern: { url: played.url } } });
    context.after(() => pawl.close());
    const [ann] = await enroll(pawl, 'ann');
    const agent = new TaskAgent({ ...target(pawl, 'modern'), capabilities: { elicitation: { form: {} } } });
    const approve = async () => {
      const [one] = await pending(pawl);
      assert.equal((await decide(pawl, ann, one)).body.phase, 'approved');
      return one;
    };
    const call = (more = {}) => agent.ask('tools/call', { name: 'probe_echo', arguments: { x: 1 }, ...more });
    assert.ok((await call()).result._meta['pawl.record/approval'].id);
    await approve();
    const { result: first } = await call();
    assert.equal(first.resultType, 'input_required', JSON.stringify(first));
    const round = { inputResponses: { q: { action: 'accept', content: {} } },
                    requestState: first.requestState };
    const held = await call(round);
    assert.ok(held.result._meta['pawl.record/approval'].id, 'another call than the first');
    const other_answer = { ...round, inputResponses: { q: { action: 'decline' } } };
    await approve();
    assert.ok((await call(other_answer)).result._meta['pawl.record/approval'].id,
      'with other answers it is not what people saw');
    assert.equal((await call(round)).result.content[0].text, 'done');
    assert.equal((await call(round)).error.code, -32602, 'used up');
    const sent = played.seen.filter(({ method }) => method === 'tools/call');
    assert.equal(sent.length, 2);
    assert.equal(sent[1].params.requestState, 'of the server');
  });
