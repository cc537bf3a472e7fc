// What pages that look do: a record's proof is checked in the browser, the graph is used by keys alone and does not
// move when records come, the ledger is searched and followed, and the rules page puts nothing into force.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PlayedGateway } from './played/gateway.mjs';
import { PlayedLog } from './played/log.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const options = { skip: no_browser() };
let browser;
before(async () => { if (!no_browser()) browser = await Browser.start(); });
after(async () => { await browser?.close(); browser?.no_faults(); });

const verdict = (page, word) => page.locator(`[data-verdict="${word}"]`).waitFor();

async function open(t, path, prepare) {
  const gateway = await PlayedGateway.start();
  prepare?.(gateway);
  const page = await browser.page(gateway, { path: path(gateway) });
  t.after(async () => {
    await page.context().close();
    await gateway.close();
  });
  return { page, gateway };
}

async function bring(page, trust) {
  const file = join(tmpdir(), `pawl-console-${process.pid}-${Math.random().toString(36).slice(2)}.trust`);
  await writeFile(file, typeof trust === 'string' ? trust : JSON.stringify(trust));
  await page.locator('#trust-file').setInputFiles(file);
}

test('a record is consistent by its server\'s keys, proven by the reader\'s own, and bad by another log\'s', options, async (t) => {
  const { page, gateway } = await open(t, (played) => `/console/ledger/${played.record_of('refund').id}`);
  await verdict(page, 'consistent');
  assert.equal(await page.getByText('Proven', { exact: true }).count(), 0);
  await bring(page, gateway.log.trust);
  await verdict(page, 'proven');
  await page.reload();
  await verdict(page, 'proven');
  await bring(page, new PlayedLog().trust);
  await verdict(page, 'bad');
  await bring(page, 'not a trust file');
  await page.getByText('Not taken: it is not JSON.').waitFor();
  await page.getByRole('button', { name: 'Forget it' }).click();
  await verdict(page, 'consistent');
});

const CHANGES = [
  ['one letter of the signature', (record) => {
    const at = record.token.length - 20;
    record.token = record.token.slice(0, at) + (record.token[at] === 'A' ? 'B' : 'A') + record.token.slice(at + 1);
    record.proof.leaf = Buffer.from(record.token).toString('base64url');
  }],
  ['one hash of the path', (record) => { record.proof.path[1] = record.proof.path[0]; }],
  ['the root of the checkpoint', (record) => {
    const lines = record.proof.checkpoint.split('\n');
    lines[2] = Buffer.alloc(32, 7).toString('base64');
    record.proof.checkpoint = lines.join('\n');
  }],
  ['another agent in the claims that are shown', (record) => {
    record.claims = structuredClone(record.claims);
    record.claims.ect_ext['pawl.tool'].agent = 'somebody-else';
  }],
];

for (const [what, change] of CHANGES) {
  test(`changed: ${what}: it does not hold`, options, async (t) => {
    const { page } = await open(t, (played) => `/console/ledger/${played.record_of('refund').id}`, (played) => {
      const record = played.log.detail(played.record_of('refund'));
      change(record);
      played.instead.set(`records/${record.id}`, [200, record]);
    });
    await verdict(page, 'bad');
    await page.getByText('Do not rely on this record.').waitFor();
    assert.equal(await page.getByText('somebody-else').count(), 0, 'what was not signed is not shown');
  });
}

test('a record without a proof is not checked, says why, and never looks like success, until there is one', options, async (t) => {
  const { page, gateway } = await open(t, (played) => `/console/ledger/${played.record_of('refund').id}`, (played) => {
    const record = { ...played.log.detail(played.record_of('refund')), proof: null, proof_problem: 'two witnesses have not signed' };
    played.instead.set(`records/${record.id}`, [200, record]);
  });
  await verdict(page, 'undecided');
  await page.getByText('Not checked', { exact: true }).waitFor();
  await page.getByText('two witnesses have not signed').waitFor();
  gateway.instead.clear();
  await verdict(page, 'consistent');
});

test('the graph by keys alone: arrows follow the edges, Enter opens a record with its proof', options, async (t) => {
  const { page } = await open(t, (played) => `/console/workflows/${played.workflows[0]}`);
  await page.locator('.graph-nodes [data-key]').first().waitFor();
  await page.getByRole('button', { name: 'Tidy up' }).focus();
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  if (!(await focused()).startsWith('list_open')) {
    await page.keyboard.press('Tab');  // the scroller before the graph
  }
  assert.match(await focused(), /^list_open triage/);
  await page.keyboard.press('ArrowRight');
  assert.match(await focused(), /^read_ticket/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await focused(), /^list_open/);
  await page.keyboard.press('End');
  assert.match(await focused(), /^find_sent writer .* error/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await focused(), /^send writer .* unknown/);
  await page.keyboard.press('Enter');
  await verdict(page, 'consistent');
  await page.getByRole('complementary').getByText('timeout', { exact: true }).waitFor();
  await page.getByRole('complementary').getByRole('button', { name: 'Close', exact: true }).press('Enter');
  assert.match(await focused(), /^send writer/, 'back where it was opened');
});

test('what agents wrote makes no element of the graph, of the list or of a record', options, async (t) => {
  const { page, gateway } = await open(t, (played) => `/console/workflows/${played.workflows[0]}`);
  await page.locator('.graph-nodes [data-key]').first().waitFor();
  assert.equal(await page.locator('img').count(), 0);
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.getByRole('button', { name: /read.*gpj/ }).click();
  await verdict(page, 'consistent');
  assert.equal(await page.locator('img').count(), 0);
  assert.ok(await page.getByText('U+202E').count() > 0, 'and what it hides is named');
  assert.ok(gateway.requests.length > 0);
});

test('records that come are drawn, and what is drawn does not move', options, async (t) => {
  const { page, gateway } = await open(t, (played) => `/console/workflows/${played.workflows[0]}`);
  await page.locator('.graph-nodes [data-key]').first().waitFor();
  const places = () => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.graph-nodes [data-key]')]
    .map((part) => [part.getAttribute('data-key'), part.getAttribute('transform')])));
  const before = await places();
  const cause = gateway.record_of('comment');
  const row = gateway.log.append({ kind: 'tool.call', at: cause.at + 30, workflow: cause.workflow,
    causes: [{ id: cause.id, basis: 'traced' }],
    body: { agent: 'triage', server: 'tickets', tool: 'close_ticket', outcome: 'confirmed' } });
  gateway.events.tell('record', { ...row, causes: undefined, claims: undefined, token: undefined });
  await page.locator(`[data-key="${row.id}"]`).waitFor();
  const after = await places();
  assert.equal(Object.keys(after).length, Object.keys(before).length + 1);
  for (const [key, place] of Object.entries(before)) {
    assert.equal(after[key], place);
  }
});

test('without a stream of events records are drawn, too', options, async (t) => {
  const { page, gateway } = await open(t, (played) => `/console/workflows/${played.workflows[2]}`, (played) => { played.is_deaf = true; });
  await page.locator('.graph-nodes [data-key]').first().waitFor();
  await page.getByText('Not live').waitFor();
  const row = gateway.log.append({ kind: 'tool.call', at: gateway.log.records.at(-1).at + 1, workflow: gateway.workflows[2],
    body: { agent: 'triage', server: 'tickets', tool: 'close_ticket', outcome: 'confirmed' } });
  await page.locator(`[data-key="${row.id}"]`).waitFor({ timeout: 15_000 });
});

test('the ledger: searched by keys, kept in the address, followed as records come, saved as it is shown', options, async (t) => {
  const { page, gateway } = await open(t, () => '/console/ledger');
  const rows = page.locator('.records tbody tr');
  await rows.first().waitFor();
  await page.getByLabel('Agent', { exact: true }).focus();
  await page.keyboard.type(' billing');
  await page.getByLabel('Tool or resource').pressSequentially('a b');
  assert.equal(await page.getByLabel('Tool or resource').inputValue(), 'a b', 'a name with a space can be typed');
  await page.getByLabel('Tool or resource').fill('');
  await page.keyboard.press('Enter');
  await page.waitForURL(/agent=billing/);
  await page.waitForFunction(() => document.querySelectorAll('.records tbody tr').length === 3);
  const come = (agent, n) => gateway.events.tell('record', { index: 500 + n, id: `019ae000-0000-7000-8000-00000000000${n}`,
    kind: 'tool.call', at: Math.floor(Date.now() / 1000), agent, server: 'orders', name: `came_${n}`, outcome: 'confirmed', workflow: '' });
  come('triage', 1);
  come('billing', 2);
  await page.getByText('came_2').waitFor();
  assert.equal(await page.getByText('came_1').count(), 0);
  assert.match(await rows.first().innerText(), /came_2/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save these as JSON' }).click()]);
  const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.deepEqual(saved.records.map(({ name }) => name), ['came_2', 'read_receipt', 'refund', 'find_order']);
});

test('the rules page checks and tests, and nothing that it sends takes force', options, async (t) => {
  const { page, gateway } = await open(t, () => '/console/rules/proposals');
  await page.getByRole('button', { name: 'Put it into the editor' }).click();
  await page.getByLabel('Text of rules.yaml').waitFor();
  await page.getByText('refunds-below-20').first().waitFor();
  await page.getByText('pawl rules sign rules.yaml').first().waitFor();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('rule no-secrets never decides').waitFor();
  await page.getByRole('link', { name: 'Test', exact: true }).click();
  await page.getByLabel('Tool or resource').fill('refund');
  await page.keyboard.press('Enter');
  const answer = page.getByRole('region', { name: 'Answer' }).getByText('refunds-need-a-person');
  await answer.first().waitFor();
  await page.getByLabel('Tool or resource').fill('refund_all');
  await answer.first().waitFor({ state: 'detached' });    // it was of another call
  const sent = gateway.requests.filter((request) => !request.startsWith('GET ')).map((request) => request.split('?')[0]);
  assert.deepEqual([...new Set(sent)].sort(), ['POST /api/v1/rules/check', 'POST /api/v1/rules/test']);
});

test('what a proposal hides is named where it is reviewed', options, async (t) => {
  const { page } = await open(t, () => '/console/rules/proposals', (played) => played.instead.set('rules/proposals', [200, { proposals: [
    { id: '019ab000-0000-7000-8000-0000000000f1', at: 1, by: 'bob', reason: '', text: '  - id: a\u202eb\n    then: allow\n' }] }]));
  await page.getByRole('button', { name: 'Put it into the editor' }).click();
  await page.locator('.changes .mark-bidi').getByText('U+202E').waitFor();
});

test('the audit says who did what', options, async (t) => {
  const { page } = await open(t, () => '/console/audit');
  const row = page.locator('.records tbody tr').filter({ hasText: 'added a passkey' });
  await row.waitFor();
  assert.match(await row.innerText(), /alice@example\.org/);
  await page.getByRole('link', { name: 'Keys', exact: true }).click();
  await page.getByText('No key has changed').waitFor();
});
