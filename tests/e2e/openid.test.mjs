// Sign-in with an OpenID provider, oidc-provider from npm: what it says when all is well, and with one
// thing wrong each.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { free_port } from './support/free_port.mjs';
import { CLIENT, OpenId } from './support/openid.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { Browser } from './support/signed_in.mjs';

const options = { skip: no_pawl(), timeout: 60_000 };
const SESSION = '/api/v1/session';
const CALLBACK = `${SESSION}/oidc/callback`;
const PEOPLE = {
  ada: { preferred_username: 'ada', groups: ['staff', 'ops'] },
  bob: { preferred_username: 'bob', groups: ['staff'] },
  mallory: { preferred_username: 'ada l', groups: ['ops'] },
};

let pawl;
let address;
let openid;

before(async () => {
  if (no_pawl()) {
    return;
  }
  const port = await free_port();
  address = `http://localhost:${port}`;
  openid = await OpenId.start(`${address}${CALLBACK}`, PEOPLE);
  pawl = await Pawl.start({ config: { control: `127.0.0.1:${port}`, sign_in: { address, local: false,
    oidc: { issuer: openid.issuer, ...CLIENT, authorization_url: `${openid.issuer}/auth`,
      token_url: `${openid.front}/token`, jwks_url: `${openid.front}/jwks`,
      roles: [{ claim: 'groups', value: 'ops', grant: 'operator' },
        { claim: 'groups', value: 'files', grant: 'approver@server:files' }] } } } });
});
after(async () => {
  await pawl?.close();
  await openid?.close();
});

/** Begins in a browser. @returns {Promise<{browser: Browser, url: string}>} */
async function begin() {
  const browser = new Browser(address);
  const answer = await browser.ask('GET', `${SESSION}/oidc`);
  assert.equal(answer.status, 302, answer.text);
  assert.match(answer.headers['set-cookie'][0],
    /^pawl-login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  return { browser, url: answer.headers.location };
}

const come_back = (browser, { search }) => browser.ask('GET', `${CALLBACK}${search}`,
  { headers: { 'Sec-Fetch-Site': 'cross-site' } });

/** A whole login, with the provider's words changed. */
async function log_in({ login = 'ada', change, change_request, back = (url) => url } = {}) {
  Object.assign(openid, { change, change_request });
  const { browser, url } = await begin();
  const returned = await openid.log_in(url, login);
  const answer = await come_back(browser, back(returned));
  Object.assign(openid, { change: undefined, change_request: undefined });
  return { browser, answer, returned };
}

const with_field = (name, value) => (url) => {
  const out = new URL(url);
  value === undefined ? out.searchParams.delete(name) : out.searchParams.set(name, value);
  return out;
};

test('a person of the provider signs in, with the roles that our configuration gives', options,
  async () => {
    const { browser, answer } = await log_in();
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers['set-cookie'].join('\n'), /^pawl=[\w-]{43};.*SameSite=Strict$/m);
    const { json } = await browser.ask('GET', SESSION);
    assert.deepEqual([json.user, json.method, json.grants], ['ada', 'oidc', ['operator']]);
    const [sent] = openid.asked.slice(-1);
    assert.match(sent.get('code_verifier'), /^[\w-]{43}$/);
    const { stdout } = await pawl.run(['ledger', 'query', '--kind', 'operator.signed_in', '--json',
                                       '--config', pawl.config_file]);
    assert.ok(stdout.includes(json.session));
  });

test('who has no role here is refused, whatever the provider says', options, async () => {
  assert.equal((await log_in({ login: 'bob' })).answer.status, 403);
  assert.equal((await log_in({ login: 'mallory' })).answer.status, 401, 'a name with a space');
  const roles = (claims) => ({ ...claims, groups: [], roles: ['admin'], grants: ['admin'] });
  assert.equal((await log_in({ change: roles })).answer.status, 403);
});

test('one thing wrong each', options, async () => {
  const past = Math.floor(Date.now() / 1000) - 120;
  const cases = {
    'another audience': { change: (claims) => ({ ...claims, aud: 'other' }) },
    'two audiences': { change: (claims) => ({ ...claims, aud: ['pawl', 'other'] }) },
    expired: { change: (claims) => ({ ...claims, exp: past }) },
    'from the future': { change: (claims) => ({ ...claims, iat: past + 600 }) },
    'another issuer in the token': { change: (claims) => ({ ...claims, iss: 'https://evil.example' }) },
    'another issuer in the answer (mix-up)': { back: with_field('iss', 'https://evil.example') },
    'no issuer in the answer': { back: with_field('iss', undefined) },
    'another state': { back: with_field('state', 'A'.repeat(43)) },
    'no state': { back: with_field('state', undefined) },
    'no code': { back: with_field('code', undefined) },
    'the provider refused': { back: with_field('error', 'access_denied') },
  };
  for (const [name, how] of Object.entries(cases)) {
    const { answer, browser } = await log_in(how);
    assert.equal(answer.status, 401, `${name}: ${answer.text}`);
    assert.equal((await browser.ask('GET', SESSION)).status, 401, name);
  }
  assert.equal((await log_in()).answer.status, 200, 'and it goes on');
});

test('another verifier, or code, is refused by the provider (PKCE)', options, async () => {
  for (const name of ['code_verifier', 'code']) {
    const { answer } = await log_in({ change_request: (fields) => fields.set(name, 'A'.repeat(43)) });
    assert.ok(answer.status >= 500, answer.text);
  }
  const { url } = await begin();
  assert.equal(new URL(url).searchParams.get('code_challenge_method'), 'S256');
});

test('an answer counts once, and in the browser that began', options, async () => {
  const { browser, returned, answer } = await log_in();
  assert.equal(answer.status, 200);
  assert.equal((await come_back(browser, returned)).status, 401, 'once');
  const { url } = await begin();
  const stolen = await openid.log_in(url, 'ada');
  const { browser: victim } = await begin();
  assert.equal((await come_back(victim, stolen)).status, 401, 'somebody else\'s answer');
  assert.equal((await come_back(new Browser(address), stolen)).status, 401, 'no cookie');
});

test('a token signed with a new key passes, and one with the old key no longer', options, async () => {
  const old = openid.keys;
  await openid.rotate();
  const same = (claims) => claims;
  const { answer } = await log_in({ change: same });
  assert.equal(answer.status, 200, answer.text);
  [openid.signs_with] = old;
  const stale = await log_in({ change: same });
  openid.signs_with = undefined;
  assert.equal(stale.answer.status, 401, stale.answer.text);
  assert.equal((await log_in({ change: same })).answer.status, 200);
});

test('local accounts are off', options, async () => {
  const answer = await new Browser(address).sign_in({ user: 'a', password: 'b', code: 'c' });
  assert.equal(answer.status, 501, answer.text);
});

test('control: oidc-nonce', options, async () => {
  const other = (claims) => ({ ...claims, nonce: 'A'.repeat(43) });
  assert.equal((await log_in({ change: other })).answer.status, 401);
  assert.equal((await log_in({ change: ({ nonce, ...claims }) => claims })).answer.status, 401);
});
