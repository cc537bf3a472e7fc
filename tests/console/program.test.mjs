// The console against the program itself: sign in, make a passkey, have it enrolled, approve and deny calls that wait.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { RawAgent } from '../e2e/crash/raw_agent.mjs';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { approvals, control, pending } from '../e2e/support/people.mjs';
import { start_reference } from '../e2e/support/reference.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const RULES = [
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'], uses: 2 } }, reason: 'a person decides' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl() || no_browser(), timeout: 120_000 };
let reference, program, pawl, browser, page, address;
let next = 0;

before(async () => {
  if (options.skip) return;
  reference = await start_reference('modern');
  program = await Program.start({ agents: { a: {} }, rules: RULES, config: { approval: { patience_s: 0 } },
    servers: { s: { url: reference.url, tools: { probe_echo: { effects: 'changing', writes: ['args.x'] } } } } });
  ({ pawl, address } = program);
  browser = await Browser.start();
});
after(async () => {
  await browser?.close();
  await program?.close();
  await reference?.stop('SIGKILL');
});

async function held(args) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const x = next++;
  const call = () => agent.call('probe_echo', { x, ...args });
  const known = new Set((await approvals(pawl)).map(({ id }) => id));
  await call();
  const [one] = await pending(pawl, { fits: ({ id }) => !known.has(id) });
  const goes_through = async () => {
    const { body } = await call();
    const meta = body.result?._meta ?? {};
    return body.error === undefined && meta['pawl.record/approval'] === undefined && meta['pawl.record/refusal'] === undefined;
  };
  return { one, goes_through, close: () => agent.close() };
}

test('sign in, make a passkey, have it enrolled by the command that the page says', options, async () => {
  ({ page } = await Approver.join(program, browser, 'bob'));
});

test('a call that waits is approved with the passkey, and goes through as often as was said', options, async (t) => {
  const call = await held({ big: '9007199254740993', text: 'a\u202eb' });
  t.after(call.close);
  await page.goto(`${address}/console/approvals`);
  await page.locator('a.call').first().click();
  await page.getByText('digest checked here').waitFor();
  await page.locator('.value', { hasText: 'text' }).getByText('U+202E').waitFor();
  await browser.look(page, 'program_approval');
  await page.getByLabel('Uses').fill('2');
  assert.equal(await call.goes_through(), false);
  await page.getByRole('button', { name: 'Approve with passkey' }).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  const { body } = await control(pawl, `approvals/${call.one.id}`);
  assert.deepEqual([body.phase, body.uses, body.by[0].operator], ['approved', 2, 'bob']);
  assert.equal(await call.goes_through(), true);
});

test('a call that waits is denied', options, async (t) => {
  const call = await held({ other: true });
  t.after(call.close);
  await page.goto(`${address}/console/approvals/${call.one.id}`);
  await page.getByRole('button', { name: 'Deny with passkey' }).click();
  await page.getByText('It does not go through.').waitFor();
  assert.equal((await control(pawl, `approvals/${call.one.id}`)).body.phase, 'denied');
  assert.equal(await call.goes_through(), false);
});

test('what the gateway refuses is said: a passkey of an operator who was removed', options, async (t) => {
  const call = await held({ third: true });
  t.after(call.close);
  await page.goto(`${address}/console/approvals/${call.one.id}`);
  await page.getByText('digest checked here').waitFor();
  await program.command('operators', 'remove', 'bob', '--by-key', program.admin_key);
  await page.getByRole('button', { name: 'Approve with passkey' }).click();
  await page.getByRole('alert').filter({ hasText: 'The gateway refused' }).waitFor();
  assert.equal((await control(pawl, `approvals/${call.one.id}`)).body.phase, 'pending');
});

test('a page of another site on this machine can neither read nor change anything', options, async () => {
  const other = createServer((_, response) => { response.setHeader('Content-Type', 'text/html'); response.end('<!doctype html><title>x</title>'); });
  await new Promise((done) => other.listen(0, '127.0.0.1', done));
  const evil = await page.context().newPage();
  await evil.goto(`http://localhost:${other.address().port}/`);
  const seen = await evil.evaluate(async (site) => {
    const out = [];
    for (const [method, path] of [['GET', '/api/v1/session'], ['GET', '/api/v1/approvals'], ['DELETE', '/api/v1/session']]) {
      try {
        out.push((await fetch(site + path, { method, credentials: 'include' })).status);
      } catch { out.push('blocked'); }
    }
    try {
      await fetch(`${site}/api/v1/session`, { method: 'DELETE', credentials: 'include', mode: 'no-cors' });
    } catch { /* Also good. */ }
    return out;
  }, address);
  assert.deepEqual(seen, ['blocked', 'blocked', 'blocked']);
  other.closeAllConnections();
  other.close();
  await page.goto(`${address}/console/account`);
  await page.getByRole('heading', { name: 'Account' }).waitFor();
  browser.faults.length = 0;    // what was blocked above is reported, as it should be
});

test('the pages threw nothing and kept to the policy of content', options, () => browser.no_faults());
