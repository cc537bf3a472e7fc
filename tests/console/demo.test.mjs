// What `./run` asks of a stranger: sign in with what the terminal shows, make a passkey, approve the call that waits.
// README.md shows what that prints.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { at_terminal } from '../e2e/support/at_terminal.mjs';
import { PAWL_BIN, no_pawl } from '../e2e/support/pawl.mjs';
import { NODE } from '../e2e/support/process.mjs';
import { Browser, empty_authenticator, no_browser } from './support/browser.mjs';

const STORY = fileURLToPath(new URL('../e2e/demo/story.mjs', import.meta.url));

// Ids, keys, times, ports and folders differ from run to run; lines are broken where these end.
const same_each_time = (text) => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
  .replaceAll(/\S*\/pawl-demo[^/\s]*/g, 'FOLDER').replaceAll(/(?<![\w-])[\w-]{43}(?![\w-])/g, 'KEY')
  .replaceAll(/\d+/g, 'N').replaceAll(/\s+/g, ' ').trim();

function readme_sample() {
  const [, sample] = /```text\n(.*?)```/s.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'));
  return sample.split(/\n\n|^ *\.\.\.$|^(\d\. .*)$/m).map((part) => same_each_time(part ?? '')).filter(Boolean);
}

async function tell(t) {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
  t.after(() => rm(folder, { recursive: true }));
  const shown = at_terminal(NODE, [STORY, '--folder', folder], { env: { PAWL_BIN } });
  t.after(shown.kill);
  return { folder, shown };
}

test('a stranger approves the call of the demo', { skip: no_pawl() || no_browser(), timeout: 120_000 }, async (t) => {
  const { folder, shown } = await tell(t);
  const [, address] = await shown.see(/^ +(http:\/\/localhost:\d+)\/console\/$/m);
  const browser = await Browser.start();
  t.after(() => browser.close());
  const page = await browser.page({ address });
  await empty_authenticator(page);
  const [, password] = await shown.see(/\$ cat password\.txt\s+(\S+)/);
  const [, code] = await shown.see(/one-time code {2}(\d{6})/);
  await page.getByLabel('Name').fill('bob');
  await page.getByLabel('Password').fill(password);
  await page.getByLabel('One-time code').fill(code);
  await page.getByRole('button', { name: 'Sign in with the code' }).click();
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
  await shown.see(/The page notices/);
  await page.getByRole('cell', { name: 'approver' }).waitFor();
  await page.getByRole('link', { name: 'Approvals' }).click();
  await page.locator('a.call').first().click();
  await page.getByText('digest checked here').waitFor();
  await browser.look(page, 'demo_approval');
  await page.getByRole('button', { name: 'Approve with passkey' }).click();
  assert.equal(await shown.exit, 0, shown.text());
  const text = shown.text();
  assert.equal(text.match(/\$ pawl operators enroll bob /g).length, 1, 'enrolled once');
  assert.match(text, /closed #1/);
  assert.match(text, /bob \(approver\) approved 1 use/);
  assert.match(text, /PROVEN GOOD/);
  assert.equal(JSON.parse(await readFile(join(folder, 'tickets.json'), 'utf8'))[0].state, 'closed');
  browser.no_faults();
  let rest = same_each_time(text);
  for (const part of readme_sample()) {
    const at = rest.indexOf(part);
    assert.ok(at >= 0, `README.md shows what is not printed, or not in this order: ${part}`);
    rest = rest.slice(at + part.length);
  }
});
