// Texts that deceive, before people at the console of the program itself: agents and servers wrote each text of
// tests/vectors/hostile_text.json where they can. Nothing becomes an element, runs, leaves or is hidden, on any page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HostileStory } from '../e2e/support/hostile_calls.mjs';
import { LONG_TEXTS, SHORT_TEXTS, is_text } from '../e2e/support/hostile_text.mjs';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { made_of_text, marks_of, watched } from './support/hostile_page.mjs';

const options = { skip: no_pawl() || no_browser(), timeout: 280_000 };
const LONGEST_MS = 8000;                       // until a page shows, megabytes included
const texts = SHORT_TEXTS.filter(is_text);
let story, browser, page, watch, address;
const held = {};                               // name -> id of the approval

async function hold(name, args) {
  const { text } = await story.call('a', 'probe', args);
  held[name] = /show ([0-9a-f-]{36})/.exec(text)?.[1];
  assert.ok(held[name], text.slice(0, 300));
}

before(async () => {
  if (options.skip) return;
  story = await HostileStory.start({ sign_in: {} });
  const { pawl } = story;
  await hold('values', Object.fromEntries(texts.map(({ name, text }) => [name, text])));
  await hold('names', Object.fromEntries(texts.map(({ text }) => [text, 'harmless'])));
  for (const { id } of story.held_by('tool').slice(0, 30)) await pawl.run(['approvals', 'propose', id, '--config', pawl.config_file]);
  await pawl.run(['stop', 'tool:s/another', '--reason', texts.find(({ name }) => name === 'html').text, '--config', pawl.config_file]);
  const program = await Program.around(pawl, story.ann);
  address = program.address;
  browser = await Browser.start();
  page = await browser.page();
  watch = await watched(page, address);
  await Approver.join(program, browser, 'bob', { grants: ['approver', 'operator', 'auditor'], page });
});

after(async () => {
  await browser?.close();
  await story?.close();
});

/** Goes there, waits until it is shown, and looks at all that stands there. */
async function look(path, within_ms = LONGEST_MS) {
  const began = performance.now();
  await page.goto(`${address}/console${path}`);
  await page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('h1'), undefined, { timeout: within_ms * 2 });
  const took = performance.now() - began;
  await page.waitForTimeout(200);
  assert.deepEqual((await made_of_text(page)).slice(0, 5), [], path.slice(0, 80));
  await browser.fits(page, path);
  assert.ok(took < within_ms, `${path}: shown after ${took} ms`);
  assert.equal(await page.getByRole('link', { name: 'Approvals' }).first().isVisible(), true, `${path}: the way on is there`);
}

test('each page: no element, no attribute, nothing hidden, and it fits', options, async () => {
  // Refusals that come at once share a summary: not each has a record of its own.
  const record = (way) => {
    const all = story.asked.filter((one) => one.way === way && one.record !== undefined);
    return (all.find(({ one }) => one.category === 'html') ?? all[0]).record;
  };
  const { claims } = await story.pawl.json('ledger', 'show', record('tool'));
  for (const path of ['/', '/approvals', '/workflows', `/workflows/${claims.wid}`, '/agents', '/servers', '/rules', '/rules/edit', '/rules/test',
    '/rules/proposals', '/ledger', '/ledger?outcome=failed', '/ledger?outcome=denied', '/ledger?outcome=held', `/ledger/${record('tool')}`, `/ledger/${record('refused tool')}`,
    `/ledger/${record('error')}`, `/ledger/${record('resource')}`, '/audit', '/audit?part=rules', '/audit?part=approvals', '/account']) {
    await look(path);
  }
});

test('a list has each name, marked where it deceives', options, async () => {
  await look('/approvals');
  const names = await page.locator('a.call').count();
  assert.ok(names > 50, `${names} calls are listed`);
  assert.ok((await marks_of(page.locator('main'))).length > 50);
});

test('all values of one call: each is marked as the corpus says, with a name that is heard', options, async () => {
  await look(`/approvals/${held.values}`);
  await page.getByText('digest checked here').waitFor();
  const rows = page.locator('.values .value');
  assert.equal(await rows.count(), texts.length);
  for (const { name, marks, shows } of texts) {
    const row = rows.filter({ has: page.locator('.value-name', { hasText: new RegExp(`^${name.replace(/[^\w ,]/g, '.')}(unusual)?$`) }) });
    const found = await marks_of(row.locator('.value-text'));
    const expected = marks.flatMap(([hazard, code, times = 1]) => Array.from({ length: times }, () => [hazard, code]));
    assert.deepEqual(found.map(({ hazard, label }) => [hazard, /U\+([0-9A-F]+)/.exec(label)?.[1].replace(/^0+(?=.)/, '').toLowerCase()]), expected, name);
    for (const { title } of found) assert.match(title, /^U\+[0-9A-F]{4,6}\b.*: ./, name);
    const shown = await row.locator('.value-text').evaluate((cell) => cell.textContent.replaceAll(/[\u21b5\u2192]/g, ''));
    if (!/\n/.test(shows)) assert.ok(shown.includes(shows), `${name}: ${shows} is not in ${shown.slice(0, 120)}`);
  }
});

test('all names of one call, its exact text, the editor and what it changes', options, async () => {
  await look(`/approvals/${held.names}`);
  assert.equal(await page.locator('.values .value').count(), texts.length);
  await page.getByText('The exact text, as it is signed').click();
  assert.deepEqual((await made_of_text(page)).slice(0, 5), []);
  await page.getByRole('button', { name: 'Change the arguments' }).click();
  const area = page.locator('#editor');
  const text = await area.inputValue();
  await area.fill(text.replaceAll('"harmless"', JSON.stringify(`<img src=x onerror=alert(1)>\u202e${texts[0].text}`)));
  const differences = page.locator('.editor .diffs .diff');
  await differences.first().waitFor();
  assert.equal(await differences.count(), texts.length);
  assert.deepEqual((await made_of_text(page)).slice(0, 5), []);
  await browser.fits(page, 'the editor');
});

test('what stands behind a megabyte of padding is seen at once, and its size is told', options, async () => {
  for (const { one, id } of story.held_by('value').filter(({ one }) => LONG_TEXTS.includes(one))) {
    await look(`/approvals/${id}`);
    const value = page.locator('.values .value', { hasText: 'value' }).first();
    assert.ok((await page.locator('main').innerText()).length < 60_000, `${one.name}: little is drawn`);
    await value.locator('.shown').first().waitFor();
    assert.match(await value.innerText(), /\d (KiB|MiB)|\d bytes/, `${one.name}: the size of what is folded`);
    const tail = value.getByText(one.shows).first();
    for (let opened = 0; opened < 12 && await tail.count() === 0; opened += 1) {     // no pattern: folded, and its size is told
      await value.getByRole('button', { name: /KiB|MiB|bytes/ }).filter({ hasText: /show/ }).first().press('Enter');
    }
    await tail.waitFor();
  }
  for (const { id } of story.held_by('argument').filter(({ one }) => LONG_TEXTS.includes(one))) await look(`/approvals/${id}`);
});

test('texts in the address of a page are texts', options, async () => {
  for (const { name, text } of texts.filter(({ category }) => ['html', 'template', 'bidi'].includes(category))) {
    const path = `/ledger?agent=${encodeURIComponent(text)}`;
    await page.goto(`${address}/console${path}`);
    await page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('h1'));
    const made = (await made_of_text(page)).filter((what) => !/^hidden in INPUT/.test(what));    // a field has what was asked for
    assert.deepEqual(made, [], `${name} in ${path.slice(0, 30)}`);
  }
  for (const { name, text } of texts.filter(({ category }) => category === 'html')) {
    const answer = await page.goto(`${address}/console/approvals/${encodeURIComponent(text)}`);
    if (answer.status() === 404) {
      assert.equal((await answer.json()).detail, 'no such file of the console', name);
      assert.match(answer.headers()['content-type'], /^application\/(problem\+)?json/);
      continue;
    }
    assert.equal(answer.status(), 200, name);
    await page.locator('h1').waitFor();
    assert.deepEqual(await made_of_text(page), [], name);
  }
});

test('nothing ran, asked, opened or left, and the policy of content was not touched', options, () => {
  assert.deepEqual(watch.happened, []);
  browser.no_faults();
});
