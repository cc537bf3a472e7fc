// What rules ask for where they let a call pass: answers without what is not the caller's, of every
// kind and wherever they go, and lower limits.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { MODERN_REVISION } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { KNOWS_TASKS, PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const CARD = '4111111111111111';
const MARK = '[redacted]';
const COMPLETE = { resultType: 'complete' };
const text = (words) => ({ ...COMPLETE, content: [{ type: 'text', text: words }] });
const hash = (bytes) => createHash('sha256').update(bytes).digest('base64url');

const RULES = [
  { id: 'cards', when: { server: 'far', tool: 'customer*' },
    then: { allow: { redact: [{ matches: '[0-9]{16}' }] } } },
  { id: 'names', when: { server: 'far', tool: 'customer-named' },
    then: { allow: { redact: ['/structuredContent/name'] } } },
  { id: 'small', when: { tool: 'small' }, then: { allow: { limit: { bytes: 300 } } } },
  { id: 'quick', when: { tool: 'quick' }, then: { allow: { limit: { seconds: 1 } } } },
  { id: 'one', when: { tool: 'one' }, then: { allow: { limit: { open: 1 } } } },
  { id: 'wide', when: { tool: 'wide' }, then: { allow: { limit: { open: 1000000, seconds: 86400 } } } },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];

let pawl;
let server;
let waiting = [];
const states = new Map();

const answers = {
  customer: () => text(`card ${CARD} of 1e400`),
  'customer-named': () => ({ ...COMPLETE,
    content: [{ type: 'text', text: `{"name":"Ann Smith","n":7}` }, { type: 'text', text: 'for Ann Smith' }],
    structuredContent: { name: 'Ann Smith', n: 7 } }),
  'customer-image': () => ({ ...COMPLETE,
    content: [{ type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' }] }),
  'customer-error': () => { throw { code: -32050, message: `no ${CARD}`, data: { card: CARD } }; },
  'customer-failed': () => ({ ...text(`cannot charge ${CARD}`), isError: true }),
  plain: () => text(`card ${CARD}`),
  small: ({ arguments: { size } }) => text('x'.repeat(size)),
};

function answer_slowly(id, response) {
  waiting.push(() => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: text('late') }));
  });
}

function stream_events(params, id, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (message) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  const token = params._meta.progressToken;
  for (const message of ['half', `at ${CARD}`]) {
    send({ method: 'notifications/progress', params: { progressToken: token, progress: 1, message } });
  }
  send({ id, result: text('done') });
  response.end();
}

const view = (id) => ({ taskId: id, status: states.get(id), ttlMs: 600_000, pollIntervalMs: 50,
  createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z',
  ...states.get(id) === 'completed' && { result: text(`card ${CARD}`) } });

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'tools/list': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private', tools: [] }),
    'tools/call': (params, request, response, id) => {
      if (params.name === 'customer-task') {
        const task = `task-${states.size}`;
        states.set(task, 'working');
        return { resultType: 'task', ...view(task) };
      }
      if (params.name === 'customer-stream') {
        stream_events(params, id, response);
        return undefined;
      }
      if (['quick', 'one', 'wide'].includes(params.name)) {
        answer_slowly(id, response);
        return undefined;
      }
      return answers[params.name](params);
    },
    'tasks/get': ({ taskId }) => ({ ...COMPLETE, ...view(taskId) }),
  });
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: RULES,
                            servers: { far: { url: server.url } } });
});
after(async () => {
  waiting.forEach((release) => release());
  await pawl?.close();
  await server?.close();
});

async function call(tool, args = {}, { meta, agent = 'a' } = {}) {
  const client = new RawAgent({ url: pawl.mcp_url('far'), key: pawl.keys[agent] });
  try {
    return await client.call(tool, args, { meta });
  } finally {
    client.close();
  }
}

const record_of = async (id) => (await pawl.json('ledger', 'show', id)).claims;
const body_of = ({ ect_ext }) => ect_ext['pawl.tool'] ?? ect_ext['pawl.task'];
const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;

test('control: redaction', options, async () => {
  const { body, record } = await call('customer');
  assert.equal(body.result.content[0].text, `card ${MARK} of 1e400`);
  assert.ok(!JSON.stringify(body).includes(CARD));
  const claims = await record_of(record);
  const { redacted_by, given_hash, outcome } = body_of(claims);
  assert.deepEqual(redacted_by, ['cards']);
  assert.equal(outcome, 'confirmed');
  assert.equal(claims.out_hash, hash(JSON.stringify(answers.customer())), 'what the server said');
  const given = { ...body.result };
  delete given._meta;
  assert.equal(given_hash, hash(JSON.stringify(given)), 'what the caller got');
  assert.notEqual(given_hash, claims.out_hash);
});

test('obligations of every rule that fits are joined, whichever decides', options, async () => {
  const { body, record } = await call('customer-named');
  assert.ok(!JSON.stringify(body).includes('Smith'), JSON.stringify(body));
  assert.deepEqual(body.result.structuredContent, { name: MARK, n: 7 });
  assert.equal(body.result.content[0].text, `{"name":"${MARK}","n":7}`);
  assert.equal(body.result.content[1].text, `for ${MARK}`);
  const claims = await record_of(record);
  assert.deepEqual(body_of(claims).redacted_by, ['cards', 'names']);
  assert.equal(claims.ect_ext.pol, 'cards');
});

test('what is not obliged is not touched', options, async () => {
  const { body, record } = await call('plain');
  assert.equal(body.result.content[0].text, `card ${CARD}`);
  const shown = body_of(await record_of(record));
  assert.equal(shown.redacted_by, undefined);
  assert.equal(shown.given_hash, undefined);
});

test('errors are answers, too', options, async () => {
  const failed = await call('customer-failed');
  assert.equal(failed.body.result.content[0].text, `cannot charge ${MARK}`);
  const error = await call('customer-error');
  assert.equal(error.body.error.message, `no ${MARK}`);
  assert.equal(error.body.error.data.card, MARK);
});

test('bytes that no pattern can search hold the answer back', options, async () => {
  const answer = await call('customer-image');
  const { code, rule, reason, record } = refusal_of(answer);
  assert.equal(code, 'denied');
  assert.equal(rule, 'cards');
  assert.match(reason, /held back: rule "cards" takes things out of it.*holds bytes/);
  const shown = body_of(await record_of(record));
  assert.equal(shown.outcome, 'confirmed', 'the server did it');
  assert.equal(shown.withheld, 'obligations');
  assert.equal(shown.given_hash, undefined);
});

test('a repeat gets what the first call got', options, async () => {
  const first = await call('customer', { n: 2 });
  const again = await call('customer', { n: 2 },
    { meta: { 'pawl.record/repeat-of': first.record } });
  assert.equal(again.body.result.content[0].text, first.body.result.content[0].text);
  assert.ok(!JSON.stringify(again.body).includes(CARD));
});

test('progress that matches is held back, and counted', options, async () => {
  const response = await fetch(pawl.mcp_url('far'), { method: 'POST', headers: {
    authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
    'mcp-method': 'tools/call', 'mcp-name': 'customer-stream' }, body: JSON.stringify({ jsonrpc: '2.0',
    id: 1, method: 'tools/call', params: { name: 'customer-stream', arguments: {}, _meta: {
      progressToken: 'p', 'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
      'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {} } } }) });
  const stream = await response.text();
  assert.match(stream, /half/);
  assert.ok(!stream.includes(CARD), stream);
  const record = /"pawl.record\/id":"([0-9a-f-]+)"/.exec(stream)[1];
  const shown = body_of(await record_of(record));
  assert.equal(shown.events_withheld, 1);
  assert.equal(shown.events.count, 1);
});

test('the result of a task has to meet what its call had to', options, async () => {
  const { body } = await call('customer-task', {}, { meta: KNOWS_TASKS });
  assert.equal(body.result?.resultType, 'task', JSON.stringify(body));
  const handle = body.result.taskId;
  states.set([...states.keys()].at(-1), 'completed');
  const response = await fetch(pawl.mcp_url('far'), { method: 'POST', headers: {
    authorization: `Bearer ${pawl.keys.a}`, 'content-type': 'application/json',
    accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
    'mcp-method': 'tasks/get', 'mcp-name': handle }, body: JSON.stringify({ jsonrpc: '2.0', id: 1,
    method: 'tasks/get', params: { taskId: handle, _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
      'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1' }, ...KNOWS_TASKS } } }) });
  const { result } = await response.json();
  assert.equal(result.status, 'completed', JSON.stringify(result));
  assert.equal(result.result.content[0].text, `card ${MARK}`);
  const shown = body_of(await record_of(result._meta['pawl.record/id']));
  assert.deepEqual(shown.redacted_by, ['cards']);
});

test('control: lower-limits', options, async () => {
  const too_much = await call('small', { size: 10, more: 'y'.repeat(400) });
  assert.equal(refusal_of(too_much).code, 'too_large');
  assert.equal(refusal_of(too_much).rule, 'small');
  assert.equal((await call('small', { size: 10 })).body.result.content[0].text, 'x'.repeat(10));
  const answer = refusal_of(await call('small', { size: 400 }));
  assert.equal(answer.code, 'too_large');
  assert.match(answer.reason, /the answer is held back: rule "small" allows 300 bytes/);
  assert.equal(body_of(await record_of(answer.record)).withheld, 'limits');

  const late = refusal_of(await call('quick'));
  assert.equal(late.code, 'deadline_exceeded');
  assert.match(body_of(await record_of(late.record)).detail, /the time that rule "quick" allows/);

  const first = call('one');
  await wait_for('the first call', () => server.seen.some(({ params }) => params?.name === 'one') || undefined);
  const second = refusal_of(await call('one'));
  assert.equal(second.code, 'overloaded');
  assert.equal(second.rule, 'one');
  const other = call('one', {}, { agent: 'b' });
  await wait_for('the call of another agent', () => waiting.length >= 3 || undefined);
  waiting.splice(0).forEach((release) => release());
  assert.equal((await first).body.result.content[0].text, 'late');
  assert.equal((await other).body.result.content[0].text, 'late', 'each agent has its own');
  const third = call('one');
  await wait_for('the third call', () => waiting.length === 1 || undefined);
  waiting.splice(0).forEach((release) => release());
  assert.equal((await third).body.result.content[0].text, 'late', 'an ended call is open no more');
});

test('explain and tests of rules know what is obliged', options, async () => {
  const explained = await pawl.run(['rules', 'explain', '--agent', 'a', '--server', 'far', '--tool',
    'customer-named', '--config', pawl.config_file]);
  assert.match(explained.stdout,
    /allow by rule cards[\s\S]*1 place and 1 pattern are taken out of the answer \(cards, names\)/);
  const { allow, obliged_by } = JSON.parse((await pawl.run(['rules', 'explain', '--agent', 'a',
    '--server', 'far', '--tool', 'customer-named', '--json', '--config', pawl.config_file])).stdout);
  assert.deepEqual(allow, { redact: ['/structuredContent/name', { matches: '[0-9]{16}' }] });
  assert.deepEqual(obliged_by, ['cards', 'names']);

  const file = `${pawl.rules_file}.tested.yaml`;
  const facts = { agent: 'a', server: 'far', expect: 'allow' };
  const tests = [
    { name: 'joined', ...facts, tool: 'customer-named', with: { redact: ['/structuredContent/name', { matches: '[0-9]{16}' }] } },
    { name: 'none', ...facts, tool: 'plain', with: 'none' },
    { name: 'wrong', ...facts, tool: 'customer', with: 'none' },
  ];
  await writeFile(file, JSON.stringify({ rules: RULES, tests }));
  const tested = await pawl.run(['rules', 'test', file]);
  assert.equal(tested.code, 1, tested.stdout + tested.stderr);
  assert.match(tested.stdout, /pass {2}joined\npass {2}none\nFAIL {2}wrong/);
  assert.match(tested.stdout, /with \{"redact":\[\{"matches":"\[0-9\]\{16\}"\}\]\}/);
});

test('an obligation that nobody knows is refused at load', options, async () => {
  const file = `${pawl.rules_file}.unknown.yaml`;
  await writeFile(file, 'rules:\n  - id: a\n    when: { tool: x }\n    then: { allow: { mask: [/a] } }\n');
  const { code, stdout, stderr } = await pawl.run(['rules', 'check', file]);
  assert.equal(code, 1);
  assert.match(stdout + stderr, /unknown\.yaml:4:22: unknown key "mask".*redact/);
});

test('diff says what a changed set changes, and whether it permits more', options, async () => {
  const before = `${pawl.rules_file}.before.yaml`;
  const changed = `${pawl.rules_file}.changed.yaml`;
  const header = (version) => ({ name: 'desk', owner: 'ops@example.org', version });
  const allow = (id, tool, then = 'allow') => ({ id, when: { tool }, then });
  const write = (file, version, rules) => writeFile(file, JSON.stringify({ set: header(version), rules }));
  await write(before, 1, [allow('a', ['x', 'y']), allow('b', 'z')]);
  const diff = async (...more) => pawl.run(['rules', 'diff', before, changed, ...more]);

  await write(changed, 2, [allow('a', 'x'), allow('b', 'z', { allow: { redact: ['/n'] } })]);
  const less = await diff();
  assert.equal(less.code, 0, less.stdout + less.stderr);
  assert.match(less.stdout, /^header\n {4}version: was 1\n {13}now 2\nchanged {2}a \(.*\): narrows\n {4}when: was /);
  assert.match(less.stdout, /changed {2}b \(.*\): narrows\n {4}then: was allow\n {10}now allow \{"redact":\["\/n"\]\}/);
  assert.match(less.stdout, /2 rules differ; as a whole it permits less, and nothing more\nwas desk\/1 .*\nnow desk\/2 /);

  await write(changed, 2, [allow('a', ['x', 'y']), allow('b', 'z'), allow('c', 'w')]);
  const more = await diff('--json');
  assert.equal(more.code, 1, more.stdout + more.stderr);
  const told = JSON.parse(more.stdout);
  assert.equal(told.drift, 'widens');
  assert.deepEqual(told.rules.map(({ change, rule, drift }) => [change, rule, drift]),
    [['added', 'c', 'widens']]);

  const matches = (expression) => [{ id: 'a', when: { tool: { matches: expression } }, then: 'allow' }];
  await write(before, 1, matches('a[bc]'));
  await write(changed, 2, matches('ab|ac'));
  assert.equal((await diff()).code, 2);
  await write(changed, 1, matches('a[bc]'));
  assert.match((await diff()).stdout, /^0 rules differ; as a whole it permits the same/);
  await writeFile(changed, 'rules: 7\n');
  assert.match((await diff()).stderr, /expected a list of rules/);
});

test('replay calls another obligation a difference', options, async () => {
  await call('customer');
  const changed = `${pawl.rules_file}.replayed.yaml`;
  const replay = async () => pawl.run(['rules', 'replay', changed, '--json', '--config', pawl.config_file]);
  await writeFile(changed, JSON.stringify({ rules: RULES }));
  const same = await replay();
  assert.equal(JSON.parse(same.stdout.trim().split('\n').at(-1)).differs, 0, same.stdout);
  await writeFile(changed, JSON.stringify({ rules: RULES.filter(({ id }) => id !== 'cards') }));
  const dropped = await replay();
  assert.equal(dropped.code, 1, dropped.stdout + dropped.stderr);
  const lines = dropped.stdout.trim().split('\n').map((line) => JSON.parse(line));
  const { was, now } = lines.find(({ tool }) => tool === 'customer');
  assert.deepEqual(was.allow, { redact: [{ matches: '[0-9]{16}' }] });
  assert.deepEqual(now.allow, {});
});
