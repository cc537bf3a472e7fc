// People are told: signed webhooks until they are taken, across failures and kill -9, without a word
// of the arguments; the stream of events; and where nobody would be told.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { Events } from './support/events.mjs';
import { override } from './support/override.mjs';
import { PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { approvals, control, decide, enroll, pending } from './support/people.mjs';
import { Receiver, new_secret } from './support/receiver.mjs';
import { start_reference } from './support/reference.mjs';
import { Browser, Person } from './support/signed_in.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 80_000 };
const CANARY = 'canary-7f3a91';
const RULES = [
  { id: 'ask', when: { tool: 'probe_echo', arguments: { hold: { equals: true } } },
    then: { hold: { roles: ['approver'], within: '10m' } }, reason: 'people are asked first' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const ADDRESS = 'https://pawl.example/approvals';
let folder;
let reference;

before(async () => {
  if (!no_pawl()) {
    folder = await mkdtemp(join(tmpdir(), 'pawl-notices-'));
    reference = await start_reference('modern', { journal: join(folder, 'journal') });
  }
});
after(async () => {
  await reference?.stop('SIGKILL');
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** A gateway, and one receiver, which listens or does not. */
async function start(context, { listens = true, config = {}, receiver } = {}) {
  const to = receiver ?? new Receiver(new_secret());
  await to.listen();
  if (!listens) {
    await to.close();
  }
  const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
    env: { HOOK_SECRET: to.secret },
    config: { approval: { patience_s: 0, address: ADDRESS,
                          notify: [{ webhook: `${to.url}?key=${CANARY}`, secret: '${HOOK_SECRET}' }] },
              ...config },
    servers: { w: { url: reference.url } } });
  context.after(() => pawl.close());
  context.after(() => to.close());
  return { pawl, receiver: to, people: await enroll(pawl, 'ann') };
}
const agent_of = (context, pawl) => {
  const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  context.after(() => agent.close());
  return agent;
};
const hold = (agent, more = {}) => agent.call('probe_echo', { hold: true, ...more });
const notices = async (pawl) => (await control(pawl, 'status')).body.notices;

test('control: notice-owed', options, async (context) => {
  const { pawl, receiver } = await start(context);
  await hold(agent_of(context, pawl));
  const [one] = await receiver.wait(1);
  const [waits] = await approvals(pawl);
  assert.equal(one.id, `approval-${waits.id}`);
  assert.ok(one.is_signed);
});

test('a notice comes again, with the same id, until it is taken, and says no argument', options,
  async (context) => {
    const to = new Receiver(new_secret());
    to.answers = [500, 302, 204];
    const { pawl, receiver, people: [ann] } = await start(context, { receiver: to });
    await hold(agent_of(context, pawl), { path: CANARY });
    await receiver.wait(3);
    const [waits] = await approvals(pawl);
    for (const one of receiver.got) {
      assert.ok(one.is_signed, 'each attempt is signed, with a time of its own');
      assert.equal(one.id, `approval-${waits.id}`);
      assert.equal(one.text, receiver.got[0].text);
      assert.ok(Math.abs(Date.now() / 1000 - one.timestamp) < 60);
      assert.equal(one.headers['content-type'], 'application/json');
      assert.ok(!JSON.stringify([one.headers, one.text]).includes(CANARY));
    }
    const { body: { type, timestamp, data } } = receiver.got[0];
    assert.equal(type, 'approval.requested');
    assert.equal(new Date(timestamp).getTime() / 1000, waits.at);
    assert.deepEqual(data, { instance: 'spiffe://example.org/pawl/gw1', approval: waits.id,
      agent: waits.binding.agent, server: 'w', verb: 'tool.call', name: 'probe_echo',
      digest: waits.binding.digest, binding_digest: data.binding_digest,
      policy: waits.binding.policy, roles: ['approver'], of: 1, uses: 1, escalated: false,
      expires: waits.expires, address: ADDRESS });
    const told = await wait_for('the status', async () => {
      const now = await notices(pawl);
      return now.webhooks[0].delivered === 1 ? now : undefined;
    });
    assert.deepEqual({ owed: told.owed, failed: told.webhooks[0].failed, nobody: told.nobody_told },
      { owed: 0, failed: 2, nobody: '' });
    const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
    assert.match(metrics, /^pawl_notices_total\{result="delivered"\} 1$/m);
    assert.match(metrics, /^pawl_notices_total\{result="failed"\} 2$/m);
    await decide(pawl, ann, waits);
    await hold(agent_of(context, pawl), { path: 'another' });
    await receiver.wait(4);
    assert.equal(receiver.got.length, 4, 'what was taken does not come again');
    const log = await pawl.log();
    assert.match(log, /"event":"notice_failed"/);
    assert.ok(!log.includes(CANARY), 'neither arguments nor the path of the webhook');
    assert.ok(!JSON.stringify(await control(pawl, 'status')).includes(CANARY));
  });

for (const [name, first] of [['nobody listens', undefined], ['the receiver says nothing', 0]]) {
  test(`kill -9 between record and sending, where ${name}: it comes after the restart`, options,
    async (context) => {
      const to = new Receiver(new_secret());
      to.answers = [first ?? 204];
      const { pawl, receiver } = await start(context, { receiver: to, listens: first !== undefined });
      await hold(agent_of(context, pawl));
      const [waits] = await pending(pawl);
      if (first === 0) {
        await receiver.wait(1);
      }
      await pawl.kill();
      const before_it = receiver.got.length;
      to.answers = [204];
      if (first === undefined) {
        await receiver.listen(receiver.port);
      }
      await pawl.serve();
      const all = await receiver.wait(before_it + 1);
      assert.ok(all.every(({ id, is_signed }) => is_signed && id === `approval-${waits.id}`));
    });
}

test('what is decided is not owed after a restart', options, async (context) => {
  const { pawl, receiver, people: [ann] } = await start(context, { listens: false });
  await hold(agent_of(context, pawl), { n: 1 });
  const [first] = await pending(pawl);
  await decide(pawl, ann, first, 'deny');
  await hold(agent_of(context, pawl), { n: 2 });
  const [second] = await pending(pawl);
  await pawl.kill();
  await receiver.listen(receiver.port);
  await pawl.serve();
  await receiver.wait(1);
  assert.deepEqual(receiver.got.map(({ id }) => id), [`approval-${second.id}`]);
});

test('pawl notify test says what came back', options, async (context) => {
  const { pawl, receiver } = await start(context);
  const run = (...args) => pawl.run(['notify', 'test', '--config', pawl.config_file, ...args]);
  const good = await run();
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^http:\/\/127\.0\.0\.1:\d+ {2}delivered, answers 204\n$/);
  assert.equal(receiver.got[0].body.type, 'notice.test');
  assert.ok(receiver.got[0].is_signed && receiver.got[0].id.startsWith('test-'));
  receiver.answers = [404];
  const bad = await run();
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /NOT delivered: answers 404/);
  await receiver.close();
  const closed = await run('--json');
  assert.equal(closed.code, 1);
  assert.equal(JSON.parse(closed.stdout).webhooks[0].delivered, false);
  await receiver.listen(receiver.port);
  await pawl.stop();
  assert.equal((await run()).code, 2);
});

test('where nobody would be told, the start, the status and the check of the configuration say so',
  options, async (context) => {
    const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
      servers: { w: { url: reference.url } } });
    context.after(() => pawl.close());
    await wait_for('the log', async () =>
      (await pawl.log()).includes('"event":"nobody_is_told"') || undefined);
    const status = await pawl.run(['status', '--config', pawl.config_file]);
    assert.equal(status.code, 1);
    assert.match(status.stdout, /nobody is told/);
    const check = await pawl.run(['config', 'check', '--config', pawl.config_file]);
    assert.equal(check.code, 0);
    assert.match(check.stderr, /warning: .*: calls can be held for people, and nobody is told/);
    const { code, stdout } = await pawl.run(['notify', 'test', '--config', pawl.config_file]);
    assert.equal(code, 1);
    assert.match(stdout, /no webhook is configured/);
  });

test('events: records, approvals and stops, in order, and again after Last-Event-ID', options,
  async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const agent = agent_of(context, pawl);
    const events = await Events.open(pawl);
    assert.equal(events.status, 200);
    assert.match(events.headers['content-type'], /^text\/event-stream/);
    await agent.call('probe_echo', { path: CANARY });
    const { data } = await events.wait('record', ({ kind }) => kind === 'tool.call');
    assert.equal(data.server, 'w');
    assert.equal(data.name, 'probe_echo');
    assert.equal(data.agent, 'a');
    assert.ok(['confirmed', 'failed'].includes(data.outcome));
    const { claims } = await pawl.json('ledger', 'show', data.id);
    assert.equal(data.at, claims.iat);
    assert.equal(data.workflow, claims.wid);
    await hold(agent, { path: CANARY });
    const [waits] = await pending(pawl);
    await events.wait('approval', ({ approval, phase, needed, name }) =>
      approval === waits.id && phase === 'pending' && needed === 1 && name === 'probe_echo');
    events.close();
    await decide(pawl, ann, waits, 'deny');
    const stop = await override(pawl, 'stop', { scope: 'agent:a', reason: 'test' });
    assert.equal(stop.status, 200, JSON.stringify(stop.body));
    const again = await Events.open(pawl, { last: events.last_id });
    await again.wait('approval', ({ approval, phase }) => approval === waits.id && phase === 'denied');
    await again.wait('stop', ({ scope, state }) => scope === 'agent:a' && state === 'in force');
    const ids = [...events.got, ...again.got].map(({ id }) => Number(id));
    assert.ok(ids.every((id, i) => i === 0 || id > ids[i - 1]), `${ids}`);
    assert.ok(!JSON.stringify([events.got, again.got]).includes(CANARY));
    again.close();
    const lost = await Events.open(pawl, { last: '17' });
    await lost.wait('reload');
    lost.close();
    await pawl.restart();
    const next = await Events.open(pawl, { last: events.last_id });
    await next.wait('reload');
    next.close();
  });

test('events: who has neither the token nor a session gets none, and a scope is a limit', options,
  async (context) => {
    const { pawl } = await start(context, { config: { sign_in: {} } });
    const other = await Person.add(pawl, 'bob', 'viewer@server:other');
    const here = await Person.add(pawl, 'ada', 'viewer@server:w');
    const address = pawl.addresses.control.replace('127.0.0.1', 'localhost');
    const refused = await Events.open(pawl, { headers: { authorization: 'Bearer x' } });
    assert.equal(refused.status, 401);
    assert.equal((await Events.open(pawl, { browser: { address, cookies: new Map() } })).status, 401);
    const readers = {};
    for (const person of [other, here]) {
      const browser = new Browser(address);
      assert.equal((await browser.sign_in(person.by_code())).status, 200);
      readers[person.name] = { browser, events: await Events.open(pawl, { browser }) };
      assert.equal(readers[person.name].events.status, 200);
    }
    const page = await Events.open(pawl, { browser: readers.ada.browser,
      headers: { 'Sec-Fetch-Site': 'cross-site' } });
    assert.equal(page.status, 403);
    await agent_of(context, pawl).call('probe_echo', {});
    await readers.ada.events.wait('record', ({ kind }) => kind === 'tool.call');
    assert.deepEqual(readers.bob.events.got, []);
    await readers.ada.browser.ask('DELETE', '/api/v1/session');
    await wait_for('the end of the stream', () => readers.ada.events.ended || undefined);
    readers.bob.events.close();
  });

test('events: a reader that does not read is dropped, and others are served', options,
  async (context) => {
    const { pawl } = await start(context);
    const agents = Array.from({ length: 32 }, () => agent_of(context, pawl));
    const quick = await Events.open(pawl);
    const slow = await Events.open(pawl, { reads: false });
    const dropped = async () =>
      (await control(pawl, 'status')).body.limits_reached.event_queue === 1;
    let calls = 0;
    for (; calls < 20_000 && !await dropped(); calls += 5 * agents.length) {
      await Promise.all(agents.map(async (agent) => {
        for (let i = 0; i < 5; i += 1) {
          await agent.call('x'.repeat(250), {});
        }
      }));
    }
    assert.ok(await dropped(), `not after ${calls} calls`);
    await wait_for('what others are told', () => quick.got.filter(({ data }) =>
      data.kind === 'tool.call').length === calls || undefined);
    assert.equal((await notices(pawl)).event_readers, 1);
    quick.close();
    slow.close();
  });

test('pawl approvals watch shows each call as it begins to wait, as data', options,
  async (context) => {
    const { pawl } = await start(context);
    const agent = agent_of(context, pawl);
    await hold(agent, { text: 'before' });
    const watch = spawn(PAWL_BIN, ['approvals', 'watch', '--config', pawl.config_file]);
    context.after(() => watch.kill('SIGKILL'));
    let shown = '';
    watch.stdout.setEncoding('utf8').on('data', (text) => { shown += text; });
    const seen = (text) => wait_for(`"${text}"`, () => shown.includes(text) || undefined);
    await seen('/arguments/text "before"');
    await hold(agent, { text: 'red \u001b[31m \u202etxet' });
    await seen('/arguments/text "red \\x1b[31m \\u{202e}txet"');
    assert.ok(!shown.includes('\u001b') && !shown.includes('\u202e'));
    await pawl.restart();
    await hold(agent_of(context, pawl), { text: 'after the restart' });
    await seen('after the restart');
    assert.equal(shown.split('/arguments/text "before"').length, 2, 'each is shown once');
    const code = await new Promise((resolve) => {
      watch.on('close', resolve);
      watch.kill('SIGINT');
    });
    assert.equal(code, 0);
  });
