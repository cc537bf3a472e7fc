// Kills the daemon with kill -9 and looks at what is left: at every step of one call, under load,
// and while it starts.
//
//   run.mjs [--seed N] [--slices N] [--kills N] [--starts N]
//
// slices: per tool, delays swept from 0 to a little more than one call takes; kills: at random
// moments under 16 clients; starts: while it recovers. The seed is printed and gives the same
// delays again. Ends with "N passed, N failed", one for each kill, and exit code 1 if one failed.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from '../support/pawl.mjs';
import { NODE, start_until_json } from '../support/process.mjs';
import { read_journal } from '../support/reference.mjs';
import { wait_for } from '../support/wait.mjs';
import { Invariants } from './invariants.mjs';
import { RawAgent } from './raw_agent.mjs';

const WITNESS = fileURLToPath(new URL('witness_server.mjs', import.meta.url));
const CLIENTS = 16;
const TIMED_CALLS = 8;
const SWEEP_BEYOND = 1.4;          // of the time that one call takes
const MORE_SLICES = 150;
const LOAD_MS = [2, 120];          // after the servers behind are up
const SWEPT_CALL = { ms: 1 };      // a server that takes a moment: kills land in it too
const STEPS = ['1 nothing was recorded', '2 intent durable, not at the server',
               '3 the server was at it', '4 the server was done, no outcome recorded',
               '5 outcome recorded, not answered', '6 answered'];
/** A read waits for no intent: its second step is too short to be hit for sure. */
const SWEEPS = { change: [0, 1, 2, 3, 4, 5], look: [0, 2, 3, 4, 5] };

/** mulberry32: small, and the same everywhere. */
function random_from(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class CrashTest {
  passed = 0;
  failed = 0;
  /** @type {Map<string, Record<string, number>>} part -> what was seen -> how often */
  table = new Map();
  #next_n = 0;

  async open(seed) {
    this.random = random_from(seed);
    this.folder = await mkdtemp(join(tmpdir(), 'pawl-crash-'));
    this.journal_file = join(this.folder, 'journal');
    this.witness = await start_until_json(NODE, [WITNESS, '--journal', this.journal_file]);
    const tools = { look: { effects: 'read_only' } };
    this.pawl = await Pawl.start({ init: true, agents: { crash: {} }, rules: [ALLOW_ALL],
      servers: { http: { url: this.witness.ready.url, tools },
                 child: { command: [NODE, WITNESS, '--stdio', '--journal', this.journal_file],
                          isolation: 'shared', tools } } });
    this.invariants = new Invariants(this.pawl, this.journal_file);
    await this.invariants.pin();
  }

  agent(server) {
    return new RawAgent({ url: this.pawl.mcp_url(server), key: this.pawl.keys.crash });
  }

  /** One call; whole answers are kept, broken ones are what this test is about. */
  async call(agent, tool, { ms = 0, fail = false } = {}) {
    const n = this.#next_n++;
    const seen = { n, answered: false };
    seen.done = agent.call(tool, { n, ms, fail }).then(({ body, record }) => {
      if (body.result?._meta?.['pawl.record/refusal'] === undefined && body.result !== undefined) {
        seen.answered = true;
        this.invariants.answers.push({ n, record, failed: body.result.isError === true });
      }
      return seen;
    }, () => seen);
    return seen;
  }

  /** @returns {Promise<number>} how many calls the restart found open */
  async restart() {
    await this.pawl.serve();
    return (await this.pawl.json('status')).ledger.recovered_unknowns;
  }

  note(part, what) {
    const row = this.table.get(part) ?? {};
    row[what] = (row[what] ?? 0) + 1;
    this.table.set(part, row);
  }

  /** Looks at everything after the restart that follows a kill. */
  async judge(part, moment) {
    const seen = await this.invariants.check();
    if (seen.faults.length === 0) {
      this.passed += 1;
    } else {
      this.failed += 1;
      console.log(`FAILED ${part}, ${moment}:\n  ${seen.faults.slice(0, 10).join('\n  ')}`);
    }
    return seen;
  }

  /** A call on a connection of its own, after one that has made everything behind warm. */
  async warm_call(tool) {
    const agent = this.agent('http');
    await (await this.call(agent, tool)).done;
    const begin = performance.now();
    const call = await this.call(agent, tool, SWEPT_CALL);
    call.done.then(() => { call.ms = performance.now() - begin; agent.close(); });
    return call;
  }

  async time_of_a_call(tool) {
    const times = [];
    for (let i = 0; i < TIMED_CALLS; ++i) {
      await this.pawl.restart();
      const call = await this.warm_call(tool);
      await call.done;
      times.push(call.ms);
    }
    return times.sort((a, b) => a - b)[TIMED_CALLS / 2];
  }

  /** Kills at equal distances from the moment that a request leaves until after its answer. */
  async sweep(tool, steps, slices) {
    const step_ms = await this.time_of_a_call(tool) * SWEEP_BEYOND / (slices - 1);
    const seen = [];
    for (let slice = 0; slice < slices; ++slice) {
      seen.push(await this.kill_at_step(tool, slice * step_ms));
    }
    // A step that is shorter than a slice is looked for between its neighbours.
    const missing = () => steps.find((step) => !seen.some((one) => one.step === step));
    for (let i = 0; i < MORE_SLICES && missing() !== undefined; ++i) {
      const before = seen.filter(({ step }) => step < missing()).map(({ delay_ms }) => delay_ms);
      const after = seen.filter(({ step }) => step > missing()).map(({ delay_ms }) => delay_ms);
      const from = Math.min(...after, slices * step_ms);
      const to = Math.max(...before, 0);
      const [low, high] = [Math.min(from, to) - step_ms, Math.max(from, to) + step_ms];
      seen.push(await this.kill_at_step(tool,
        Math.max(0, low + this.random() * (high - low))));
    }
    if (missing() !== undefined) {
      this.failed += 1;
      console.log(`FAILED sweep ${tool}: no kill hit "${STEPS[missing()]}"`);
    }
  }

  async kill_at_step(tool, delay_ms) {
    const part = `sweep ${tool}`;
    const call = await this.warm_call(tool);
    await pause(delay_ms);
    const killed_at = Number(process.hrtime.bigint() / 1000n);
    await this.pawl.kill();
    await call.done;
    const recovered = await this.restart();
    const seen = await this.judge(part, `${delay_ms.toFixed(3)} ms`);
    const step = step_of(call, killed_at, seen, recovered);
    this.note(part, STEPS[step]);
    return { delay_ms, step };
  }

  async scrape(is_over) {
    while (!is_over()) {
      await fetch(`${this.pawl.addresses.control}/metrics`).then((answer) => answer.text(), () => {});
    }
  }

  /** Kills at random moments while clients call both servers as fast as they are answered. */
  async under_load(kills) {
    for (let i = 0; i < kills; ++i) {
      const delay_ms = LOAD_MS[0] + this.random() * (LOAD_MS[1] - LOAD_MS[0]);
      const clients = Array.from({ length: CLIENTS }, (_, index) => ({
        agent: this.agent(index % 2 === 0 ? 'http' : 'child'),
        random: random_from(Math.floor(this.random() * 2 ** 32)) }));
      for (const { agent } of clients.slice(0, 2)) {
        await (await this.call(agent, 'change')).done;  // both servers are up
      }
      let killed = false;
      const loops = clients.map(async ({ agent, random }) => {
        while (!killed) {
          const tool = random() < 0.75 ? 'change' : 'look';
          const ms = random() < 0.25 ? Math.floor(random() * 20) : 0;
          await (await this.call(agent, tool, { ms, fail: random() < 0.1 })).done;
        }
      });
      const scraping = this.scrape(() => killed);  // each renews the notes of reads
      await pause(delay_ms);
      const ended = this.pawl.kill();
      killed = true;
      await ended;
      await Promise.all([...loops, scraping]);
      clients.forEach(({ agent }) => agent.close());
      await this.children_end();
      const recovered = await this.restart();
      await this.judge('under load', `kill ${i}, ${delay_ms.toFixed(3)} ms`);
      this.note('under load', recovered > 0 ? 'calls were open' : 'no call was open');
    }
  }

  /** Kills a daemon that recovers: each time after a kill that left a call open. */
  async while_starting(starts) {
    const begin = performance.now();
    await this.pawl.restart();
    const start_ms = performance.now() - begin;
    for (let i = 0; i < starts; ++i) {
      const agent = this.agent('http');
      const open = await this.call(agent, 'change', { ms: 60_000 });
      await wait_for('the call at the server', async () =>
        (await read_journal(this.journal_file)).find(({ n }) => n === open.n));
      await this.pawl.kill();
      await open.done;
      agent.close();
      const before = this.pawl.pid;
      const starting = this.pawl.serve().then(() => true, () => false);
      while (this.pawl.pid === before) {
        await turn();
      }
      const delay_ms = this.random() * start_ms;
      await pause(delay_ms);
      await this.pawl.kill();
      const was_ready = await starting;
      const recovered = await this.restart();
      await this.judge('while starting', `kill ${i}, ${delay_ms.toFixed(3)} ms`);
      this.note('while starting', was_ready ? 'it was ready' : recovered > 0
        ? 'before it had recovered' : 'it had recovered');
    }
  }

  /** No server of a killed daemon goes on. */
  async children_end() {
    const pids = new Set((await read_journal(this.journal_file)).map(({ pid }) => pid));
    pids.delete(this.witness.ready.pid);
    await wait_for('the end of the servers that the daemon started', () =>
      [...pids].every((pid) => !is_running(pid)) || undefined);
  }

  async summary(seconds) {
    const { journal, records } = await this.invariants.check();
    const outcomes = {};
    for (const { outcome } of records.values()) {
      if (outcome !== undefined && outcome !== '') {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    const began = journal.filter(({ phase }) => phase === 'began');
    console.log(`\n${began.length} calls executed, ${this.invariants.answers.length} answered; `
      + `records: ${JSON.stringify(outcomes)}`);
    console.log(`${seconds.toFixed(0)} s\n\n${this.passed} passed, ${this.failed} failed`);
  }

  async close() {
    await this.pawl.close();
    await this.witness.stop('SIGKILL');
    await rm(this.folder, { recursive: true });
  }
}

/** How far the call had come when the daemon was killed: an index into STEPS. */
function step_of({ n, answered }, killed_at, { journal, records }, recovered) {
  const lines = journal.filter((line) => line.n === n && line.at <= killed_at);
  if (answered) {
    return 5;
  }
  if (lines.length === 0) {
    return recovered > 0 ? 1 : 0;
  }
  const outcome = records.get(lines[0].record)?.outcome;
  return ['confirmed', 'failed'].includes(outcome) ? 4 : lines.length === 1 ? 2 : 3;
}

/** Waits without giving the time away: a timer is too coarse for the steps of one call. */
async function pause(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await turn();
  }
}

function is_running(pid) {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function print_table(table) {
  for (const [part, row] of table) {
    console.log(`\n${part}`);
    for (const [what, times] of Object.entries(row).sort()) {
      console.log(`  ${String(times).padStart(4)}  ${what}`);
    }
  }
}

async function main() {
  const { values } = parseArgs({ options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    slices: { type: 'string', default: '32' }, kills: { type: 'string', default: '40' },
    starts: { type: 'string', default: '16' } } });
  if (no_pawl()) {
    throw new Error(no_pawl());
  }
  console.log(`seed ${values.seed}, program ${PAWL_BIN}`);
  const begin = performance.now();
  const test = new CrashTest();
  await test.open(Number(values.seed));
  try {
    for (const [tool, steps] of Object.entries(SWEEPS)) {
      await test.sweep(tool, steps, Number(values.slices));
    }
    await test.under_load(Number(values.kills));
    await test.while_starting(Number(values.starts));
    print_table(test.table);
    await test.summary((performance.now() - begin) / 1000);
  } finally {
    await test.close();
  }
  process.exitCode = test.failed === 0 ? 0 : 1;
}

await main();
