// What is usual of an agent's calls is learned from those that went through, and a held call is shown
// with what differs first: to people who may read arguments, from memory, and from nowhere else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { holding } from './support/holding.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { control, decide, digest_of, enroll, pending } from './support/people.mjs';
import { start_reference } from './support/reference.mjs';
import { Browser, Person } from './support/signed_in.mjs';

const RULES = [
  { id: 'never', when: { tool: 'probe_echo', arguments: { amount: { range: { gt: 1_000_000 } } } },
    then: 'deny', reason: 'too much' },
  { id: 'large', when: { tool: 'probe_echo', arguments: { amount: { range: { gt: 100 } } } },
    then: { hold: { roles: ['approver'] } }, reason: 'people look at large ones' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl(), timeout: 90_000 };
const SECRET = 'a text that nothing keeps';
let reference;
let pawl;
let ann;

before(async () => {
  if (no_pawl()) {
    return;
  }
  reference = await start_reference('modern');
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: RULES,
    config: { sign_in: {}, approval: { patience_s: 0 } }, servers: { s: { url: reference.url } } });
  [ann] = await enroll(pawl, 'ann');
});
after(async () => {
  await pawl?.close();
  await reference?.stop('SIGKILL');
});

const agent_of = (context, name) => {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys[name] });
  context.after(() => agent.close());
  return agent;
};
/** The approval that this call waits for, as the API shows it. */
async function held(agent, args) {
  const known = new Set((await control(pawl, 'approvals')).body.approvals.map(({ id }) => id));
  await agent.call('probe_echo', args);
  const [one] = await pending(pawl, { fits: ({ id }) => !known.has(id) });
  return (await control(pawl, `approvals/${one.id}`)).body;
}
async function shown_to(name, id, ...grants) {
  const person = await Person.add(pawl, name, ...grants);
  const browser = new Browser(pawl.addresses.control.replace('127.0.0.1', 'localhost'));
  assert.equal((await browser.sign_in(person.by_code())).status, 200);
  return (await browser.ask('GET', `/api/v1/approvals/${id}`)).json;
}

test('50 calls, then one that differs: the API, the command and the account lead with it', options,
  async (context) => {
    const a = agent_of(context, 'a');
    const first = await held(a, { amount: 5000, to: 'x' });
    assert.equal(first.usual.compared, 0, 'nothing is known');
    assert.equal(first.usual.differs, undefined);
    const said = await pawl.run(['approvals', 'show', first.id, '--config', pawl.config_file]);
    assert.match(said.stdout, /^unusual +no call of this agent to this tool is known since the start$/m);

    for (let i = 0; i < 50; ++i) {
      const { body } = await a.call('probe_echo', { memo: SECRET, amount: 3 + (i % 49) * 2,
        to: i % 2 ? 'al' : 'bob', limit: 9, items: [{ n: i % 5 }] });
      assert.equal(body.error, undefined, JSON.stringify(body));
    }
    // Refused: nothing of it is usual.
    await a.call('probe_echo', { amount: 2_000_000, to: 'eve', note: 'x' });

    const call = await held(a, { memo: SECRET, note: 'now', to: 'eve\u202e', items: [{ n: 4 }, { n: 7 }],
      amount: 125000 });
    const { usual } = call;
    assert.equal(usual.compared, 50);
    assert.deepEqual(usual.differs, [
      { pointer: '/arguments/to', is: 'new_value', seen: 50, now: '"eve\u202e"', values: ['"al"', '"bob"'] },
      { pointer: '/arguments/items/1/n', is: 'out_of_range', seen: 50, now: '7', lowest: '0', highest: '4' },
      { pointer: '/arguments/amount', is: 'out_of_range', seen: 50, now: '125000', lowest: '3', highest: '99' },
      { pointer: '/arguments/note', is: 'new_place', seen: 0, now: '"now"' },
      { pointer: '/arguments/limit', is: 'missing', seen: 50, lowest: '9', highest: '9' },
    ]);
    const { stdout } = await pawl.run(['approvals', 'show', call.id, '--config', pawl.config_file]);
    const lines = stdout.split('\n');
    const at = lines.findIndex((line) => line.startsWith('unusual'));
    assert.ok(at > 0 && at < lines.findIndex((line) => line.startsWith('arguments')), stdout);
    assert.deepEqual(lines.slice(at, at + 6), [
      'unusual        not as in 50 calls of this agent to this tool since the start',
      '  | /arguments/to "eve\\u{202e}", never seen; usually "al", "bob" (50 calls)',
      '  | /arguments/items/1/n 7, usually 0 to 4 (50 calls)',
      '  | /arguments/amount 125000, usually 3 to 99 (50 calls)',
      '  | /arguments/note "now", not in usual calls',
      '  | missing: /arguments/limit, in all 50 calls',
    ]);

    const only = await held(a, { memo: SECRET, limit: 9, to: 'bob', items: [{ n: 1 }], amount: 125000 });
    assert.deepEqual(only.usual.differs.map(({ pointer }) => pointer), ['/arguments/amount']);

    const seen = await shown_to('cleo', call.id, 'approver');
    assert.deepEqual(seen.usual.differs, usual.differs);
    const looks = await shown_to('dan', call.id, 'viewer');
    assert.equal(looks.params, undefined);
    assert.equal(looks.usual?.differs, undefined, 'who sees no arguments sees none of these');
    assert.equal(looks.usual?.compared, undefined);
  });

test('what one agent does is not usual for another, and the same call is like those before', options,
  async (context) => {
    const a = agent_of(context, 'a'), b = agent_of(context, 'b');
    await a.call('probe_echo', { amount: 1 });
    assert.equal((await held(b, { amount: 101 })).usual.compared, 0);
    for (const amount of [50, 60]) {
      await b.call('probe_echo', { amount });
    }
    const other = await held(b, { amount: 102 });
    assert.equal(other.usual.compared, 2);
    assert.equal(other.usual.differs[0].highest, '60');
  });

test('what people let through counts, but not what they put in its place', options, async (context) => {
  const b = agent_of(context, 'b');
  const [one, two] = [await held(b, { amount: 300 }), await held(b, { amount: 400 })];
  const before_it = one.usual.compared;
  await decide(pawl, ann, one);
  await b.call('probe_echo', { amount: 300 });
  const params = JSON.stringify({ name: 'probe_echo', arguments: { amount: 90, by: 'ann' } });
  const statement = await ann.sign(ann.statement(two, 'approve', { executed: digest_of(params) }));
  const decided = await control(pawl, 'approvals/decide', { statement, params });
  assert.equal(decided.status, 200, JSON.stringify(decided.body));
  await b.call('probe_echo', { amount: 400 });
  const later = await held(b, { amount: 500 });
  assert.equal(later.usual.compared, before_it + 1);
  assert.equal(later.usual.differs[0].highest, '300');
});

test('nothing of it is on the disk, and after a restart it is learned anew', options, async (context) => {
  const a = agent_of(context, 'a');
  // Held calls keep their arguments in the vault, sealed; those that went through nowhere.
  assert.deepEqual(await holding(pawl.data, SECRET), []);
  await pawl.restart();
  const again = agent_of(context, 'a');
  assert.equal((await held(again, { amount: 7000 })).usual.compared, 0);
  await a.close();
});
