// People sign in at the control listener: password and code, password and passkey, roles, CSRF; and
// what each control refuses.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FLAGS } from './support/passkey.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Browser, Key, PASSWORD, Person } from './support/signed_in.mjs';

const options = { skip: no_pawl(), timeout: 60_000 };
const FREE_FAILURES = 5;
const SESSION = '/api/v1/session';
const SESSIONS = '/api/v1/sessions';

let pawl;
let address;
const people = {};

before(async () => {
  if (no_pawl()) {
    return;
  }
  pawl = await Pawl.start({ config: { sign_in: {} } });
  address = pawl.addresses.control.replace('127.0.0.1', 'localhost');
  people.ada = await Person.add(pawl, 'ada', 'admin', 'operator');
  people.bob = await Person.add(pawl, 'bob', 'operator@server:files');
});
after(() => pawl?.close());

async function browser_of(name) {
  const browser = new Browser(address);
  const answer = await browser.sign_in(people[name].by_code());
  assert.equal(answer.status, 200, answer.text);
  return browser;
}

async function records(kind) {
  const { stdout } = await pawl.run(['ledger', 'query', '--kind', kind, '--json', '--config',
                                     pawl.config_file]);
  const ids = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line).id);
  return Promise.all(ids.map(async (id) => (await pawl.json('ledger', 'show', id)).claims));
}

/** Makes a passkey for whoever is signed in. */
async function new_key(browser) {
  const key = new Key(address);
  const { json } = await browser.ask('POST', `${SESSION}/challenge`);
  const added = await browser.ask('POST', `${SESSION}/passkeys`, { body: key.register(json.challenge) });
  assert.equal(added.status, 200, added.text);
  return key;
}

/** Signs in with a passkey, as `how` changes it. */
async function by_passkey(name, key, how = {}) {
  const browser = new Browser(address);
  const { json } = await browser.ask('POST', `${SESSION}/challenge`);
  const answer = await browser.sign_in({ user: name, password: PASSWORD,
                                         passkey: key.sign(json.challenge, how) });
  return { browser, answer, challenge: json.challenge };
}

test('a person signs in, is shown, acts and signs out; each is recorded', options, async () => {
  const browser = await browser_of('ada');
  const [name] = [...browser.cookies.keys()];
  assert.equal(name, 'pawl', 'a plain name on loopback without TLS');
  const shown = await browser.ask('GET', SESSION);
  assert.equal(shown.status, 200);
  assert.equal(shown.json.user, 'ada');
  assert.deepEqual(shown.json.grants, ['admin', 'operator']);
  assert.equal(shown.headers['cache-control'], 'no-store');
  const all = await browser.ask('GET', SESSIONS);
  assert.ok(all.json.sessions.some(({ session }) => session === shown.json.session));
  assert.ok(!all.text.includes('csrf') && !all.text.includes(browser.cookies.get('pawl')));

  const out = await browser.ask('DELETE', SESSION);
  assert.equal(out.status, 200, out.text);
  assert.equal(browser.cookies.size, 0);
  browser.cookies.set('pawl', shown.json.session);  // its id opens nothing
  assert.equal((await browser.ask('GET', SESSION)).status, 401);

  const body = (claims) => claims.ect_ext['pawl.operator'];
  const signed_in = (await records('operator.signed_in')).find(({ jti }) => jti === shown.json.session);
  assert.deepEqual({ ...body(signed_in) },
    { method: 'password+totp', grants: ['admin', 'operator'], operator: 'ada' });
  const acts = (await records('operator.acted')).map(body);
  assert.ok(acts.some(({ act, session }) => act === 'sign_out' && session === shown.json.session),
    JSON.stringify(acts));
});

test('the cookie is out of reach of scripts and other sites', options, async () => {
  const browser = new Browser(address);
  const { headers } = await browser.sign_in(people.bob.by_code());
  const [cookie] = headers['set-cookie'];
  assert.match(cookie, /^pawl=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
});

test('an admin ends the session of somebody else', options, async () => {
  const [ada, bob] = [await browser_of('ada'), await browser_of('bob')];
  const { json: { session } } = await bob.ask('GET', SESSION);
  const ended = await ada.ask('DELETE', `${SESSIONS}/${session}`);
  assert.equal(ended.status, 200, ended.text);
  assert.equal((await bob.ask('GET', SESSION)).status, 401);
  assert.equal((await ada.ask('DELETE', `${SESSIONS}/${session}`)).status, 404);
  assert.equal((await ada.ask('DELETE', `${SESSIONS}/x`)).status, 404);
});

test('a passkey is added, signs in, counts on, and once', options, async () => {
  people.cleo = await Person.add(pawl, 'cleo', 'viewer');
  const key = await new_key(await browser_of('cleo'));
  const { answer, challenge } = await by_passkey('cleo', key);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.method, 'password+passkey');
  const browser = new Browser(address);
  const again = await browser.sign_in({ user: 'cleo', password: PASSWORD, passkey: key.sign(challenge) });
  assert.equal(again.status, 401, 'a challenge counts once');
  key.counter = 0;
  assert.equal((await by_passkey('cleo', key)).answer.status, 401, 'a copy of the device');
  const file = join(pawl.data, 'accounts', 'accounts.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(!(await readFile(file, 'utf8')).includes(PASSWORD));
  const { accounts } = await pawl.json('account', 'list');
  assert.deepEqual(accounts.find(({ name }) => name === 'cleo'),
    { name: 'cleo', code: true, passkeys: 1, grants: ['viewer'] });
});

test('a code counts once, and a wrong name is told what a wrong password is', options, async () => {
  people.dora = await Person.add(pawl, 'dora', 'viewer');
  const shown = people.dora.by_code();
  assert.equal((await new Browser(address).sign_in(shown)).status, 200);
  const twice = await new Browser(address).sign_in(shown);
  const nobody = await new Browser(address).sign_in({ ...shown, user: 'nobody' });
  const wrong = await new Browser(address).sign_in({ ...people.dora.by_code(), password: 'x' });
  assert.deepEqual([twice, nobody, wrong].map(({ status, text }) => ({ status, text })),
    Array(3).fill({ status: 401, text: twice.text }));
  const log = await pawl.log();
  assert.ok(log.includes('sign_in_refused'));
  assert.ok(!log.includes('nobody has') && !log.includes(PASSWORD) && !log.includes(shown.code));
});

test('failures delay, and the right password still opens', options, async () => {
  people.eve = await Person.add(pawl, 'eve', 'viewer');
  const wrong = { user: 'eve', password: 'not the password', code: '000000' };
  for (let i = 0; i < FREE_FAILURES; ++i) {
    assert.equal((await new Browser(address).sign_in(wrong)).status, 401);
  }
  const began = performance.now();
  const good = await new Browser(address).sign_in(people.eve.by_code({ lasting: true }));
  assert.equal(good.status, 200, good.text);
  assert.ok(performance.now() - began >= 1000, 'it waited a second');
});

test('what is not a sign-in is refused before any password is looked at', options, async () => {
  const good = { user: 'ada', password: PASSWORD, code: '123456' };
  const cases = [
    ['no JSON', 'x', {}, 400],
    ['a member that is not known', { ...good, role: 'admin' }, {}, 400],
    ['a code that is no text', { ...good, code: 123456 }, {}, 400],
    ['a name with a space', { ...good, user: 'a b' }, {}, 400],
    ['a page of another site', good, { origin: 'http://localhost:1' }, 403],
    ['the listener\'s other name', good, { origin: pawl.addresses.control }, 403],
    ['no page', good, { headers: { Origin: '' } }, 403],
    ['a fetch of another site', good, { headers: { 'Sec-Fetch-Site': 'cross-site' } }, 403],
    ['a fetch of another port', good, { headers: { 'Sec-Fetch-Site': 'same-site' } }, 403],
    ['another Host', good, { headers: { Host: 'evil.example' } }, 403],
  ];
  for (const [name, body, how, status] of cases) {
    const answer = await new Browser(address).ask('POST', SESSION, { body, ...how });
    assert.equal(answer.status, status, `${name}: ${answer.text}`);
  }
  assert.equal((await new Browser(address).ask('GET', `${SESSION}/oidc`)).status, 501);
  assert.equal((await new Browser(address).ask('GET', `${SESSION}/x`)).status, 404);
});

test('without sign_in there is nothing of it', options, async () => {
  const plain = await Pawl.start({});
  try {
    const browser = new Browser(plain.addresses.control.replace('127.0.0.1', 'localhost'));
    assert.notEqual((await browser.ask('GET', SESSION)).status, 200);
    assert.equal((await browser.sign_in({ user: 'a', password: 'b' })).status, 403);
  } finally {
    await plain.close();
  }
});

test('control: session', options, async () => {
  const nobody = new Browser(address);
  assert.equal((await nobody.ask('GET', SESSION)).status, 401);
  nobody.cookies.set('pawl', 'A'.repeat(43));
  assert.equal((await nobody.ask('GET', SESSION)).status, 401);
});

test('whose account is removed is signed in no more', options, async () => {
  people.kim = await Person.add(pawl, 'kim', 'viewer');
  const [kim, bob] = [await browser_of('kim'), await browser_of('bob')];
  assert.equal((await kim.ask('GET', SESSION)).status, 200);
  const removed = await pawl.run(['account', 'remove', 'kim', '--config', pawl.config_file]);
  assert.equal(removed.code, 0, removed.stderr);
  assert.equal((await kim.ask('GET', SESSION)).status, 401, 'the next request, without a wait');
  assert.equal((await bob.ask('GET', SESSION)).status, 200);
});

test('control: csrf', options, async () => {
  const fern = await Person.add(pawl, 'fern', 'viewer');
  const browser = new Browser(address);
  assert.equal((await browser.sign_in(fern.by_code())).status, 200);
  const { csrf } = browser;
  browser.csrf = undefined;
  assert.equal((await browser.ask('DELETE', SESSION)).status, 403, 'no token');
  assert.equal((await browser.ask('DELETE', SESSION, { csrf: 'A'.repeat(43) })).status, 403);
  assert.equal((await browser.ask('DELETE', SESSION, { csrf, origin: 'http://localhost:1' })).status,
    403, 'a page of another site');
  assert.equal((await browser.ask('DELETE', SESSION, { csrf })).status, 200);
});

test('control: role', options, async () => {
  const gail = await Person.add(pawl, 'gail', 'operator', 'admin@server:files');
  const browser = new Browser(address);
  assert.equal((await browser.sign_in(gail.by_code())).status, 200);
  assert.equal((await browser.ask('GET', SESSIONS)).status, 403, 'an admin of one server alone');
});

test('control: second-factor', options, async () => {
  const hana = await Person.add(pawl, 'hana', 'viewer');
  for (const second of [{}, { code: '' }, { code: '000000' }]) {
    const answer = await new Browser(address).sign_in({ user: 'hana', password: PASSWORD, ...second });
    assert.equal(answer.status, 401, JSON.stringify(second));
  }
  assert.equal((await new Browser(address).sign_in(hana.by_code())).status, 200);
});

test('control: user-verified', options, async () => {
  people.iris = await Person.add(pawl, 'iris', 'viewer');
  const key = await new_key(await browser_of('iris'));
  assert.equal((await by_passkey('iris', key, { flags: FLAGS.UP })).answer.status, 401);
  assert.equal((await by_passkey('iris', key)).answer.status, 200);
});

test('control: passkey-origin', options, async () => {
  people.jane = await Person.add(pawl, 'jane', 'viewer');
  const key = await new_key(await browser_of('jane'));
  const { answer } = await by_passkey('jane', key, { origin: 'http://localhost:1' });
  assert.equal(answer.status, 401);
  assert.equal((await by_passkey('jane', key)).answer.status, 200);
});
