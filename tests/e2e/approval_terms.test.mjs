// On which terms people let a held call through: how many, in which role, not the agent's own owner,
// and who is asked when nobody answered. What reached the server is what its own journal says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Person, approvals, decide, enroll, pending, post_enrollment } from './support/people.mjs';
import { start_both_references } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 60_000 };
let references;

before(async () => {
  references = no_pawl() ? undefined : await start_both_references('pawl-terms-');
});
after(() => references?.stop());

/** A call of an agent of ann's that is held on these terms, and the people who look at it. */
async function held(context, hold, { people = ['ann', 'bob'], owner = '', others = {} } = {}) {
  const pawl = await Pawl.start({ init: true, agents: { a: owner === '' ? {} : { owner } },
    rules: [{ id: 'ask', when: { tool: 'probe_echo' }, then: { hold }, reason: 'people are asked' },
            { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' }],
    servers: { modern: { url: references.modern.url } } });
  context.after(() => pawl.close());
  const enrolled = await enroll(pawl, ...people);
  for (const [name, roles] of Object.entries(others)) {
    const person = await Person.make(name);
    assert.equal((await post_enrollment(pawl, await enrolled[0].enrolls(person, roles))).status, 200);
    enrolled.push(person);
  }
  const before_it = await forwarded();
  const agent = new RawAgent({ url: pawl.mcp_url('modern'), key: pawl.keys.a });
  context.after(() => agent.close());
  const answer = agent.call('probe_echo', { x: 1 });
  const [one] = await pending(pawl);
  return { pawl, people: enrolled, one, answer, sent: async () => await forwarded() - before_it };
}

const forwarded = async () => (await references.calls('modern'))
  .filter((one) => JSON.stringify(one).includes('probe_echo')).length;
/** It went through after all: the proof that nothing else kept it back. */
const goes_through = async ({ answer, sent }) => {
  assert.equal((await answer).body.result.isError ?? false, false);
  assert.equal(await sent(), 1);
};

test('control: quorum', options, async (context) => {
  const call = await held(context, { roles: ['approver'], of: 2 });
  const { pawl, people: [ann, bob], one, sent } = call;
  const first = await decide(pawl, ann, one);
  assert.equal(first.status, 200);
  assert.deepEqual([first.body.phase, first.body.needed], ['pending', 1]);
  assert.equal((await decide(pawl, ann, one)).status, 409, 'one person is not two');
  assert.equal(await sent(), 0);
  assert.equal((await decide(pawl, bob, one)).body.phase, 'approved');
  await goes_through(call);
});

test('control: approver-role', options, async (context) => {
  const call = await held(context, { roles: ['approver'] }, { others: { vic: ['viewer'] } });
  const { pawl, people: [ann, , vic], one, sent } = call;
  for (const role of ['viewer', 'approver']) {
    const { status, body } = await decide(pawl, vic, one, 'approve', { role });
    assert.equal(status, 403, `vic as ${role}: ${JSON.stringify(body)}`);
  }
  assert.equal((await decide(pawl, ann, one, 'approve', { role: 'admin' })).status, 403,
    'an admin decides on no call as an admin');
  assert.equal(await sent(), 0);
  assert.equal((await decide(pawl, ann, one)).body.phase, 'approved');
  await goes_through(call);
});

test('control: self-approval', options, async (context) => {
  const call = await held(context, { roles: ['approver'] }, { owner: 'ann' });
  const { pawl, people: [ann, bob], one, sent } = call;
  const own = await decide(pawl, ann, one);
  assert.equal(own.status, 403, JSON.stringify(own.body));
  assert.match(JSON.stringify(own.body), /nobody approves a call of their own/);
  assert.equal(await sent(), 0);
  assert.equal((await decide(pawl, bob, one)).body.phase, 'approved');
  await goes_through(call);
});

test('control: escalation', options, async (context) => {
  const call = await held(context, { roles: ['approver'], within: '4s', escalate_to: ['chief'] },
    { others: { carol: ['chief'] } });
  const { pawl, people: [ann, , carol], one, sent } = call;
  const passed_on = await wait_for('it to be passed on, or to end', async () => {
    const [now] = await approvals(pawl);
    return now.escalated || now.phase !== 'pending' ? now : undefined;
  });
  assert.equal(passed_on.phase, 'pending', 'nobody decided: others are asked before it ends');
  assert.equal((await decide(pawl, ann, passed_on)).status, 403, 'it is not in her hands any more');
  assert.equal(await sent(), 0);
  const decided = await decide(pawl, carol, passed_on, 'approve', { role: 'chief' });
  assert.equal(decided.body.phase, 'approved', JSON.stringify(decided.body));
  assert.equal(passed_on.id, one.id);
  await goes_through(call);
});
