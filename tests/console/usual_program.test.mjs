// The page of a held call against the program: what differs from the agent's usual calls stands first.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from '../e2e/crash/raw_agent.mjs';
import { Pawl, no_pawl } from '../e2e/support/pawl.mjs';
import { enroll, pending } from '../e2e/support/people.mjs';
import { start_reference } from '../e2e/support/reference.mjs';
import { PASSWORD, Person } from '../e2e/support/signed_in.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const RULES = [
  { id: 'large', when: { tool: 'probe_echo', arguments: { amount: { range: { gt: 100 } } } },
    then: { hold: { roles: ['approver'] } }, reason: 'people look at large ones' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl() || no_browser(), timeout: 120_000 };
let reference, pawl, browser, page, agent, address;

before(async () => {
  if (options.skip) return;
  reference = await start_reference('modern');
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES, config: { sign_in: {}, approval: { patience_s: 0 } },
    servers: { s: { url: reference.url } } });
  address = pawl.addresses.control.replace('127.0.0.1', 'localhost');
  await enroll(pawl, 'ann');
  const bob = await Person.add(pawl, 'bob', 'approver');
  agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  browser = await Browser.start();
  page = await browser.page({ address }, { path: '/console/approvals' });
  await page.getByLabel('Name').fill('bob');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('One-time code').fill(bob.code());
  await page.getByRole('button', { name: 'Sign in with the code' }).click();
  await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor({ timeout: 60_000 });
});
after(async () => {
  await browser?.close();
  agent?.close();
  await pawl?.close();
  await reference?.stop('SIGKILL');
});

async function held(args) {
  await agent.call('probe_echo', args);
  const [one] = await pending(pawl, { fits: ({ nonce }) => nonce !== held.last });
  held.last = one.nonce;
  return one;
}
const texts = (locator) => locator.allInnerTexts().then((all) => all.map((text) => text.replace(/\s+/g, ' ').trim()));

test('after 50 calls, one that differs: what differs leads, and stands as data', options, async () => {
  const first = await held({ amount: 101 });
  await page.goto(`${address}/console/approvals/${first.id}`);
  await page.getByText('digest checked here').waitFor();
  await page.locator('.detail-main').getByText(/The first of its kind|No call of this agent to this tool is known since the start/).waitFor();

  for (let i = 0; i < 50; ++i) {
    await agent.call('probe_echo', { amount: 3 + (i % 49) * 2, to: i % 2 ? 'in\u202evoice' : '<b>bob</b>', limit: 9 });
  }
  const one = await held({ amount: 125000, to: '<i>eve</i>\u200b', note: 'hi' });
  await page.goto(`${address}/console/approvals/${one.id}`);
  await page.getByText('digest checked here').waitFor();
  const section = page.locator('section[aria-labelledby=usual]');
  await section.getByRole('heading', { name: 'Not as in the 50 calls before' }).waitFor();
  assert.deepEqual(await texts(section.locator('.diff-name')), ['amount', 'to', 'note', 'limit']);
  const [amount, to, note, limit] = await texts(section.locator('.diff'));
  assert.match(amount, /^amount now 125000 usually 3 to 99 in all 50 calls$/);
  assert.match(to, /^to now <i>eve<\/i>.*U\+200B.* usually in.*U\+202E.*voice.*<b>bob<\/b> in all 50 calls$/);
  assert.match(note, /^note now hi usually not in usual calls$/);
  assert.match(limit, /^limit now missing usually 9 in all 50 calls$/);
  assert.equal(await section.locator('b, i').count(), 0, 'no text of an agent is HTML');
  // Before the arguments, and where they stand too.
  const order = await page.locator('.detail-main > section').evaluateAll((all) => all.map((each) => each.getAttribute('aria-labelledby')));
  assert.ok(order.indexOf('usual') < order.indexOf('arguments'), order.join());
  assert.equal(await page.locator('.value-unusual').count(), 3);
  await browser.look(page, 'program_usual');
});
