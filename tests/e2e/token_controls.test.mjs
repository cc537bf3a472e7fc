// controls.test.mjs, third part: what the operator asks of presented tokens (`tokens` in pawl.yaml),
// with tokens that the packages jose, cborg and @auth0/cose made, and keys behind a URL that change.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Sign1 } from '@auth0/cose';
import { SignJWT, decodeJwt, exportJWK, jwtVerify } from 'jose';
import { ECT_TYPE, HEADER, cbor_claims, cbor_token, to_cbor } from './support/cose.mjs';
import { RawAgent } from './crash/raw_agent.mjs';
import { operator_key, override, sign_revocation, sign_statement } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const PLANNER = 'https://planner.example';
const SELF = 'spiffe://example.org/agent/a';
const PARENTS = 'pawl.record/parents';
const TOKEN = 'pawl.record/token';
const PAIRS = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: generateKeyPairSync('ed25519'),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const ALGORITHMS = Object.keys(PAIRS);
const options = { skip: no_pawl(), timeout: 80_000 };

let folder;
let witness;
let by_default;          // as it is without `tokens`
let strict;              // everything that can be asked is asked
let next_n = 0;

const key_set = async (algorithms, suffix = '') => JSON.stringify({ keys: await Promise.all(
  algorithms.map(async (alg) => ({ ...await exportJWK(PAIRS[alg].publicKey), alg,
                                   kid: alg + suffix }))) });

const prepare = (tokens, more = {}) => Pawl.start({ init: true, servers: { w: { url: witness.ready.url } },
  agents: { a: {} }, rules: [ALLOW_ALL],
  config: { ...tokens === undefined ? {} : { tokens },
            trusted_tokens: [{ issuer: PLANNER, jwks_file: join(folder, 'jwks.json') }], ...more } });

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-token-controls-'));
  witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  await writeFile(join(folder, 'jwks.json'), await key_set(ALGORITHMS));
  by_default = await prepare();
  strict = await prepare({ minimum_level: 'L1', algorithms: ALGORITHMS, parents: 'refuse',
                           refuse_unapproved: true, cross_workflow: true, header_bytes: 1024,
                           cbor: true });
});
after(async () => {
  await by_default?.close();
  await strict?.close();
  await witness?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

async function call(pawl, { header, parents } = {}) {
  const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  try {
    return await client.call('change', { n: next_n++ }, {
      meta: parents === undefined ? {} : { [PARENTS]: parents },
      headers: header === undefined ? {} : { 'execution-context': header } });
  } finally {
    client.close();
  }
}

const words_of = (more = {}) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: PLANNER, aud: [SELF], iat: now, exp: now + 300, jti: randomUUID(),
           exec_act: 'plan.step', pred: [], ...more };
};
const sign = (words, alg = 'ES256', kid = alg) => new SignJWT(words)
  .setProtectedHeader({ alg, kid, typ: 'exec+jwt' }).sign(PAIRS[alg].privateKey);
const unsigned = (words) => Buffer.from(JSON.stringify(words)).toString('base64url');

const refused = (answer, rule, reason) => {
  assert.equal(answer.status, 403);
  assert.equal(answer.body.error.data.rule, rule);
  assert.match(answer.body.error.message, reason);
};
const claims_of = (answer) => {
  assert.equal(answer.status, 200);
  assert.equal(answer.body.result.isError ?? false, false, JSON.stringify(answer.body));
  return decodeJwt(answer.headers['execution-context'] ?? answer.body.result._meta[TOKEN]);
};
const body_of = (answer) => claims_of(answer).ect_ext['pawl.tool'];

/** @param {string} name @param {(context) => Promise<void>} body */
const control = (name, body) => test(`control: ${name}`, options, body);

control('token-level', async () => {
  const own_words = unsigned(words_of({ iss: SELF }));
  refused(await call(by_default, { header: own_words }), 'ect-level', /level: .*unsigned \(L1\)/);
  const admitted = await call(strict, { header: own_words });
  assert.equal(body_of(admitted).level, 'L1');
});

control('token-algorithms', async () => {
  const token = await sign(words_of(), 'EdDSA');
  refused(await call(by_default, { header: token }), 'ect-invalid', /bad_alg/);
});

const revoke = async (pawl, target) => {
  const statement = await sign_revocation(await operator_key(pawl), { target });
  assert.equal((await override(pawl, 'revoke', { statement })).status, 200);
};

control('token-revoked', async () => {
  const words = words_of();
  const token = await sign(words);
  claims_of(await call(by_default, { header: token }));
  await revoke(by_default, `token:${PLANNER}#${words.jti}`);
  refused(await call(by_default, { header: token }), 'ect-revoked', /revoked_token: /);
});

control('operator-revoked', async (context) => {
  const pawl = await prepare();
  context.after(() => pawl.close());
  const stop = await sign_statement(await operator_key(pawl), { verb: 'stop', scope: 'agent:x' });
  await revoke(pawl, `key:${JSON.parse(Buffer.from(stop.split('.')[0], 'base64url')).kid}`);
  assert.equal((await override(pawl, 'stop', { statement: stop })).status, 403);
});

const cbor_signed = (words, alg = 'ES256') =>
  cbor_token(PAIRS[alg].privateKey, words, { alg, kid: alg });

control('token-form', async () => {
  const words = words_of();
  const token = cbor_signed(words);
  refused(await call(by_default, { header: token }), 'ect-invalid', /bad_form: .*tokens\.cbor/);
  assert.deepEqual(claims_of(await call(strict, { header: token })).pred, [words.jti]);
});

test('a token in CBOR form is held to what a token in JSON form is', options, async () => {
  const workflow = randomUUID();
  const parent = words_of({ wid: workflow, ect_ext: { pol: 'p', pol_decision: 'approved' } });
  const child = words_of({ wid: workflow, pred: [parent.jti] });
  // Both forms stand in one graph, the CBOR ones signed in two algorithms.
  const mixed = await call(strict, { parents: [await sign(child), cbor_signed(parent, 'ES384')] });
  assert.deepEqual(claims_of(mixed).pred.toSorted(), [child.jti, parent.jti].toSorted());
  assert.equal(claims_of(mixed).wid, workflow);
  assert.equal(body_of(await call(strict, { header: cbor_signed(words_of(), 'EdDSA') })).level, 'L2');

  const rejected = cbor_signed(words_of({ ect_ext: { pol: 'p', pol_decision: 'rejected' } }));
  refused(await call(strict, { header: rejected }), 'ect-invalid', /parent_refused/);
  refused(await call(strict, { header: cbor_signed(words_of({ pred: [randomUUID()] })) }),
          'parent-unknown', /parent_unknown/);
  refused(await call(strict, { header: cbor_signed(words_of({ aud: ['https://other.example'] })) }),
          'ect-invalid', /wrong_presenter/);
  refused(await call(strict, { header: cbor_signed(words_of({ iss: SELF })) }),
          'ect-invalid', /unknown_key/);
  const late = words_of();
  refused(await call(strict, { header: cbor_signed({ ...late, iat: late.iat - 500, exp: late.iat - 1 }) }),
          'ect-invalid', /expired/);
  // One id stands for one token in one form.
  refused(await call(strict, { header: cbor_signed(child) }), 'ect-replay', /equivocation/);
  const altered = Buffer.from(cbor_signed(words_of()), 'base64url');
  altered[altered.length - 1] ^= 1;
  refused(await call(strict, { header: altered.toString('base64url') }), 'ect-invalid', /bad_signature/);
});

test('a token of another COSE library is taken', options, async () => {
  const words = words_of();
  const message = await Sign1.sign([[HEADER.alg, -7], [HEADER.kid, Buffer.from('ES256')],
                                    [HEADER.typ, ECT_TYPE]], [], to_cbor(cbor_claims(words)),
                                   PAIRS.ES256.privateKey);
  const token = Buffer.from(message.encode()).toString('base64url');
  assert.deepEqual(claims_of(await call(strict, { header: token })).pred, [words.jti]);
});

control('token-parents', async () => {
  const parent = words_of();
  const child = await sign(words_of({ pred: [parent.jti] }));
  assert.equal(body_of(await call(by_default, { header: child })).graph, 'partial');
  refused(await call(strict, { header: child }), 'parent-unknown', new RegExp(parent.jti));
  const full = await call(strict, { parents: [child, await sign(parent)] });
  assert.equal(body_of(full).graph, undefined);
});

for (const [whose, tokens, more, token_of] of [
  ['a trusted issuer', {}, {}, (pred) => sign(words_of({ pred }))],
  ['the agent itself, unsigned, where no issuer is trusted', { minimum_level: 'L1' },
   { trusted_tokens: [] }, (pred) => unsigned(words_of({ iss: SELF, pred }))],
]) {
  test(`a record of before a restart is a known parent after it, of a token of ${whose}`, options,
    async (context) => {
      const pawl = await prepare({ parents: 'refuse', ...tokens }, more);
      context.after(() => pawl.close());
      const { record } = await call(pawl);
      const child = async () => call(pawl, { header: await token_of([record]) });
      claims_of(await child());
      await pawl.kill();
      await pawl.serve();
      assert.equal(body_of(await child()).graph, undefined);
    });
}

// The records of a frozen log are not in memory after a start: the index has them.
test('a record of a frozen log is a known parent', options, async (context) => {
  const pawl = await prepare({ parents: 'refuse' });
  context.after(() => pawl.close());
  const { record } = await call(pawl);
  await pawl.stop();
  const renewed = await pawl.run(['ledger', 'renew', '--config', pawl.config_file]);
  assert.equal(renewed.code, 0, renewed.stderr);
  await pawl.serve();
  const answer = await wait_for('the record in the index', async () => {
    const tried = await call(pawl, { header: await sign(words_of({ pred: [record] })) });
    const refusal = tried.body.result?._meta?.['pawl.record/refusal'];  // while it is being built
    return tried.status === 200 && refusal === undefined ? tried : undefined;
  });
  assert.equal(body_of(answer).graph, undefined);
});

control('token-approval', async () => {
  const rejected = await sign(words_of({ ect_ext: { pol: 'p', pol_decision: 'rejected' } }));
  claims_of(await call(by_default, { header: rejected }));
  refused(await call(strict, { header: rejected }), 'ect-invalid', /parent_refused/);
});

// What is too long for the field travels in the body, on the way in and on the way out.
control('token-header', async () => {
  const tokens = await Promise.all(Array.from({ length: 4 }, () => sign(words_of())));
  const too_long = await call(strict, { header: tokens });
  assert.equal(too_long.status, 431);
  assert.match(too_long.body.error.message, /at most 1024 .*pawl\.record\/parents/);
  const answer = await call(strict, { parents: tokens });
  assert.equal(answer.headers['execution-context'], undefined);
  assert.equal(claims_of(answer).pred.length, tokens.length);
  const short = await call(by_default, { header: tokens });
  assert.equal(short.body.result._meta[TOKEN], undefined);
  assert.equal(claims_of(short).pred.length, tokens.length);
});

// Who asks for its receipt gets none that is longer than what tokens may have in the header.
control('receipt-header', async (context) => {
  const domain = `${'x'.repeat(60)}.`.repeat(3) + 'example';
  const receipt_of = async (tokens) => {
    const pawl = await prepare(tokens, { domain, trusted_tokens: [] });
    context.after(() => pawl.close());
    const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
    const { status, headers } = await client.call('change', { n: next_n++ },
      { headers: { 'execution-receipt': '?1' } });
    client.close();
    assert.equal(status, 200);
    return headers['execution-receipt'];
  };
  assert.ok((await receipt_of({ header_bytes: 8192 })).length > 1024);
  assert.equal(await receipt_of({ header_bytes: 1024 }), undefined);
});

for (const alg of ALGORITHMS) {
  test(`a parent that jose signed with ${alg} counts where it is admitted`, options, async () => {
    const words = words_of();
    const token = await sign(words, alg);
    const elsewhere = await call(by_default, { header: token });
    if (alg !== 'ES256') {
      refused(elsewhere, 'ect-invalid', /bad_alg/);
    }
    const child = await call(strict, { header: token });
    assert.deepEqual(claims_of(child).pred, [words.jti]);
    assert.equal(body_of(child).level, 'L2');
    const own = await (await fetch(`${strict.addresses.data}/.well-known/jwks.json`)).json();
    const { protectedHeader } = await jwtVerify(child.body.result._meta[TOKEN]
      ?? child.headers['execution-context'], await import_first(own));
    assert.equal(protectedHeader.alg, 'ES256', 'our own are signed with ES256 always');
  });
}

const import_first = async ({ keys: [jwk] }) => (await import('jose')).importJWK(jwk, 'ES256');

test('neither a MAC nor an unsigned JWS counts, whatever is admitted', options, async () => {
  const words = words_of({ iss: SELF });
  const mac = await new SignJWT(words).setProtectedHeader({ alg: 'HS256', kid: 'ES256',
    typ: 'exec+jwt' }).sign(Buffer.from(await key_set(['ES256'])));
  const head = Buffer.from('{"alg":"none","kid":"ES256","typ":"exec+jwt"}').toString('base64url');
  for (const token of [mac, `${head}.${unsigned(words)}.`, `${head}.${unsigned(words)}.AA`]) {
    refused(await call(strict, { header: token }), 'ect-invalid', /malformed/);
  }
  for (const algorithm of ['none', 'HS256']) {
    const { code, stderr } = await strict.run(['config', 'check', '--config',
      await config_with(strict, { algorithms: ['ES256', algorithm] })]);
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`tokens\\.algorithms: "${algorithm}" is `));
  }
});

async function config_with(pawl, tokens) {
  const file = join(pawl.folder, `${randomUUID()}.yaml`);
  await writeFile(file, JSON.stringify({ data: pawl.data, domain: 'example.org', tokens }));
  return file;
}

test('an unsigned token is nobody\'s word but its presenter\'s', options, async () => {
  for (const iss of [PLANNER, 'spiffe://example.org/agent/b', 'spiffe://example.org/pawl/gw1']) {
    refused(await call(strict, { header: unsigned(words_of({ iss })) }), 'ect-invalid',
      /wrong_presenter/);
  }
});

// `pawl why` and `pawl ledger chain` tell it, and `pawl verify` finds the log good.
test('the weakest level of a chain is told of all that came from it', options, async () => {
  const wid = randomUUID();
  const first = await call(strict, { header: unsigned(words_of({ iss: SELF, wid })) });
  const second = await call(strict, { parents: [first.body.result._meta[TOKEN]
    ?? first.headers['execution-context']] });
  assert.equal(body_of(second).level, 'L1');
  assert.equal(claims_of(second).wid, wid);
  const why = await strict.json('why', second.record);
  assert.equal(why.level, 'L1');
  const told = await strict.run(['why', second.record, '--config', strict.config_file]);
  assert.match(told.stdout, /level +L1: /);
  const chain = await strict.run(['ledger', 'chain', wid, '--config', strict.config_file, '--json']);
  const links = chain.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(links.map(({ level }) => level), ['L1', 'L1', 'L1'], 'the token, and two calls');
  const shown = await strict.run(['ledger', 'chain', wid, '--config', strict.config_file]);
  assert.equal(shown.stdout.match(/ \(L1\)$/gm).length, 3, shown.stdout);
  for (const [record, side, more] of [[second.record, '--ancestors', [links[0].id]],
                                      [first.record, '--descendants', []]]) {
    const both = await strict.run(['ledger', 'chain', record, side, '--config', strict.config_file,
      '--json']);
    assert.deepEqual(both.stdout.trim().split('\n').map((line) => JSON.parse(line).id),
      [...more, first.record, second.record], both.stderr);
  }
  const trust = join(folder, 'trust');
  await writeFile(trust, (await strict.run(
    ['trust', 'pin', '--print', '--config', strict.config_file])).stdout);
  const verified = await strict.run(['verify', strict.data, '--trust', trust]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

test('a call that comes from two workflows belongs to the first where that is admitted', options,
  async () => {
    const tokens = await Promise.all([randomUUID(), randomUUID()]
      .map((wid) => sign(words_of({ wid }))));
    refused(await call(by_default, { header: tokens }), 'ect-invalid', /workflow_mismatch/);
    const both = await call(strict, { parents: tokens });
    assert.equal(claims_of(both).wid, decodeJwt(tokens[0]).wid);
  });

test('keys behind a URL are fetched, and others are not known', options, async (context) => {
  const keys = await key_set(['ES256'], '-1');
  const issuer = createServer((request, response) => response.end(keys));
  await new Promise((resolve) => { issuer.listen(0, '127.0.0.1', resolve); });
  const jwks_url = `http://127.0.0.1:${issuer.address().port}/jwks.json`;
  const pawl = await prepare(undefined, { trusted_tokens: [{ issuer: PLANNER, jwks_url }] });
  context.after(async () => {
    await pawl.close();
    issuer.close();
  });
  const token = await sign(words_of(), 'ES256', 'ES256-1');
  await wait_for('the key set', async () =>
    (await call(pawl, { header: token })).status === 200 || undefined);
  refused(await call(pawl, { header: await sign(words_of(), 'ES256', 'ES256-2') }), 'ect-invalid',
    /unknown_key/);
});

// What was verified is kept, but not longer than the key that verified it.
test('a key that is taken out of its file takes its tokens along, without a restart', options,
  async (context) => {
    const jwks_file = join(folder, 'changing.json');
    await writeFile(jwks_file, await key_set(['ES256'], '-1'));
    const pawl = await prepare(undefined, { trusted_tokens: [{ issuer: PLANNER, jwks_file }] });
    context.after(() => pawl.close());
    const token = await sign(words_of(), 'ES256', 'ES256-1');
    claims_of(await call(pawl, { header: token }));
    await writeFile(jwks_file, await key_set(['ES256'], '-2'));
    const answer = await wait_for('the withdrawal', async () => {
      const again = await call(pawl, { header: token });
      return again.status === 403 ? again : undefined;
    });
    refused(answer, 'ect-invalid', /unknown_key/);
    claims_of(await call(pawl, { header: await sign(words_of(), 'ES256', 'ES256-2') }));
  });
