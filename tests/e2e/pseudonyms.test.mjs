// People in records: pseudonyms where they are asked for, everything about a person as one file, and an
// erasure after which nobody can tell whose a record was.

import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { watch } from 'node:fs';
import { access, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { holding } from './support/holding.mjs';
import { override } from './support/override.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const ISSUER = 'https://login.example.org';
const ALICE = 'alice@example.org';
let folder;
let key;
let played;

before(async () => {
  if (no_pawl()) return;
  folder = await mkdtemp(join(tmpdir(), 'pawl-people-'));
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

async function prepare(context, config, init = false) {
  const pawl = await Pawl.prepare({ init, agents: { a: {} },
    rules: [{ id: 'known', when: { agent: 'a', on_behalf_of: [ALICE, 'bob'] }, then: 'allow', reason: 'test' }],
    servers: { played: { url: played.url } },
    config: { ...config, jwt_issuers: [{ issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'],
      jwks_file: join(folder, 'jwks.json'), agent_claim: 'act.sub', on_behalf_of_claim: 'sub' }] } });
  context.after(() => pawl.close());
  await pawl.serve();
  return pawl;
}

async function ask(pawl, person, more = {}) {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ iss: ISSUER, aud: 'pawl', sub: person, iat: now, exp: now + 300,
    act: { sub: 'a', act: { sub: 'planner', ...more } } })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' }).sign(key);
  const agent = new RawAgent({ url: pawl.mcp_url('played'), key: token });
  const answer = await agent.call('look', {});
  agent.close();
  return answer;
}

async function call(pawl, person, more) {
  const answer = await ask(pawl, person, more);
  assert.equal(answer.body.error ?? answer.body.result._meta['pawl.record/refusal'], undefined,
    JSON.stringify(answer.body));
  return answer.record;
}

const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
const body_of = ({ claims }) => claims.ect_ext['pawl.tool'] ?? claims.ect_ext['pawl.task'];
const who = async (pawl, record) => body_of(await pawl.json('ledger', 'show', record)).on_behalf_of;
let files = 0;
async function exported(pawl, name) {
  const path = join(folder, `export-${files++}`);
  const { code, stderr } = await command(pawl, 'subject', 'export', name, '-o', path);
  assert.equal(code, 0, stderr);
  const lines = (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).records, lines.length - 2);
  return { head: lines[0], records: lines.slice(1, -1), end: lines.at(-1) };
}

async function verify(pawl) {
  await writeFile(join(folder, 'trust'), (await command(pawl, 'trust', 'pin', '--print')).stdout);
  const { code, stdout, stderr } = await pawl.run(['verify', pawl.data, '--trust', join(folder, 'trust')]);
  assert.equal(code, 0, stderr + stdout);
}

test('records name nobody, and the holder of the key can tell', options, async (context) => {
  const pawl = await prepare(context, { preset: 'regulated' });
  const [first, second, other] = [await call(pawl, ALICE), await call(pawl, ALICE), await call(pawl, 'bob')];
  const large = await call(pawl, ALICE, { iss: '\u0001'.repeat(900) });
  const body = body_of(await pawl.json('ledger', 'show', first));
  const pseudonym = body.on_behalf_of;
  assert.match(pseudonym, /^person:[A-Za-z0-9_-]{22}$/);
  assert.equal(body.actors[0].sub, 'a');
  assert.match(body.actors[1].sub, /^person:/);
  assert.equal(await who(pawl, second), pseudonym);
  assert.notEqual(await who(pawl, other), pseudonym);
  assert.deepEqual(await holding(pawl.data, ALICE), []);
  const log = await pawl.log();
  assert.ok(!log.includes(ALICE));
  assert.match((await command(pawl, 'ledger', 'show', first)).stdout,
    new RegExp(`^person +${pseudonym} is ${ALICE}$`, 'm'));

  const { head, records, end } = await exported(pawl, ALICE);
  assert.equal(head.pseudonym, pseudonym);
  assert.equal(pseudonym, `person:${createHmac('sha256', Buffer.from(head.key, 'base64url'))
    .update(`pawl.person/1\n${ALICE}`).digest().subarray(0, 16).toString('base64url')}`);
  assert.deepEqual(records.map(({ id }) => id), [first, second, large]);
  assert.equal(records[2].body.on_behalf_of, pseudonym);
  assert.equal(end.unclear, 0);
  await pawl.restart();
  assert.equal(await who(pawl, await call(pawl, ALICE)), pseudonym, 'after a restart, too');
  assert.deepEqual((await exported(pawl, 'nobody')).records, []);
});

test('records of refusals name nobody', options, async (context) => {
  const pawl = await prepare(context, { preset: 'regulated' }, true);
  const shown = async (answer) => body_of(await pawl.json('ledger', 'show', answer.record));
  const unknown = await shown(await ask(pawl, 'mallory'));
  assert.match(unknown.nearest, /if on_behalf_of were another$/);
  assert.deepEqual(await holding(pawl.data, 'mallory'), []);
  assert.deepEqual(await holding(pawl.data, ALICE), [], 'the rule lists her');
  await call(pawl, ALICE);
  await override(pawl, 'stop', { scope: `user:${ALICE}`, reason: 'for bob: holiday' });
  const answer = await ask(pawl, ALICE);
  assert.match(JSON.stringify(answer.body), new RegExp(`user:${ALICE} is stopped`));
  const stopped = await shown(answer);
  assert.match(stopped.on_behalf_of, /^person:/);
  assert.ok(stopped.reason.startsWith(`user:${stopped.on_behalf_of} is stopped: for bob: holiday; `), stopped.reason);
  assert.ok(!JSON.stringify(stopped).includes(ALICE));

  const about_bob = (await exported(pawl, 'bob')).records.map(({ id }) => id);
  assert.equal(about_bob.at(-1), answer.record, 'a name inside a text is found');
  assert.ok(about_bob.length > 1, 'and in the record of the stop');
  assert.deepEqual((await exported(pawl, 'bo')).records, []);
  assert.deepEqual((await exported(pawl, 'alice')).records, []);
  assert.doesNotMatch((await command(pawl, 'subject', 'erase', 'mallory')).stdout, /still named/);
  assert.match((await command(pawl, 'subject', 'erase', ALICE)).stdout, /^still named +in \d+ records? that/m);
});

test('kill -9 in the middle of the erasure of a person; proofs stay good', options, async (context) => {
  const pawl = await prepare(context, { pseudonyms: true });
  const bob = await call(pawl, 'bob');
  let kept = await call(pawl, ALICE);
  for (const at of ['vault/erased', 'vault-keys', 'vault/person']) {
    const before = await who(pawl, kept);
    const watcher = watch(join(pawl.data, at));
    const seen = new Promise((resolve) => { watcher.once('change', resolve); });
    const ended = command(pawl, 'subject', 'erase', ALICE);
    await Promise.race([seen, ended]);
    await pawl.kill();
    watcher.close();
    const { code } = await ended;
    await pawl.serve();
    const shown = await wait_for('the erasure to end', async () => {
      const { stdout } = await command(pawl, 'ledger', 'show', kept);
      return stdout.includes('is being erased') ? undefined : stdout;
    });
    const is_erased = !shown.includes(ALICE);
    assert.match(shown, is_erased ? new RegExp(`^person +${before}: .*was erased, ordered`, 'm')
      : new RegExp(`^person +${before} is ${ALICE}$`, 'm'));
    assert.ok(code !== 0 || is_erased, shown);
    kept = await call(pawl, ALICE);
    assert.equal(await who(pawl, kept) === before, !is_erased, 'who comes again is somebody new');
  }
  const last = await who(pawl, kept);
  const told = await command(pawl, 'subject', 'erase', ALICE);
  assert.equal(told.code, 0, told.stderr);
  assert.doesNotMatch(told.stdout, /still named/);
  const { claims } = await pawl.json('ledger', 'show', told.stdout.match(/^record +(\S+)/m)[1]);
  assert.equal(claims.ect_ext['pawl.audit'].retention, last.replace(':', '/'));
  assert.deepEqual(await holding(pawl.data, ALICE), []);
  assert.deepEqual((await exported(pawl, ALICE)).records, []);
  const again = await command(pawl, 'subject', 'erase', ALICE);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /no record has a pseudonym of that name/);
  assert.match((await command(pawl, 'ledger', 'show', bob)).stdout, /^person +person:.* is bob$/m);
  assert.equal((await command(pawl, 'vault', 'check')).code, 0);
  await verify(pawl);
});

test('the key of a person is lost: an export cannot tell, and the status names the person', options, async (context) => {
  const pawl = await prepare(context, { pseudonyms: true });
  const record = await call(pawl, ALICE);
  const object = (await who(pawl, record)).replace(':', '/');
  const trouble = async () => (await pawl.json('status')).troubles.find(({ id, what }) =>
    id === 'vault_unusable' && what.includes(object));
  assert.equal(await trouble(), undefined);
  const keys = join(pawl.data, 'vault-keys');
  for (const name of await readdir(keys)) {
    if ((await readFile(join(keys, name), 'utf8')).includes(object)) {
      await rename(join(keys, name), join(folder, name));
      const { what } = await wait_for('the loss to be told', trouble);
      assert.ok(what.includes(`is lost: expected it in ${join(keys, name)}`), what);
      const path = join(folder, 'lost-export');
      const { code, stderr } = await command(pawl, 'subject', 'export', ALICE, '-o', path);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /cannot tell what is recorded of/);
      assert.ok(stderr.includes(object), stderr);
      await assert.rejects(access(path));
      await rename(join(folder, name), join(keys, name));
      await wait_for('the end of the trouble', async () => (await trouble()) === undefined || undefined);
      assert.deepEqual((await exported(pawl, ALICE)).records.map(({ id }) => id), [record]);
      return;
    }
  }
  assert.fail('the person has a key');
});

test('off by default; what was written before is found and told', options, async (context) => {
  const pawl = await prepare(context, {});
  const named = await call(pawl, ALICE);
  assert.equal(await who(pawl, named), ALICE);
  const refused = await command(pawl, 'subject', 'erase', ALICE);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /pseudonyms are off/);
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  await writeFile(pawl.config_file, JSON.stringify({ ...config, pseudonyms: true }));
  await pawl.restart();
  const hidden = await call(pawl, ALICE);
  assert.deepEqual((await exported(pawl, ALICE)).records.map(({ id }) => id), [named, hidden]);
  const { code, stdout } = await command(pawl, 'subject', 'erase', ALICE);
  assert.equal(code, 0);
  assert.match(stdout, /^still named +in 1 record that/m);
});

const control = (name, body) => test(`control: ${name}`, options, body);

// Without a durable key nothing is forwarded.
control('person-name', async (context) => {
  const pawl = await prepare(context, { pseudonyms: true });
  await call(pawl, ALICE);
  const seen = played.seen.length;
  await rm(join(pawl.data, 'vault/person'), { recursive: true });
  await writeFile(join(pawl.data, 'vault/person'), 'in the way');
  await assert.rejects(call(pawl, 'bob'), /no pseudonym can be made/);
  assert.equal(played.seen.length, seen);
  await call(pawl, ALICE);
});
