// Deciding in a real browser with a virtual authenticator: what is signed is what is shown, and nothing else is signed.
import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { authenticator, Browser, no_browser } from './support/browser.mjs';
import { held, now_s, sha, signed } from './support/scenario.mjs';
import { StandIn } from './support/stand_in.mjs';

const options = { skip: no_browser() };
const PARAMS = '{"name":"transfer","arguments":{"to":"DE02 1203","amount":9007199254740993}}';
let browser, gateway;

before(async () => { if (!no_browser()) browser = await Browser.start(); });
after(async () => { await browser?.close(); browser?.no_faults(); });
beforeEach(async () => { gateway = await StandIn.start(); });
afterEach(() => gateway.close());

/** The page of a held call, of somebody whose passkey is enrolled. */
async function open(call = {}, { roles = ['approver'], keyboard, ...more } = {}) {
  const one = held({ agent: 'billing', on_behalf_of: 'dave', server: 'bank', name: 'transfer', params: PARAMS, ...call });
  gateway.state.approvals = [one];
  const page = await browser.page(gateway, { path: '/console/account', ...more });
  const passkey = await authenticator(page);
  gateway.keys.set(passkey.credential, passkey.public_key);
  gateway.state.who.operator = { name: 'ada', keys: [{ kid: sha('ada'), roles, passkey: { credential: passkey.credential, rp: 'localhost' } }] };
  gateway.requests.length = 0;
  await page.goto(`${gateway.address}/console/${keyboard ? '' : `approvals/${one.id}`}`);
  return { page, one };
}

const sent = () => gateway.requests.filter(({ path }) => path === '/api/v1/approvals/decide');
const approve = (page) => page.getByRole('button', { name: 'Approve with passkey' });

test('approve with a passkey: the statement is of what is shown', options, async () => {
  const { page, one } = await open({ uses: 5 });
  await page.getByText('digest checked here').waitFor();
  await page.getByLabel('Uses').fill('3');
  await approve(page).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  const [{ body, headers }] = sent();
  assert.equal(headers['x-pawl-csrf'], gateway.state.who.csrf);
  assert.deepEqual(Object.keys(body), ['passkey']);
  const said = JSON.parse(body.passkey.statement);
  assert.deepEqual(said.binding, one.binding);
  assert.deepEqual([said.decision, said.uses, said.expires, said.executed, said.requested, said.operator, said.role, said.key, said.nonce],
    ['approve', 3, one.expires, sha(PARAMS), sha(PARAMS), 'ada', 'approver', sha('ada'), one.nonce]);
  assert.equal(one.phase, 'approved');
});

test('deny with a passkey', options, async () => {
  const { page, one } = await open();
  await page.getByRole('button', { name: 'Deny with passkey' }).click();
  await page.getByText('It does not go through.').waitFor();
  assert.equal(one.phase, 'denied');
  assert.deepEqual(JSON.parse(sent()[0].body.passkey.statement).uses, 0);
});

test('changed arguments: compared before they are signed, and sent as they were written', options, async () => {
  const { page, one } = await open();
  await page.getByRole('button', { name: 'Change the arguments first' }).click();
  const editor = page.getByLabel('The exact text that may go out');
  await editor.fill('{"name":"other","arguments":{}}');
  await page.getByText('that would be another call').waitFor();
  await editor.fill('{"name":"transfer","arguments":{"to":"DE02 1203","amount":1,}}');
  await page.getByText('Line 1, column').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Use these arguments' }).isDisabled());
  const text = '{"name":"transfer","arguments":{"to":"DE02 1203","amount":9007199254740992, "note":"half"}}';
  await editor.fill(text);
  const difference = page.locator('.editor .diff');
  assert.deepEqual(await difference.allInnerTexts().then((all) => all.map((one_text) => one_text.split(/\s+/))),
    [['amount', 'asked', '9007199254740993', 'yours', '9007199254740992'], ['note', 'asked', 'not', 'there', 'yours', 'half']]);
  await page.getByRole('button', { name: 'Use these arguments' }).click();
  await page.getByRole('heading', { name: 'Your change, not signed yet' }).waitFor();
  await page.getByRole('button', { name: 'Approve the change with passkey' }).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  const { params, passkey } = sent()[0].body;
  assert.equal(params, text);
  assert.deepEqual([JSON.parse(passkey.statement).executed, JSON.parse(passkey.statement).requested], [sha(text), sha(PARAMS)]);
  assert.equal(one.by[0].executed, sha(text));
});

test('arguments that are not those of the approval are not signed for', options, async () => {
  const { page, one } = await open();
  one.params = PARAMS.replace('993', '992');
  await page.reload();
  await page.getByText('Nothing can be signed').waitFor();
  assert.ok(await approve(page).isDisabled());
  assert.equal(sent().length, 0);
});

test('another instance, an unknown member of the binding: nothing is signed', options, async () => {
  const { page, one } = await open();
  for (const [member, value, words] of [['instance', 'spiffe://evil.example/pawl/gw9', 'another instance'],
    ['binding', { ...one.binding, also: 'everything' }, 'does not know: also']]) {
    const kept = one[member];
    one[member] = value;
    await page.reload();
    await page.getByText('digest checked here').waitFor();
    await approve(page).click();
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    one[member] = kept;
  }
  assert.equal(sent().length, 0);
});

test('a second signature says what the first said; who says otherwise is told that the count starts anew', options, async () => {
  const { page, one } = await open({ of: 2, uses: 3 });
  one.by = [signed('bob', { executed: sha(PARAMS), uses: 2, expires: one.expires })];
  one.needed = 1;
  await page.reload();
  await page.getByText('digest checked here').waitFor();
  assert.equal(await page.getByLabel('Uses').inputValue(), '2');
  await page.getByLabel('Uses').fill('3');
  await page.getByText('the count starts anew').waitFor();
  await page.getByLabel('Uses').fill('2');
  await page.getByText('the count starts anew').waitFor({ state: 'detached' });
  await approve(page).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  assert.equal(one.by.length, 2);
});

test('what was changed by the first is what the second signs, with the difference shown', options, async () => {
  const changed = PARAMS.replace('9007199254740993', '5');
  const { page, one } = await open({ of: 2 });
  one.by = [signed('bob', { executed: sha(changed), uses: 1, expires: one.expires })];
  one.changed = { params: changed };
  one.needed = 1;
  await page.reload();
  await page.getByRole('heading', { name: 'Changed by who signed before' }).waitFor();
  await page.getByRole('button', { name: 'Approve the change with passkey' }).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  assert.equal(sent()[0].body.params, changed);
});

test('what somebody else changes while one looks is not signed unseen', options, async () => {
  const changed = PARAMS.replace('9007199254740993', '7');
  const { page, one } = await open({ of: 2 });
  await page.getByText('digest checked here').waitFor();
  assert.ok(await approve(page).isEnabled());
  one.by = [signed('bob', { executed: sha(changed), uses: 1, expires: one.expires })];
  one.changed = { params: changed };
  one.needed = 1;
  gateway.push('approval', { approval: one.id, phase: 'pending', needed: 1, expires: one.expires, ...one.binding });
  await page.getByText('Somebody else signed other arguments while you looked.').waitFor();
  const button = page.getByRole('button', { name: 'Approve the change with passkey' });
  assert.ok(await button.isDisabled());
  await page.getByRole('button', { name: 'I look at them now' }).click();
  await button.click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  assert.equal(sent()[0].body.params, changed);
});

test('what a signature covers and who decides when are shown', options, async () => {
  const terms = { roles: ['approver'], of: 2, uses: 3, within_s: 5400, escalate_to: ['head'] };
  const { page, one } = await open({ of: 2, owner: 'erin', terms });
  const asked = page.locator('dl.asked');
  await asked.waitFor();
  assert.deepEqual(await asked.locator('dd').allInnerTexts().then((all) => all.slice(0, 3)), ['dave', 'erin',
    '2 different people in the role approver, within 1 hour 30 minutes, for at most 3 uses; then for the same time again also head']);
  await page.getByText('Everything that a signature covers').click();
  const digest = sha(JSON.stringify({ owner: 'erin', terms: { escalate_to: ['head'], of: 2, roles: ['approver'], uses: 3, within_s: 5400 } }));
  await page.locator('.facts-card').getByText(digest).waitFor();
  const facts = await page.locator('.facts-card dl').innerText();
  for (const text of [one.nonce, one.id, one.instance, ...Object.values(one.binding), 'erin', '1 hour 30 minutes', 'head']) assert.ok(facts.includes(text), text);
});

test('what the call would be obliged to is shown, as text, and not of arguments that are being written', options, async () => {
  const obliged = '1 pattern is taken out of the answer (<b>cards</b>)';
  const { page } = await open({ obliged });
  const asked = page.locator('dl.asked');
  await asked.getByText('Obliged to').waitFor();
  assert.ok((await asked.locator('dd').allInnerTexts()).includes(obliged));
  await page.getByRole('button', { name: 'Change the arguments first' }).click();
  const editor = page.getByLabel('The exact text that may go out');
  await editor.fill(PARAMS.replace('1203', '1204'));
  await page.getByRole('button', { name: 'Use these arguments' }).click();
  await asked.getByText('Obliged to').waitFor({ state: 'detached' });
});

test('changed arguments that a rule denies: the page says which rule and why, and they can be changed further', options, async () => {
  const { page, one } = await open();
  gateway.state.answers['POST /api/v1/approvals/decide'] = [403, { title: 'denied', status: 403,
    detail: 'approval: the call may not go on with these arguments: rule "never" denies it: nobody may. The statement does not count, and the approval stands as before' }];
  await page.getByRole('button', { name: 'Change the arguments first' }).click();
  await page.getByLabel('The exact text that may go out').fill(PARAMS.replace('1203', '1204'));
  await page.getByRole('button', { name: 'Use these arguments' }).click();
  await page.getByRole('button', { name: 'Approve the change with passkey' }).click();
  await page.getByRole('alert').getByText('The gateway refused: the call may not go on with these arguments: rule "never" denies it: nobody may.').waitFor();
  assert.equal(one.phase, 'pending');
  assert.ok(await page.getByRole('button', { name: 'Change the arguments further' }).isEnabled());
});

// Each row: member, the new value, what is called what, what is said of before and now.
const ALTERED = [
  ['binding', { server: 'bank-live' }, 'Server', 'bank', 'bank-live'],
  ['binding', { on_behalf_of: 'mallory' }, 'On behalf of', 'dave', 'mallory'],
  ['binding', { on_behalf_of: '' }, 'On behalf of', 'mallory', 'nobody'],
  ['binding', { workflow: '019ab1c1-02b4-7a90-8c11-5d0e7f3a9b42' }, 'Workflow', 'not there', '019ab1c1-02b4-7a90-8c11-5d0e7f3a9b42'],
  ['terms', { of: 1 }, 'People needed', '2', '1'],
  ['terms', { roles: ['admin', 'approver'] }, 'Roles that decide', 'approver', 'admin, approver'],
  ['terms', { within_s: 901 }, 'Time to decide', '15 minutes', '15 minutes 1 second'],
  ['terms', { uses: 4 }, 'Uses at most', '1', '4'],
  ['terms', { escalate_to: ['head'] }, 'Afterwards also', 'nobody', 'head'],
  ['owner', 'bob', 'Owner of the agent', 'nobody', 'bob'],
  ['nonce', sha('another'), 'Nonce', undefined, sha('another')],
];

test('what never changes in an approval changes while one looks: said, and nothing is signed before one looks again', options, async () => {
  const { page, one } = await open({ of: 2 });
  await page.getByText('digest checked here').waitFor();
  const note = page.locator('section', { has: page.getByRole('heading', { name: 'What is asked changed while you looked' }) });
  const deny = page.getByRole('button', { name: 'Deny with passkey' });
  for (const [member, value, label, from, to] of ALTERED) {
    const was = typeof value === 'string' ? one[member] : undefined;
    one[member] = typeof value === 'string' ? value : { ...one[member], ...value };
    gateway.push('approval', { approval: one.id, phase: 'pending', needed: 2, expires: one.expires, ...one.binding });
    await note.waitFor({ timeout: 8000 });
    assert.deepEqual(await note.locator('.diff > *').allInnerTexts().then((all) => all.map((text) => text.replace(/\s+/g, ' '))),
      [label, `before ${from ?? was}`, `now ${to}`]);
    assert.ok(await approve(page).isDisabled() && await deny.isDisabled(), label);
    await page.getByRole('button', { name: 'I have looked at it again' }).click();
    await note.waitFor({ state: 'detached' });
    assert.ok(await approve(page).isEnabled() && await deny.isEnabled(), label);
  }
  assert.equal(sent().length, 0);
  await approve(page).click();
  await page.waitForFunction(() => document.body.innerText.includes('You have signed this.'));
  const said = JSON.parse(sent()[0].body.passkey.statement);
  assert.deepEqual([said.binding, said.nonce], [one.binding, one.nonce], 'what was looked at last');
});

test('another approval than the one of the address: nothing is signed', options, async () => {
  const { page, one } = await open();
  gateway.state.answers[`GET /api/v1/approvals/${one.id}`] = { ...one, id: '019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11' };
  await page.reload();
  await page.getByText('another approval than the one that was asked for').waitFor();
  await page.getByText('digest checked here').waitFor();
  assert.ok(await approve(page).isDisabled() && await page.getByRole('button', { name: 'Deny with passkey' }).isDisabled());
});

test('who signed, an escalation and a later end change by right, and do not stop a signature', options, async () => {
  const terms = { roles: ['approver'], of: 2, uses: 1, within_s: 900, escalate_to: ['head'] };
  const { page, one } = await open({ of: 2, terms });
  await page.getByText('digest checked here').waitFor();
  const end = one.at + 1800;
  assert.equal(await page.getByLabel('Until').inputValue(), String(end));
  Object.assign(one, { escalated: true, expires: one.expires + 700, needed: 1, by: [signed('bob', { executed: sha(PARAMS), uses: 1, expires: end })] });
  gateway.push('approval', { approval: one.id, phase: 'pending', needed: 1, expires: one.expires, ...one.binding });
  await page.getByText('Nobody decided in time').waitFor();
  assert.equal(await page.getByText('changed while you looked').count(), 0);
  await approve(page).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  assert.equal(JSON.parse(sent()[0].body.passkey.statement).expires, end, 'the signature from before the escalation counts with it');
});

test('the end that is proposed stays good when others are asked, too', options, async () => {
  const terms = { roles: ['approver'], of: 2, uses: 1, within_s: 900, escalate_to: ['head'] };
  const { page, one } = await open({ of: 2, terms });
  const past = signed('bob', { executed: sha(PARAMS), expires: one.at + 1 });
  for (const [what, more, end] of [
    ['nobody to ask', { terms: { ...terms, escalate_to: [] } }, one.at + 900],
    ['somebody to ask', {}, one.at + 1800],
    ['at most a day', { terms: { ...terms, within_s: 80_000 }, expires: one.at + 80_000 }, one.at + 86_400],
    ['never before the end of the asking', { terms: { ...terms, within_s: 100_000 }, expires: one.at + 100_000 }, one.at + 100_000],
    ['asked already', { escalated: true, expires: one.at + 1750 }, one.at + 1750],
    ['others signed', { by: [signed('bob', { executed: sha(PARAMS), expires: one.at + 1234 })], needed: 1 }, one.at + 1234],
    ['others signed, and its end is past', { by: [past], needed: 1, escalated: true, expires: one.at + 1750 }, one.at + 1750]]) {
    gateway.state.answers[`GET /api/v1/approvals/${one.id}`] = { ...one, ...more };
    await page.reload();
    await page.getByText('digest checked here').waitFor();
    assert.equal(await page.getByLabel('Until').inputValue(), String(end), what);
  }
});

test('one\'s own call, and a role that is not asked', options, async () => {
  const own = await open({ on_behalf_of: 'ada' });
  await own.page.getByText('somebody else has to approve it').waitFor();
  assert.ok(await approve(own.page).isDisabled());
  const other = await open({ roles: ['admin'] });
  await other.page.getByText('this call needs admin').waitFor();
});

test('what is left is reckoned by the clock of the gateway, not of this device', options, async () => {
  gateway.state.ahead_s = 600;
  const { page } = await open({ left_s: 640 });
  await page.locator('.countdown-time').filter({ hasText: /^0:[34]\d$/ }).waitFor();
});

test('the name that goes out is shown where it is another than the one that is asked', options, async () => {
  const { page } = await open({ name: 'transfer', params: PARAMS.replace('transfer', 'close_account') });
  await page.locator('.value', { hasText: '/name' }).getByText('close_account').waitFor();
});

test('a call that ends while it is looked at', options, async () => {
  const { page, one } = await open();
  await approve(page).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  gateway.state.ahead_s = one.expires - now_s() + 1;      // its clock goes on; that of the browser does not matter
  gateway.push('approval', {});
  await page.getByText('This call is over.').waitFor();
  assert.ok(await approve(page).isDisabled());
});

test('arguments that are folded and were not opened need a word', options, async () => {
  const noise = Array.from({ length: 9000 }, (_, at) => ((at * 7919) % 1000).toString(36)).join('/');
  const { page } = await open({ params: JSON.stringify({ name: 'transfer', arguments: { noise } }) });
  await page.getByText('digest checked here').waitFor();
  assert.ok(await approve(page).isDisabled());
  await page.getByLabel(/I decide without having read them/).check();
  assert.ok(await approve(page).isEnabled());
  await page.getByLabel(/I decide without having read them/).uncheck();
  await page.getByText('The exact text, as it is signed').click();
  for (let step = 0; step < 6 && await page.locator('pre .fold-middle').count(); step += 1) await page.locator('pre .fold-middle').click();
  await page.getByLabel(/I decide without having read them/).waitFor({ state: 'detached' });
  const text = await page.locator('pre.shown').innerText();
  assert.ok(text.includes(noise), 'everything can be read');
});

test('keyboard alone, from the overview to a signature', options, async () => {
  const { page, one } = await open({}, { keyboard: true });
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor();
  await page.locator('a.call').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText('digest checked here').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'who opened it reads on from its heading');
  const reached = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => document.activeElement.textContent.trim());
    reached.push(name);
    if (name === 'Approve with passkey') break;
  }
  assert.ok(reached.includes('Approve with passkey'), reached.join(' > '));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  assert.equal(one.phase, 'approved');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'deciding', 'the reader is where the answer is');
});

test('a refusal of the gateway is shown, and nothing pretends to be decided', options, async () => {
  const { page, one } = await open();
  await page.getByText('digest checked here').waitFor();
  gateway.state.answers['POST /api/v1/approvals/decide'] = [409, { title: 'conflict', status: 409, detail: 'approval: another event of it is being recorded; try again' }];
  await approve(page).click();
  await page.getByRole('alert').filter({ hasText: 'The gateway refused: another event' }).waitFor();
  assert.equal(one.phase, 'pending');
  assert.ok(await approve(page).isEnabled());
});
