// The console under load: a first load of at most 300 KB, ten thousand records as at most 500 nodes laid out in
// a worker, and a thousand events a second for 60 seconds without a page that stops. PAWL_CONSOLE_LOAD_S=10: shorter.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { LARGE, PlayedGateway } from './played/gateway.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { measured } from './support/measured.mjs';
import { DIST } from './support/stand_in.mjs';

const SECONDS = Number(process.env.PAWL_CONSOLE_LOAD_S ?? 60);
const RATE = 1000;
const MOST_FIRST = 300 * 1024;
const MOST_HEAP = 1 << 20;               // it is flat: not 18 bytes of an event stay

let browser;
before(async () => { if (!no_browser()) browser = await Browser.start(); });
after(() => browser?.close());

test('all that a first load can ask for is at most 300 KB compressed', () => {
  const files = ['index.html', ...readdirSync(join(DIST, 'assets')).map((name) => join('assets', name))];
  const bytes = (pack) => files.reduce((sum, name) => sum + pack(readFileSync(join(DIST, name))).length, 0);
  const [gzip, brotli] = [bytes((file) => gzipSync(file, { level: 9 })), bytes(brotliCompressSync)];
  console.log(`all files of the console: ${gzip} bytes by gzip, ${brotli} by brotli`);
  assert.ok(gzip <= MOST_FIRST, `${gzip}`);
});

test('ten thousand records are drawn as at most 500 nodes, laid out in a worker', { skip: no_browser() }, async (t) => {
  const { page, gateway } = await open(t, `/console/workflows/${LARGE}`, '.graph-nodes [data-key]');
  const drawn = () => page.locator('.graph-nodes [data-key]').count();
  const first = await drawn();
  assert.ok(first > 50 && first <= 500, `${first}`);
  assert.equal(page.workers().length, 1, 'the layout has a worker');
  await page.getByText('10,000 records, drawn as').waitFor();
  await page.locator('.graph-group').nth(40).focus();
  await page.keyboard.press('Enter');
  await page.getByText('One group is open.').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.graph-nodes [data-key]:not(.graph-group)').length > 5);
  const opened = await drawn();
  assert.ok(opened <= 500, `${opened}`);
  assert.ok(gateway.requests.some((request) => request.includes('expand=g%3A')));
  await page.getByRole('button', { name: 'Close it' }).click();
  await page.waitForFunction((count) => document.querySelectorAll('.graph-nodes [data-key]').length === count, first);
});

const PAGES = [
  { name: 'ledger', path: '/console/ledger', ready: '.records tbody tr' },
  { name: 'workflow', path: `/console/workflows/${LARGE}`, ready: '.graph-nodes [data-key]' },
  { name: 'overview', path: '/console/', ready: 'h1' },
  { name: 'approvals', path: '/console/approvals', ready: 'h1' },
];

// Two at once, each in a browser of its own: of one browser there is one trace.
describe(`${RATE} events a second for ${SECONDS} s`, { skip: no_browser(), concurrency: 2 }, () => {
  for (const { name, path, ready } of PAGES) test(name, (t) => stays_awake(t, name, path, ready));
});

async function stays_awake(t, name, path, ready) {
  const own = await Browser.start();
  t.after(() => own.close());
  const { page, gateway } = await open(t, path, ready, own);
  const at = Math.floor(Date.now() / 1000);
  const told = { count: 0 };
  const { tasks, heap } = await measured(page, async (measure_heap) => {
    const stop = gateway.events.flood(RATE, (n) => ['record', { index: 100_000 + n,
      id: `019ad000-0000-7000-8000-${String(n).padStart(12, '0')}`, kind: 'tool.call', at, agent: `agent-${n % 10}`,
      server: 'ci', name: 'run_job', outcome: n % 50 ? 'confirmed' : 'denied', workflow: n % 2 ? LARGE : '' }]);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await sleep(SECONDS * 250);
      await measure_heap(part);
    }
    told.count = stop();
  });
  console.log(`${name}: ${told.count} events, ${JSON.stringify(tasks)}, heap ${heap.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`).join(', ')}`);
  assert.ok(told.count >= RATE * SECONDS * 0.95, `${told.count} events were told`);
  assert.ok(tasks.count > 100, 'the trace has tasks');
  assert.ok(tasks.longest <= 200, `a task of ${tasks.longest} ms`);
  assert.ok(tasks.p95 <= 50 && tasks.p95_of_work <= 50, `${tasks.p95}, ${tasks.p95_of_work} ms`);
  assert.ok(heap.at(-1) - heap[0] <= MOST_HEAP, `the heap grew: ${heap.join(', ')}`);
  // And the page still answers.
  await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 2000 });
}

async function open(t, path, ready, by = browser) {
  const gateway = await PlayedGateway.start();
  const page = await by.page(gateway, { path });
  t.after(async () => {
    await page.context().close();
    await gateway.close();
  });
  await page.locator(ready).first().waitFor();
  return { page, gateway };
}
