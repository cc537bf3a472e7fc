// Bodies that do not fit into their record: kept in the vault, shown with the record, found when they
// are lost or changed, and erased by the month.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';
import { salt_of, salted_digest } from './verify/independent/vault.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const ISSUER = 'https://login.example.org';
let folder;
let key;
let played;

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-bodies-'));
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  key = pair.privateKey;
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: 'k', alg: 'ES256' }] }));
  played = await PlayedServer.start({ 'tools/call': () => ({ resultType: 'complete', content: [] }) });
});
after(async () => {
  await played?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function prepare(context, limits = {}, more = {}) {
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { played: { url: played.url } },
    config: { limits, ...more, jwt_issuers: [{ issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'],
      jwks_file: join(folder, 'jwks.json'), agent_claim: 'act.sub', on_behalf_of_claim: 'sub' }] } });
  context.after(() => pawl.close());
  await pawl.serve();
  return pawl;
}

/** Who acted before has a name that is small in the token and large in JSON. */
async function call(pawl, name = '\u0001'.repeat(1000)) {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ iss: ISSUER, aud: 'pawl', sub: 'alice', iat: now, exp: now + 300,
    act: { sub: 'a', act: { sub: name } } })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' }).sign(key);
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: token });
  const answer = await agent.call('look', {});
  agent.close();
  assert.equal(answer.body.error, undefined, JSON.stringify(answer.body));
  return answer.record;
}

const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
const show = (pawl, record) => pawl.json('ledger', 'show', record);
const object_of = (pawl, record) => join(pawl.data, 'vault/body', `${record}.obj`);
const short = ({ claims }) => claims.ect_ext['pawl.tool'];

async function checks(pawl, code, expected) {
  for (const args of [['vault', 'check'], ['scrub']]) {
    const ran = await command(pawl, ...args);
    assert.equal(ran.code, code, `${args}: ${ran.stdout}${ran.stderr}`);
    assert.match(ran.stdout, expected, `${args}`);
  }
}

test('a large body is kept, shown with its record, and missed when it is gone', options, async (context) => {
  const pawl = await prepare(context);
  const small = await call(pawl, 'portal');
  const [large, other] = [await call(pawl), await call(pawl, '\u0002'.repeat(1000))];
  await pawl.kill();  // nothing waited for the disk, and nothing is lost
  await pawl.serve();

  assert.equal((await show(pawl, small)).whole_body, undefined);
  assert.equal(short(await show(pawl, small)).body_kept, undefined);
  const shown = await show(pawl, large);
  assert.match(short(shown).body_kept, /^body\/\d{4}-\d{2}$/);
  assert.equal(short(shown).actors, undefined);
  assert.deepEqual(shown.body.actors, [{ sub: 'a' }, { sub: '\u0001'.repeat(1000) }]);
  assert.equal(createHash('sha256').update(JSON.stringify(shown.body)).digest('base64url'),
    short(shown).body_hash);
  assert.match((await command(pawl, 'ledger', 'show', large)).stdout, /^whole body +kept in the vault/m);
  assert.match((await command(pawl, 'why', large)).stdout, /^whole body +kept in the vault/m);
  const retention = short(shown).body_kept;
  assert.match((await command(pawl, 'vault', 'list')).stdout,
    new RegExp(`^${retention} +2 kept records, the first put`, 'm'));
  await checks(pawl, 0, /^kept bodies +2 as recorded$/m);
  assert.ok(!(await readFile(object_of(pawl, large))).includes('alice'));

  const aside = join(folder, 'aside');
  await rename(object_of(pawl, large), aside);
  const lost = await show(pawl, large);
  assert.match(lost.whole_body, /^not at hand: .* is lost: expected it in .*, and no erasure of body/);
  assert.deepEqual(lost.body, short(lost));
  await checks(pawl, 1, new RegExp(`^BAD +record ${large}: .*is lost`, 'm'));
  await writeFile(object_of(pawl, large), await readFile(object_of(pawl, other)));
  await checks(pawl, 1, /^BAD +record .*is the object body\//m);
  const altered = await readFile(aside);
  altered[altered.length - 1] ^= 1;
  await writeFile(object_of(pawl, large), altered);
  assert.match((await show(pawl, large)).whole_body, /was altered or cut off/);
  await checks(pawl, 1, /^kept bodies +1 as recorded, 1 BAD$/m);
});

test('with salted digests a large body is known by its salt, and both go together', options, async (context) => {
  const pawl = await prepare(context, {}, { salted_digests: true });
  const record = await call(pawl);
  const shown = await show(pawl, record);
  assert.match(shown.whole_body, /^kept in the vault/);
  assert.equal(short(shown).body_hash, undefined);
  const { key, body } = shown.claims.ect_ext['pawl.salted'];
  const key_file = await readFile(join(pawl.data, 'vault-keys', `${key}.key`), 'utf8');
  assert.equal(body, salted_digest(salt_of(key_file, record, 'body'), JSON.stringify(shown.body)));
  await checks(pawl, 0, /^kept bodies +1 as recorded$/m);
  await pawl.json('vault', 'erase', short(shown).body_kept);
  assert.match((await show(pawl, record)).whole_body, /was erased, ordered .*, record /);
  await checks(pawl, 0, /^kept bodies +1 erased$/m);
});

test('kill -9 in the middle of the erasure of a month; proofs stay good', options, async (context) => {
  const pawl = await prepare(context);
  let record = await call(pawl);
  const retention = short(await show(pawl, record)).body_kept;
  for (const at of ['vault/erased', 'vault-keys', 'vault/body']) {
    const watcher = watch(join(pawl.data, at));
    const seen = new Promise((resolve) => { watcher.once('change', resolve); });
    const ended = command(pawl, 'vault', 'erase', retention);
    await Promise.race([seen, ended]);
    await pawl.kill();
    watcher.close();
    const { code } = await ended;
    await pawl.serve();
    const whole = await wait_for('the erasure to end', async () => {
      const { whole_body: words } = await show(pawl, record);
      return words.includes('is being erased') ? undefined : words;
    });
    assert.match(whole, code === 0 ? /was erased, ordered/ : /was erased, ordered|kept in the vault/);
    const key_files = await readdir(join(pawl.data, 'vault-keys'));
    assert.equal(key_files.length, whole.includes('was erased') ? 0 : 1, `${key_files}`);
    await checks(pawl, 0, /^kept bodies +\d/m);
    record = await call(pawl);
    assert.match((await show(pawl, record)).whole_body, /^kept in the vault/, 'with a new key');
  }
  await pawl.json('vault', 'erase', retention);
  assert.match((await show(pawl, record)).whole_body, /was erased, ordered .*, record /);
  await checks(pawl, 0, /^kept bodies +4 erased$/m);
  await writeFile(join(folder, 'trust'), (await command(pawl, 'trust', 'pin', '--print')).stdout);
  const verified = await pawl.run(['verify', pawl.data, '--trust', join(folder, 'trust')]);
  assert.equal(verified.code, 0, verified.stderr + verified.stdout);
});

test('what is over a limit is not kept, counted, and the call goes on', options, async (context) => {
  const off = await prepare(context, { kept_bodies_mib: 0 });
  const hash_only = await show(off, await call(off));
  assert.equal(short(hash_only).body_kept, undefined);
  assert.ok(short(hash_only).body_hash);
  assert.deepEqual(await readdir(off.data).then((names) => names.filter((name) => name.startsWith('vault'))), []);

  const small = await prepare(context, { kept_body_kib: 6 });
  assert.equal(short(await show(small, await call(small))).body_kept, undefined);
  assert.equal(short(await show(small, await call(small, '\u0001'.repeat(650)))).body_kept.slice(0, 5), 'body/');
  const metrics = await (await fetch(`${small.addresses.control}/metrics`)).text();
  assert.match(metrics, /^pawl_limits_reached_total\{limit="kept_body_kib"\} 1$/m);
  assert.match(await small.log(), /body_not_kept/);
});
