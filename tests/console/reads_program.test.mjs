// The pages that look before the real program: what it answers is drawn, and what it recorded is checked in the browser.
// Who is signed in, and the stream of events, are played; program.test.mjs has those.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from '../e2e/crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from '../e2e/support/pawl.mjs';
import { NODE, start_until_json } from '../e2e/support/process.mjs';
import { PlayedGateway } from './played/gateway.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const WITNESS = fileURLToPath(new URL('../e2e/crash/witness_server.mjs', import.meta.url));
const DENY = { id: 'no-b-right', when: { agent: 'b', server: 'right' }, then: 'deny', reason: 'not b' };

async function with_program(t) {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-console-'));
  t.after(() => rm(folder, { recursive: true }));
  const server = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  t.after(() => server.stop());
  const pawl = await Pawl.start({ init: true, agents: { a: { groups: ['team'] }, b: {} }, rules: [DENY, ALLOW_ALL],
    servers: { left: { url: server.ready.url }, right: { url: server.ready.url } } });
  t.after(() => pawl.close());
  let parents;
  for (const [agent, at] of [['a', 'left'], ['a', 'left'], ['a', 'right'], ['b', 'right']]) {
    const caller = new RawAgent({ url: pawl.mcp_url(at), key: pawl.keys[agent] });
    const meta = agent === 'a' && parents ? { 'pawl.record/parents': parents } : {};
    const { headers } = await caller.call('change', { at }, { meta });
    parents = headers['execution-context'] ? [headers['execution-context']] : parents;
    caller.close();
  }
  const token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
  return { folder, pawl, behind: { address: pawl.addresses.control, token } };
}

test('the real program: records are proven, a graph is drawn, the rules answer', { skip: no_browser() || no_pawl() }, async (t) => {
  const { folder, pawl, behind } = await with_program(t);
  const gateway = await PlayedGateway.start();
  t.after(() => gateway.close());
  gateway.behind = behind;
  const browser = await Browser.start();
  t.after(() => browser.close());
  const page = await browser.page(gateway, { path: '/console/ledger?kind=tool.call' });
  const rows = page.locator('.records tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 3);
  await browser.look(page, 'program_ledger');

  await rows.first().getByRole('link').first().click();
  await page.locator('[data-verdict="consistent"]').waitFor();
  const pinned = await pawl.run(['trust', 'pin', '--print', '--config', pawl.config_file]);
  assert.equal(pinned.code, 0, pinned.stderr);
  await writeFile(join(folder, 'log.trust'), pinned.stdout);
  await page.locator('#trust-file').setInputFiles(join(folder, 'log.trust'));
  await page.locator('[data-verdict="proven"]').waitFor();
  await browser.look(page, 'program_record');

  await page.goto(`${gateway.address}/console/workflows`);
  await page.locator('.workflow a').filter({ hasText: '3 records' }).click();
  await page.locator('.graph-nodes [data-key]').nth(2).waitFor();
  await page.locator('.graph-edge').first().waitFor({ state: 'attached' });
  await browser.look(page, 'program_workflow');

  for (const [path, words] of [['agents', 'team'], ['servers', 'Sole route: by-passable'], ['rules', 'no-b-right'],
    ['rules/proposals', 'Nobody has proposed a rule'], ['audit?part=rules', 'rules came into force']]) {
    await page.goto(`${gateway.address}/console/${path}`);
    await page.getByText(words).first().waitFor();
    await browser.look(page, `program_${path.replace(/\W/g, '_')}`);
  }

  await page.goto(`${gateway.address}/console/rules/test`);
  await page.getByLabel('Agent').fill('b');
  await page.getByLabel('Server').fill('right');
  await page.getByLabel('Tool or resource').fill('change');
  await page.keyboard.press('Enter');
  await page.getByText('no-b-right').first().waitFor();
  await page.getByText('deny', { exact: true }).waitFor();
  await page.goto(`${gateway.address}/console/rules/edit`);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('it loads').waitFor();
});
