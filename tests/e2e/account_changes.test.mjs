// Accounts change beside a running daemon, and while none runs: sessions end with what they rest on,
// and each change has one record, also after kill -9.

import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Events } from './support/events.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Browser, PASSWORD, Person } from './support/signed_in.mjs';
import { wait_for } from './support/wait.mjs';
import { verify } from './verify/independent/verify.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const SESSION = '/api/v1/session';
const OTHER = 'another battery, horse and staple';

async function start(context) {
  const pawl = await Pawl.start({ config: { sign_in: {} } });
  context.after(() => pawl.close());
  return pawl;
}

async function done(pawl, args, input = '') {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file], { input });
  assert.equal(code, 0, stderr);
  return stdout;
}

const browser_at = (pawl) => new Browser(pawl.addresses.control.replace('127.0.0.1', 'localhost'));

async function signed_in(pawl, person, more = {}) {
  const browser = browser_at(pawl);
  const answer = await browser.sign_in({ ...person.by_code(), ...more });
  assert.equal(answer.status, 200, answer.text);
  return browser;
}

const status_of = async (browser) => (await browser.ask('GET', SESSION)).status;

/** What the ledger says of accounts, oldest first: "NAME came|changed PARTS|went". */
async function said(pawl) {
  const out = [];
  const known = new Set();
  for (const kind of ['identity.enrolled', 'identity.removed']) {
    const rows = (await done(pawl, ['ledger', 'query', '--kind', kind, '--limit', '1000', '--json']))
      .split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
    for (const { id } of rows.filter((row) => row.id !== undefined)) {
      const { index, claims } = await pawl.json('ledger', 'show', id);
      out.push({ index, kind, text: JSON.stringify(claims), ...claims.ect_ext['pawl.identity'] });
    }
  }
  return out.sort((one, other) => one.index - other.index)
    .filter(({ identity }) => identity.target.startsWith('account:'))
    .map(({ kind, identity: { target }, changed, text }) => {
      const name = target.slice('account:'.length);
      const is_known = known.has(name);
      kind === 'identity.removed' ? known.delete(name) : known.add(name);
      assert.ok(!text.includes('argon2') && !text.includes(PASSWORD), text);
      return kind === 'identity.removed' ? `${name} went`
        : changed !== undefined ? `${name} changed ${changed}` : is_known ? `${name} is another` : `${name} came`;
    });
}

const soon_said = (pawl, expected) => wait_for(`records: ${expected}`, async () => {
  const found = await said(pawl);
  return JSON.stringify(found) === JSON.stringify(expected) || undefined;
});

/** Puts a changed file in the place of the accounts, as `pawl account` does. */
async function edit(pawl, change) {
  const file = join(pawl.data, 'accounts', 'accounts.json');
  const all = JSON.parse(await readFile(file, 'utf8'));
  change(all.accounts);
  await writeFile(`${file}.new`, JSON.stringify(all), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function verify_good(pawl) {
  await pawl.stop();
  const trust = join(pawl.folder, 'now.trust');
  await done(pawl, ['trust', 'pin', pawl.data, '-o', trust, '--replace']);
  const { code, stdout } = await pawl.run(['verify', pawl.data, '--trust', trust]);
  assert.equal(code, 0, stdout);
  const found = await verify(pawl.data, { trust });
  assert.equal(found.verdict, 'good', JSON.stringify(found));
}

test('a session ends with what it rests on, at its next request', options, async (context) => {
  const pawl = await start(context);
  const people = {};
  for (const name of ['ada', 'bob', 'cleo', 'dora']) {
    people[name] = await Person.add(pawl, name, 'viewer', 'operator@server:files');
  }
  const [ada, bob, cleo, dora] = await Promise.all(Object.values(people).map((one) => signed_in(pawl, one)));
  const heard = await Events.open(pawl, { browser: bob });
  assert.equal(heard.status, 200);

  await done(pawl, ['account', 'remove', 'bob']);
  assert.equal(await status_of(bob), 401);
  await wait_for('the end of the event stream', () => heard.ended || undefined);
  await done(pawl, ['account', 'passwd', 'cleo'], `${OTHER}\n`);
  assert.equal(await status_of(cleo), 401);
  assert.equal(await status_of(await signed_in(pawl, people.cleo, { password: OTHER })), 200);
  await edit(pawl, (accounts) => {
    accounts.find(({ name }) => name === 'dora').grants = ['viewer', 'operator@tool:files/read'];
    accounts.find(({ name }) => name === 'ada').grants.push('auditor');
  });
  assert.equal(await status_of(dora), 401, 'less than the session has');
  assert.equal(await status_of(ada), 200, 'more');

  const file = join(pawl.data, 'accounts', 'accounts.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, '{}', { mode: 0o600 });
  assert.equal(await status_of(ada), 401, 'whether there is an account cannot be told');
  await writeFile(file, text, { mode: 0o600 });
  assert.equal(await status_of(ada), 200);
  assert.match(await pawl.log(), /"event":"sessions_ended"/);
  assert.match(await pawl.log(), /"event":"accounts_not_read"/);
});

test('each change has one record, also after kill -9 and of the time when nothing ran', options, async (context) => {
  const pawl = await start(context);
  const bob = await Person.add(pawl, 'bob', 'viewer');
  const browser = await signed_in(pawl, bob);  // before any tick: an account has its record before its sign-in
  await soon_said(pawl, ['bob came']);
  const expected = ['bob came'];
  const happens = async (what, ...args) => {
    await done(pawl, ...args);
    expected.push(what);
    await soon_said(pawl, expected);
  };
  await happens('bob changed password', ['account', 'passwd', 'bob'], `${OTHER}\n`);
  assert.equal(await status_of(browser), 401);
  await happens('cleo came', ['account', 'add', 'cleo', '--grant', 'admin'], `${PASSWORD}\n`);
  await edit(pawl, (accounts) => accounts.find(({ name }) => name === 'cleo').grants.push('viewer'));
  expected.push('cleo changed grants');
  await soon_said(pawl, expected);

  await done(pawl, ['account', 'remove', 'bob']);
  await pawl.kill();
  await pawl.serve();
  expected.push('bob went');
  assert.deepEqual(await said(pawl), expected);
  assert.equal((await browser_at(pawl).sign_in({ ...bob.by_code(), password: OTHER })).status, 401);

  await pawl.stop();
  await done(pawl, ['account', 'passwd', 'cleo'], `${OTHER}\n`);
  await done(pawl, ['account', 'add', 'dora', '--grant', 'viewer'], `${PASSWORD}\n`);
  await pawl.serve();
  expected.push('cleo is another', 'dora came');
  assert.deepEqual(await said(pawl), expected, 'what changed of her, the record before says');
  await pawl.restart();
  await pawl.kill();
  await pawl.serve();
  assert.deepEqual(await said(pawl), expected, 'nothing is said twice');
  await verify_good(pawl);
});

test('where accounts do not count, none is enrolled', options, async (context) => {
  const pawl = await start(context);
  await Person.add(pawl, 'bob', 'viewer');
  await soon_said(pawl, ['bob came']);
  await pawl.stop();
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  delete config.sign_in;
  await writeFile(pawl.config_file, JSON.stringify(config));
  await pawl.serve();
  assert.deepEqual(await said(pawl), ['bob came', 'bob went']);
});
