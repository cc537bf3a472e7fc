// Decision points outside: AuthZEN and OPA, each with a table of answers. Only a well-formed true lets
// a call through; what they see; and that nothing else of the path is left out for them.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { approvals, decide, enroll, pending } from './support/people.mjs';
import { read_journal, start_reference } from './support/reference.mjs';

const options = { skip: no_pawl(), timeout: 60_000 };
const CANARY = 'canary-51c0de';
const KINDS = { authzen: { member: 'decision', path: '/access/v1/evaluation' },
                opa: { member: 'result', path: '/v1/data/pawl/allow' } };
const RULES = [
  { id: 'never', when: { tool: 'forbidden' }, then: 'deny', reason: 'test' },
  { id: 'ask', when: { tool: 'probe_echo', arguments: { hold: { equals: true } } },
    then: { hold: { roles: ['approver'] } }, reason: 'people are asked first' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
let folder;
let reference;
const journal = () => join(folder, 'journal');

before(async () => {
  if (!no_pawl()) {
    folder = await mkdtemp(join(tmpdir(), 'pawl-outside-'));
    reference = await start_reference('modern', { journal: journal() });
  }
});
after(async () => {
  await reference?.stop('SIGKILL');
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const json = (status, body, headers = {}) => (response) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** A decision point: what it was asked, and how it answers. */
class Point {
  asked = [];
  answer;

  static async listen(context) {
    const point = new Point();
    point.server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) {
        text += chunk;
      }
      point.asked.push({ method: request.method, path: request.url, headers: request.headers, text });
      point.answer(response);
    });
    await new Promise((resolve) => { point.server.listen(0, '127.0.0.1', resolve); });
    point.url = `http://127.0.0.1:${point.server.address().port}`;
    context.after(() => point.close());
    return point;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}

async function start(context, kinds, { arguments: seen = false, timeout_ms = 2000, more = {} } = {}) {
  const points = [];
  const outside = [];
  for (const kind of kinds) {
    const point = await Point.listen(context);
    point.answer = json(200, `{"${KINDS[kind].member}":true}`);
    points.push(point);
    outside.push({ kind, url: `${point.url}${KINDS[kind].path}`, timeout_ms, arguments: seen,
                   headers: { authorization: '${POINT_TOKEN}' } });
  }
  const pawl = await Pawl.start({ init: true, agents: { a: { groups: ['ops'] } }, rules: RULES,
    servers: { w: { url: reference.url } }, env: { POINT_TOKEN: `Bearer ${CANARY}-token` },
    config: { policy: { outside }, approval: { patience_s: 20 }, ...more } });
  context.after(() => pawl.close());
  const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  context.after(() => agent.close());
  return { pawl, agent, points };
}
const executed = async () => (await read_journal(journal())).length;
const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;

test('control: outside-decision', options, async (context) => {
  const { agent, points: [point] } = await start(context, ['opa']);
  point.answer = json(200, '{"result":false}');
  const before_it = await executed();
  const refusal = refusal_of(await agent.call('probe_echo', {}));
  assert.equal(refusal?.control, 'outside', JSON.stringify(refusal));
  assert.equal(await executed(), before_it);
});

for (const [kind, { member, path }] of Object.entries(KINDS)) {
  const refused = {
    'false': [json(200, `{"${member}":false}`), 'denied', /says no/],
    '"true" as a string': [json(200, `{"${member}":"true"}`), 'undecidable', /neither true nor/],
    '1': [json(200, `{"${member}":1}`), 'undecidable', /neither true nor false/],
    'an object': [json(200, `{"${member}":{"allow":true}}`), 'undecidable', /neither true nor false/],
    '{}': [json(200, '{}'), 'undecidable', /has no/],
    'nothing': [json(200, ''), 'undecidable', /no JSON object/],
    'twice': [json(200, `{"${member}":true,"${member}":true}`), 'undecidable', /no JSON object/],
    'another type': [json(200, `{"${member}":true}`, { 'content-type': 'text/plain' }), 'undecidable',
                     /not application\/json/],
    'a 500 with true': [json(500, `{"${member}":true}`), 'undecidable', /answers 500/],
    'a redirect': [json(307, `{"${member}":true}`, { location: '/yes' }), 'undecidable', /answers 307/],
    'a broken connection': [(response) => response.destroy(), 'undecidable', /gives no decision/],
    'too much': [json(200, `{"${member}":true,"x":"${'x'.repeat(100_000)}"}`), 'undecidable',
                 /gives no decision/],
    'no answer in time': [() => {}, 'undecidable', /gives no decision/],
  };

  test(`${kind}: only a well-formed true passes`, options, async (context) => {
    const { pawl, agent, points: [point] } = await start(context, [kind]);
    const before_it = await executed();
    for (const [name, [answer, code, reason]] of Object.entries(refused)) {
      point.answer = answer;
      const got = await agent.call('probe_echo', { text: CANARY });
      const refusal = refusal_of(got);
      assert.equal(refusal?.control, 'outside', name);
      assert.equal(refusal.code, code, name);
      assert.match(refusal.reason, reason, name);
      assert.ok(refusal.reason.includes(`${kind}:${point.url}`), 'the point is named');
    }
    assert.equal(await executed(), before_it, 'nothing is sent');
    const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'task.denied', '--json',
                                       '--config', pawl.config_file]);
    const ids = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).id);
    assert.equal(ids.length, Object.keys(refused).length);
    const { claims } = await pawl.json('ledger', 'show', ids[0]);
    assert.equal(claims.ect_ext['pawl.task'].control, 'outside');
    assert.equal(claims.ect_ext.pol, `${kind}:${point.url}`);

    point.answer = json(200, `{"${member}":true,"more":1}`);
    assert.equal(refusal_of(await agent.call('probe_echo', { text: CANARY })), undefined);
    assert.equal(await executed(), before_it + 1);

    const asked = point.asked.at(-1);
    assert.equal(asked.method, 'POST');
    assert.equal(asked.path, path);
    assert.equal(asked.headers['content-type'], 'application/json');
    assert.equal(asked.headers.authorization, `Bearer ${CANARY}-token`);
    assert.ok(point.asked.every(({ text }) => !text.includes(CANARY)), 'names only');
    assert.ok(point.asked.every((one) => one.path === path), 'redirects are not followed');
    const said = JSON.parse(asked.text);
    if (kind === 'authzen') {
      assert.deepEqual(said.subject, { type: 'agent', id: 'a', properties: { groups: ['ops'] } });
      assert.deepEqual(said.action, { name: 'tool.call' });
      assert.deepEqual(said.resource, { type: 'tool', id: 'w/probe_echo',
                                        properties: { server: 'w', name: 'probe_echo' } });
    } else {
      const { agent: who, groups, server, verb, tool } = said.input;
      assert.deepEqual({ who, groups, server, verb, tool },
        { who: 'a', groups: ['ops'], server: 'w', verb: 'tool.call', tool: 'probe_echo' });
    }
    assert.ok(!(await pawl.log()).includes(CANARY));

    await point.close();
    const closed = refusal_of(await agent.call('probe_echo', {}));
    assert.equal(closed.control, 'outside');
    assert.equal(await executed(), before_it + 1);
  });

  test(`${kind}: sees arguments where it is told to, in their exact text`, options, async (context) => {
    const { agent, points: [point] } = await start(context, [kind], { arguments: true });
    await agent.call('probe_echo', { text: CANARY });
    const said = JSON.parse(point.asked.at(-1).text);
    assert.deepEqual(kind === 'opa' ? said.input.arguments : said.action.properties.arguments,
      { text: CANARY });
  });
}

test('what a rule denies is not asked about, and all points have to say yes', options,
  async (context) => {
    const { agent, points: [one, two] } = await start(context, ['opa', 'authzen']);
    const denied = refusal_of(await agent.call('forbidden', {}));
    assert.equal(denied.rule, 'never');
    assert.equal(one.asked.length, 0);
    assert.equal(refusal_of(await agent.call('probe_echo', {})), undefined);
    assert.deepEqual([one.asked.length, two.asked.length], [1, 1]);
    two.answer = json(200, '{"decision":false}');
    assert.equal(refusal_of(await agent.call('probe_echo', {})).control, 'outside');
    one.answer = json(200, '{"result":false}');
    assert.equal(refusal_of(await agent.call('probe_echo', {})).control, 'outside');
    assert.deepEqual([one.asked.length, two.asked.length], [3, 2], 'the first no ends it');
  });

test('a held call is asked about before people, and once more after they have decided', options,
  async (context) => {
    const { pawl, agent, points: [point] } = await start(context, ['opa']);
    const [ann] = await enroll(pawl, 'ann');
    point.answer = json(200, '{"result":false}');
    assert.equal(refusal_of(await agent.call('probe_echo', { hold: true })).control, 'outside');
    assert.deepEqual(await approvals(pawl), [], 'nobody was bothered');
    point.answer = json(200, '{"result":true}');
    const before_it = await executed();
    const held = agent.call('probe_echo', { hold: true });
    const [waits] = await pending(pawl);
    const asked = point.asked.length;
    point.answer = json(200, '{"result":false}');
    await decide(pawl, ann, waits);
    assert.equal(refusal_of(await held).control, 'outside');
    assert.equal(point.asked.length, asked + 1);
    assert.equal((await approvals(pawl))[0].spent, 0);
    point.answer = json(200, '{"result":true}');
    assert.equal(refusal_of(await agent.call('probe_echo', { hold: true })), undefined);
    assert.equal(await executed(), before_it + 1);
  });
