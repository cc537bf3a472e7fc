// `pawl rules issue, attenuate, verify, show`: a chain of policy tokens is made, narrowed and checked;
// each refusal ends with its reason and exit code. Signatures are compared with those of npm's jose.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SignJWT, calculateJwkThumbprint, compactVerify, exportJWK } from 'jose';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';

const options = { skip: no_pawl() };
const ISSUER = 'https://orchestrator.example';
const A = 'spiffe://example.org/agent/a';
const B = 'spiffe://example.org/agent/b';
const GATEWAY = 'spiffe://example.org/pawl/gw1';
const POLICY = {
  iss: ISSUER, sub: A, aud: [GATEWAY],
  dag: {
    nodes: [{ id: 'n1', agent: A, act: 'plan' }, { id: 'n2', agent: B, act: 'ci/deploy' }],
    edges: [{ from: 'n1', to: 'n2' }],
    constraints: { max_depth: 3, max_delegations: 1, allowed_acts: ['plan', 'ci/deploy'] },
  },
  hitl: { rules: [{ id: 'g1', trigger: { type: 'action', value: 'ci/deploy' }, required_role: 'release-manager',
    action: 'pause', timeout_s: 900, fallback: 'abort' }] },
};
const keys = Object.fromEntries(['issuer', 'a', 'b'].map((name) =>
  [name, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey]));
const jwk_of = (name) => exportJWK(createPublicKey(keys[name]));

let pawl;
const path = (name) => join(pawl.folder, name);
const put = (name, value) => writeFile(path(name), typeof value === 'string' ? value : JSON.stringify(value));

before(async () => {
  if (no_pawl()) return;
  pawl = await Pawl.prepare();
  for (const [name, key] of Object.entries(keys)) {
    await writeFile(path(`${name}.pem`), key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await put(`${name}.jwk`, await jwk_of(name));
  }
  await put('b.set', { keys: [await jwk_of('b'), await jwk_of('a')] });
  await put('a.pub', createPublicKey(keys.a).export({ type: 'spki', format: 'pem' }));
  await put('policy.json', POLICY);
  await put('chain.acp', await good(['issue', path('policy.json'), '--key-file', path('issuer.pem')]));
  await put('narrower.json', { sub: B, nodes: ['n2'] });
});
after(() => pawl?.close());

const run = (args, input) => pawl.run(['rules', ...args], { input });
async function good(args, input) {
  const { code, stdout, stderr } = await run(args, input);
  assert.equal(code, 0, stderr);
  return stdout;
}
async function refused(code, reason, args, input) {
  const ran = await run(args, input);
  assert.equal(ran.code, code, `${reason}: ${ran.stdout}${ran.stderr}`);
  assert.ok(ran.stderr.includes(`${reason}`), `${reason}: ${ran.stderr}`);
  assert.equal(ran.stdout, '');
}
const verify_args = (file, ...more) => ['verify', file, '--issuer', `${ISSUER}=${path('issuer.jwk')}`,
  '--holder', `${A}=${path('a.pub')}`, '--audience', GATEWAY, ...more];
const narrow = (narrowing, chain = path('chain.acp'), key = 'a.pem') =>
  put('asked.json', narrowing).then(() => ['attenuate', chain, path('asked.json'), '--key-file', path(key)]);

test('a token is issued, narrowed, verified and shown', options, async () => {
  const first = (await readFile(path('chain.acp'), 'utf8')).trim();
  const { payload, protectedHeader } = await compactVerify(first, createPublicKey(keys.issuer));
  assert.equal(protectedHeader.typ, 'acp+jwt');
  assert.equal(protectedHeader.kid, await calculateJwkThumbprint(await jwk_of('issuer')));
  const claims = JSON.parse(Buffer.from(payload).toString());
  assert.equal(claims.exp - claims.iat, 3600);
  assert.deepEqual(claims.dag, POLICY.dag);

  const chain = await good(['attenuate', path('chain.acp'), path('narrower.json'), '--key-file', path('a.pem')]);
  await put('two.acp', chain);
  assert.equal(chain.trim().split('\n').length, 2);
  const told = JSON.parse(await good(verify_args(path('two.acp'), '--json')));
  assert.equal(told.verified, true);
  assert.deepEqual(told.tokens.map((one) => one.claims.sub), [A, B]);
  assert.deepEqual(told.tokens[1].claims.dag.nodes, [POLICY.dag.nodes[1]]);
  assert.equal(told.tokens[1].claims.parent, told.tokens[0].digest);
  assert.equal(told.tokens[1].claims.dag.constraints.max_delegations, 0);
  assert.match(await good(verify_args('-'), chain), /verified: signed link by link/);
  const shown = await good(['show', path('two.acp')]);
  assert.match(shown, /node n2 +ci\/deploy by spiffe:\/\/example\.org\/agent\/b/);
  assert.match(shown, /not checked/);
  assert.equal(JSON.parse(await good(['show', path('two.acp'), '--json'])).verified, false);
});

test('what would widen the parent is not signed', options, async () => {
  const { constraints } = POLICY.dag;
  for (const [narrowing, reason] of [
    [{ sub: 'spiffe://example.org/agent/c' }, 'wrong_delegate'],
    [{ exp: 4102444800 }, 'wider_expiry'],
    [{ aud: [GATEWAY, 'x'] }, 'wider_audience'],
    [{ nodes: ['n3'] }, 'bad_nodes'],
    [{ hitl: { rules: [{ ...POLICY.hitl.rules[0], timeout_s: 901 }] } }, 'wider_gate'],
    [{ constraints: { ...constraints, max_cost: 1 } }, 'unknown_constraint'],
    [{ limits: [] }, 'unknown_member'],
    ['not JSON', 'malformed'],
  ]) {
    await refused(1, reason, await narrow(narrowing));
  }
  await refused(1, 'wider_delegations', await narrow({}, path('two.acp')));
});

test('what is wrong with a policy is told before it is signed', options, async () => {
  const with_dag = (change) => ({ ...POLICY, dag: { ...POLICY.dag, ...change } });
  for (const [policy, reason] of [
    [{ ...POLICY, scope: 'x' }, 'unknown_member'],
    [{ ...POLICY, parent: 'A'.repeat(43) }, 'parent_missing'],
    [with_dag({ edges: [...POLICY.dag.edges, { from: 'n2', to: 'n1' }] }), 'cycle'],
    [with_dag({ constraints: { rules: [{ id: 'r', when: { tol: 'x' }, then: 'allow' }] } }), 'bad_rules'],
    [with_dag({ constraints: { max_depth: 0 } }), 'max_depth'],
    [{ ...POLICY, hitl: { rules: [{ ...POLICY.hitl.rules[0], trigger: { type: 'mood', value: 'x' } }] } },
      'unknown_trigger'],
  ]) {
    await put('asked.json', policy);
    await refused(1, reason, ['issue', path('asked.json'), '--key-file', path('issuer.pem')]);
  }
  await refused(2, 'asked.json', ['issue', path('no/asked.json'), '--key-file', path('issuer.pem')]);
  await refused(2, 'signed', ['issue', path('policy.json'), '--data', path('nowhere')]);
});

test('a chain that does not hold is proven bad, and an unknown key is no proof', options, async () => {
  const [first, second] = (await readFile(path('two.acp'), 'utf8')).trim().split('\n');
  const claims = JSON.parse(Buffer.from(second.split('.')[1], 'base64url').toString());
  const signed = async (change, by = 'a') => new SignJWT({ ...claims, ...change })
    .setProtectedHeader({ alg: 'ES256', typ: 'acp+jwt', kid: await calculateJwkThumbprint(await jwk_of(by)) })
    .sign(keys[by]);
  assert.match(await good(verify_args('-'), `${first}\n${await signed({})}\n`), /verified/);
  for (const [tokens, reason, code = 1] of [
    [[], 'chain_length'],
    [[second], 'unknown_key', 2],
    [[first, second, second], 'wrong_parent'],
    [[first, `${second.slice(0, -8)}AAAAAAAA`], 'bad_signature'],
    [[first, await signed({}, 'b')], 'unknown_key', 2],
    [[first, await signed({ dag: POLICY.dag })], 'wider_delegations'],
    [[first, await signed({ hitl: { rules: [] } })], 'wider_gate'],
    [[first, await signed({ exp: claims.exp + 1 })], 'wider_expiry'],
    [[first, await signed({ iat: claims.iat - 10 })], 'wider_expiry'],
  ]) {
    await refused(code, reason, verify_args('-'), tokens.join('\n'));
  }
  await refused(1, 'wrong_audience', ['verify', path('chain.acp'), '--issuer', `${ISSUER}=${path('issuer.jwk')}`,
    '--audience', 'spiffe://example.org/pawl/gw2']);
  // A holder's key begins no chain, and an issuer's hands nothing on.
  await refused(2, 'unknown_key', ['verify', path('two.acp'), '--issuer', `${ISSUER}=${path('issuer.jwk')}`,
    '--issuer', `${A}=${path('a.jwk')}`, '--audience', GATEWAY]);
  await refused(2, 'NAME=FILE', ['verify', path('two.acp'), '--issuer', path('issuer.jwk'), '--audience', GATEWAY]);
  await refused(2, 'b.jwk', ['verify', path('two.acp'), '--issuer', `${ISSUER}=${path('no/b.jwk')}`,
    '--audience', GATEWAY]);
  assert.match(await good(['verify', path('two.acp'), '--issuer', `${ISSUER}=${path('issuer.jwk')}`,
    '--holder', `${A}=${path('b.set')}`, '--audience', GATEWAY]), /verified/);
});

test('what the operations page shows works', options, async () => {
  const page = await readFile(fileURLToPath(new URL('../../docs/operations/policy-tokens.md', import.meta.url)), 'utf8');
  const [policy, narrower] = [...page.matchAll(/```json\n(.*?)```/gs)].map((found) => found[1]);
  await put('page.json', policy);
  await put('page.acp', await good(['issue', path('page.json'), '--key-file', path('issuer.pem'), '--seconds', '60']));
  await put('page_narrower.json', narrower);
  const chain = await good(['attenuate', path('page.acp'), path('page_narrower.json'), '--key-file', path('a.pem')]);
  const { tokens } = JSON.parse(await good(verify_args('-', '--json'), chain));
  assert.equal(tokens[0].claims.exp - tokens[0].claims.iat, 60);
  assert.equal(tokens[1].claims.dag.constraints.length, 2);
});

test('a gateway that is set up as the page says holds the call of the page to the token', options, async () => {
  const page = await readFile(fileURLToPath(new URL('../../docs/operations/policy-tokens.md', import.meta.url)), 'utf8');
  const [policy, narrower] = [...page.matchAll(/```json\n(.*?)```/gs)].map((found) => found[1]);
  const [curl] = [...page.matchAll(/```sh\n(curl.*?)```/gs)].map((found) => found[1]);
  await put('page.json', policy);
  await put('page.acp', await good(['issue', path('page.json'), '--key-file', path('issuer.pem')]));
  await put('page_narrower.json', narrower);
  const chain = await good(['attenuate', path('page.acp'), path('page_narrower.json'), '--key-file', path('a.pem')]);
  await put('issuer.jwks', await good(['keyset', path('issuer.pem')]));
  await put('agent-a.jwks', await good(['keyset', path('a.pem')]));
  const [yaml] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((found) => found[1]);
  await put('page.yaml', `domain: example.org\n${yaml}`);
  assert.equal((await pawl.run(['config', 'check', '--config', path('page.yaml')])).code, 0);

  const server = await PlayedServer.with_tool('deploy');
  server.methods['tools/list'] = () => ({ resultType: 'complete', ttlMs: 0, cacheScope: 'private',
    tools: ['deploy', 'plan'].map((name) => ({ name, inputSchema: { type: 'object' } })) });
  const gateway = await Pawl.start({ servers: { ci: { url: server.url } }, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    config: { policy_tokens: { issuers: [{ name: ISSUER, jwks_file: path('issuer.jwks') }],
                               holders: [{ name: A, jwks_file: path('agent-a.jwks') }], required: ['agent:b'] } } });
  try {
    await writeFile(join(gateway.folder, 'for-b.acp'), chain);
    await writeFile(join(gateway.folder, 'for-a.acp'), chain.split('\n')[0]);
    const call = async (agent, change = (text) => text) => {
      const { stdout } = await promisify(execFile)('sh',
        ['-c', change(curl.replace('http://127.0.0.1:7700', gateway.addresses.data))],
        { cwd: gateway.folder, env: { ...process.env, KEY: gateway.keys[agent] } });
      return JSON.parse(stdout).result;
    };
    const rule_of = (result) => result._meta['pawl.record/refusal']?.rule;
    assert.equal(rule_of(await call('b')), 'acp-parents-open');
    const as_plan = (text) => text.replaceAll('deploy', 'plan').replace('for-b.acp', 'for-a.acp');
    assert.equal((await call('a', as_plan)).isError ?? false, false);
    assert.equal((await call('b')).isError ?? false, false);
    assert.equal(rule_of(await call('b', (text) => text.replace('"replicas":1', '"replicas":2'))), 'acp-rules');
    assert.equal(rule_of(await call('b', (text) => text.replace(/-H "Agent-Context.*" \\\n/, '\\\n'))), 'acp-required');
    assert.equal(server.count('tools/call'), 2);
  } finally {
    await gateway.close();
    await server.close();
  }
});
