// People of an OpenID provider (oidc-provider from npm): they make a passkey, an admin enrolls it, and they
// decide on held calls, which pawl verify proves. And what must not count: somebody else of the same name,
// whose subject is another one, or who has an account of this instance.

import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { free_port } from './support/free_port.mjs';
import { held_call } from './support/held_calls.mjs';
import { CLIENT, OpenId } from './support/openid.mjs';
import { thumbprint } from './support/passkey.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Person as KeyHolder, approvals, canonical, control, digest_of, enroll, pending }
  from './support/people.mjs';
import { start_reference } from './support/reference.mjs';
import { Browser, Key, PASSWORD, Person } from './support/signed_in.mjs';
import { entries_of, decode_jws, read_log } from './verify/forge.mjs';
import { verify } from './verify/independent/verify.mjs';

const RULES = [
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'] } },
    reason: 'a person decides' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const SESSION = '/api/v1/session';
const CALLBACK = `${SESSION}/oidc/callback`;
const DECIDE = '/api/v1/approvals/decide';
const options = { skip: no_pawl(), timeout: 90_000 };
// By subject: two are called the same.
const PEOPLE = {
  'subject-1': { preferred_username: 'ada', groups: ['deciders'] },
  'subject-2': { preferred_username: 'ada', groups: ['deciders'] },
  'subject-3': { preferred_username: 'cleo', groups: ['deciders'] },
};
let reference;
let openid;
let pawl;
let address;
let ann;             // the first operator, with a key file
let next = 0;
const ada = {};      // subject-1: {browser, key}
const other = {};    // subject-2

before(async () => {
  if (no_pawl()) {
    return;
  }
  reference = await start_reference('modern');
  const port = await free_port();
  address = `http://localhost:${port}`;
  openid = await OpenId.start(`${address}${CALLBACK}`, PEOPLE);
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
    config: { control: `127.0.0.1:${port}`, approval: { patience_s: 0 },
      sign_in: { address, oidc: { issuer: openid.issuer, ...CLIENT,
        authorization_url: `${openid.issuer}/auth`, token_url: `${openid.front}/token`,
        jwks_url: `${openid.front}/jwks`,
        roles: [{ claim: 'groups', value: 'deciders', grant: 'approver' }] } } },
    servers: { s: { url: reference.url,
                    tools: { probe_echo: { effects: 'changing', writes: ['args.x'] } } } } });
  [ann] = await enroll(pawl, 'ann');
  await writeFile(join(pawl.folder, 'ann.pem'), ann.pem, { mode: 0o600 });
  ada.browser = await log_in('subject-1');
  other.browser = await log_in('subject-2');
});
after(async () => {
  await pawl?.close();
  await openid?.close();
  await reference?.stop('SIGKILL');
});

async function log_in(subject) {
  const browser = new Browser(address);
  const { headers } = await browser.ask('GET', `${SESSION}/oidc`);
  const { search } = await openid.log_in(headers.location, subject);
  const answer = await browser.ask('GET', `${CALLBACK}${search}`,
    { headers: { 'Sec-Fetch-Site': 'cross-site' } });
  assert.equal(answer.status, 200, answer.text);
  browser.csrf = (await session_of(browser)).csrf;
  return browser;
}
const session_of = async (browser) => (await browser.ask('GET', SESSION)).json;
const command = (...args) => pawl.run([...args, '--config', pawl.config_file]);
const enroll_passkey = (name, kid) => command('operators', 'enroll', name, '--roles', 'approver',
  '--by-key', join(pawl.folder, 'ann.pem'), '--passkey', kid);

async function register(browser, key = new Key(address)) {
  const { json } = await browser.ask('POST', `${SESSION}/challenge`);
  const added = await browser.ask('POST', `${SESSION}/passkeys`, { body: key.register(json.challenge) });
  key.kid = thumbprint(key.jwk);
  return { key, added };
}
async function new_key(browser) {
  const { key, added } = await register(browser);
  assert.equal(added.status, 200, added.text);
  return key;
}
const drop = (browser, kid) => browser.ask('DELETE', `${SESSION}/passkeys/${kid}`);

/** What a browser sends for the decision of ada on it. */
function evidence(key, one, said = {}) {
  const statement = canonical(KeyHolder.prototype.statement.call({ name: 'ada', kid: key.kid }, one,
    'approve', said));
  const { authenticator_data, client_data, signature } = key.sign(digest_of(statement));
  return { statement, authenticator_data, client_data, signature };
}
const hand_in = (browser, passkey) => browser.ask('POST', DECIDE, { body: { passkey } });

/** A call of its own that waits for people. */
const held = (args = {}) => held_call(pawl, { x: next++, ...args });

test('a person of the provider makes a passkey, and an admin enrolls it', options, async () => {
  const before_it = await session_of(ada.browser);
  assert.deepEqual(before_it.provider, { issuer: openid.issuer, subject: 'subject-1' });
  assert.deepEqual(before_it.passkeys, []);
  ada.key = await new_key(ada.browser);
  const { passkeys } = await session_of(ada.browser);
  assert.deepEqual(passkeys,
    [{ credential: ada.key.credential.toString('base64url'), kid: ada.key.kid }]);
  assert.deepEqual((await session_of(other.browser)).passkeys, [], 'of the same name, and not theirs');

  const { body } = await control(pawl, 'operators');
  assert.deepEqual(body.candidates.map(({ account, kid, provider }) => ({ account, kid, provider })),
    [{ account: 'ada', kid: ada.key.kid, provider: { issuer: openid.issuer, subject: 'subject-1' } }]);
  const listed = await command('operators', 'list');
  assert.ok(listed.stdout.includes(`ada  passkey ${ada.key.kid}, subject subject-1 of ${openid.issuer}`),
    listed.stdout);
  assert.equal((await enroll_passkey('cleo', ada.key.kid)).code, 1, 'another name');
  const { code, stdout, stderr } = await enroll_passkey('ada', ada.key.kid);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /made by +subject subject-1 of http/);
  assert.equal((await session_of(ada.browser)).operator.keys[0].kid, ada.key.kid);
  const { mode } = await stat(join(pawl.data, 'accounts', 'provider_people.json'));
  assert.equal(mode & 0o777, 0o600);
});

test('she approves a held call, and it goes through', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const passkey = evidence(ada.key, call.one);
  const decided = await hand_in(ada.browser, passkey);
  assert.equal(decided.status, 200, decided.text);
  assert.equal(decided.json.phase, 'approved');
  assert.equal(await call.goes_through(), true);
  assert.equal((await hand_in(ada.browser, passkey)).status, 409, 'it counts once');
});

test('somebody else of the name decides nothing, and is no second ada', options, async (context) => {
  const call = await held();
  context.after(call.close);
  assert.equal((await session_of(other.browser)).operator, undefined, 'her keys are not shown either');
  const stolen = await hand_in(other.browser, evidence(ada.key, call.one));
  assert.equal(stolen.status, 403, stolen.text);
  assert.match(stolen.text, /a key that you did not register here/);

  other.key = await new_key(other.browser);
  const second = await enroll_passkey('ada', other.key.kid);
  assert.equal(second.code, 1, second.stdout);
  assert.match(second.stderr, /the operator ada is somebody else of that name/);
  const refused = await hand_in(other.browser, evidence(other.key, call.one));
  assert.equal(refused.status, 403, refused.text);
  assert.equal((await control(pawl, `approvals/${call.one.id}`)).body.phase, 'pending');
  assert.equal(await call.goes_through(), false);
  assert.equal((await hand_in(ada.browser, evidence(ada.key, call.one))).json.phase, 'approved');
});

test('a key that is known is nobody else\'s: neither hers, nor an operator\'s', options, async () => {
  for (const jwk of [ada.key.jwk, ann.key.export({ format: 'jwk' })]) {
    const { added } = await register(other.browser, Object.assign(new Key(address), { jwk }));
    assert.equal(added.status, 409, added.text);
  }
  const same = Object.assign(new Key(address), { credential: other.key.credential });
  assert.equal((await register(ada.browser, same)).added.status, 409, 'the credential of another');
});

test('one removes one\'s own, and none that decides', options, async () => {
  assert.equal((await drop(other.browser, ada.key.kid)).status, 409, 'an operator\'s');
  const more = await new_key(ada.browser);
  assert.equal((await drop(other.browser, more.kid)).status, 404, 'another\'s');
  assert.equal((await ada.browser.ask('DELETE', `${SESSION}/passkeys/${more.kid}`, { csrf: 'x' })).status, 403);
  assert.equal((await drop(ada.browser, more.kid)).status, 200);
  assert.equal((await drop(ada.browser, more.kid)).status, 404);
  const refused = await drop(ada.browser, ada.key.kid);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /pawl operators remove NAME --kid/);
  assert.deepEqual((await session_of(ada.browser)).passkeys.map(({ kid }) => kid), [ada.key.kid]);
});

test('a person has at most eight', options, async () => {
  const cleo = await log_in('subject-3');
  for (let made = 0; made < 8; ++made) {
    await new_key(cleo);
  }
  assert.equal((await register(cleo)).added.status, 429);
});

test('it opens no session, and an account of the name is somebody else', options, async (context) => {
  const account = await Person.add(pawl, 'ada', 'approver');
  const by_passkey = async (key) => {
    const browser = new Browser(address);
    const { json } = await browser.ask('POST', `${SESSION}/challenge`);
    const answer = await browser.sign_in({ user: 'ada', password: PASSWORD, passkey: key.sign(json.challenge) });
    return answer.status;
  };
  assert.equal(await by_passkey(ada.key), 401);
  const browser = new Browser(address);
  assert.equal((await browser.sign_in(account.by_code({ lasting: true }))).status, 200);
  const { passkeys, operator, provider } = await session_of(browser);
  assert.deepEqual([passkeys, operator, provider], [[], undefined, undefined]);
  const own = await new_key(browser);
  assert.equal(await by_passkey(own), 200);
  assert.equal((await enroll_passkey('ada', own.kid)).code, 1, 'the operator ada is another person');
  const call = await held();
  context.after(call.close);
  assert.equal((await hand_in(browser, evidence(ada.key, call.one))).status, 403);
  assert.deepEqual((await session_of(ada.browser)).passkeys.map(({ kid }) => kid), [ada.key.kid]);
});

test('after a restart, and where the provider says another name', options, async (context) => {
  await pawl.stop();
  await pawl.serve();
  ada.browser = await log_in('subject-1');
  assert.equal((await session_of(ada.browser)).operator.keys[0].kid, ada.key.kid);
  PEOPLE['subject-1'].preferred_username = 'countess';
  context.after(() => { PEOPLE['subject-1'].preferred_username = 'ada'; });
  const renamed = await log_in('subject-1');
  const { user, passkeys, operator } = await session_of(renamed);
  assert.deepEqual([user, passkeys.length, operator], ['countess', 1, undefined]);
  const call = await held();
  context.after(call.close);
  assert.equal((await hand_in(renamed, evidence(ada.key, call.one))).status, 403, 'another name');
});

test('where the file does not read, nobody of the provider decides', options, async (context) => {
  const file = join(pawl.data, 'accounts', 'provider_people.json');
  const good = await readFile(file);
  const call = await held();
  context.after(call.close);
  await writeFile(file, '{}');
  context.after(() => writeFile(file, good));
  const answer = await hand_in(ada.browser, evidence(ada.key, call.one));
  assert.ok(answer.status >= 400, answer.text);
  assert.equal((await control(pawl, `approvals/${call.one.id}`)).body.phase, 'pending');
  const { body } = await control(pawl, 'operators');
  assert.match(body.candidates_problem, /provider_people\.json/);
  assert.notEqual((await enroll_passkey('ada', other.key.kid)).code, 0);
  await writeFile(file, good);
  assert.equal((await hand_in(ada.browser, evidence(ada.key, call.one))).json.phase, 'approved');
});

test('who has no group any more signs in no more, and is removed by an admin', options, async (context) => {
  PEOPLE['subject-1'].groups = [];
  context.after(() => { PEOPLE['subject-1'].groups = ['deciders']; });
  await assert.rejects(log_in('subject-1'), /403/);
  const { code, stderr } = await command('operators', 'remove', 'ada', '--by-key', join(pawl.folder, 'ann.pem'));
  assert.equal(code, 0, stderr);
  const call = await held();
  context.after(call.close);
  const answer = await hand_in(ada.browser, evidence(ada.key, call.one));
  assert.notEqual(answer.status, 200, answer.text);
  assert.equal(await call.goes_through(), false);
});

test('both verifiers find what she decided good', options, async () => {
  await pawl.stop();
  const said = entries_of(read_log(join(pawl.data, 'ledger'))).map(({ body }) =>
    decode_jws(body).payload.ect_ext?.['pawl.approval']?.passkey).filter(Boolean);
  assert.equal(said.length, 3);
  const trust = join(pawl.folder, 'log.trust');
  assert.equal((await command('trust', 'pin', '-o', trust)).code, 0);
  assert.equal((await command('verify', pawl.data, '--trust', trust)).code, 2, 'without --rp');
  const { code, stdout } = await command('verify', pawl.data, '--trust', trust, '--rp', address);
  assert.equal(code, 0, stdout);
  assert.equal((await command('trust', 'pin', '-o', trust, '--rp', address)).code, 0);
  const { verdict, reason } = await verify(pawl.data, { trust });
  assert.equal(verdict, 'good', reason);
});
