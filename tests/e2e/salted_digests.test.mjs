// Digests that nobody guesses: two equal inputs have two digests, whoever has a salt can check one, and
// after an erasure nobody can. The second reader computes each digest from the page alone.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { holding } from './support/holding.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';
import { salt_of, salted_digest } from './verify/independent/vault.mjs';
import { verify } from './verify/independent/verify.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const PARAMS = { name: 'deploy', arguments: { env: 'production' } };
const RESULT = { resultType: 'complete', content: [] };
const plain = (text) => createHash('sha256').update(text).digest('base64url');
let folder;
let played;

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-salted-'));
  played = await PlayedServer.start({ 'tools/call': () => RESULT });
});
after(async () => {
  await played?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function prepare(context, config = { preset: 'regulated' }) {
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { played: { url: played.url } }, config });
  context.after(() => pawl.close());
  await pawl.serve();
  return pawl;
}

async function ask(pawl, { params = PARAMS, meta = {} } = {}) {
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: pawl.keys.a });
  try {
    return await agent.call(params.name, params.arguments, { meta });
  } finally {
    agent.close();
  }
}
async function call(pawl) {
  const answer = await ask(pawl);
  assert.deepEqual(answer.body.result?.content, [], JSON.stringify(answer.body));
  return answer.record;
}
const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
async function show(pawl, record) {
  const { claims, header } = await pawl.json('ledger', 'show', record);
  return { claims, header, salted: (claims.ect_ext ?? claims.ext)['pawl.salted'] };
}
async function file_of(text) {
  const path = join(folder, randomUUID());
  await writeFile(path, text);
  return path;
}
const check = (pawl, ...args) => command(pawl, 'ledger', 'check-digest', ...args);
const key_file = (pawl, { key }) => join(pawl.data, 'vault-keys', `${key}.key`);
const retention = () => `body/${new Date().toISOString().slice(0, 7)}`;

/** By both readers; nothing runs any more. */
async function verified(pawl) {
  await pawl.stop();
  const trust = await file_of((await command(pawl, 'trust', 'pin', '--print')).stdout);
  const { code, stdout, stderr } = await pawl.run(['verify', pawl.data, '--trust', trust]);
  assert.equal(code, 0, stderr + stdout);
  const found = await verify(pawl.data, { trust });
  assert.equal(found.verdict, 'good', found.reason);
}

test('two equal inputs differ in the ledger, and nobody finds them there', options, async (context) => {
  const pawl = await prepare(context);
  assert.equal((await pawl.json('config', 'show')).salted_digests, true);
  const records = [await call(pawl), await call(pawl)];
  const shown = await Promise.all(records.map((record) => show(pawl, record)));
  const [input, output] = [JSON.stringify(PARAMS), JSON.stringify(RESULT)];
  for (const [n, { claims, salted }] of shown.entries()) {
    const key = await readFile(key_file(pawl, salted), 'utf8');
    assert.deepEqual(salted, { key: salted.key,
      inp: salted_digest(salt_of(key, records[n], 'inp'), input),
      out: salted_digest(salt_of(key, records[n], 'out'), output) });
    assert.equal(claims.inp_hash ?? claims.out_hash, undefined, 'no claim of the draft');
  }
  assert.notEqual(shown[0].salted.inp, shown[1].salted.inp);
  assert.notEqual(shown[0].salted.out, shown[1].salted.out);
  await pawl.kill();  // also not in what is left of an intent
  for (const text of [plain(input), plain(output)]) {
    assert.deepEqual(await holding(pawl.data, text), []);
  }
  await pawl.serve();
  await verified(pawl);
});

test('whoever has the vault, or a salt, can check', options, async (context) => {
  const pawl = await prepare(context);
  const [record, other] = [await call(pawl), await call(pawl)];
  const [input, output] = [await file_of(JSON.stringify(PARAMS)), await file_of(JSON.stringify(RESULT))];
  const wrong = await file_of(JSON.stringify({ ...PARAMS, arguments: { env: 'test' } }));

  const both = await check(pawl, record, '--input', input, '--output', output);
  assert.equal(both.code, 0, both.stderr);
  assert.match(both.stdout, /^input +is what the record has the digest of$/m);
  assert.match(both.stdout, /^output +is what the record has the digest of$/m);
  const [, salt] = both.stdout.match(/^ +salt +([A-Za-z0-9_-]{43})$/m);
  const different = await check(pawl, record, '--input', wrong, '--output', output);
  assert.equal(different.code, 1);
  assert.match(different.stdout, /^input +IS ANOTHER/m);
  assert.doesNotMatch((await check(pawl, record, '--input', wrong)).stdout, /salt/);

  // Elsewhere, with nothing but the record and the salt.
  await command(pawl, 'ledger', 'prove', record, '-o', join(folder, 'proven'));
  await command(pawl, 'ledger', 'prove', other, '-o', join(folder, 'other'));
  const elsewhere = (token, ...args) => pawl.run(['ledger', 'check-digest', '--data', join(folder, 'nowhere'),
    '--token', join(folder, `${token}.token`), ...args]);
  assert.equal((await elsewhere('proven', '--salt', salt, '--input', input)).code, 0);
  assert.equal((await elsewhere('proven', '--salt', salt, '--input', wrong)).code, 1);
  assert.equal((await elsewhere('proven', '--salt', salt, '--output', output)).code, 1, 'a salt is of one digest');
  assert.equal((await elsewhere('other', '--salt', salt, '--input', input)).code, 1, 'of one record');
  const without = await elsewhere('proven', '--input', input);
  assert.equal(without.code, 2);
  assert.match(without.stdout, /expected its salt/);
  assert.equal((await elsewhere('proven', '--salt', 'x', '--input', input)).code, 2);
  assert.equal((await elsewhere('proven', '--salt', salt)).code, 2);

  // A member is shown in part by itself.
  const trust = await file_of((await command(pawl, 'trust', 'pin', '--print')).stdout);
  const { stdout } = await command(pawl, 'ledger', 'present', record, '--disclose', 'inp', '--disclose', 'key');
  const told = await pawl.run(['verify', await file_of(stdout), '--trust', trust, '--json']);
  assert.equal(told.code, 0, told.stdout);
  const { salted } = await show(pawl, record);
  assert.deepEqual(JSON.parse(told.stdout).claims.ect_ext['pawl.salted'], { key: salted.key, inp: salted.inp });
});

test('after an erasure nobody can, and a lost key is not called erased', options, async (context) => {
  const pawl = await prepare(context);
  const record = await call(pawl);
  const input = await file_of(JSON.stringify(PARAMS));
  const { salted } = await show(pawl, record);
  const aside = join(folder, 'aside');
  await rename(key_file(pawl, salted), aside);
  const lost = await check(pawl, record, '--input', input);
  assert.equal(lost.code, 2);
  assert.match(lost.stdout, new RegExp(`cannot be checked: .*the vault key ${salted.key} is lost: expected it in`));
  await rename(aside, key_file(pawl, salted));

  const erased = await pawl.json('vault', 'erase', retention());
  assert.deepEqual(erased.keys, [salted.key]);
  const found = await check(pawl, record, '--input', input);
  assert.equal(found.code, 2);
  assert.match(found.stdout, new RegExp(`cannot be checked: .*was erased, ordered .*, record ${erased.record}`));
  const again = await call(pawl);
  const next = await show(pawl, again);
  assert.notEqual(next.salted.key, salted.key, 'with a new key');
  assert.equal((await check(pawl, again, '--input', input)).code, 0);
  await verified(pawl);
});

test('a lost key of the month is told at once, used no more, and can be given up', options, async (context) => {
  const pawl = await prepare(context);
  const { salted } = await show(pawl, await call(pawl));
  assert.match((await command(pawl, 'vault', 'list')).stdout, new RegExp(`^${retention()} +made .*${salted.key}`, 'm'));
  const aside = join(folder, 'aside');
  await rename(key_file(pawl, salted), aside);
  const told = async () => (await pawl.json('status')).troubles.find(({ id, what }) => id === 'vault_unusable' &&
    what.includes(`the vault key ${salted.key} is lost: expected it in`));
  await wait_for('the loss to be told', told);
  const checked = await command(pawl, 'vault', 'check');
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, new RegExp(`^${retention()} +UNUSABLE: the vault key ${salted.key} is lost`, 'm'));
  assert.match(await pawl.log(), new RegExp(`vault_object_unusable.*${salted.key}`));
  assert.notEqual((await show(pawl, await call(pawl))).salted.key, salted.key, 'with a new key');
  await pawl.restart();
  assert.ok(await told(), 'after a restart, too');
  await rename(aside, key_file(pawl, salted));
  await wait_for('the key to be back', async () => !(await told()) || undefined);
  assert.equal((await command(pawl, 'vault', 'check')).code, 0);
  await rm(key_file(pawl, salted));
  const erased = await pawl.json('vault', 'erase', retention());
  assert.ok(erased.keys.includes(salted.key) && erased.keys.length === 2, 'given up');
  await wait_for('no trouble', async () => !(await told()) || undefined);
  assert.equal((await command(pawl, 'vault', 'check')).code, 0);
  await verified(pawl);
});

test('a repeat after a restart is known by its salted digest, and refused after an erasure', options,
  async (context) => {
    const pawl = await prepare(context);
    const record = await call(pawl);
    const repeat = async (params = PARAMS) => {
      const answer = await ask(pawl, { params, meta: { 'pawl.record/repeat-of': record } });
      return (answer.body.result?._meta?.['pawl.record/refusal'] ?? answer.body.error?.data)?.code;
    };
    await pawl.restart();
    const seen = played.count('tools/call');
    assert.equal(await repeat(), 'conflict', 'it was made; its answer is not kept');
    assert.equal(await repeat({ ...PARAMS, arguments: { env: 'test' } }), 'not_found');
    await pawl.json('vault', 'erase', retention());
    assert.equal(await repeat(), 'not_found');
    assert.equal(played.count('tools/call'), seen, 'nothing was sent');
  });

test('kill -9 with a call under way: its record has the digest of the intent', options, async (context) => {
  const pawl = await prepare(context);
  const asked = new Promise((resolve) => { played.methods['tools/call'] = () => { resolve(); }; });
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: pawl.keys.a });
  const broken = agent.call(PARAMS.name, PARAMS.arguments).catch(() => {});
  await asked;
  await pawl.kill();
  await broken;
  agent.close();
  played.methods['tools/call'] = () => RESULT;
  assert.deepEqual(await holding(pawl.data, plain(JSON.stringify(PARAMS))), []);
  await pawl.serve();
  const { stdout } = await command(pawl, 'ledger', 'query', '--outcome', 'unknown', '--json');
  const { id } = JSON.parse(stdout.trim());
  assert.equal((await check(pawl, id, '--input', await file_of(JSON.stringify(PARAMS)))).code, 0);
});

test('every dialect has the same member; off by default, and both are checked', options, async (context) => {
  const input = await file_of(JSON.stringify(PARAMS));
  for (const [config, typ, extension] of [
    [{ salted_digests: true }, 'exec+jwt', 'ect_ext'],
    [{ salted_digests: true, tokens: { issue: 'ect-00' } }, 'wimse-exec+jwt', 'ext'],
    [{ salted_digests: true, audit: { domain: 'example.org' } }, 'exec+jwt', 'ect_ext']]) {
    const pawl = await prepare(context, config);
    const record = await call(pawl);
    const { claims, header } = await show(pawl, record);
    assert.equal(header.typ, typ);
    assert.deepEqual(Object.keys(claims[extension]['pawl.salted']), ['key', 'inp', 'out']);
    assert.equal((await check(pawl, record, '--input', input)).code, 0, typ);
    await verified(pawl);
  }
  const pawl = await prepare(context, {});
  assert.equal((await pawl.json('config', 'show')).salted_digests, false);
  const record = await call(pawl);
  const { claims, salted } = await show(pawl, record);
  assert.deepEqual([claims.inp_hash, salted], [plain(JSON.stringify(PARAMS)), undefined]);
  const same = await check(pawl, record, '--input', input, '--json');
  assert.deepEqual(JSON.parse(same.stdout).input,
    { same: true, says: 'is what the record has the digest of', salted: false });
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  await writeFile(pawl.config_file, JSON.stringify({ ...config, salted_digests: true }));
  await pawl.restart();
  assert.ok((await show(pawl, await call(pawl))).salted);
  assert.equal((await check(pawl, record, '--input', input)).code, 0, 'one of before');
});

// Vault keys that others may read are used for nothing.
const control = (name, body) => test(`control: ${name}`, options, body);

control('digest-salt', async (context) => {
  const pawl = await prepare(context);
  await call(pawl);
  const seen = played.count('tools/call');
  await pawl.json('vault', 'erase', retention());
  await rename(join(pawl.data, 'vault-keys'), join(pawl.data, 'moved'));
  await writeFile(join(pawl.data, 'vault-keys'), 'in the way');
  const answer = await ask(pawl);
  const refusal = answer.body.result?._meta?.['pawl.record/refusal'] ?? answer.body.error?.data;
  assert.equal(refusal?.code, 'evidence_unavailable', JSON.stringify(answer.body));
  assert.equal(played.count('tools/call'), seen);
  await rm(join(pawl.data, 'vault-keys'));
  await rename(join(pawl.data, 'moved'), join(pawl.data, 'vault-keys'));
  await call(pawl);
});
