// The pages that follow what happens, before the real stream of events: official clients call, a call waits and is
// decided, the gateway is killed and comes back. Nobody reloads a page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from '../e2e/support/clients.mjs';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { control, pending } from '../e2e/support/people.mjs';
import { start_both_references } from '../e2e/support/reference.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const RULES = [
  { id: 'ask', when: { tool: 'probe_echo', arguments: { ask: { equals: 'people' } } }, then: { hold: { roles: ['approver'] } }, reason: 'people are asked first' },
  { id: 'no', when: { tool: 'probe_echo', arguments: { ask: { equals: 'nobody' } } }, then: 'deny', reason: 'never' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' }];
// How lines of the graph are drawn: console/src/graph/looks.ts.
const DASHES = { declared: 'none', data: '9 3 2 3', resource: '5 4', inferred: '1.5 4' };
const options = { skip: no_pawl() || no_browser(), timeout: 90_000 };
let references, program, browser, bob, cleo, agent;
const records = [];

before(async () => {
  if (options.skip) return;
  references = await start_both_references('pawl-live-');
  const tools = { probe_echo: { effects: 'changing', reads: ['args.from'], writes: ['args.to'] } };
  program = await Program.start({ agents: { planner: {}, writer: {} }, rules: RULES,
    servers: { legacy: { url: references.legacy.url, tools }, modern: { url: references.modern.url, tools } } });
  browser = await Browser.start();
  bob = await Approver.join(program, browser, 'bob');
  cleo = await Approver.join(program, browser, 'cleo');
  agent = await client();
});
after(async () => {
  await agent?.close();
  await browser?.close();
  await program?.close();
  await references?.stop();
});

/** A session of 2025-11-25 is a workflow. */
const client = () => legacy_client({ url: program.pawl.mcp_url('legacy'), key: program.pawl.keys.planner });

/** One call; its record's id is kept. @returns {Promise<string>} the text of the answer */
async function call(args, meta) {
  const { content, _meta } = await agent.callTool({ name: 'probe_echo', arguments: args, ...meta && { _meta: meta } });
  records.push(_meta['pawl.record/id']);
  return content[0].text;
}

/** A page is as it was: a mark on its window is gone with a reload. */
const mark = (person) => person.page.evaluate(() => { window.pawl_mark = true; });
async function was_not_reloaded(person) {
  assert.equal(await person.page.evaluate(() => window.pawl_mark), true, `${person.name}'s page was loaded anew`);
}

const node = (person, id) => person.page.locator(`[data-key="${id}"]`);
/** How many lines the graph has of this basis. */
const lines = (person, basis) => person.page.locator(`.graph-edges .graph-edge[stroke-dasharray="${DASHES[basis]}"]`).count();
const tile = (person, title) => person.page.locator('.tile', { hasText: title }).locator('.tile-value');
const agent_row = (person, name) => person.page.getByRole('row').filter({ hasText: name });
const is_live = (person) => person.page.getByText('Live', { exact: true }).waitFor();

test('a workflow appears in the list, and can be opened', options, async () => {
  await bob.page.goto(`${program.address}/console/workflows`);
  await bob.page.getByText('No workflow yet').waitFor();
  await mark(bob);
  await call({ step: 1, to: '/srv/report' });
  await bob.page.locator('.workflow a').first().click();
  await node(bob, records[0]).waitFor();
  await was_not_reloaded(bob);
});

test('each call becomes a node as it happens, with a line for what it followed, by its basis', options, async () => {
  await is_live(bob);
  const step = async (basis, args, meta) => {
    const before = await lines(bob, basis);
    const text = await call(args, meta);
    await node(bob, records.at(-1)).waitFor();
    assert.equal(await lines(bob, basis), before + 1, basis);
    return text;
  };
  await step('inferred', { step: 2 });
  const text = await step('resource', { step: 3, from: '/srv/report' });
  await step('data', { step: 4, seen: text });
  const { body } = await control(program.pawl, `records/${records[0]}`);
  await step('declared', { step: 5 }, { 'pawl.record/parents': [body.token] });
  await was_not_reloaded(bob);
  await browser.look(bob.page, 'live_workflow');
});

test('a call that waits is on the overview at once, and in the graph when it was decided', options, async () => {
  const { page } = cleo;
  await page.goto(`${program.address}/console/`);
  await is_live(cleo);
  await mark(cleo);
  assert.equal(await tile(cleo, 'Waiting for people').innerText(), '0');
  const ended = call({ step: 6, ask: 'people' });
  const [one] = await pending(program.pawl);
  await page.locator(`a.line-main[href$="/${one.id}"]`).waitFor();
  await page.waitForFunction(() => document.title.startsWith('(1)'));
  await agent_row(cleo, 'planner').getByRole('cell', { name: '1', exact: true }).waitFor();    // it holds one
  await page.getByRole('status').filter({ hasText: 'New approval' }).waitFor({ state: 'attached' });
  await browser.look(page, 'live_overview');
  await page.locator(`a.line-main[href$="/${one.id}"]`).click();
  await cleo.sees_arguments();
  await cleo.approve();
  await cleo.sees_it_decided();
  await ended;
  await node(bob, records.at(-1)).waitFor();
  await was_not_reloaded(cleo);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByText('No call waits for anybody.').waitFor();
  await was_not_reloaded(cleo);
});

test('calls and refusals of agents of both eras are counted on the overview while one looks', options, async () => {
  const writer = await modern_client({ url: program.pawl.mcp_url('modern'), key: program.pawl.keys.writer });
  const { isError } = await writer.callTool({ name: 'probe_echo', arguments: { ask: 'nobody' } }).catch(() => ({ isError: true }));
  assert.equal(isError, true);
  const row = agent_row(cleo, 'writer');
  await row.locator('.some-bad').filter({ hasText: '1' }).waitFor();
  await writer.close();
  await was_not_reloaded(cleo);
});

test('the gateway is killed: the pages say so, keep what they show, and go on when it is back', options, async () => {
  await program.pawl.kill();
  for (const { page } of [bob, cleo]) await page.getByText(/^(Connecting|Not live)$/).waitFor();
  await cleo.page.getByText('The gateway does not answer; what you see may be old.').waitFor({ timeout: 30_000 });
  await browser.look(cleo.page, 'live_gateway_is_gone');
  assert.equal(await agent_row(cleo, 'planner').count(), 1, 'what was read is still there');
  assert.equal(await node(bob, records[0]).count(), 1, 'and the graph');
  await program.pawl.serve();
  for (const person of [bob, cleo]) {
    await person.page.getByText('Your session has ended.').waitFor({ timeout: 30_000 });
    await person.sign_in_again();
    await is_live(person);
    await was_not_reloaded(person);
  }
  await node(bob, records.at(-1)).waitFor();
  await cleo.page.getByText('The gateway does not answer').waitFor({ state: 'detached' });
  const { body } = await control(program.pawl, `records/${records[0]}`);
  await agent.close();
  agent = await client();
  await call({ step: 7 }, { 'pawl.record/parents': [body.token] });
  await node(bob, records.at(-1)).waitFor();
  await agent_row(cleo, 'planner').getByRole('cell', { name: '1', exact: true }).waitFor();    // since this start
  await was_not_reloaded(bob);
});

test('the pages threw nothing and kept to the policy of content', options, () => browser.no_faults());
