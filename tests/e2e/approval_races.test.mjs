// One yes, and a hundred clients at once who want it: official ones of both eras among them, and a
// gateway that is killed in the middle. The journal of the server has one line for each grant.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { legacy_client, modern_client } from './support/clients.mjs';
import { ASK, raw_agent, start_held } from './support/held_calls.mjs';
import { no_pawl } from './support/pawl.mjs';
import { approvals, decide, pending } from './support/people.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const ROUNDS = 20;
const CLIENTS = 100;
const OFFICIAL = 5;  // of each era
const options = { skip: no_pawl(), timeout: 120_000 };
let folder;
let journal;
let server;  // of both eras, at one address: the same call for clients of both

before(async () => {
  if (!no_pawl()) {
    folder = await mkdtemp(join(tmpdir(), 'pawl-races-'));
    journal = join(folder, 'journal');
    server = await start_until_json(NODE,
      [fileURLToPath(new URL('servers/both_eras.mjs', import.meta.url)), '--journal', journal]);
  }
});
after(async () => {
  await server?.stop('SIGKILL');
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const start = (context, more) =>
  start_held(context, { legacy: server.ready, modern: server.ready }, more);

/** A hundred clients, each with a connection of its own. @returns {Promise<((args) => Promise<object>)[]>}
 *  calls that give the result */
async function make_clients(context, pawl, tool) {
  const url = pawl.mcp_url('modern');
  const official = await Promise.all([legacy_client, modern_client].flatMap((connect) =>
    Array.from({ length: OFFICIAL }, () => connect({ url, key: pawl.keys.a }))));
  official.forEach((client) => context.after(() => client.close()));
  const raw = Array.from({ length: CLIENTS - official.length }, () => raw_agent(context, pawl));
  return [...official.map((client) => (args) => client.callTool({ name: tool, arguments: args })),
          ...raw.map((agent) => async (args) => (await agent.call(tool, args)).body.result)];
}

const lines_of = async (args) => (await read_journal(journal))
  .filter((call) => JSON.stringify(call.arguments) === JSON.stringify(args)).length;
const went_through = ({ _meta }) => _meta['pawl.record/approval'] === undefined
  && _meta['pawl.record/refusal'] === undefined;

/** People approve it once, and nobody has called since. */
async function grant(pawl, person, ask, args) {
  const { _meta } = await ask(args);
  const [one] = await pending(pawl, { fits: ({ id }) => id === _meta['pawl.record/approval'].id });
  const { status, body } = await decide(pawl, person, one);
  assert.equal(status, 200, JSON.stringify(body));
  return one;
}

for (const [patience_s, rounds] of [[0, ROUNDS], [1, 2]]) {
  test(`a hundred clients race for one use, with ${patience_s} s of patience`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context,
      { approval: { patience_s, pending_per_agent: 64 } });
    const clients = await make_clients(context, pawl, 'probe_echo');
    for (let round = 0; round < rounds; ++round) {
      const args = { patience_s, round };
      await grant(pawl, ann, clients.at(-1), args);
      const answers = await Promise.all(clients.map((call) => call(args)));
      const through = answers.flatMap((answer, n) => (went_through(answer) ? [n] : []));
      assert.equal(through.length, 1, `round ${round}: ${through} were told that it went through`);
      assert.equal(await lines_of(args), 1, `round ${round}`);
      clients.push(...clients.splice(0, 37));  // others are the first to call
    }
    assert.equal(new Set((await approvals(pawl)).map(({ binding }) => binding.digest)).size, rounds,
      'for clients of both eras it was the same call');
  });
}

test('a hundred clients race for one use, and the gateway is killed while one has it', options,
  async (context) => {
    const rule = { ...ASK, when: { tool: 'probe_sleep' } };
    const { pawl, people: [ann] } = await start(context,
      { rules: [rule], approval: { pending_per_agent: 64 } });
    const args = { ms: 5_000 };  // longer than it takes to be killed
    const clients = await make_clients(context, pawl, 'probe_sleep');
    await grant(pawl, ann, clients.at(-1), args);
    const race = Promise.allSettled(clients.map((call) => call(args)));
    await wait_for('the one call at the server', async () => await lines_of(args) > 0 || undefined);
    await pawl.kill();
    const ends = await race;
    assert.ok(!ends.some(({ value }) => value !== undefined && went_through(value)));
    await pawl.serve();
    for (let round = 0; round < 2; ++round) {
      const again = await make_clients(context, pawl, 'probe_sleep');
      const answers = await Promise.all(again.map((call) => call(args)));
      assert.ok(!answers.some(went_through));
    }
    assert.equal(await lines_of(args), 1);
  });
