// The console against the program and a real OpenID provider (oidc-provider from npm), without accounts of
// this instance: sign in there, make a passkey, have it enrolled by the command that the page says, approve.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawAgent } from '../e2e/crash/raw_agent.mjs';
import { free_port } from '../e2e/support/free_port.mjs';
import { CLIENT, OpenId } from '../e2e/support/openid.mjs';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { control, pending } from '../e2e/support/people.mjs';
import { start_reference } from '../e2e/support/reference.mjs';
import { Program } from './support/approver.mjs';
import { Browser, empty_authenticator, no_browser } from './support/browser.mjs';

const RULES = [
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'] } }, reason: 'a person decides' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl() || no_browser(), timeout: 60_000 };
let reference, openid, program, browser;

before(async () => {
  if (options.skip) return;
  const port = await free_port();
  const address = `http://localhost:${port}`;
  [reference, openid, browser] = await Promise.all([start_reference('modern'),
    OpenId.start(`${address}/api/v1/session/oidc/callback`, { 'subject-1': { preferred_username: 'ada', groups: ['deciders'] } }), Browser.start()]);
  program = await Program.start({ agents: { a: {} }, rules: RULES,
    config: { control: `127.0.0.1:${port}`, approval: { patience_s: 0, address: `${address}/console/approvals` }, sign_in: { address, local: false,
      oidc: { issuer: openid.issuer, ...CLIENT, authorization_url: `${openid.issuer}/auth`, token_url: `${openid.front}/token`,
        jwks_url: `${openid.front}/jwks`, roles: [{ claim: 'groups', value: 'deciders', grant: 'approver' }] } } },
    servers: { s: { url: reference.url, tools: { probe_echo: { effects: 'changing', writes: ['args.x'] } } } } });
  program.address = address;
});
after(async () => {
  await browser?.close();
  await program?.close();
  await openid?.close();
  await reference?.stop('SIGKILL');
});

test('who signs in at the provider makes a passkey, has it enrolled, and approves with it', options, async (t) => {
  const page = await browser.page(program, { path: '/console/account' });
  await empty_authenticator(page);
  await page.getByLabel('Password').waitFor({ state: 'detached' });    // no accounts of this instance
  await page.getByRole('link', { name: 'Sign in at your provider' }).click();
  await page.locator('input[name=login]').fill('subject-1');
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.goto(`${program.address}/console/account`);
  await page.getByText(openid.issuer).waitFor();
  for (const count of [1, 0, 1]) {
    await (count === 0 ? page.getByRole('button', { name: /^Remove the passkey/ }) : page.getByRole('button', { name: 'Make a passkey on this device' })).click();
    await page.locator(count === 0 ? '.enroll' : '.enroll code').waitFor({ state: count === 0 ? 'detached' : 'visible' });
  }
  await browser.look(page, 'program_provider_account');
  const command = await page.locator('.enroll code').innerText();
  assert.match(command, /^pawl operators enroll ada --roles approver --passkey [\w-]{43} --by-key admin\.pem$/);
  const enrolled = await program.command(...command.replace('admin.pem', program.admin_key).split(' ').slice(1));
  assert.match(enrolled, /made by +subject subject-1 of /);

  const agent = new RawAgent({ url: program.pawl.mcp_url('s'), key: program.pawl.keys.a });
  t.after(() => agent.close());
  await agent.call('probe_echo', { x: 1 });
  const [one] = await pending(program.pawl);
  await page.goto(`${program.address}/console/approvals/${one.id}`);
  await page.getByText('digest checked here').waitFor();
  await page.getByRole('button', { name: 'Approve with passkey' }).click();
  await page.getByRole('heading', { name: 'Decided' }).waitFor();
  const { body } = await control(program.pawl, `approvals/${one.id}`);
  assert.deepEqual([body.phase, body.by[0].operator], ['approved', 'ada']);
  const { body: answer } = await agent.call('probe_echo', { x: 1 });
  assert.equal(answer.result?._meta?.['pawl.record/approval'], undefined);
  assert.equal(answer.error, undefined);
  browser.no_faults();
});
