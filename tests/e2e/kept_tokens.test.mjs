// Tokens of others are kept in the ledger: known parents of later ones, known words after a killed
// process, and proven offline with the issuer's keys alone. The tokens are made by jose and cborg.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compactVerify, decodeJwt } from 'jose';
import { cbor_token } from './support/cose.mjs';
import { Planner, body_of, call, claims_of, refused } from './support/planner.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const options = { skip: no_pawl(), timeout: 80_000 };
const planner = new Planner('https://planner.example');

let folder;
let witness;

const prepare = (tokens = {}, more = {}) => Pawl.start({ init: true,
  servers: { w: { url: witness.ready.url } }, agents: { a: {} }, rules: [ALLOW_ALL],
  config: { tokens: { parents: 'refuse', ...tokens },
            trusted_tokens: [{ issuer: planner.iss, jwks_file: join(folder, 'jwks.json') }], ...more } });

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-kept-tokens-'));
  witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  await writeFile(join(folder, 'jwks.json'), await planner.key_set());
});
after(async () => {
  await witness?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** @param {string} name @param {object} tokens of pawl.yaml @param {(pawl: Pawl) => Promise<void>} body */
const with_pawl = (name, tokens, body) => test(name, options, async (context) => {
  const pawl = await prepare(tokens);
  context.after(() => pawl.close());
  await body(pawl);
});
const config_of = (pawl) => ['--config', pawl.config_file];
const kept = async (pawl, id, ...flags) => {
  const shown = await pawl.run(['ledger', 'show', id, ...flags, ...config_of(pawl)]);
  assert.equal(shown.code, 0, shown.stderr);
  return shown.stdout;
};
const restart = async (pawl) => {
  await pawl.kill();
  await pawl.serve();
};

with_pawl('control: token-kept', {}, async (pawl) => {
  const parent = planner.words();
  claims_of(await call(pawl, [await planner.sign(parent)]));
  claims_of(await call(pawl, [await planner.sign(planner.words({ pred: [parent.jti] }))]));
  await restart(pawl);
  const child = await call(pawl, [await planner.sign(planner.words({ pred: [parent.jti] }))]);
  assert.equal(body_of(child).graph, undefined);
  refused(await call(pawl, [await planner.sign(planner.words({ pred: [randomUUID()] }))]),
          'parent-unknown', /parent_unknown/);
});

with_pawl('other words under a known id are refused after a kill', {}, async (pawl) => {
  const words = planner.words();
  const token = await planner.sign(words);
  claims_of(await call(pawl, [token]));
  await restart(pawl);
  refused(await call(pawl, [await planner.sign({ ...words, exec_act: 'plan.other' })]),
          'ect-replay', /equivocation/);
  claims_of(await call(pawl, [token]));
  await restart(pawl);
  claims_of(await call(pawl, [token]));
});

for (const [form, sign] of [
  ['dialect -01', (words) => planner.sign(words)],
  ['dialect -00', (words) => planner.sign(words, 'wimse-exec+jwt')],
  ['CBOR form', (words) => cbor_token(planner.pair.privateKey, words, { kid: planner.kid })],
]) {
  with_pawl(`a token in ${form} is kept to the byte`, { cbor: true }, async (pawl) => {
    const words = planner.words({ wid: randomUUID() });
    const token = await sign(words);
    claims_of(await call(pawl, [token]));
    await restart(pawl);
    assert.equal(await kept(pawl, words.jti, '--received'), token);
    if (form !== 'CBOR form') {
      const { payload } = await compactVerify(await kept(pawl, words.jti, '--received'),
                                              planner.pair.publicKey);
      assert.equal(JSON.parse(Buffer.from(payload).toString()).jti, words.jti);
    }
    const record = JSON.parse(await kept(pawl, words.jti, '--json')).claims;
    assert.equal(record.exec_act, 'token.received');
    assert.equal(record.wid, words.wid);
    assert.equal(record.ect_ext['pawl.token'].iss, planner.iss);
    assert.equal(record.ect_ext['pawl.token'].agent, 'a');
  });
}

with_pawl('the chain of a call leads to the token and what it came from', { parents: 'partial' },
  async (pawl) => {
    const nobody = randomUUID();
    const first = planner.words({ pred: [nobody] });
    const second = planner.words({ pred: [first.jti] });
    claims_of(await call(pawl, [await planner.sign(first)]));
    const last = await call(pawl, [await planner.sign(second)]);
    const chain = await pawl.run(['ledger', 'chain', last.record, '--ancestors', '--json',
      ...config_of(pawl)]);
    assert.equal(chain.code, 0, chain.stderr);
    const links = chain.stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(links.map(({ token, id }) => token ?? id), [first.jti, second.jti, last.record]);
    assert.deepEqual(links.map(({ graph }) => graph), ['partial', 'partial', 'partial']);
    assert.deepEqual(links.map(({ level }) => level), ['L2', 'L2', 'L2']);
    assert.deepEqual(links[0].causes, [{ record: nobody, basis: 'declared' }]);
  });

with_pawl('an auditor proves it with the keys of its issuer, and finds the wrong ones', {},
  async (pawl) => {
    claims_of(await call(pawl, [await planner.sign(planner.words())]));
    await pawl.stop();
    const trust = join(folder, 'trust');
    const pinned = await pawl.run(['trust', 'pin', '--print', ...config_of(pawl)]);
    await writeFile(trust, pinned.stdout);
    const verify = async (...more) => {
      const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust, '--json', ...more]);
      return { code, ...JSON.parse(stdout) };
    };
    const without = await verify();
    assert.equal(without.code, 0, without.reason);
    assert.deepEqual(without.tokens_of_others,
      { received: 1, verified: 0, unsigned: 0, digest_only: 0, not_checked: 1 });
    const good = await verify('--issuer-keys', `${planner.iss}=${join(folder, 'jwks.json')}`);
    assert.equal(good.code, 0, good.reason);
    assert.equal(good.tokens_of_others.verified, 1);
    const thief = new Planner(planner.iss);
    thief.kid = planner.kid;
    const wrong = join(folder, 'wrong.json');
    await writeFile(wrong, await thief.key_set());
    const bad = await verify('--issuer-keys', `${planner.iss}=${wrong}`);
    assert.equal(bad.code, 1);
    assert.match(bad.first_bad, /token\.received.*does not verify by the key of its issuer/);
    thief.kid = 'another';
    await writeFile(wrong, await thief.key_set());
    assert.equal((await verify('--issuer-keys', `${planner.iss}=${wrong}`)).code, 2);
  });

// The index is no part of the memory that cannot be lost.
with_pawl('the memory is that of the ledger, without its index, too', {}, async (pawl) => {
  const words = planner.words();
  claims_of(await call(pawl, [await planner.sign(words)]));
  await pawl.kill();
  for (const part of ['', '-wal', '-shm']) {
    await rm(join(pawl.data, `index.sqlite${part}`), { force: true });
  }
  await pawl.serve();
  refused(await call(pawl, [await planner.sign({ ...words, exec_act: 'plan.other' })]),
          'ect-replay', /equivocation/);
});

// A start recalls the log in use; what stands in one before is found by the index alone.
with_pawl('control: token-memory', {}, async (pawl) => {
  const words = planner.words();
  claims_of(await call(pawl, [await planner.sign(words)]));
  await pawl.stop();
  const renewed = await pawl.run(['ledger', 'renew', ...config_of(pawl)]);
  assert.equal(renewed.code, 0, renewed.stderr);
  await pawl.serve();
  // Refused as long as the index is being built, and never taken for new.
  const answer = await wait_for('the index', async () => {
    const tried = await call(pawl, [await planner.sign({ ...words, exec_act: 'plan.other' })]);
    const { code } = tried.body.result?._meta?.['pawl.record/refusal'] ?? {};
    assert.ok(tried.status === 403 || code === 'evidence_unavailable', JSON.stringify(tried.body));
    return tried.status === 403 ? tried : undefined;
  });
  refused(answer, 'ect-replay', /equivocation/);
  assert.equal(decodeJwt(await kept(pawl, words.jti, '--received')).jti, words.jti);
});
