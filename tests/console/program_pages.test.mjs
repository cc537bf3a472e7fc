// Every page of the console before the real program, after a day's work of agents and people: no serious fault by axe in
// either theme, readable at 360 pixels, and screenshots for a person to look at (build/console-screens, real_*).

import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from '../e2e/support/clients.mjs';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { approvals, pending } from '../e2e/support/people.mjs';
import { start_both_references } from '../e2e/support/reference.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { in_each_view, is_shown } from './support/views.mjs';

const hold = (id, ask, terms) => ({ id, when: { tool: 'probe_echo', arguments: { ask: { equals: ask } } },
  then: { hold: { roles: ['approver'], ...terms } }, reason: 'money is moved' });
const RULES = [hold('ask-one', 'one person', { uses: 3 }), hold('ask-two', 'two people', { of: 2 }),
  { id: 'never-abroad', when: { tool: 'probe_echo', arguments: { to: { equals: 'abroad' } } }, then: 'deny', reason: 'not to another country' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'a test' }];
const options = { skip: no_pawl() || no_browser(), timeout: 120_000 };
const clients = [];
let references, program, browser, ada, waits, decided;

before(async () => {
  if (options.skip) return;
  references = await start_both_references('pawl-pages-');
  const tools = { probe_echo: { effects: 'changing', reads: ['args.from'], writes: ['args.to'] }, '*': { effects: 'read_only', idempotent: true } };
  program = await Program.start({ rules: RULES, agents: { billing: { groups: ['finance'], owner: 'dave' }, triage: {}, idle: {} }, config: { approval: { patience_s: 0 } },
    servers: { bank: { url: references.legacy.url, tools }, tickets: { url: references.modern.url, tools },
      broken: { url: 'http://127.0.0.1:1/mcp', tools } } });
  browser = await Browser.start();
  ada = await Approver.join(program, browser, 'ada', { grants: ['approver', 'admin', 'auditor', 'operator'], roles: 'approver,admin' });
  await a_day();
});
after(async () => {
  for (const client of clients) await client.close();
  await browser?.close();
  await program?.close();
  await references?.stop();
});

const client = async (make, agent, server) => {
  clients.push(await make({ url: program.pawl.mcp_url(server), key: program.pawl.keys[agent] }));
  return clients.at(-1);
};

/** What agents and people do before anybody looks. */
async function a_day() {
  const billing = await client(legacy_client, 'billing', 'bank');
  const triage = await client(modern_client, 'triage', 'tickets');
  const say = (who, args) => who.callTool({ name: 'probe_echo', arguments: args }).catch(() => undefined);
  for (const amount of ['12.00', '40.50', '7.25']) {
    await say(billing, { from: '/invoices/7', to: '/ledger/7', amount });
  }
  await say(billing, { to: 'abroad', amount: '9000.00' });
  await say(triage, { ticket: 4711, text: 'please a\u202etxt.exe' });
  const transfer = { ask: 'one person', to: 'DE02 1203 0000 0000 2020 51', amount: '1250.00', currency: 'EUR' };
  await say(billing, transfer);
  const [first] = await pending(program.pawl);
  await ada.open(`${program.address}/console/approvals/${first.id}`);
  await ada.approve();
  await ada.sees_it_decided();
  await say(billing, transfer);
  await say(billing, { ...transfer, amount: '1.00' });
  const [second] = await pending(program.pawl);
  await ada.open(`${program.address}/console/approvals/${second.id}`);
  await ada.deny();
  await ada.sees_it_decided();
  await say(billing, { ...transfer, amount: '125000.00', note: 'urgent' });
  await say(triage, { ask: 'two people', ticket: 4711, close: true });
  const list = await approvals(program.pawl);
  [waits, decided] = [list.find((one) => one.phase === 'pending' && one.binding.server === 'bank').id, first.id];
  await program.command('stop', 'agent:idle', '--reason', 'its key may have been copied');
}

const checked = (page) => page.locator('[data-verdict="consistent"]').waitFor();
const shown = (words) => (page) => page.getByText(words).first().waitFor();
const PAGES = [
  { name: 'overview', path: () => '', heading: 'Overview', then: shown('its key may have been copied') },
  { name: 'approvals', path: () => 'approvals', heading: 'Approvals', then: shown('2 waiting') },
  { name: 'approval', path: () => `approvals/${waits}`, heading: /wants/, then: shown('digest checked here') },
  { name: 'approval_decided', path: () => `approvals/${decided}`, heading: /wants/, then: shown('Decided') },
  { name: 'workflows', path: () => 'workflows', heading: 'Workflows', then: (page) => page.locator('.workflow').first().waitFor() },
  { name: 'workflow', path: () => 'workflows', heading: 'Workflow', then: async (page) => {
    await page.getByRole('button', { name: 'Graph', exact: true }).click();
    await page.locator('.graph-nodes [data-key]').nth(4).waitFor();
  } },
  { name: 'agents', path: () => 'agents', heading: 'Agents', then: shown('finance') },
  { name: 'servers', path: () => 'servers', heading: 'Servers', then: shown('by-passable') },
  { name: 'rules', path: () => 'rules', heading: 'Rules', then: shown('never-abroad') },
  { name: 'rules_test', path: () => 'rules/test', heading: 'Rules' },
  { name: 'rules_edit', path: () => 'rules/edit', heading: 'Rules' },
  { name: 'rules_proposals', path: () => 'rules/proposals', heading: 'Rules' },
  { name: 'ledger', path: () => 'ledger', heading: 'Ledger', then: (page) => page.locator('.records tbody tr').first().waitFor() },
  { name: 'record', path: () => 'ledger?kind=tool.call', heading: 'Record', then: checked },
  { name: 'record_of_a_decision', path: () => 'ledger?kind=approval.decided', heading: 'Record', then: checked },
  { name: 'audit', path: () => 'audit', heading: 'Audit', then: (page) => page.locator('.records tbody tr').first().waitFor() },
  { name: 'account', path: () => 'account', heading: 'Account', then: shown('approver, admin') },
  { name: 'sign_in', path: () => '', heading: 'Sign in' },    // last: signs out
];

/** The page itself, where its address is known only from a list. */
async function go(page, { name, path }) {
  await page.goto(`${program.address}/console/${path()}`);
  if (name === 'workflow') {
    await page.locator('.workflow', { hasText: 'billing' }).getByRole('link').first().click();
  } else if (name.startsWith('record')) {
    await page.locator('.records tbody tr').first().getByRole('link').first().click();
  } else if (name === 'sign_in' && await page.getByRole('button', { name: 'Sign out' }).count() > 0) {
    await page.getByRole('button', { name: 'Sign out' }).click();
  }
}

for (const one of PAGES) {
  test(`${one.name}: in both themes, and on a phone`, options, () => in_each_view(browser, ada.page, `real_${one.name}`, async () => {
    await go(ada.page, one);
    await is_shown(ada.page, one.heading);
    await one.then?.(ada.page);
  }));
}

test('the pages threw nothing and kept to the policy of content', options, () => browser.no_faults());
