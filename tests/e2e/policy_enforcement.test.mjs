// Policy tokens on the live path: a client that presents one is held to it. Each violation is refused
// with what it is, and nothing arrives at the server; parents that are done open their children, also
// after a restart and a kill. Tokens are made with npm's jose, not with Pawl.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { legacy_client, modern_client } from './support/clients.mjs';
import { operator_key, override, sign_revocation } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { Person, enroll, post_enrollment } from './support/people.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const ISSUER = 'https://orchestrator.example';
const agent_uri = (id) => `spiffe://example.org/agent/${id}`;
const GATEWAY = 'spiffe://example.org/pawl/gw1';
const META = 'pawl.record/policy';
const HEADER = 'agent-context-policy';
const COMPLETE = { resultType: 'complete' };
const options = { skip: no_pawl(), timeout: 80_000 };
const keys = Object.fromEntries(['issuer', 'a', 'stranger'].map((name) =>
  [name, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey]));
const jwk_of = (name) => exportJWK(createPublicKey(keys[name]));

let server;                   // two tools, plan and deploy
let reference;                // an official server of the legacy era
let pawl;
let holding;                  // resolves when the server may answer a plan that is told to wait
let arrived_before;

before(async () => {
  if (no_pawl()) {
    return;
  }
  server = await PlayedServer.start({
    'tools/list': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private',
      tools: ['plan', 'deploy'].map((name) => ({ name, inputSchema: { type: 'object' } })) }),
    'tools/call': async ({ arguments: { wait, fail } }) => {
      if (wait) {
        await holding;
      }
      return { ...COMPLETE, isError: fail === true, content: [{ type: 'text', text: 'done' }] };
    },
  });
  reference = await start_reference('legacy');
  pawl = await Pawl.prepare({ init: true, agents: { a: {}, b: {}, c: {}, bound: { groups: ['bound'] } },
    servers: { ci: { url: server.url }, legacy: { url: reference.url } }, rules: [ALLOW_ALL],
    config: { policy_tokens: { issuers: [{ name: ISSUER, jwks_file: 'issuer.jwks' }],
                               holders: [{ name: agent_uri('a'), jwks_file: 'a.jwks' }],
                               required: ['group:bound'] }, approval: { patience_s: 0 } } });
  for (const name of ['issuer', 'a']) {
    await writeFile(join(pawl.folder, `${name}.jwks`), JSON.stringify({ keys: [await jwk_of(name)] }));
  }
  await pawl.serve();
});
beforeEach(() => {
  arrived_before = server?.count('tools/call');
});
after(async () => {
  await pawl?.close();
  await server?.close();
  await reference?.stop('SIGKILL');
});

/** `a` plans, then `b` deploys. @param {object} [claims] @param {object} [dag] */
async function policy(claims = {}, dag = {}, by = 'issuer') {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: ISSUER, sub: agent_uri('a'), aud: [GATEWAY], iat: now - 5, exp: now + 300,
    jti: randomUUID(), hitl: { rules: [] }, ...claims,
    dag: { nodes: [{ id: 'n1', agent: agent_uri('a'), act: 'plan' },
                   { id: 'n2', agent: agent_uri('b'), act: 'ci/deploy' }],
           edges: [{ from: 'n1', to: 'n2' }], ...dag } })
    .setProtectedHeader({ alg: 'ES256', typ: 'acp+jwt', kid: await calculateJwkThumbprint(await jwk_of(by)) })
    .sign(keys[by]);
}
const claims_of = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
const digest = (text) => createHash('sha256').update(text).digest('base64url');
/** `a` hands the token on: everything as it was, and `change`. */
const handed_on = (token, change = {}) => {
  const { dag, ...claims } = claims_of(token);
  return policy({ ...claims, iss: agent_uri('a'), jti: randomUUID(), parent: digest(token), ...change }, dag, 'a');
};

async function call(agent, tool, { header, meta, args = {} } = {}) {
  const client = new RawAgent({ url: pawl.mcp_url('ci'), key: pawl.keys[agent] });
  try {
    return await client.call(tool, args, { meta: meta === undefined ? {} : { [META]: meta },
      headers: header === undefined ? {} : { [HEADER]: header } });
  } finally {
    client.close();
  }
}
const arrived = () => server.count('tools/call') - arrived_before;
const passed = (answer) => {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.result?.isError ?? false, false, JSON.stringify(answer.body));
  return answer;
};
const refusal_of = (answer) => answer.body.result?._meta?.['pawl.record/refusal'];
const record_of = async (answer) => (await pawl.json('ledger', 'show', answer.record)).claims;

/** It was refused for this, nothing arrived, and the refusal has a record. */
async function refused(answer, rule, { code = 'denied', control = 'tokens' } = {}) {
  const refusal = refusal_of(answer);
  assert.equal(refusal?.rule, rule, JSON.stringify(answer.body));
  assert.equal(refusal.code, code);
  assert.equal(refusal.control, control);
  assert.equal(arrived(), 0, 'nothing arrives at the server');
  const record = await record_of({ record: refusal.record });
  assert.equal(record.exec_act, 'task.denied');
  assert.equal(record.ect_ext.pol, rule);
  return record;
}
const invalid = { code: 'policy_token_invalid' };
/** @param {string} name @param {() => Promise<void>} body */
const control = (name, body) => test(`control: ${name}`, options, body);

test('a good token lets the rules decide, in the header and in _meta', options, async () => {
  const token = await policy();
  for (const way of [{ header: token }, { meta: token }, { meta: [token] }, { header: token, meta: [token] }]) {
    const answer = passed(await call('a', 'plan', way));
    const { acp } = (await record_of(answer)).ect_ext['pawl.tool'];
    assert.equal(acp.node, 'n1');
    assert.equal(acp.token, claims_of(token).jti);
    assert.equal(acp.digest, digest(token));
    assert.equal(acp.run, digest(token.slice(0, token.lastIndexOf('.'))));
  }
  assert.equal(arrived(), 4);
  for (const { params, headers } of server.seen.filter(({ method }) => method === 'tools/call')) {
    assert.equal(headers[HEADER], undefined, 'a token goes to no server');
    assert.equal(params._meta[META], undefined);
    assert.ok(!JSON.stringify(params).includes(token));
  }
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'policy.issued', '--json',
                                     '--config', pawl.config_file]);
  assert.equal(stdout.trim().split('\n').length, 1, `each token is recorded once: ${stdout}`);
});

test('a chain goes in one field, in several, and in _meta', options, async () => {
  const first = await policy();
  const second = await handed_on(first);
  for (const way of [{ header: `${first}, ${second}` }, { header: [first, second] }, { meta: [first, second] }]) {
    passed(await call('a', 'plan', way));
  }
  arrived_before = server.count('tools/call');
  await refused(await call('a', 'plan', { header: `${second}, ${first}` }), 'acp-unknown-key', invalid);
});

test('official clients of both eras are held to the token that they send', options, async () => {
  const legacy_policy = (agent) => policy({}, { nodes: [{ id: 'n1', agent: agent_uri(agent), act: 'legacy/test_simple_text' }],
                                                edges: [] });
  for (const [agent, good] of [['a', true], ['b', false]]) {
    const client = await legacy_client({ url: pawl.mcp_url('legacy'), key: pawl.keys.a,
                                         headers: { 'Agent-Context-Policy': await legacy_policy(agent) } });
    try {
      if (good) {
        assert.ok((await client.listTools()).tools.length > 0, 'a list needs no node');
      }
      const answer = await client.callTool({ name: 'test_simple_text', arguments: {} });
      assert.equal(answer._meta?.['pawl.record/refusal']?.rule, good ? undefined : 'acp-not-in-graph');
      assert.notEqual(answer.isError ?? false, good);
    } finally {
      await client.close();
    }
  }
  const client = await modern_client({ url: pawl.mcp_url('ci'), key: pawl.keys.a,
                                       headers: { 'Agent-Context-Policy': await policy() } });
  try {
    assert.equal((await client.listTools()).tools.length, 2);
    assert.notEqual((await client.callTool({ name: 'plan', arguments: {} })).isError, true);
    const answer = await client.callTool({ name: 'deploy', arguments: {} });
    assert.equal(answer._meta['pawl.record/refusal'].rule, 'acp-wrong-act');
    assert.ok(answer.content[0].text.includes('the policy token does not let it'), answer.content[0].text);
  } finally {
    await client.close();
  }
  assert.equal(arrived(), 1);
});

control('tokens', async () => {
  await refused(await call('c', 'plan', { header: await policy() }), 'acp-not-in-graph');
});

control('acp-signature', async () => {
  const good = await policy();
  const now = Math.floor(Date.now() / 1000);
  for (const [token, reason] of [
    [`${good.slice(0, -8)}AAAAAAAA`, 'acp-bad-signature'],
    ['no.token.at.all', 'acp-malformed'],
    ['', 'acp-malformed'],
    [await policy({}, {}, 'stranger'), 'acp-unknown-key'],
    [await policy({ iss: 'https://other.example' }), 'acp-unknown-key'],
    [await policy({ aud: ['spiffe://example.org/pawl/gw2'] }), 'acp-wrong-audience'],
    [await policy({ iat: now - 20, exp: now - 10 }), 'acp-expired'],
    [await policy({ iat: now + 100 }), 'acp-not-yet'],
    [await policy({ scope: 'all' }), 'acp-unknown-member'],
    [await policy({}, { constraints: { max_cost: 1 } }), 'acp-unknown-constraint'],
    [await policy({}, { edges: [{ from: 'n1', to: 'n2' }, { from: 'n2', to: 'n1' }] }), 'acp-cycle'],
    [`${good}, ${await handed_on(await policy())}`, 'acp-wrong-parent'],
    [`${good},`, 'acp-malformed'],
    [Array.from({ length: 12 }, () => 'x').join(','), 'acp-chain-length'],
  ]) {
    await refused(await call('a', 'plan', { header: token }), reason, invalid);
  }
});

control('acp-narrowing', async () => {
  const good = await policy();
  const longer = await handed_on(good, { exp: claims_of(good).exp + 1 });
  await refused(await call('a', 'plan', { header: `${good}, ${longer}` }), 'acp-wider-expiry', invalid);
});

test('a token that was handed on ten times counts', options, async () => {
  const chain = [await policy()];
  while (chain.length < 11) {
    chain.push(await handed_on(chain.at(-1)));
  }
  passed(await call('a', 'plan', { meta: chain }));
});

test('what is no list of tokens is refused, and never ignored', options, async () => {
  for (const meta of [{}, [], 1, null, [1], Array.from({ length: 12 }, () => 'x')]) {
    const answer = await call('a', 'plan', { meta });
    assert.equal(answer.body.error?.code, -32602, JSON.stringify(meta));
  }
  const large = await call('a', 'plan', { header: 'x'.repeat(9000) });
  assert.equal(large.status, 431);
  assert.match(large.body.error.message, /pawl\.record\/policy/);
  await refused(await call('a', 'plan', { meta: 'x'.repeat(70_000) }), 'acp-too-large', invalid);
});

control('acp-two-places', async () => {
  await refused(await call('a', 'plan', { header: await policy(), meta: await policy() }),
                'acp-two-policies', invalid);
});

control('acp-workflow', async () => {
  const wid = randomUUID();
  const answer = passed(await call('a', 'plan', { header: await policy({ wid }) }));
  assert.equal((await record_of(answer)).wid, wid, 'a call under the token belongs to its workflow');
  arrived_before = server.count('tools/call');
  const other = passed(await call('a', 'plan'));
  arrived_before = server.count('tools/call');
  const client = new RawAgent({ url: pawl.mcp_url('ci'), key: pawl.keys.a });
  try {
    const ect = other.headers['execution-context'] ?? other.body.result._meta['pawl.record/token'];
    await refused(await client.call('plan', {}, { headers: {
      'execution-context': ect, [HEADER]: await policy({ wid }) } }), 'acp-wrong-workflow', invalid);
  } finally {
    client.close();
  }
});

control('acp-required', async () => {
  await refused(await call('bound', 'plan'), 'acp-required');
  const nodes = [{ id: 'n1', agent: agent_uri('bound'), act: 'plan' }];
  passed(await call('bound', 'plan', { header: await policy({}, { nodes, edges: [] }) }));
});

control('acp-node', async () => {
  await refused(await call('a', 'deploy', { header: await policy() }), 'acp-wrong-act');
});

control('acp-constraint', async () => {
  const few = { rules: [{ id: 'few', when: { arguments: { n: { range: { lte: 3 } } } }, then: 'allow' }] };
  const header = await policy({}, { constraints: few });
  const record = await refused(await call('a', 'plan', { header, args: { n: 4 } }), 'acp-rules');
  assert.equal(record.ect_ext['pawl.task'].acp.node, 'n1');
  await refused(await call('a', 'plan', { header, args: { n: '3' } }), 'acp-rules');
  await refused(await call('a', 'plan', { header }), 'acp-rules');
  passed(await call('a', 'plan', { header, args: { n: 3 } }));
});

control('acp-limits', async () => {
  const limits = { resource_limits: [{ resource: 'tokens', unit: 'count', limit: '10' }] };
  await refused(await call('a', 'plan', { header: await policy({}, { constraints: limits }) }),
                'acp-resource-limits');
});

control('acp-hitl', async () => {
  const gate = (action) => ({ hitl: { rules: [{ id: 'g1', trigger: { type: 'action', value: 'plan' },
    required_role: 'release-manager', action, escalate_to: ['head'] }] } });
  const [ann] = await enroll(pawl, 'ann');
  await post_enrollment(pawl, await ann.enrolls(await Person.make('rita'), ['release-manager', 'head']));
  for (const action of ['pause', 'escalate']) {
    const answer = await call('a', 'plan', { header: await policy(gate(action)) });
    assert.ok(answer.body.result._meta['pawl.record/approval']?.id, JSON.stringify(answer.body));
    assert.equal(arrived(), 0);
    assert.equal((await record_of(answer)).ect_ext.pol, `acp-gate-${action}`);
  }
  await refused(await call('a', 'plan', { header: await policy(gate('abort')) }), 'acp-gate-abort');
});

test('a revoked token is worth nothing', options, async () => {
  const token = await policy();
  passed(await call('a', 'plan', { header: token }));
  const statement = await sign_revocation(await operator_key(pawl),
                                          { target: `token:${ISSUER}#${claims_of(token).jti}` });
  assert.equal((await override(pawl, 'revoke', { statement })).status, 200);
  arrived_before = server.count('tools/call');
  const answer = await call('a', 'plan', { header: token });
  assert.equal(refusal_of(answer).code, 'revoked');
  assert.equal(arrived(), 0);
});

control('acp-parents-done', async () => {
  await refused(await call('b', 'deploy', { header: await policy() }), 'acp-parents-open');
});

test('a child waits until its parent is confirmed, also over a restart and a kill', options, async () => {
  const token = await policy();
  const deploy = () => call('b', 'deploy', { header: token });
  await refused(await deploy(), 'acp-parents-open');
  assert.equal(refusal_of(await deploy()).retry_helps, true);

  // Killed while the parent is under way: nobody knows its outcome, and the child waits on.
  let go_on;
  holding = new Promise((resolve) => { go_on = resolve; });
  const lost = call('a', 'plan', { header: token, args: { wait: true } }).catch((error) => error);
  await wait_for('the plan at the server', async () => arrived() === 1 || undefined);
  await pawl.kill();
  go_on();
  await lost;
  await pawl.serve();
  arrived_before = server.count('tools/call');
  await refused(await deploy(), 'acp-parents-open');

  await call('a', 'plan', { header: token, args: { fail: true } });
  arrived_before = server.count('tools/call');
  await refused(await deploy(), 'acp-parents-open');

  passed(await call('a', 'plan', { header: token }));
  await pawl.kill();
  await pawl.serve();
  passed(await deploy());
  await pawl.restart();
  passed(await deploy());
});

test('the keys are read again, and what they verified is not kept', options, async () => {
  const token = await policy();
  passed(await call('a', 'plan', { header: token }));
  const file = join(pawl.folder, 'issuer.jwks');
  const good = await readFile(file, 'utf8');
  await writeFile(file, JSON.stringify({ keys: [await jwk_of('stranger')] }));
  try {
    await wait_for('the key to count no more', async () =>
      refusal_of(await call('a', 'plan', { header: token }))?.rule === 'acp-unknown-key' || undefined,
    { within_ms: 20_000 });
  } finally {
    await writeFile(file, good);
  }
});

test('a configuration that is wrong is refused with its place', options, async () => {
  for (const [policy_tokens, what] of [
    [{ issuers: [{ name: ISSUER }] }, /expected name and one of jwks_file and jwks_url/],
    [{ required: ['everybody'] }, /expected agent:ID, group:NAME or all/],
    [{ issuer: [] }, /policy_tokens/],
  ]) {
    const wrong = await Pawl.prepare({ config: { policy_tokens } });
    const { code, stderr } = await wrong.run(['config', 'check', '--config', wrong.config_file]);
    assert.notEqual(code, 0);
    assert.match(stderr, what);
    await wrong.close();
  }
});
