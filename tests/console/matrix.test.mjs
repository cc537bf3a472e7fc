// People decide in a browser on what official clients of both eras wait for, in each way that a client can wait: every
// cell of the matrix of tests/e2e/waiting.test.mjs, in every story. One program, one browser, two people with passkeys.
//
// The clients keep their defaults, and the gateway its patience. In the way `page` the browser opens the very address
// that the client was given.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { no_pawl } from '../e2e/support/pawl.mjs';
import { approvals, pending } from '../e2e/support/people.mjs';
import { start_both_references } from '../e2e/support/reference.mjs';
import { wait_for } from '../e2e/support/wait.mjs';
import { CELLS, waiting_client } from '../e2e/support/waiting.mjs';
import { verify } from '../e2e/verify/independent/verify.mjs';
import { Approver, Program } from './support/approver.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const hold = (id, terms, ...wants) => ({ id, when: { tool: 'probe_echo', ...wants.length > 0 && { arguments: { wants: { equals: wants[0] } } } },
  then: { hold: { roles: ['approver'], ...terms } }, reason: 'people are asked first' });
const RULES = [hold('two', { of: 2 }, 'two people'), hold('soon', { within: '3s' }, 'an answer soon'), hold('ask', {}),
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' }];
const CLIENTS_GIVE_UP_S = 60;    // both SDKs, when nobody says otherwise
const PATIENCE_S = 45;           // the gateway, likewise
const options = { skip: no_pawl() || no_browser(), timeout: 90_000 };
let references, program, browser, bob, cleo;
let next = 1;
const unhurried = [];
const wanted = (name) => name.includes(process.env.PAWL_CONSOLE_ONLY ?? '');
const slow = (era) => `a person takes longer than the gateway waits: ${era}, plain`;
const ERAS = ['legacy', 'modern'].filter((era) => wanted(slow(era)));

before(async () => {
  if (options.skip) return;
  references = await start_both_references('pawl-matrix-');
  program = await Program.start({ agents: { a: {}, unhurried: {} }, rules: RULES,
    servers: { legacy: { url: references.legacy.url }, modern: { url: references.modern.url } } });
  browser = await Browser.start();
  bob = await Approver.join(program, browser, 'bob');
  cleo = await Approver.join(program, browser, 'cleo');
  for (const era of ERAS) {
    unhurried.push(await Call.begin({ era, way: 'plain' }, { agent: 'unhurried' }));
  }
});
after(async () => {
  for (const call of unhurried) await call.close();
  await browser?.close();
  await program?.close();
  await references?.stop();
});

/** One call of a client that waits, seen from all sides. */
class Call {
  static async begin(cell, { wants = 'one person', agent = 'a' } = {}) {
    const call = Object.assign(new Call(), { ...cell, agent, args: { wants, n: next++, kept: 'as it was asked' }, clients: [] });
    const known = new Set((await approvals(program.pawl)).map(({ id }) => id));
    call.is_new = { fits: ({ id }) => !known.has(id) };
    await call.ask();
    const [one] = await pending(program.pawl, call.is_new);
    call.id = one.id;
    return call;
  }

  async ask() {
    this.client = await waiting_client(this, { url: program.pawl.mcp_url(this.era), key: program.pawl.keys[this.agent] });
    this.clients.push(this.client);
    await this.repeat();
  }

  /** The same arguments once more, as a client does that was told to come back. */
  async repeat() {
    const began = performance.now();
    const { end } = await this.client.begin(this.args);
    this.ended = end().then((end_of) => ({ ...end_of, took_s: (performance.now() - began) / 1000 }));
    this.ended.catch(() => {});    // whoever waits for it sees it
  }

  /** What the server behind was asked to execute of it. */
  async arrived() {
    return (await references.calls(this.era)).filter(({ arguments: args }) => args?.n === this.args.n).map(({ arguments: args }) => args);
  }

  /** A person comes to it as people would: by the address that the client was given, or by the list. */
  async shown_to(person) {
    if (this.way === 'page') {
      const url = await wait_for('the address that the client is given', () => this.client.pages[0]);
      assert.equal(url, `${program.address}/console/approvals/${this.id}`);
      await person.open(url);
    } else {
      await person.choose(this.id);
    }
  }

  async close() {
    for (const client of this.clients) await client.close();
  }
}

const changed = ({ args: { wants, n } }) => ({ wants, n, said: 'by bob' });
const change_it = (call) => (text) => JSON.stringify({ ...JSON.parse(text), arguments: changed(call) });
const is_told_what_changed = ({ meta }) => assert.deepEqual(meta['pawl.record/approval'].changed, ['/arguments/kept', '/arguments/said']);

/** wants: which rule holds it; people: what they do; arrives: the arguments that the server gets, once; says: what the client is told. */
const STORIES = [
  { name: 'one person approves', arrives: ({ args }) => args, says: /as it was asked/,
    people: async (call) => {
      await call.shown_to(bob);
      assert.deepEqual(await call.arrived(), [], 'nothing is sent before');
      await bob.approve();
    } },
  { name: 'one person denies', says: /was denied by bob \(approver\)/,
    people: async (call) => {
      await call.shown_to(bob);
      await bob.deny();
    } },
  { name: 'a person changes the arguments', arrives: changed, says: /A person changed this call before it ran.*\/arguments\/kept/,
    people: async (call) => {
      await call.shown_to(bob);
      await bob.approve_changed(change_it(call));
    },
    also: is_told_what_changed },
  { name: 'nobody decides', wants: 'an answer soon', says: /nobody decided in time/,
    people: async (call) => {
      await bob.page.goto(`${program.address}/console/approvals/${call.id}`);
      await bob.page.getByRole('status').filter({ hasText: 'It is over' }).waitFor();
      assert.equal(await bob.page.getByRole('button', { name: 'Approve with passkey' }).count(), 0);
    } },
  { name: 'two people approve', wants: 'two people', arrives: ({ args }) => args, says: /as it was asked/,
    people: async (call) => {
      await call.shown_to(bob);
      await bob.approve();
      await bob.page.getByText('You have signed this.').waitFor();
      await bob.page.getByText('1 is still missing').waitFor();
      assert.deepEqual(await call.arrived(), [], 'one is not enough');
      await call.shown_to(cleo);
      await cleo.approve();
      await cleo.sees_it_decided();
    } },
  { name: 'two people approve what the first one changed', wants: 'two people', arrives: changed, says: /A person changed this call before it ran/,
    people: async (call) => {
      await call.shown_to(bob);
      await bob.approve_changed(change_it(call));
      await bob.page.getByText('You have signed this.').waitFor();
      assert.equal(await bob.page.getByText('Somebody else signed other arguments').count(), 0);
      await call.shown_to(cleo);
      await cleo.page.getByRole('heading', { name: 'Changed by who signed before' }).waitFor();
      assert.deepEqual(await call.arrived(), [], 'one is not enough');
      await cleo.approve({ as_changed: true });
      await cleo.sees_it_decided();
    },
    also: is_told_what_changed },
  { name: 'the gateway is killed while a person looks', arrives: ({ args }) => args, says: /as it was asked/,
    people: async (call) => {
      await call.shown_to(bob);
      await program.kill_and_start();
      if (call.client.moved === undefined) await call.ask();    // its connection is gone; a task is asked for again by its client
      await bob.page.getByText('Your session has ended.').waitFor();
      await bob.sign_in_again();
      await bob.sees_arguments();
      assert.ok(bob.page.url().endsWith(call.id), 'where they were');
      assert.deepEqual((await pending(program.pawl, call.is_new)).map(({ id }) => id), [call.id], 'it attached');
      await bob.approve();
    } },
];

async function tell(t, cell, story) {
  const call = await Call.begin(cell, story);
  t.after(() => call.close());
  await story.people(call);
  await bob.sees_it_decided();
  const ended = await call.ended;
  assert.equal(ended.failed, story.arrives === undefined, ended.text);
  assert.match(ended.text, story.says);
  story.also?.(ended);
  assert.deepEqual(await call.arrived(), story.arrives === undefined ? [] : [story.arrives(call)]);
  if (cell.era === 'modern' && cell.way === 'page') {
    await browser.look(bob.page, `matrix_${story.name.replaceAll(' ', '_')}`);
  }
}

const [restart, others] = [STORIES.at(-1), STORIES.slice(0, -1)];
const each_cell = (story) => {
  for (const cell of CELLS) {
    const name = `${story.name}: ${cell.era}, ${cell.way}`;
    if (wanted(name)) test(name, options, (t) => tell(t, cell, story));
  }
};
others.forEach(each_cell);

for (const [at, era] of ERAS.entries()) {
  test(`${slow(era)}: the client is answered before it gives up, and comes back`, options, async () => {
    const call = unhurried[at];
    const { text, failed, meta, took_s } = await call.ended;
    assert.equal(failed, false, text);
    assert.equal(meta['pawl.record/approval'].id, call.id);
    assert.ok(took_s >= PATIENCE_S - 1 && took_s < CLIENTS_GIVE_UP_S, `after ${took_s} s`);
    await bob.choose(call.id);
    await bob.approve();
    await bob.sees_it_decided();
    assert.deepEqual(await call.arrived(), [], 'nobody waits now');
    await call.repeat();
    const again = await call.ended;
    assert.equal(again.failed, false, again.text);
    assert.match(again.text, /as it was asked/);
    assert.deepEqual(await call.arrived(), [call.args]);
  });
}

each_cell(restart);

test('both verifiers find every decision good, on the page where people signed, and nowhere else', options, async () => {
  browser.no_faults();
  await program.pawl.stop();
  const trust = join(program.pawl.folder, 'log.trust');
  await program.command('trust', 'pin', '-o', trust);
  await program.command('verify', program.pawl.data, '--trust', trust, '--rp', program.address);
  const elsewhere = await program.pawl.run(['verify', program.pawl.data, '--trust', trust, '--rp', 'http://localhost:1']);
  assert.equal(elsewhere.code, 1, elsewhere.stdout);
  await program.command('trust', 'pin', '-o', trust, '--rp', program.address);
  const { verdict, approvals: counted } = await program.pawl.json('verify', program.pawl.data, '--trust', trust);
  assert.deepEqual([verdict, counted.decisions], ['good', bob.signed + cleo.signed]);
  assert.equal((await verify(program.pawl.data, { trust })).verdict, 'good');
});
