// What was approved and not called yet is worth nothing once its time is over, other rules were in
// force, or a key that signed it does not count any more: nothing is sent, and people are asked anew.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ASK, end_of, executed, raw_agent, start_held, went_through } from './support/held_calls.mjs';
import { operator_key, override, sign_revocation } from './support/override.mjs';
import { no_pawl } from './support/pawl.mjs';
import { approvals, control, decide, pending, post_enrollment } from './support/people.mjs';
import { start_both_references } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const ALL = { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' };
const options = { skip: no_pawl(), timeout: 60_000 };
let references;

before(async () => {
  references = no_pawl() ? undefined : await start_both_references('pawl-endings-');
});
after(() => references?.stop());

/** A call that was approved by all of these people, and that nobody has made again. */
async function approved(context, { people = ['ann'], said = () => ({}), hold = {} } = {}) {
  const rules = [{ ...ASK, then: { hold: { ...ASK.then.hold, ...hold } } }];
  const { pawl, people: enrolled } = await start_held(context, references, { people, rules });
  const before_it = await executed(references);
  const call = async () => {
    const agent = raw_agent(context, pawl);
    const answer = await agent.call('probe_echo', { x: 1 });
    return { answer, ...end_of(answer) };
  };
  await call();
  const [one] = await pending(pawl);
  const signers = enrolled.slice(-(hold.of ?? 1));
  for (const signer of signers) {
    const { status, body } = await decide(pawl, signer, one, 'approve', said(one));
    assert.equal(status, 200, JSON.stringify(body));
  }
  const sent = async () => await executed(references) - before_it;
  assert.equal((await phase_of(pawl, one)).phase, 'approved');
  return { pawl, rules: [...rules, ALL], people: enrolled, one, call, sent };
}

const phase_of = async (pawl, { id }) => (await approvals(pawl)).find((each) => each.id === id);

/**
 * Makes the call until people are asked anew; before that its caller may be told how the first one ended.
 * @returns {Promise<string>} the approval that it waits for now
 */
async function asked_anew({ one, call, sent }) {
  const told = [];
  const { answer, asked } = await wait_for('people to be asked anew', async () => {
    const now = await call();
    told.push(...now.refused === undefined ? [] : [now.refused]);
    return now.refused === undefined ? now : undefined;
  });
  assert.equal(await sent(), 0, 'it was sent');
  assert.ok(asked !== undefined && asked !== one.id, JSON.stringify(answer.body));
  const ends = told.filter(({ code }) => code !== 'approval_required');
  assert.ok(ends.every(({ code, reason }) => code === 'denied' && reason.includes(one.id)),
    JSON.stringify(told));
  return asked;
}

/** It goes through after a new yes: the proof that nothing else kept it back. */
async function goes_through_when_approved({ pawl, people: [ann, ...others], call, sent }, id) {
  const [again] = await pending(pawl, { fits: (each) => each.id === id });
  for (const signer of again.terms.of === 1 ? [ann] : [ann, ...others].slice(0, again.terms.of)) {
    assert.equal((await decide(pawl, signer, again)).status, 200);
  }
  assert.ok(went_through((await call()).answer));
  assert.equal(await sent(), 1);
}

/** A call that was approved for two seconds, which are over. */
async function ended_by_time(context) {
  let until;
  const it = await approved(context, { said: ({ expires }) => {
    until = Math.min(expires, Math.floor(Date.now() / 1000) + 2);
    return { expires: until };
  } });
  await delay(Math.max(0, until * 1000 - Date.now()));
  return it;
}

test('control: approval-expiry', options, async (context) => {
  const it = await ended_by_time(context);
  await goes_through_when_approved(it, await asked_anew(it));
});

test('the first call behind the end of a grant asks people anew', options, async (context) => {
  const it = await ended_by_time(context);
  const { asked, answer } = await it.call();
  assert.equal(await it.sent(), 0);
  assert.ok(asked !== undefined && asked !== it.one.id, JSON.stringify(answer.body));
});

test('control: approval-policy', options, async (context) => {
  const it = await approved(context);
  const put = async (rules) => {
    await it.pawl.write_rules(rules);
    assert.equal((await control(it.pawl, 'rules/reload', {})).status, 200);
  };
  const other = { id: 'other', when: { tool: 'other' }, then: 'deny', reason: 'of no matter here' };
  await put([...it.rules, other]);
  const under_others = await asked_anew(it);
  assert.deepEqual(await phase_of(it.pawl, it.one).then(({ phase, ending }) => ({ phase, ending })),
    { phase: 'expired', ending: 'policy' });
  await put(it.rules);
  const now = await asked_anew(it);
  assert.notEqual(now, under_others, 'nor does what was asked under the others outlive them');
  await goes_through_when_approved(it, now);
});

// What takes a key away from who signed last, after the yes and before the call.
const revoked = async (pawl, ann, bob) => {
  const statement = await sign_revocation(await operator_key(pawl), { target: `key:${bob.kid}` });
  assert.equal((await override(pawl, 'revoke', { statement })).status, 200);
};
const removed = async (pawl, ann, bob) => {
  assert.equal((await post_enrollment(pawl, await ann.removes(bob))).status, 200);
};
const revoked_and_killed = async (pawl, ...people) => {
  await revoked(pawl, ...people);
  await pawl.kill();
  await pawl.serve();
};

test('control: signers-stand', options, async (context) => {
  for (const [of, take] of [[1, revoked], [2, revoked], [1, removed], [2, removed], [1, revoked_and_killed]]) {
    const it = await approved(context, { people: ['ann', 'cid', 'bob'], hold: { of } });
    await take(it.pawl, it.people[0], it.people.at(-1));
    const asked = await asked_anew(it).catch((error) => {
      throw new assert.AssertionError({ message: `${take.name}, of ${of}: ${error.message}` });
    });
    await goes_through_when_approved(it, asked);
    await it.pawl.stop();
  }
});
