// A revocation reaches what runs, survives kill -9 and a full disk, and comes back by no old word:
// agents, bearer keys, token issuers' keys, single tokens, operators.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { LEGACY_REVISION } from './support/clients.mjs';
import { operator_key, override, sign_revocation, sign_statement } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const BOTH = fileURLToPath(new URL('servers/both_eras.mjs', import.meta.url));
const PLANNER = 'https://planner.example';
const IDP = 'https://idp.example';
const SELF = 'spiffe://example.org/agent/a';
const options = { skip: no_pawl(), timeout: 120_000 };

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;
const key_of = (secret) => `key:${createHash('sha256').update(secret).digest('base64url')}`;

/** A gateway before a server by URL, one that it starts, and one of both eras. */
class Setup {
  static async open({ prepare = async () => {}, config = {} } = {}) {
    const setup = new Setup();
    setup.folder = await mkdtemp(join(tmpdir(), 'pawl-revoke-'));
    setup.journal_file = join(setup.folder, 'journal');
    setup.planner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    setup.idp = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await setup.write_keys('planner', 'p1');
    await setup.write_keys('idp', 'i1');
    setup.witness = await start_until_json(NODE, [WITNESS, '--journal', setup.journal_file]);
    setup.both = await start_until_json(NODE, [BOTH]);
    setup.pawl = await Pawl.prepare({ agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
      servers: { http: { url: setup.witness.ready.url }, web: { url: setup.both.ready.url },
                 child: { command: [NODE, WITNESS, '--stdio', '--journal', setup.journal_file] } },
      config: { trusted_tokens: [{ issuer: PLANNER, jwks_file: join(setup.folder, 'planner') }],
                jwt_issuers: [{ issuer: IDP, audience: ['pawl'], algorithms: ['ES256'],
                                jwks_file: join(setup.folder, 'idp') }], ...config } });
    try {
      await prepare(setup.pawl);
      const { code, stderr } = await setup.pawl.run(['init', '--config', setup.pawl.config_file]);
      assert.equal(code, 0, stderr);
      await setup.pawl.serve();
    } catch (error) {
      await setup.close();
      throw error;
    }
    return setup;
  }

  async write_keys(name, kid) {
    await writeFile(join(this.folder, name), JSON.stringify({ keys: [
      { ...await exportJWK(this[name].publicKey), alg: 'ES256', kid }] }));
  }

  async call(id, { server = 'http', args = {}, key = this.pawl.keys[id], header } = {}) {
    const agent = new RawAgent({ url: this.pawl.mcp_url(server), key });
    try {
      return await agent.call('change', { agent: id, ...args },
        { headers: header === undefined ? {} : { 'execution-context': header } });
    } finally {
      agent.close();
    }
  }

  /** A call that its server answers in a minute; resolves when it has reached the server. */
  async open_call(n, more) {
    const answer = this.call('a', { args: { n, ms: 60_000 }, ...more });
    answer.catch(() => {});
    await wait_for('the call at the server', async () => (await read_journal(this.journal_file))
      .some((line) => line.phase === 'began' && line.n === n) || undefined);
    return { answer };
  }

  async revoke(what, ...more) {
    return this.pawl.json('revoke', what, '--reason', 'stolen', ...more);
  }

  ect(words = {}) {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: PLANNER, aud: [SELF], iat: now, exp: now + 300, jti: randomUUID(),
                         exec_act: 'plan.step', pred: [], ...words })
      .setProtectedHeader({ alg: 'ES256', kid: 'p1', typ: 'exec+jwt' }).sign(this.planner.privateKey);
  }

  jwt(words = {}) {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: IDP, aud: 'pawl', sub: 'a', iat: now, exp: now + 300,
                         jti: randomUUID(), ...words })
      .setProtectedHeader({ alg: 'ES256', kid: 'i1', typ: 'JWT' }).sign(this.idp.privateKey);
  }

  async close() {
    await this.pawl?.close();
    await this.witness.stop();
    await this.both.stop();
    await rm(this.folder, { recursive: true });
  }
}

const with_setup = (more, body) => async (context) => {
  const setup = await Setup.open(more);
  context.after(() => setup.close());
  await body(setup);
};

function check_refusal(answer, id) {
  const refusal = refusal_of(answer);
  assert.equal(refusal?.control, 'revocations', JSON.stringify(answer.body));
  assert.equal(refusal.code, 'revoked');
  assert.equal(refusal.rule, `revocation:${id}`);
  assert.match(refusal.reason, /was revoked by an operator: stolen/);
  assert.equal(refusal.retry_helps, false);
}

/** A call that a revocation cut: unknown, and its record says by what. */
async function check_cut(pawl, answer, id) {
  check_refusal(answer, id);
  const record = await pawl.json('ledger', 'show', answer.record);
  const body = record.claims.ect_ext['pawl.tool'];
  assert.equal(body.outcome, 'unknown');
  assert.equal(body.status, 'revoked');
}

/** A legacy session whose event stream is open. */
async function open_stream(pawl, key) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json',
                    accept: 'application/json, text/event-stream',
                    'mcp-protocol-version': LEGACY_REVISION };
  const post = (message, more = {}) => fetch(pawl.mcp_url('web'), { method: 'POST',
    headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  const began = await post({ id: 1, method: 'initialize', params: {
    protocolVersion: LEGACY_REVISION, capabilities: {}, clientInfo: { name: 't', version: '1' } } });
  assert.equal(began.status, 200);
  const session = { 'mcp-session-id': began.headers.get('mcp-session-id') };
  await began.text();
  assert.equal((await post({ method: 'notifications/initialized' }, session)).status, 202);
  const stream = await fetch(pawl.mcp_url('web'), { headers: { ...headers, ...session } });
  assert.equal(stream.status, 200);
  return { ended: stream.text() };
}

test('a name that nobody has is revoked, and called in doubt', options, async () => {
  const setup = await Setup.open();
  const { pawl } = setup;
  try {
    const revoke = async (target) => {
      const { code, stdout, stderr } = await pawl.run(['revoke', target, '--reason', 'test', '--config', pawl.config_file]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await revoke('agent:dsek'), /^warning no agent named "dsek" is configured here; the revocation is in force/m);
    assert.doesNotMatch(await revoke('agent:b'), /warning/);
    assert.doesNotMatch(await revoke('user:somebody'), /warning/);
  } finally {
    await setup.close();
  }
});

test('a bearer key: calls and streams under it are cut, others go on', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const at_http = await setup.open_call('h');
    const at_child = await setup.open_call('c', { server: 'child' });
    const stream = await open_stream(pawl, pawl.keys.a);
    assert.ok(succeeded(await setup.call('a')));
    const { revocation, durable } = await setup.revoke(key_of(pawl.keys.a));
    assert.equal(durable, true);
    await check_cut(pawl, await at_http.answer, revocation.id);
    await check_cut(pawl, await at_child.answer, revocation.id);
    await stream.ended;
    check_refusal(await setup.call('a'), revocation.id);
    check_refusal(await setup.call('a', { server: 'child' }), revocation.id);
    assert.ok(succeeded(await setup.call('b')));
    assert.ok(succeeded(await setup.call('a', { key: await setup.jwt() })),
      'the agent itself is not revoked: it has another way to prove itself');
    const { revocations } = await pawl.json('revoke', 'list');
    assert.deepEqual(revocations.map(({ target, reason }) => [target, reason]),
      [[key_of(pawl.keys.a), 'stolen']]);
    assert.equal((await pawl.json('status')).revocations, 1);
    const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
    assert.match(metrics, /pawl_state\{name="revocations"\} 1/);
    assert.match(metrics, /pawl_refusals_total\{code="revoked",control="revocations"\} [1-9]/);
    assert.match(await pawl.log(), /"?revoked"?/);
  }));

test('kill -9 right after the acknowledgement: still refused, and recorded once', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const token = await setup.jwt();
    const jti = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).jti;
    const key = await operator_key(pawl);
    const targets = [[`token:${IDP}#${jti}`, { key: token }], ['key:i1', { key: await setup.jwt() }],
                     [key_of(pawl.keys.a), {}], ['agent:b', { key: pawl.keys.b }]];
    for (const [target, how] of targets) {
      assert.ok(succeeded(await setup.call('a', how)), target);
      const statement = await sign_revocation(key, { target, reason: 'stolen' });
      const { body } = await override(pawl, 'revoke', { statement });
      assert.equal(body.durable, true, target);
      await pawl.kill();
      await pawl.serve();
      check_refusal(await setup.call('a', how), body.revocation.id);
      assert.equal((await override(pawl, 'revoke', { statement })).body.revocation.id,
        body.revocation.id, 'sent again it is the same');
      if (target === 'agent:b') {
        const lift = await sign_revocation(key, { target, lifts: [body.revocation.id] });
        assert.equal((await override(pawl, 'restore', { statement: lift })).status, 200);
        assert.equal((await override(pawl, 'revoke', { statement })).status, 409, 'used');
      }
    }
    await pawl.stop();
    await pawl.serve();
    assert.equal((await pawl.json('status')).revocations, targets.length - 1);
    const { code, stdout, stderr } = await pawl.run(['ledger', 'query', '--kind',
      'identity.revoked', '--config', pawl.config_file, '--json']);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.match(/"identity\.revoked"/g).length, targets.length);
  }));

test('a token issuer: its key, by kid and by thumbprint, and one of its tokens', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const jti = randomUUID();
    const one = await setup.ect({ jti }), other = await setup.ect(), running = await setup.ect();
    for (const header of [one, other]) {
      assert.ok(succeeded(await setup.call('a', { header })));
    }
    await setup.revoke(`token:${PLANNER}#${jti.toUpperCase()}`);
    const refused = await setup.call('a', { header: one });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.error.data.rule, 'ect-revoked');
    assert.match(refused.body.error.message, /revoked_token: /);
    assert.ok(succeeded(await setup.call('a', { header: other })));

    const open = await setup.open_call('t', { header: running });
    await writeFile(join(setup.folder, 'planner.jwk'),
      JSON.stringify(await exportJWK(setup.planner.publicKey)));
    const { revocation } = await setup.revoke(`key-file:${join(setup.folder, 'planner.jwk')}`,
      '--since', '2026-01-01T00:00:00Z');
    await check_cut(pawl, await open.answer, revocation.id);
    const again = await setup.call('a', { header: other });
    assert.match(again.body.error.message, /revoked_key: /);
    await setup.write_keys('planner', 'p1');
    assert.match((await setup.call('a', { header: await setup.ect() })).body.error.message,
      /revoked_key: /);
    assert.ok(succeeded(await setup.call('a')), 'without its tokens');
  }));

test('an agent comes back by a signed word, a key never', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    await setup.revoke('agent:a');
    await setup.revoke('key:k1');
    assert.equal((await setup.call('a')).body.result?.isError, true);
    for (const target of ['key:k1', `token:${IDP}#x`]) {
      const { code, stderr } = await pawl.run(['revoke', target, '--lift', '--reason', 'r',
                                               '--config', pawl.config_file]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /stays revoked/);
    }
    const { body: { revocations: [, { id }] } } = await override(pawl, 'revocations');
    const forced = await sign_revocation(await operator_key(pawl), { target: 'key:k1', lifts: [id] });
    assert.ok((await override(pawl, 'restore', { statement: forced })).status >= 400);
    await pawl.json('revoke', 'agent:a', '--lift', '--reason', 'it has a new key');
    assert.ok(succeeded(await setup.call('a')));
    await pawl.kill();
    await pawl.serve();
    assert.ok(succeeded(await setup.call('a')), 'a lift survives kill -9, too');
    assert.equal((await pawl.json('status')).revocations, 1);
    const { verdict, statements_verified, revoked } = await pinned(pawl);
    assert.equal(verdict, 'good');
    assert.equal(statements_verified, 3);
    assert.deepEqual(revoked.map(({ target, reason }) => [target, reason]), [['key:k1', 'stolen']]);
  }));

async function pinned(pawl) {
  await pawl.stop();
  const trust = join(pawl.folder, 'log.trust');
  await pawl.json('trust', 'pin', '-o', trust);
  return pawl.json('verify', pawl.data, '--trust', trust);
}

test('an operator whose key was revoked decides nothing', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const key = await operator_key(pawl);
    const stop = () => sign_statement(key, { verb: 'stop', scope: 'all' });
    const before = await stop();
    const { kid } = JSON.parse(Buffer.from(before.split('.')[0], 'base64url'));
    const { revocation } = await setup.revoke(`key-file:${join(pawl.data, 'operator.pem')}`);
    assert.equal(revocation.target, `key:${kid}`);
    for (const statement of [before, await stop()]) {
      const { status, body } = await override(pawl, 'stop', { statement });
      assert.equal(status, 403);
      assert.match(body.detail, /was revoked/);
    }
    assert.equal((await override(pawl, 'stop', { scope: 'agent:b', reason: 'r' })).status, 200,
      'a narrow stop needs no signature');
  }));

test('ledger renew keeps what is in force', options, with_setup({}, async (setup) => {
  const { pawl } = setup;
  const { revocation } = await setup.revoke('agent:a');
  for (const running of [true, false]) {
    if (!running) {
      await pawl.stop();
    }
    const { code, stderr } = await pawl.run(['ledger', 'renew', '--config', pawl.config_file]);
    assert.equal(code, 0, stderr);
    if (!running) {
      await rm(join(pawl.data, 'override.journal'));
      await pawl.serve();
    }
    check_refusal(await setup.call('a'), revocation.id);
  }
}));

test('a full disk: a revocation is in force and durable', options, async (context) => {
  let mounted;
  const prepare = async ({ data }) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=700', 'tmpfs', data],
        { stdio: 'pipe' });
      mounted = data;
    } catch {
      context.skip('a small file system cannot be mounted by this user');
    }
  };
  const setup = await Setup.open({ prepare, config: { limits: { reserve_mib: 1 } } });
  context.after(async () => {
    await setup.pawl.kill();
    if (mounted !== undefined) {
      execFileSync('umount', [mounted]);
    }
    await setup.close();
  });
  if (mounted === undefined) {
    return;
  }
  const { pawl } = setup;
  assert.ok(succeeded(await setup.call('a')));
  const { bavail, bsize } = statfsSync(mounted);
  await writeFile(join(mounted, 'filler'), Buffer.alloc(bavail * bsize)).catch((error) => {
    assert.equal(error.code, 'ENOSPC');
  });
  await wait_for('a refusal', async () =>
    succeeded(await setup.call('b')) ? undefined : true);
  const statement = await sign_revocation(await operator_key(pawl),
    { target: 'agent:a', reason: 'stolen' });
  const { status, body } = await override(pawl, 'revoke', { statement });
  assert.equal(status, 200);
  assert.equal(body.durable, true);
  await pawl.kill();
  await rm(join(mounted, 'filler'));
  await pawl.serve();
  check_refusal(await setup.call('a'), body.revocation.id);
  assert.ok(succeeded(await setup.call('b')), 'with room again, others pass');
});
