// The console before the real program when much happens: a workflow of ten thousand recorded calls, and calls
// without a pause while somebody looks. What a played gateway tells faster is in load.test.mjs.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { RawAgent } from '../e2e/crash/raw_agent.mjs';
import { ALLOW_ALL, no_pawl } from '../e2e/support/pawl.mjs';
import { PlayedServer } from '../e2e/support/played_server.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { measured } from './support/measured.mjs';

const options = { skip: no_pawl() || no_browser(), timeout: 180_000 };
const CALLS = 10_000;
const SECONDS = Number(process.env.PAWL_CONSOLE_REAL_LOAD_S ?? 10);
const AGENTS = ['a', 'b', 'c', 'd'];
const TOOLS = ['fetch', 'parse', 'store'];
const COMPLETE = { resultType: 'complete' };
let server, program, browser, bob, agents;

before(async () => {
  if (options.skip) return;
  server = await PlayedServer.start({
    'tools/list': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private', tools: [] }),
    'tools/call': () => ({ ...COMPLETE, content: [{ type: 'text', text: 'ok' }] }) });
  program = await Program.start({ agents: Object.fromEntries(AGENTS.map((name) => [name, {}])), rules: [ALLOW_ALL],
    servers: { ci: { url: server.url, tools: Object.fromEntries(TOOLS.map((name) => [name, { effects: 'changing' }])) } } });
  const { mcp_url, keys } = { mcp_url: program.pawl.mcp_url('ci'), keys: program.pawl.keys };
  agents = Array.from({ length: 16 }, (_, i) => new RawAgent({ url: mcp_url, key: keys[AGENTS[i % AGENTS.length]] }));
  browser = await Browser.start();
  bob = await Approver.join(program, browser, 'bob');
});
after(async () => {
  agents?.forEach((agent) => agent.close());
  await browser?.close();
  await program?.close();
  await server?.close();
});

/** Each of them calls, one call after the other, while `more(n)` says so. @returns {Promise<number>} how many passed */
async function busy(callers, more, meta = () => ({})) {
  let begun = 0;
  let passed = 0;
  await Promise.all(callers.map(async (agent) => {
    while (more(begun)) {
      const n = begun++;
      const { body } = await agent.call(TOOLS[n % TOOLS.length], { n }, { meta: meta() });
      passed += body.result?.content?.[0]?.text === 'ok' ? 1 : 0;
    }
  }));
  return passed;
}

test('a workflow of ten thousand recorded calls is drawn as at most 500 nodes; each opens its proven record', options, async () => {
  const trace = randomBytes(16).toString('hex');
  const traced = () => ({ traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01` });
  const of_one = agents.filter((_, i) => i % AGENTS.length === 0);    // a workflow is of one agent
  assert.equal(await busy(of_one, (n) => n < CALLS, traced), CALLS);
  const { page } = bob;
  await page.goto(`${program.address}/console/workflows`);
  await page.locator('.workflow a').first().click();
  await page.getByText('10,000 records, drawn as').waitFor();
  const nodes = page.locator('.graph-nodes [data-key]');
  await nodes.first().waitFor();
  assert.ok(await nodes.count() <= 500, `${await nodes.count()}`);
  assert.equal(page.workers().length, 1, 'the layout has a worker');
  await page.locator('.graph-group').first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('One group is open.').waitFor();
  const record = page.locator('.graph-nodes [data-key]:not(.graph-group)').first();
  await record.waitFor();
  assert.ok(await nodes.count() <= 500, `${await nodes.count()}`);
  await record.focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-verdict="consistent"]').waitFor();
});

for (const [name, path] of [['overview', '/console/'], ['approvals', '/console/approvals']]) {
  test(`calls without a pause for ${SECONDS} s do not stop the page: ${name}`, options, async () => {
    const { page } = bob;
    await page.goto(program.address + path);
    await page.getByText('Live', { exact: true }).waitFor();
    const end = Date.now() + SECONDS * 1000;
    let passed = 0;
    const { tasks } = await measured(page, async () => { passed = await busy(agents, () => Date.now() < end); });
    console.log(`${name}: ${Math.round(passed / SECONDS)} calls a second, ${JSON.stringify(tasks)}`);
    assert.ok(passed > 100 * SECONDS, `${passed} calls`);
    assert.ok(tasks.longest <= 200 && tasks.p95 <= 50, JSON.stringify(tasks));
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 2000 });
  });
}

test('the pages threw nothing and kept to the policy of content', options, () => browser.no_faults());
