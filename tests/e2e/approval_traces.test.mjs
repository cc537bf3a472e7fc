// The program against its model: what a real gateway did with held calls, under random stories with
// kill -9 in the middle, is something that spec/approval.pml may do, too; spin says so. A trace that
// was tampered with is none. Seed: PAWL_SEED; without spin it is skipped (tools/install.sh brings it).

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { read_traces } from './support/approval_traces.mjs';
import { HeldStories } from './support/held_stories.mjs';
import { Model } from './support/model.mjs';
import { MUTATIONS } from './support/mutated_traces.mjs';
import { PAWL_BIN, no_pawl } from './support/pawl.mjs';
import { start_reference } from './support/reference.mjs';

const ROUNDS = Number(process.env.PAWL_ROUNDS ?? 6);  // every second one with a kill
const ASKED = 3;                   // mutated traces of each kind
const SEED = Number(process.env.PAWL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const UNPLUGGED = join(dirname(PAWL_BIN), 'pawl-unplugged');
const no_spin = () => spawnSync('spin', ['-V']).error === undefined ? false
  : 'spin is missing (Debian package spin)';
const options = { skip: no_pawl() || no_spin(), timeout: 180_000 };
let folder;
let reference;
let model;
let traces;

before(async () => {
  if (options.skip) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-traces-'));
  const journal = join(folder, 'journal');
  [reference, model] = await Promise.all([start_reference('modern', { journal }), Model.build()]);
  reference.journal = journal;
});
after(async () => {
  await Promise.all([reference?.stop('SIGKILL'), model?.close()]);
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** The stories' traces; of those that are alike one. */
async function record(rounds, pawl = {}) {
  const stories = await HeldStories.start({ seed: SEED, reference, pawl });
  try {
    for (let round = 0; round < rounds; ++round) {
      await stories.round({ kill: round % 2 === 1 });
    }
    const { data, calls } = await stories.end();
    const by_text = new Map(read_traces({ data, calls }).map((trace) =>
      [JSON.stringify({ ...trace, approval: undefined }), trace]));
    return [...by_text.values()];
  } finally {
    await stories.pawl.close();
  }
}

const shown = ({ approval, events, uses, executed }, at) => `approval ${approval}, seed ${SEED}: `
  + `after ${at} of ${events.map(({ event, a, b }) => `${event}(${a},${b})`).join(' ')}; `
  + `uses ${uses}, executed ${executed}`;

test('the model goes along with everything that the program did', options, async (context) => {
  traces = await record(ROUNDS);
  const seen = {};
  for (const trace of traces) {
    const { admitted, at } = await model.ask(trace);
    assert.ok(admitted, shown(trace, at));
    for (const { event } of trace.events) {
      seen[event] = (seen[event] ?? 0) + 1;
    }
  }
  context.diagnostic(`seed ${SEED}: ${traces.length} different traces; ${JSON.stringify(seen)}`);
  for (const event of ['requested', 'signed', 'denied', 'expired', 'intent', 'answered', 'delivered',
                       'crash']) {
    assert.ok(seen[event] > 0, `no trace with ${event}: ${JSON.stringify(seen)}`);
  }
});

for (const [what, mutate] of Object.entries(MUTATIONS)) {
  test(`no trace of the model: ${what}`, options, async (context) => {
    const mutated = traces.map(mutate).filter((one) => one !== undefined);
    assert.ok(mutated.length > 0, 'no trace to begin with');
    for (const trace of mutated.slice(0, ASKED)) {
      const { admitted, at } = await model.ask(trace);
      assert.ok(!admitted, shown(trace, at));
      context.diagnostic(shown(trace, at));
    }
  });
}

test('a program that does not count uses is found out', { ...options,
  skip: options.skip || (!existsSync(UNPLUGGED) && 'pawl-unplugged is not built') }, async (context) => {
  const spent_again = (await record(1, { program: [UNPLUGGED],
    env: { PAWL_UNPLUG: 'approval-uses' } })).filter(({ executed }) => executed.some((n) => n > 1));
  assert.ok(spent_again.length > 0, 'no use was spent twice');
  const { admitted, at } = await model.ask(spent_again[0]);
  assert.ok(!admitted, shown(spent_again[0], at));
  context.diagnostic(shown(spent_again[0], at));
});
