// Signing in and out, the end of a session, what is heard, events, keys, colors, and text that is hostile.
import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { PASSWORD } from '../e2e/support/signed_in.mjs';
import { authenticator, Browser, no_browser } from './support/browser.mjs';
import { made_of_text } from './support/hostile_page.mjs';
import { held, hostile_approval, HOSTILE, quiet_overview, sha } from './support/scenario.mjs';
import { StandIn } from './support/stand_in.mjs';

const options = { skip: no_browser() };
let browser, gateway;

before(async () => { if (!no_browser()) browser = await Browser.start(); });
after(async () => { await browser?.close(); browser?.no_faults(); });
beforeEach(async () => { gateway = await StandIn.start(); });
afterEach(() => gateway.close());

test('sign in with a code, look, sign out', options, async () => {
  gateway.state.signed_in = false;
  const page = await browser.page(gateway);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('One-time code').fill('999999');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'do not fit together' }).waitFor();
  await page.getByLabel('One-time code').fill('123 456');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal(gateway.requests.find(({ method }) => method === 'DELETE').headers['x-pawl-csrf'], gateway.state.who.csrf);
});

test('sign in with a passkey; the link to a provider stands where there is one', options, async () => {
  gateway.state.signed_in = false;
  const page = await browser.page(gateway);
  await authenticator(page);
  await page.getByRole('link', { name: 'Sign in at your provider' }).waitFor();
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const { body } = gateway.requests.find(({ method, path }) => method === 'POST' && path === '/api/v1/session');
  assert.deepEqual(Object.keys(body.passkey).sort(), ['authenticator_data', 'challenge', 'client_data', 'credential', 'signature']);
  assert.equal(JSON.parse(Buffer.from(body.passkey.client_data, 'base64url')).challenge, body.passkey.challenge);
  gateway.state.signed_in = false;
  gateway.state.offered.oidc = false;
  await page.reload();
  await page.getByLabel('Name').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Sign in at your provider' }).count(), 0);
});

test('a passkey for my account, and how it is enrolled', options, async () => {
  const page = await browser.page(gateway, { path: '/console/account' });
  const { client, authenticator: id, credential } = await authenticator(page);
  await client.send('WebAuthn.removeCredential', { authenticatorId: id, credentialId: Buffer.from(credential, 'base64url').toString('base64') });
  await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
  await page.getByText('not enrolled', { exact: true }).waitFor();
  const { kid } = gateway.state.who.passkeys[0];
  await page.getByText(`pawl operators enroll ada --roles approver --passkey ${kid} --by-key admin.pem`).waitFor();
});

test('a session that ended at the gateway is told, and the page of sign-in comes', options, async () => {
  const page = await browser.page(gateway, { path: '/console/approvals' });
  await page.getByRole('heading', { name: 'Approvals' }).waitFor();
  gateway.state.signed_in = false;
  gateway.push('reload', {});
  await page.getByText('Your session has ended.').waitFor();
});

test('before a session ends for want of use it is said, and can be kept', options, async () => {
  gateway.state.who.idle_s = 60;
  const page = await browser.page(gateway);
  await page.getByText(/Your session ends in/).waitFor();
  const asked = () => gateway.requests.filter(({ path }) => path === '/api/v1/session').length;
  gateway.state.answers['GET /api/v1/session'] = [503, { title: 'unavailable', status: 503, detail: 'starting' }];
  const before = asked();
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  while (asked() === before) await page.waitForResponse(/session$/);
  await page.getByText(/Your session ends in/).waitFor();      // the page stays where the gateway cannot answer now
  assert.equal(await page.getByRole('heading', { name: 'Overview' }).count(), 1);
  delete gateway.state.answers['GET /api/v1/session'];
  gateway.state.who.idle_s = 900;
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByText(/Your session ends in/).waitFor({ state: 'detached' });
});

test('a new approval appears at once, is counted and is heard', options, async () => {
  gateway.state.overview = quiet_overview();
  gateway.state.approvals = [];
  const page = await browser.page(gateway, { path: '/console/approvals' });
  await page.getByText('No call waits for people').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const one = held({ agent: 'billing', name: 'transfer\u202e', server: 'bank', params: '{}' });
  gateway.state.approvals = [one];
  gateway.push('approval', { approval: one.id, phase: 'pending', needed: 1, expires: one.expires, ...one.binding });
  await page.locator('a.call').waitFor();
  await page.getByRole('status').filter({ hasText: 'New approval: spiffe://example.org/agent/billing wants transfer[U+202E] of bank.' }).waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.title.startsWith('(1) Approvals'));
  // A signature that counts is no new approval.
  await page.evaluate(() => { for (const region of document.querySelectorAll('.heard')) region.textContent = ''; });
  gateway.push('approval', { approval: one.id, phase: 'pending', needed: 1, expires: one.expires, ...one.binding });
  await page.waitForTimeout(400);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('.heard')].map((region) => region.textContent).join('')), '');
});

test('after a gap in the stream the page is read anew; without a stream, too', options, async () => {
  const page = await browser.page(gateway);
  await page.getByText('Live', { exact: true }).waitFor();
  gateway.state.overview = { ...quiet_overview(), pending: 77 };
  gateway.drop_streams();
  await page.getByText('77').waitFor();
  gateway.state.no_events = true;
  gateway.drop_streams();
  await page.getByText('Not live').waitFor();
  gateway.state.overview = { ...quiet_overview(), pending: 78 };
  await page.getByText('78').waitFor();
  gateway.state.overview = { ...quiet_overview(), pending: 79 };
  gateway.state.no_events = false;
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('79').waitFor({ timeout: 2000 });       // not only when it is time to read anew
});

test('who comes back to the page sees what happened meanwhile', options, async () => {
  const page = await browser.page(gateway, { path: '/console/rules' });
  const set = { name: 'main', owner: null, version: 1, digest: sha('1'), signed_by: null };
  gateway.state.answers['GET /api/v1/rules'] = { set, files: [], held_back: null };
  await page.reload();
  await page.getByText('main/1').waitFor();
  const hide = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  gateway.state.answers['GET /api/v1/rules'].set = { ...set, version: 2 };
  await hide(false);
  await page.getByText('main/2').waitFor();                    // it is read each minute, otherwise
});

test('an address that is none is not found, and the way on is there', options, async () => {
  const page = await browser.page(gateway, { path: '/console/ledger/%zz' });
  await page.getByRole('heading', { name: 'Not found' }).waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('a gateway that goes away leaves what was read, says so, and comes back', options, async () => {
  const page = await browser.page(gateway);
  await page.getByText('14.2').waitFor();
  gateway.state.answers['GET /api/v1/overview'] = [503, { title: 'unavailable', status: 503, detail: 'the ledger cannot record' }];
  gateway.push('reload', {});
  await page.getByText('what you see may be old').waitFor();
  assert.equal(await page.getByText('14.2').count(), 1);
  delete gateway.state.answers['GET /api/v1/overview'];
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('what you see may be old').waitFor({ state: 'detached' });
});

test('what could not be read is not shown as nothing', options, async () => {
  gateway.state.answers['GET /api/v1/approvals'] = [503, { title: 'unavailable', status: 503, detail: 'starting' }];
  const page = await browser.page(gateway);
  await page.getByText('What waits could not be read').waitFor();
  assert.equal(await page.getByText('No call waits').count(), 0);
  const one = { ...hostile_approval(), usual: {}, before: undefined };
  gateway.state.approvals = [one];
  delete gateway.state.answers['GET /api/v1/approvals'];
  await page.goto(`${gateway.address}/console/approvals/${one.id}`);
  await page.getByText('Nothing to compare with.').waitFor();
  await page.getByText('The gateway does not say').waitFor();
  const two = { ...one, usual: { calls: 3, compared: 3, differs: [], not_compared: 2 } };
  gateway.state.approvals = [two];
  await page.reload();
  await page.getByText('What could be compared is as in the 3 calls').waitFor();
  await page.getByText('2 values or more could not be compared').waitFor();
  assert.equal(await page.getByText('no value is unusual').count(), 0);
});

test('a page that fails on an answer says so, and the others go on', options, async () => {
  gateway.state.overview = { now_ms: Date.now(), rates: {} };
  const page = await browser.page(gateway);
  await page.getByRole('heading', { name: 'This page failed' }).waitFor();
  await page.getByRole('link', { name: /Approvals/ }).click();
  await page.getByRole('heading', { name: 'Approvals' }).waitFor();
  browser.faults.length = 0;
});

test('colors as the system says, until somebody says otherwise', options, async () => {
  const page = await browser.page(gateway, { theme: 'dark' });
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await ground(), 'rgb(13, 18, 18)');
  await page.getByRole('button', { name: /^Colors/ }).click();
  assert.equal(await ground(), 'rgb(246, 247, 247)');
  await page.reload();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.equal(await ground(), 'rgb(246, 247, 247)');
});

test('keys: help opens and closes, and they can be switched off', options, async () => {
  const page = await browser.page(gateway);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.getByLabel('Keys are on').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  assert.ok(page.url().endsWith('/console/'));
});

test('text of agents is text: no element, no script, no hidden character in the page', options, async () => {
  const one = hostile_approval();
  gateway.state.approvals = [one];
  gateway.state.overview.stops = [{ scope: HOSTILE.html, since: 1, by: HOSTILE['a bidi override'], reason: HOSTILE.html }];
  gateway.state.overview.troubles = [{ id: 'x', what: HOSTILE.html, do: `pawl stop; ${HOSTILE['terminal escapes']}` }];
  gateway.state.overview.agents = [{ id: HOSTILE.html, calls: 1, refused: 0, held: 0, stopped: false }];
  gateway.state.who.user = HOSTILE['zero width'];
  const page = await browser.page(gateway);
  for (const path of ['/console/', '/console/approvals', `/console/approvals/${one.id}`, '/console/account']) {
    await page.goto(gateway.address + path);
    await page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('h1'));
    await page.waitForTimeout(300);
    const bad = await made_of_text(page);
    assert.deepEqual(bad, [], path);
    await browser.fits(page, path);
  }
});

test('a megabyte of padding: what stands behind it is seen at once, and it can be opened', options, async () => {
  gateway.state.approvals = [hostile_approval()];
  const page = await browser.page(gateway, { path: `/console/approvals/${gateway.state.approvals[0].id}` });
  const value = page.locator('.value', { hasText: 'padding' });
  await value.getByText('rm -rf /home').waitFor();
  await value.getByRole('button', { name: '1,048,576 \u00d7 SPACE \u00b7 1.0 MiB' }).click();
  await value.getByRole('button', { name: 'more of the same' }).waitFor();
});

test('a page of another origin cannot be put around the console, and the policy is in force', options, async () => {
  const page = await browser.page(gateway);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<b>x</b>';
      return 'taken';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(refused, 'TypeError', 'trusted types are required');
  browser.faults.length = 0;      // the refusal above is reported, as it should be
});
