// A signed-in person approves a held call with a passkey: the browser registers it, an admin enrolls it,
// each decision has its own assertion, and both verifiers prove it offline. And what must not count: a
// session alone, somebody else's, a page of another site, one bit of the evidence.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { held_call } from './support/held_calls.mjs';
import { FLAGS, thumbprint } from './support/passkey.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { approvals, canonical, control, decide, digest_of, enroll, pending } from './support/people.mjs';
import { INSTANCE, Person as KeyHolder } from './support/people.mjs';
import { start_reference } from './support/reference.mjs';
import { Browser, Key, Person } from './support/signed_in.mjs';
import { Thief, decode_jws, entries_of, read_log, sign_jws } from './verify/forge.mjs';
import { verify } from './verify/independent/verify.mjs';

const RULES = [
  { id: 'two', when: { tool: 'probe_echo', arguments: { of: { equals: 2 } } },
    then: { hold: { roles: ['approver'], of: 2 } }, reason: 'two people decide' },
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'], uses: 2 } },
    reason: 'a person decides' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const APPROVALS = '/api/v1/approvals';
const DECIDE = `${APPROVALS}/decide`;
const options = { skip: no_pawl(), timeout: 90_000 };
let reference;
let pawl;
let address;
let ann;            // the first operator, with a key file
let bob;            // an approver with a passkey
const browsers = {};
let next = 0;

before(async () => {
  if (no_pawl()) {
    return;
  }
  reference = await start_reference('modern');
  pawl = await Pawl.start({ init: true, agents: { a: { groups: ['vendor-a'] } }, rules: RULES,
    config: { sign_in: {}, approval: { patience_s: 0 } },
    servers: { s: { url: reference.url,
                    tools: { probe_echo: { effects: 'changing', writes: ['args.x'] } } } } });
  address = pawl.addresses.control.replace('127.0.0.1', 'localhost');
  [ann] = await enroll(pawl, 'ann');
  await writeFile(join(pawl.folder, 'ann.pem'), ann.pem, { mode: 0o600 });
  const grants = { bob: ['approver'], fay: ['approver'], cleo: ['approver'], dan: ['viewer'],
    eve: ['approver@server:other', 'approver@group:vendor-b'], gil: ['approver@group:vendor-a'] };
  for (const [name, list] of Object.entries(grants)) {
    const person = await Person.add(pawl, name, ...list);
    browsers[name] = new Browser(address);
    const answer = await browsers[name].sign_in(person.by_code());
    assert.equal(answer.status, 200, answer.text);
  }
  bob = await new_passkey(browsers.bob);
  const { code, stderr } = await enroll_passkey('bob', bob.kid);
  assert.equal(code, 0, stderr);
});
after(async () => {
  await pawl?.close();
  await reference?.stop('SIGKILL');
});

async function new_passkey(browser) {
  const key = new Key(address);
  const { json } = await browser.ask('POST', '/api/v1/session/challenge');
  const added = await browser.ask('POST', '/api/v1/session/passkeys', { body: key.register(json.challenge) });
  assert.equal(added.status, 200, added.text);
  key.kid = thumbprint(key.jwk);
  return key;
}
const command = (...args) => pawl.run([...args, '--config', pawl.config_file]);
const enroll_passkey = (name, kid) => command('operators', 'enroll', name, '--roles', 'approver',
  '--by-key', join(pawl.folder, 'ann.pem'), '--passkey', kid);
const session_of = async (name) => (await browsers[name].ask('GET', '/api/v1/session')).json;

/** What a browser sends for this statement; `how` changes what the authenticator says. */
function evidence(key, statement, { challenge, ...how } = {}) {
  const text = canonical(statement);
  const { authenticator_data, client_data, signature } = key.sign(challenge ?? digest_of(text), how);
  return { statement: text, authenticator_data, client_data, signature };
}
/** The statement that bob signs on it; `other`: what is said otherwise. */
const said = (one, decision = 'approve', other = {}) =>
  KeyHolder.prototype.statement.call({ name: 'bob', kid: bob.kid }, one, decision, other);
const hand_in = (name, passkey, how = {}) =>
  browsers[name].ask('POST', DECIDE, { body: { passkey }, ...how });

/** A call of its own that waits for people. */
const held = (args = {}) => held_call(pawl, { x: next++, ...args });
const is_pending = async ({ id }) => (await control(pawl, `approvals/${id}`)).body.phase === 'pending';

test('who removes a passkey of their own goes on in this session', options, async () => {
  const { kid } = await new_passkey(browsers.dan);
  assert.deepEqual((await session_of('dan')).passkeys.map((one) => one.kid), [kid]);
  assert.equal((await browsers.dan.ask('DELETE', `/api/v1/session/passkeys/${kid}`)).status, 200);
  assert.deepEqual((await session_of('dan')).passkeys ?? [], []);
});

test('a passkey of an account is enrolled by an admin, who compares its name', options, async () => {
  const fay = await new_passkey(browsers.fay);
  const credential = fay.credential.toString('base64url');
  const before_it = await session_of('fay');
  assert.deepEqual(before_it.passkeys, [{ credential, kid: fay.kid }]);
  assert.equal(before_it.operator, undefined);
  assert.equal(before_it.instance, INSTANCE);
  const { body } = await control(pawl, 'operators');
  assert.deepEqual(body.candidates.map(({ account, kid, rp }) => ({ account, kid, rp })),
    [{ account: 'fay', kid: fay.kid, rp: 'localhost' }]);
  const listed = await command('operators', 'list');
  assert.match(listed.stdout, new RegExp(`not enrolled +fay +passkey ${fay.kid}`));

  const other = await enroll_passkey('cleo', fay.kid);
  assert.equal(other.code, 1, 'a passkey of another account');
  assert.match(other.stderr, /a passkey of the account fay/);
  assert.equal((await enroll_passkey('fay', ann.kid)).code, 2, 'of no account');
  const { code, stdout, stderr } = await enroll_passkey('fay', fay.kid);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`passkey +${fay.kid}`));

  const { operator } = await session_of('fay');
  assert.deepEqual(operator, { name: 'fay',
    keys: [{ kid: fay.kid, roles: ['approver'], passkey: { credential, rp: 'localhost' } }] });
  assert.deepEqual((await control(pawl, 'operators')).body.candidates, []);
  assert.equal((await session_of('cleo')).operator, undefined);
});

test('bob looks, approves with the passkey, and the call goes through', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const shown = await browsers.bob.ask('GET', `${APPROVALS}/${call.one.id}`);
  assert.equal(shown.status, 200, shown.text);
  assert.equal(digest_of(shown.json.params), call.one.binding.digest);
  assert.equal(shown.json.effect, 'calls tool probe_echo of server s; declared: may change things, '
    + 'writes args.x, may not be repeated');
  assert.equal(typeof shown.json.usual.first, 'boolean');
  assert.equal(shown.json.usual.compared, 0);
  assert.ok(Array.isArray(shown.json.before));
  const { json: { approvals: list } } = await browsers.bob.ask('GET', APPROVALS);
  assert.equal(list.find(({ id }) => id === call.one.id).like, 1);

  const passkey = evidence(bob, said(call.one));
  const decided = await hand_in('bob', passkey);
  assert.equal(decided.status, 200, decided.text);
  assert.equal(decided.json.phase, 'approved');
  assert.equal(await call.goes_through(), true);
  const { claims } = await pawl.json('ledger', 'show', decided.json.record);
  assert.deepEqual({ ...claims.ect_ext['pawl.approval'].passkey }, passkey);
  assert.equal((await hand_in('bob', passkey)).status, 409, 'it counts once');
});

test('bob denies', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const { json } = await hand_in('bob', evidence(bob, said(call.one, 'deny')));
  assert.equal(json.phase, 'denied');
  assert.equal(await call.goes_through(), false);
});

test('two approvers: a key file and a passkey', options, async (context) => {
  const call = await held({ of: 2 });
  context.after(call.close);
  assert.equal((await hand_in('bob', evidence(bob, said(call.one)))).json.needed, 1);
  assert.equal(await call.goes_through(), false);
  assert.equal((await hand_in('bob', evidence(bob, said(call.one)))).status, 409);
  assert.equal((await decide(pawl, ann, call.one)).body.phase, 'approved');
  assert.equal(await call.goes_through(), true);
});

test('evidence with one thing wrong decides nothing', options, async (context) => {
  const call = await held();
  const other = await held();
  context.after(call.close);
  context.after(other.close);
  const good = evidence(bob, said(call.one));
  const stranger = Object.assign(new Key(address), { kid: bob.kid });
  const flip = (text, at) => {
    const bytes = Buffer.from(text, 'base64url');
    bytes[at] ^= 1;
    return bytes.toString('base64url');
  };
  const wrong = {
    'nobody recognized the person': evidence(bob, said(call.one), { flags: FLAGS.UP }),
    'on another page': evidence(bob, said(call.one), { origin: 'http://localhost:1' }),
    'another challenge': evidence(bob, said(call.one), { challenge: digest_of('another') }),
    'on another call': { ...good, statement: canonical(said(other.one)) },
    'more uses than were signed': { ...good, statement: canonical(said(call.one, 'approve', { uses: 2 })) },
    'by another key': evidence(stranger, said(call.one)),
    'a bit of the authenticator data': { ...good, authenticator_data: flip(good.authenticator_data, 36) },
    'a bit of the client data': { ...good, client_data: flip(good.client_data, 40) },
    'a bit of the signature': { ...good, signature: flip(good.signature, 20) },
    'no evidence': {},
  };
  for (const [name, passkey] of Object.entries(wrong)) {
    const { status, text } = await hand_in('bob', passkey);
    assert.ok(status >= 400 && status < 500, `${name}: ${status} ${text}`);
    assert.equal(await is_pending(call.one), true, name);
  }
});

test('control: approval-passkey', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const forged = { ...evidence(bob, said(call.one)), signature: 'AAAA' };
  assert.notEqual((await hand_in('bob', forged)).status, 200);
  assert.equal(await call.goes_through(), false);
});

test('control: approval-account', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const answer = await hand_in('cleo', evidence(bob, said(call.one)));
  assert.equal(answer.status, 403, answer.text);
  assert.match(answer.text, /signed as bob, and signed in as cleo/);
  assert.equal(await is_pending(call.one), true);
});

test('control: approval-scope', options, async (context) => {
  const call = await held();
  context.after(call.close);
  assert.deepEqual((await browsers.eve.ask('GET', APPROVALS)).json.approvals, []);
  assert.equal((await browsers.eve.ask('GET', `${APPROVALS}/${call.one.id}`)).status, 404);
  const mine = { ...said(call.one), operator: 'eve' };
  assert.equal((await hand_in('eve', evidence(bob, mine))).status, 404);
});

// regression: an approver of a group saw no call of its agents
test('an approver of a group sees what its agents want', options, async (context) => {
  const call = await held({ secret: 'for gil' });
  context.after(call.close);
  const shown = await browsers.gil.ask('GET', `${APPROVALS}/${call.one.id}`);
  assert.equal(shown.status, 200, shown.text);
  assert.match(shown.json.params, /for gil/);
});

test('a viewer looks, without the arguments, and decides nothing', options, async (context) => {
  const call = await held({ secret: 'canary-4711' });
  context.after(call.close);
  const shown = await browsers.dan.ask('GET', `${APPROVALS}/${call.one.id}`);
  assert.equal(shown.status, 200);
  assert.equal(shown.json.params, undefined);
  assert.match(shown.json.arguments_problem, /approvers, auditors and admins/);
  assert.ok(!shown.text.includes('canary-4711'));
  assert.ok((await browsers.dan.ask('GET', APPROVALS)).json.approvals.some(({ id }) => id === call.one.id));
  const answer = await hand_in('dan', evidence(bob, { ...said(call.one), operator: 'dan' }));
  assert.equal(answer.status, 403, answer.text);
});

test('a session alone approves nothing, nor does another page', options, async (context) => {
  const call = await held();
  context.after(call.close);
  const passkey = evidence(bob, said(call.one));
  const stolen = { body: { approval: call.one.id, decision: 'approve' } };
  assert.equal((await browsers.bob.ask('POST', DECIDE, stolen)).status, 400);
  const statement = { body: { statement: canonical(said(call.one)) } };
  assert.equal((await browsers.bob.ask('POST', DECIDE, statement)).status >= 400, true);
  assert.equal((await hand_in('bob', passkey, { csrf: 'x' })).status, 403);
  assert.equal((await hand_in('bob', passkey, { headers: { 'X-Pawl-Csrf': '' } })).status, 403);
  assert.equal((await hand_in('bob', passkey, { origin: 'https://evil.example' })).status, 403);
  const nobody = new Browser(address);
  assert.equal((await nobody.ask('POST', DECIDE, { body: { passkey } })).status, 401);
  assert.equal((await nobody.ask('GET', APPROVALS)).status, 401);
  const wrong_token = await nobody.ask('GET', APPROVALS, { headers: { Authorization: 'Bearer x' } });
  assert.equal(wrong_token.status, 401);
  const page = await browsers.bob.ask('GET', APPROVALS,
    { headers: { Authorization: 'Bearer x', Origin: address } });
  assert.equal(page.status, 403, 'a page never shows the token');
  assert.equal(await is_pending(call.one), true);
  const decided = await control(pawl, 'approvals/decide', { passkey });
  assert.equal(decided.body.phase, 'approved', 'with the token: what counts is the signature');
});

test('both verifiers find it good, and bad with one bit of the evidence changed', options, async () => {
  await pawl.stop();
  const trust = join(pawl.folder, 'log.trust');
  assert.equal((await command('trust', 'pin', '-o', trust)).code, 0);
  const open = await command('verify', pawl.data, '--trust', trust);
  assert.equal(open.code, 2, open.stdout);
  assert.match(open.stdout, /a passkey of localhost, and you did not say on which page/);
  const undecided = await verify(pawl.data, { trust });
  assert.equal(undecided.verdict, 'undecided', undecided.reason);
  const known = await command('verify', pawl.data, '--trust', trust, '--rp', address);
  assert.equal(known.code, 0, known.stdout);
  const elsewhere = await command('verify', pawl.data, '--trust', trust, '--rp', 'http://localhost:1');
  assert.equal(elsewhere.code, 1, elsewhere.stdout);

  assert.equal((await command('trust', 'pin', '-o', trust, '--rp', address)).code, 0);
  const { verdict, approvals: counted } = await pawl.json('verify', pawl.data, '--trust', trust);
  assert.equal(verdict, 'good');
  assert.ok(counted.decisions >= 5);
  assert.deepEqual((await verify(pawl.data, { trust })).reason, undefined);
  assert.equal((await verify(pawl.data, { trust })).verdict, 'good');

  for (const part of ['statement', 'authenticator_data', 'client_data', 'signature']) {
    await check_altered(part);
  }
});

// Whoever has all of the gateway's keys signs the record, the log and the pin anew.
async function check_altered(part) {
  const copy = join(pawl.folder, `copy-${part}`);
  execFileSync('cp', ['-a', pawl.data, copy]);  // with its modes
  const thief = new Thief(copy);
  const batches = read_log(join(copy, 'ledger'));
  const entry = entries_of(batches).find(({ body }) =>
    decode_jws(body).payload.ect_ext?.['pawl.approval']?.passkey !== undefined);
  const { header, payload } = decode_jws(entry.body);
  const passkey = payload.ect_ext['pawl.approval'].passkey;
  if (part === 'statement') {
    passkey.statement = passkey.statement.replace('"uses":1', '"uses":2');
    payload.ect_ext['pawl.approval'].uses = 2;
    payload.ect_ext['pawl.approval'].digest = digest_of(passkey.statement);
  } else {
    const bytes = Buffer.from(passkey[part], 'base64url');
    bytes[bytes.length - 5] ^= 1;
    passkey[part] = bytes.toString('base64url');
  }
  entry.body = Buffer.from(sign_jws(thief.instance_key, header, payload));
  thief.write_log(join(copy, 'ledger'), batches);
  const trust = join(pawl.folder, `${part}.trust`);
  const pinned = await pawl.run(['trust', 'pin', copy, '-o', trust, '--rp', address]);
  assert.equal(pinned.code, 0, pinned.stderr);
  const { code, stdout } = await command('verify', copy, '--trust', trust);
  assert.equal(code, 1, `${part}: ${stdout}`);
  assert.match(stdout, /not what people approved/, part);
  const found = await verify(copy, { trust });
  assert.equal(found.verdict, 'bad', `${part}: ${found.reason}`);
}
