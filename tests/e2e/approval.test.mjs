// Held calls by official clients of both eras, and people who decide on them: every way through, and
// the ways that must not be one. What reached the server is what its own journal says.

import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { legacy_client, modern_client } from './support/clients.mjs';
import { held_now } from './support/held_calls.mjs';
import { holding } from './support/holding.mjs';
import { override, operator_key, sign_statement } from './support/override.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Person, approvals, control, decide, enroll, pending, post_decision, post_enrollment }
  from './support/people.mjs';
import { start_both_references } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const CLIENTS = { legacy: legacy_client, modern: modern_client };
const RULES = [
  { id: 'two', when: { tool: 'probe_echo', arguments: { two: { equals: true } } },
    then: { hold: { roles: ['approver'], of: 2 } }, reason: 'two people look at it' },
  { id: 'ask', when: { tool: 'probe_echo' },
    then: { hold: { roles: ['approver'], uses: 3, within: '10m' } }, reason: 'people are asked first' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl(), timeout: 60_000 };
let references;

before(async () => {
  references = no_pawl() ? undefined : await start_both_references('pawl-approval-');
});
after(() => references?.stop());

/** A gateway with one agent more than it needs, and these people. */
async function start(context, { people = ['ann'], config = {}, rules = RULES } = {}) {
  const pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules, config,
    servers: { legacy: { url: references.legacy.url }, modern: { url: references.modern.url } } });
  context.after(() => pawl.close());
  return { pawl, people: await enroll(pawl, ...people) };
}

const client_of = async (context, pawl, era, agent = 'a') => {
  const client = await CLIENTS[era]({ url: pawl.mcp_url(era), key: pawl.keys[agent] });
  context.after(() => client.close());
  return client;
};
const echo = (client, args) => client.callTool({ name: 'probe_echo', arguments: args });
const asked = async (era) => (await references.calls(era)).filter((one) =>
  JSON.stringify(one).includes('probe_echo'));
const refusal_of = (answer) => answer._meta?.['pawl.record/refusal'];
const raw = (context, pawl, agent = 'a') => {
  const one = new RawAgent({ url: pawl.mcp_url('modern'), key: pawl.keys[agent] });
  context.after(() => one.close());
  return one;
};
/** Whether the call went through: true or false; a call that waits for people is refused at once. */
const goes_through = async (agent, args) => {
  const { body } = await agent.call('probe_echo', args);
  const meta = body.result?._meta ?? {};
  return meta['pawl.record/approval'] === undefined && meta['pawl.record/refusal'] === undefined
    && body.error === undefined;
};

for (const era of Object.keys(CLIENTS)) {
  test(`${era}: a held call goes through when a person approves it, with the client's defaults`,
    options, async (context) => {
      const { pawl, people: [ann] } = await start(context);
      const before_it = (await asked(era)).length;
      const client = await client_of(context, pawl, era);
      const answer = echo(client, { x: 1 });
      const [one] = await pending(pawl);
      assert.equal((await asked(era)).length, before_it, 'nothing is sent before');
      const shown = (await control(pawl, `approvals/${one.id}`)).body;
      assert.deepEqual(JSON.parse(shown.params).arguments, { x: 1 });
      const decided = await decide(pawl, ann, one);
      assert.equal(decided.body.phase, 'approved', JSON.stringify(decided.body));
      const { _meta, isError } = await answer;
      assert.notEqual(isError, true);
      const { claims } = await pawl.json('ledger', 'show', _meta['pawl.record/id']);
      assert.deepEqual(claims.ect_ext['pawl.tool'].approval, { id: one.id, use: 1 });
      assert.equal((await asked(era)).length, before_it + 1);
    });

  test(`${era}: a denial is told, with who said it`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const before_it = (await asked(era)).length;
    const answer = echo(await client_of(context, pawl, era), { x: 1 });
    const [one] = await pending(pawl);
    await decide(pawl, ann, one, 'deny');
    const refusal = refusal_of(await answer);
    assert.equal(refusal.code, 'denied');
    assert.match(refusal.reason, /was denied by ann \(approver\)/);
    assert.equal((await asked(era)).length, before_it);
  });

  test(`${era}: whose patience ends is told where to look, and comes again`, options,
    async (context) => {
      const { pawl, people: [ann] } = await start(context,
        { config: { approval: { patience_s: 1, address: 'https://pawl.example/approvals' } } });
      const client = await client_of(context, pawl, era);
      const first = await echo(client, { x: 1 });
      assert.equal(first.isError ?? false, false, 'waiting is no error');
      const { id, address, expires } = first._meta['pawl.record/approval'];
      assert.equal(address, 'https://pawl.example/approvals');
      assert.match(first.content[0].text, new RegExp(`waiting for approval ${id}`));
      assert.match(first.content[0].text, /call again with the same arguments/);
      const [one] = await pending(pawl);
      assert.equal(one.id, id);
      assert.equal(one.expires, expires);
      await decide(pawl, ann, one);
      assert.equal((await echo(client, { x: 1 }))._meta['pawl.record/approval'], undefined);
      assert.equal((await approvals(pawl)).length, 1, 'a repeat attached to it');
      const again = await echo(client, { x: 1 });
      assert.notEqual(again._meta['pawl.record/approval'].id, id, 'afterwards it is a new call');
    });
}

test('an approval fits no other call, agent, number or spelling', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  const agent = raw(context, pawl);
  // Numbers as they are on the wire: JSON.stringify would round one of them.
  const big = (digits) => ({ n: JSON.rawJSON?.(digits) ?? Number(digits) });
  await agent.call('probe_echo', big('9007199254740992'));
  const [one] = await pending(pawl);
  await decide(pawl, ann, one);
  assert.equal(await goes_through(raw(context, pawl, 'b'), big('9007199254740992')), false);
  for (const args of [{ n: '9007199254740992' }, { n: 9007199254740994 }, { n: [9007199254740992] },
                      { n: 9007199254740992, m: 1 }, {}]) {
    assert.equal(await goes_through(agent, args), false, JSON.stringify(args));
  }
  const other = Number('9007199254740992');
  assert.equal(await goes_through(agent, { n: other }), true, 'and the very call does');
});

test('control: approval-uses', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const before_it = (await asked('modern')).length;
  const calls = Array.from({ length: 100 }, () => raw(context, pawl).call('probe_echo', { x: 2 }));
  await wait_for('a hundred calls that wait', async () => await held_now(pawl) === 100 || undefined);
  const [one, ...more] = await pending(pawl);
  assert.equal(more.length, 0);
  await decide(pawl, ann, one);
  await Promise.all(calls);
  assert.equal((await asked('modern')).length, before_it + 1);
});

test('up to N uses, and not one more, also across kill -9', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  const before_it = (await asked('modern')).length;
  const agent = raw(context, pawl);
  await agent.call('probe_echo', { x: 3 });
  const [one] = await pending(pawl);
  assert.equal((await decide(pawl, ann, one, 'approve', { uses: 4 })).status, 400, 'the rule says 3');
  assert.equal((await decide(pawl, ann, one, 'approve', { uses: 2 })).status, 200);
  assert.equal(await goes_through(agent, { x: 3 }), true);
  await pawl.kill();
  await pawl.serve();
  const later = raw(context, pawl);
  assert.equal(await goes_through(later, { x: 3 }), true);
  assert.equal(await goes_through(later, { x: 3 }), false);
  assert.equal((await asked('modern')).length, before_it + 2);
});

test('a restart in the middle loses neither the question nor the answer', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  await raw(context, pawl).call('probe_echo', { x: 4 });
  const [one] = await pending(pawl);
  await pawl.kill();
  await pawl.serve();
  const [same] = await pending(pawl);
  assert.equal(same.id, one.id);
  const shown = (await control(pawl, `approvals/${one.id}`)).body;
  assert.deepEqual(JSON.parse(shown.params).arguments, { x: 4 }, 'and its arguments are there');
  assert.equal((await decide(pawl, ann, same)).body.phase, 'approved');
  await pawl.kill();
  await pawl.serve();
  assert.equal(await goes_through(raw(context, pawl), { x: 4 }), true);
});

test('two approvers: two people with two keys', options, async (context) => {
  const { pawl, people: [ann, bob] } = await start(context, { people: ['ann', 'bob'] });
  const answer = raw(context, pawl).call('probe_echo', { two: true });
  const [one] = await pending(pawl);
  assert.equal((await decide(pawl, ann, one)).body.needed, 1);
  assert.equal((await decide(pawl, ann, one)).status, 409, 'not twice the same person');
  const second_key = await Person.make('ann');
  await post_enrollment(pawl, await ann.enrolls(second_key, ['approver']));
  assert.equal((await decide(pawl, second_key, one)).status, 409, 'nor with another key');
  assert.equal((await decide(pawl, bob, one)).body.phase, 'approved');
  assert.equal((await answer).body.result.isError ?? false, false);
});

test('control: approval-signature', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  await raw(context, pawl).call('probe_echo', { x: 5 });
  const [one] = await pending(pawl);
  const eve = await Person.make('eve');
  const said = ann.statement(one);
  const forged = [
    await eve.sign({ ...said, key: eve.kid }), await eve.sign(said, { kid: ann.kid }),
    await eve.sign(eve.statement(one)), await ann.sign(said, { typ: 'override+jwt' }),
    await ann.sign({ ...said, approval: '019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11' }),
    await ann.sign({ ...said, nonce: 'A'.repeat(43) }), await ann.sign({ ...said, extra: 1 }),
    await ann.sign({ ...said, instance: 'spiffe://example.org/pawl/gw2' }),
    await ann.sign({ ...said, binding: { ...said.binding, name: 'other' } }),
    await ann.sign({ ...said, executed: 'A'.repeat(43) }), await ann.sign({ ...said, role: 'admin' }),
    await ann.sign({ ...said, expires: said.expires + 864_000 }), 'a.b.c', ''];
  for (const [number, token] of forged.entries()) {
    const { status } = await post_decision(pawl, token);
    assert.ok(status >= 400 && status !== 500, `forgery ${number}: ${status}`);
  }
  assert.equal((await pending(pawl)).length, 1);
});

test('control: approval-terms', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  await raw(context, pawl).call('probe_echo', { x: 6 });
  const [one] = await pending(pawl);
  const lowered = [{ ...one, terms: { ...one.terms, of: one.terms.of + 1 } },
    { ...one, terms: { ...one.terms, roles: ['admin'] } }, { ...one, owner: 'eve' }];
  for (const other of lowered) {
    const { status } = await post_decision(pawl, await ann.sign(ann.statement(other)));
    assert.ok(status >= 400 && status !== 500, `${status}`);
  }
  const { terms_digest: _, ...without } = ann.statement(one);
  assert.ok((await post_decision(pawl, await ann.sign(without))).status >= 400);
  assert.equal((await pending(pawl)).length, 1);
  assert.equal((await decide(pawl, ann, one)).status, 200);
});

test('control: enrollment', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const eve = await Person.make('eve');
  const gone = await Person.make('gone');
  const enrolled = await ann.enrolls(gone, ['approver']);
  assert.equal((await post_enrollment(pawl, enrolled)).status, 200);
  for (const [what, statement] of Object.entries({
    'a second founder': await eve.enrolls(eve, ['admin'], { bootstrap: true }),
    'by a stranger': await eve.enrolls(eve, ['approver']),
    'by one who is no admin': await gone.enrolls(eve, ['approver']),
    'a statement again': enrolled,
    'for another instance': await ann.enrolls(eve, ['approver'], { aud: 'spiffe://x/pawl/y' }),
    'the end of the last admin': await ann.removes(ann) })) {
    const { status } = await post_enrollment(pawl, statement);
    assert.ok(status >= 400 && status < 500, `${what}: ${status}`);
  }
  assert.equal((await post_enrollment(pawl, await ann.removes(gone))).status, 200);
  await pawl.kill();
  await pawl.serve();
  assert.deepEqual((await control(pawl, 'operators')).body.operators.map((one) => one.operator), ['ann']);
  assert.ok((await post_enrollment(pawl, enrolled)).status >= 400, 'also after a restart');
});

test('a stop holds back what was approved', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const before_it = (await asked('modern')).length;
  const answer = raw(context, pawl).call('probe_echo', { x: 7 });
  const [one] = await pending(pawl);
  await override(pawl, 'stop', { statement:
    await sign_statement(await operator_key(pawl), { verb: 'stop', scope: 'all' }) });
  assert.equal(refusal_of((await answer).body.result).code, 'stopped');
  await decide(pawl, ann, one);
  assert.equal(await goes_through(raw(context, pawl), { x: 7 }), false);
  assert.equal((await asked('modern')).length, before_it);
});

test('nobody is asked while nobody could answer', options, async (context) => {
  const { pawl } = await start(context);
  const { body } = await raw(context, pawl).call('probe_echo', { two: true });
  assert.equal(refusal_of(body.result).code, 'denied');
  assert.match(refusal_of(body.result).reason, /pawl operators list/);
});

test('control: pending-holds', options, async (context) => {
  const { pawl } = await start(context, { config: { approval: { patience_s: 0, pending_per_agent: 2 } } });
  const agent = raw(context, pawl);
  for (const x of [1, 2]) {
    await agent.call('probe_echo', { x });
  }
  const third = await agent.call('probe_echo', { x: 3 });
  assert.equal(refusal_of(third.body.result).code, 'overloaded');
  await raw(context, pawl, 'b').call('probe_echo', { x: 3 });
  await pending(pawl, { count: 3 });
});

// regression: 256 calls with 4 MiB of _meta each waited for people, in 1 GiB of memory
test('requests that wait keep a quarter of the budget for one agent', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { limits: { max_queued_mib: 1 } } });
  const padded = (x) =>
    raw(context, pawl).call('probe_echo', { x, padding: 'p'.repeat(60_000) });
  const first = padded(21);
  const [one] = await pending(pawl);
  assert.match(JSON.stringify(await padded(22)), /wait for people, or too large ones/);
  await decide(pawl, ann, one);
  assert.equal((await first).body.result._meta['pawl.record/refusal'], undefined);
});

test('control: approval-binding', options, async (context) => {
  const { pawl, people: [ann] } = await start(context, { config: { approval: { patience_s: 0 } } });
  const agent = raw(context, pawl);
  await agent.call('probe_echo', { x: 8 });
  const [one] = await pending(pawl);
  await decide(pawl, ann, one);
  assert.equal(await goes_through(agent, { x: 9 }), false);
  assert.equal(await goes_through(agent, { x: 8 }), true);
});

test('the records verify, and the arguments are gone when nobody wants them any more', options,
  async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const answer = raw(context, pawl).call('probe_echo', { secret: 'canary-8731' });
    const [one] = await pending(pawl);
    await decide(pawl, ann, one);
    await answer;
    await pawl.stop();
    const pinned = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
    const trust = join(pawl.folder, 'trust');
    await writeFile(trust, pinned.stdout);
    const { code, stdout, stderr } = await pawl.run(['verify', pawl.data, '--trust', trust]);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await readdir(join(pawl.data, 'vault', 'held')), []);
    assert.deepEqual(await holding(pawl.data, 'canary-8731'), []);
  });

test('control: operator-refusals', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const stranger = await Person.make('stranger');
  const agent = raw(context, pawl);
  const waiting = agent.call('probe_echo', { x: 1 });
  const [one] = await pending(pawl);
  assert.notEqual((await decide(pawl, stranger, one)).status, 200);
  const wrong = await fetch(`${pawl.addresses.control}/api/v1/approvals`,
    { headers: { authorization: 'Bearer wrong' } });
  assert.equal(wrong.status, 401);
  const found = await wait_for('two records', async () => {
    const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'operator.refused', '--json',
                                       '--config', pawl.config_file]);
    const rows = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return rows.length >= 2 ? rows : undefined;
  });
  const bodies = await Promise.all(found.map(async ({ id }) =>
    (await pawl.json('ledger', 'show', id)).claims.ect_ext['pawl.operator']));
  bodies.sort((a, b) => (a.act < b.act ? 1 : -1));
  assert.deepEqual(bodies.map(({ listener, act, code, count }) => ({ listener, act, code, count })), [
    { listener: 'control', act: 'POST /api/v1/approvals/decide', code: 'forbidden', count: 1 },
    { listener: 'control', act: 'GET /api/v1/approvals', code: 'unauthenticated', count: 1 }]);
  await decide(pawl, ann, one, 'deny');
  await waiting;
});
