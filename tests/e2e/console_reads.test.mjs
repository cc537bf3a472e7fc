// What the operators' console reads, from a real run: with the control token and with sessions of
// people who see all or a part, and a record whose proof is checked with node:crypto alone.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compactVerify, createLocalJWKSet } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { Browser, Person } from './support/signed_in.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const DENY = { id: 'no-b-right', when: { agent: 'b', server: 'right' }, then: 'deny', reason: 'not b' };
const CALLS = 4;
const people = {};
let folder;
let server;
let pawl;
let address;
let token;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-reads-'));
  server = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  pawl = await Pawl.start({ init: true, agents: { a: { groups: ['team'], owner: 'ada' }, b: {} },
    rules: [DENY, ALLOW_ALL],
    servers: { left: { url: server.ready.url, tools: { change: { writes: ['args.path'] } } },
               right: { url: server.ready.url, headers: { Authorization: 'Bearer x' } },
               local: { command: ['/bin/false'] } },
    config: { sign_in: {} } });
  address = pawl.addresses.control.replace('127.0.0.1', 'localhost');
  token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
  people.all = await Person.add(pawl, 'ada', 'auditor');
  people.left = await Person.add(pawl, 'bob', 'operator@server:left');
  people.b = await Person.add(pawl, 'cleo', 'viewer@agent:b');
  let parent;
  for (let i = 0; i < CALLS; ++i) {
    parent = await call('a', 'left', parent === undefined ? {} : { parents: [parent] });
  }
  await call('b', 'left');
  await call('b', 'right');
});
after(async () => {
  await pawl?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

let n = 0;
/** @returns {Promise<string | undefined>} the record's token, to be named as a cause */
async function call(agent, at, { parents } = {}) {
  const caller = new RawAgent({ url: pawl.mcp_url(at), key: pawl.keys[agent] });
  n += 1;
  const { headers } = await caller.call('change', { n },
    { meta: parents === undefined ? {} : { 'pawl.record/parents': parents } });
  caller.close();
  return headers['execution-context'];
}

async function get(path, { expect = 200, bearer = token } = {}) {
  const answer = await fetch(`${pawl.addresses.control}${path}`,
    { headers: { Authorization: `Bearer ${bearer}` } });
  const text = await answer.text();
  assert.equal(answer.status, expect, `${path}: ${text}`);
  return JSON.parse(text);
}

const browsers = {};
async function browser_of(name) {
  if (browsers[name] === undefined) {
    browsers[name] = new Browser(address);
    const answer = await browsers[name].sign_in(people[name].by_code());
    assert.equal(answer.status, 200, answer.text);
  }
  return browsers[name];
}

const records_of = async (query = '') => (await get(`/api/v1/records${query}`)).records;

test('records are found, newest first, page by page', options, async () => {
  const all = await records_of('?limit=500');
  assert.deepEqual(all.map(({ index }) => index), [...all.keys()].reverse());
  const paged = [];
  for (let next = ''; next !== null;) {
    const page = await get(`/api/v1/records?limit=3${next === '' ? '' : `&before=${next}`}`);
    assert.ok(page.records.length <= 3);
    paged.push(...page.records.map(({ id }) => id));
    next = page.next;
  }
  assert.deepEqual(paged.slice(-all.length), all.map(({ id }) => id));

  const denied = await records_of('?outcome=denied');
  assert.deepEqual(denied.map(({ agent, server: at, kind, name }) => [agent, at, kind, name]),
    [['b', 'right', 'task.denied', 'change']]);
  assert.equal((await records_of('?agent=a&server=left&kind=tool.call&name=change')).length, CALLS);
  assert.equal((await records_of('?kind=tool.*')).length, CALLS + 1);
  assert.equal((await records_of(`?from=${denied[0].at + 1000}`)).length, 0);
  assert.ok((await records_of('?kind=operator.*')).every(({ kind }) => kind.startsWith('operator.')));
});

test('what was asked wrongly is named', options, async () => {
  const cases = [
    ['/api/v1/records?colour=red', /colour: expected no such parameter/],
    ['/api/v1/records?limit=0', /limit: expected a number from 1 to 500/],
    ['/api/v1/records?limit=x', /limit: expected a number/],
    ['/api/v1/records?kind=tool.cal', /kind: expected one of/],
    ['/api/v1/records?kind=.*', /kind: expected one of/],
    ['/api/v1/records?outcome=good', /outcome: expected confirmed/],
    ['/api/v1/records?workflow=x', /workflow: expected a UUID/],
    ['/api/v1/records?before=x', /before: expected `next`/],
    ['/api/v1/records?from=yesterday', /from: expected a number/],
    ['/api/v1/records?agent=a&agent=b', /twice/],
    ['/api/v1/records/x', /ID: expected a UUID/],
    ['/api/v1/workflows/x', /ID: expected a UUID/],
    ['/api/v1/workflows?limit=101', /limit: expected a number from 1 to 100/],
    ['/api/v1/overview?x=1', /x: expected no such parameter/],
    ['/api/v1/status?x', /x: expected no such parameter/],
  ];
  for (const [path, detail] of cases) {
    assert.match((await get(path, { expect: 400 })).detail, detail, path);
  }
  await get(`/api/v1/records/${randomUUID()}`, { expect: 404 });
  await get(`/api/v1/workflows/${randomUUID()}`, { expect: 404 });
  await get('/api/v1/records', { expect: 401, bearer: 'x'.repeat(43) });
});

// RFC 6962, section 2.1.1, by the path from the leaf up.
const hash = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
function root_of({ leaf, index, size, path }) {
  let at = hash(Buffer.from([0]), Buffer.from(leaf, 'base64url'));
  let [place, last] = [index, size - 1];
  for (const sibling of path.map((text) => Buffer.from(text, 'base64url'))) {
    if (place % 2 === 1 || place === last) {
      at = hash(Buffer.from([1]), sibling, at);
      while (place % 2 === 0 && place > 0) {
        [place, last] = [place / 2, Math.floor(last / 2)];
      }
    } else {
      at = hash(Buffer.from([1]), at, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  assert.equal(last, 0, 'the path ends at the root');
  return at.toString('base64');
}

/** A signed note (C2SP): the text, where the log's key signed it. */
function opened_note(note, vkey) {
  const [name, id, ...rest] = vkey.split('+');
  const key = Buffer.from(rest.join('+'), 'base64');
  assert.equal(key[0], 1, 'Ed25519');
  const end = note.indexOf('\n\n') + 1;
  const line = note.slice(end + 1).split('\n').find((one) => one.startsWith(`\u2014 ${name} `));
  const signed = Buffer.from(line.split(' ')[2], 'base64');
  assert.equal(signed.subarray(0, 4).toString('hex'), id);
  const public_key = createPublicKey({ format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: key.subarray(1).toString('base64url') } });
  assert.ok(verify(null, Buffer.from(note.slice(0, end)), public_key, signed.subarray(4)));
  return note.slice(0, end).split('\n');
}

test('one record is proven by its answer alone', options, async () => {
  for (const { id, index } of await records_of('?limit=500')) {
    const shown = await get(`/api/v1/records/${id}`);
    assert.equal(shown.claims.jti, id);
    assert.equal(Buffer.from(shown.proof.leaf, 'base64url').toString(), shown.token);
    assert.equal(shown.proof.index, index);
    const [, size, root] = opened_note(shown.proof.checkpoint, shown.keys.vkey);
    assert.equal(Number(size), shown.proof.size);
    assert.equal(root_of(shown.proof), root);
    const other = Buffer.from(shown.proof.leaf, 'base64url');
    other[3] ^= 1;
    assert.notEqual(root_of({ ...shown.proof, leaf: other.toString('base64url') }), root);
    const { payload } = await compactVerify(shown.token, createLocalJWKSet(shown.keys.jwks));
    assert.deepEqual(JSON.parse(Buffer.from(payload).toString()), shown.claims);
  }
});

test('a record is there as soon as its call was answered', options, async () => {
  await call('a', 'left');
  const [{ index }] = await records_of('?agent=a&limit=1');
  await call('a', 'left');
  assert.ok((await records_of('?agent=a&limit=1'))[0].index > index);
});

test('workflows are listed, and one is a graph', options, async () => {
  const { workflows, next } = await get('/api/v1/workflows');
  assert.equal(next, null);
  const drawn = await Promise.all(workflows.map(({ id }) => get(`/api/v1/workflows/${id}`)));
  for (const [i, graph] of drawn.entries()) {
    assert.equal(graph.total, workflows[i].records);
    assert.equal(graph.nodes.length, graph.total);
    assert.equal(graph.truncated, false);
  }
  const declared = drawn.flatMap(({ nodes, edges }) => edges.filter(({ basis }) => basis === 'declared')
    .map(({ from, to }) => [from, to].map((id) => nodes.find((node) => node.id === id).depth)));
  assert.ok(declared.length >= 1, JSON.stringify(drawn));
  assert.ok(declared.every(([from, to]) => to > from));
  const paged = [];
  for (let at = ''; at !== null;) {
    const page = await get(`/api/v1/workflows?limit=1${at === '' ? '' : `&before=${at}`}`);
    paged.push(...page.workflows.map(({ id }) => id));
    at = page.next;
  }
  assert.deepEqual(paged, workflows.map(({ id }) => id));
  await get(`/api/v1/workflows/${workflows[0].id}?expand=g:a:0`, { expect: 404 });
});

test('agents and servers, and whether Pawl is the only way', options, async () => {
  const { agents } = await get('/api/v1/agents');
  const a = agents.find(({ id }) => id === 'a');
  assert.deepEqual([a.groups, a.owner, a.refused, a.stopped], [['team'], 'ada', 0, false]);
  assert.ok(a.calls >= CALLS && a.last_at > 0);
  assert.equal(agents.find(({ id }) => id === 'b').refused, 1);

  const { servers } = await get('/api/v1/servers');
  const by_name = Object.fromEntries(servers.map((one) => [one.name, one]));
  assert.deepEqual(Object.keys(by_name).sort(), ['left', 'local', 'right']);
  assert.deepEqual([by_name.left.kind, by_name.left.state, by_name.left.sole_route],
    ['url', 'up', 'by-passable']);
  assert.equal(by_name.right.sole_route, 'not proven');
  assert.equal(by_name.local.sole_route, 'by-passable', 'as our own user');
  assert.ok(servers.every(({ sole_route_why }) => sole_route_why.length > 20));
  assert.deepEqual(by_name.left.tools,
    [{ name: 'change', idempotent: false, effects: ['writes args.path'], description_digest: null }]);
});

async function post(path, body, { expect = 200 } = {}) {
  const answer = await fetch(`${pawl.addresses.control}${path}`, { method: 'POST',
    headers: { Authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.equal(answer.status, expect, `${path}: ${text}`);
  return JSON.parse(text);
}

test('rules in force, tried out and checked', options, async () => {
  const { set, files } = await get('/api/v1/rules');
  assert.equal(set.rules, 2);
  assert.equal(set.signed_by, null);
  assert.deepEqual(files.map(({ path, text }) => [path, text]),
    [[pawl.rules_file, await readFile(pawl.rules_file, 'utf8')]]);
  const denied = { agent: 'b', server: 'right', verb: 'tool.call', name: 'change', arguments: {} };
  const tried = await post('/api/v1/rules/test', { call: denied });
  assert.deepEqual([tried.decision, tried.rule, tried.reason], ['deny', 'no-b-right', 'not b']);
  assert.ok(tried.atoms.some(({ value }) => value) && tried.digest === set.digest);
  const other = [{ path: 'new.yaml', text: 'rules:\n  - id: x\n    when: { agent: nobody }\n    then: allow\n    reason: x\n' }];
  const default_deny = await post('/api/v1/rules/test', { files: other, call: { agent: 'b' } });
  assert.deepEqual([default_deny.decision, default_deny.rule], ['deny', 'default']);
  assert.ok(default_deny.atoms.some(({ value, found }) => !value && found.length > 0));

  const checked = await post('/api/v1/rules/check', { files: other });
  assert.equal(checked.digest.length, 43);
  assert.ok(checked.problems.some(({ path, line, severity, message }) => path === 'new.yaml' && line > 0 &&
    severity === 'warning' && message.includes('nobody')), JSON.stringify(checked));
  const broken = await post('/api/v1/rules/check', { files: [{ path: 'b.yaml', text: 'rules: [{id: 1}]' }] });
  assert.equal(broken.digest, null);
  assert.deepEqual(broken.problems.map(({ path, severity }) => [path, severity]), [['b.yaml', 'error']]);
  for (const body of [{}, { files: [] }, { files: 'x' }, { file: [] }]) {
    await post('/api/v1/rules/check', body, { expect: 400 });
  }
  await post('/api/v1/rules/test', { call: { agent: 'a', verb: 'tool.cal' } }, { expect: 400 });
  assert.deepEqual((await get('/api/v1/rules/proposals')).proposals, []);
  assert.equal((await get('/api/v1/rules')).set.digest, set.digest, 'nothing of it changed the set');
});

test('the overview says what is trouble as pawl status does', options, async () => {
  const shown = await get('/api/v1/overview');
  const { troubles } = await pawl.json('status');
  assert.deepEqual(shown.troubles.map(({ id }) => id), troubles.map(({ id }) => id));
  assert.ok(Math.abs(shown.now_ms - Date.now()) < 60_000);
  assert.equal(shown.pending, 0);
  assert.deepEqual(Object.keys(shown.rates).sort(), ['calls_per_s', 'held', 'refusals_per_s']);
  assert.ok(shown.agents.some(({ id }) => id === 'a'));
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_limits_reached_total\{limit="reads_waiting"\} 0/);
});

test('a person who sees all reads what the token reads', options, async () => {
  const browser = await browser_of('all');
  for (const path of ['status', 'overview', 'agents', 'servers', 'rules', 'rules/proposals',
                      'workflows', 'records']) {
    const answer = await browser.ask('GET', `/api/v1/${path}`);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  }
  const tried = await browser.ask('POST', '/api/v1/rules/test', { body: { call: { agent: 'a' } } });
  assert.equal(tried.status, 200, tried.text);
  const forged = await browser.ask('POST', '/api/v1/rules/test',
    { body: { call: { agent: 'a' } }, csrf: 'A'.repeat(43) });
  assert.equal(forged.status, 403);
  assert.equal((await new Browser(address).ask('GET', '/api/v1/records')).status, 401);
  const page = await browser.ask('GET', '/api/v1/records',
    { headers: { Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site' } });
  assert.equal(page.status, 403, 'a page of another site');
  const stolen = await new Browser(address).ask('GET', '/api/v1/records',
    { headers: { Origin: address, Authorization: `Bearer ${token}` } });
  assert.equal(stolen.status, 403, 'no page has the control token');
});

test('a part of the instance is seen as a part', options, async () => {
  const browser = await browser_of('b');
  const seen = await browser.ask('GET', '/api/v1/records?limit=500');
  assert.equal(seen.json.records.length, 2);
  assert.ok(seen.json.records.every(({ agent }) => agent === 'b'));
  const { workflows } = (await browser.ask('GET', '/api/v1/workflows')).json;
  assert.ok(workflows.length >= 1 && workflows.every(({ agents }) => agents.join() === 'b'));
  assert.deepEqual((await browser.ask('GET', '/api/v1/agents')).json.agents.map(({ id }) => id), ['b']);
  assert.deepEqual((await browser.ask('GET', '/api/v1/servers')).json.servers, []);
  const overview = (await browser.ask('GET', '/api/v1/overview')).json;
  assert.deepEqual([overview.rates, overview.troubles, overview.agents.map(({ id }) => id)],
    [null, [], ['b']]);
});

// By the server that a person is let look at: the other server, the other agents' numbers and what
// is of the whole instance stay out of sight.
test('control: read-scope', options, async () => {
  const browser = await browser_of('left');
  const { records } = (await browser.ask('GET', '/api/v1/records?limit=500')).json;
  assert.ok(records.length >= CALLS + 1);
  assert.ok(records.every((record) => record.server === 'left'), JSON.stringify(records));
  const [hidden] = await records_of('?server=right');
  assert.equal((await browser.ask('GET', `/api/v1/records/${hidden.id}`)).status, 404);
  assert.equal((await browser.ask('GET', `/api/v1/records/${records[0].id}`)).status, 200);
  const found = await browser.ask('GET', '/api/v1/records?server=right');
  assert.deepEqual(found.json.records, []);
  assert.deepEqual((await browser.ask('GET', '/api/v1/servers')).json.servers.map(({ name }) => name),
    ['left']);
  assert.deepEqual((await browser.ask('GET', '/api/v1/agents')).json.agents, []);
  for (const path of ['status', 'rules', 'rules/proposals']) {
    assert.equal((await browser.ask('GET', `/api/v1/${path}`)).status, 403, path);
  }
  const tried = await browser.ask('POST', '/api/v1/rules/test', { body: { call: { agent: 'a' } } });
  assert.equal(tried.status, 403);
});
