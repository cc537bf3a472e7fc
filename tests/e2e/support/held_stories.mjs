// Stories of held calls, told at random from a seed: callers who come again and again, two people of
// whom both must agree, changed arguments, denials, one or two uses, times that run out, and a gateway
// that is killed with kill -9 in the middle. What came of it stands in the ledger and in the journal
// of the server behind (approval_traces.mjs).

import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RawAgent } from '../crash/raw_agent.mjs';
import { approvals, control, digest_of, enroll } from './people.mjs';
import { Pawl } from './pawl.mjs';
import { read_journal } from './reference.mjs';

const AT_ONCE = 7;             // stories
const MOST_ROUNDS = 2;         // of one story
const MOST_CALLERS = 3;
const ATTEMPTS = 2;            // of one caller in a round, not counting those while people decide
const SHORT_S = 1;             // a time that runs out within the story
const LONGEST_SLEEP_MS = 100;  // of the server
const KILL_MS = [20, 1_500];   // after a round has begun, where nothing else gives the moment
const KILL_BY_MS = 2_500;      // where what gives the moment does not come
const KILL_AFTER_MS = 60;      // at most, after a yes or an execution: when calls go through
const LOOK_MS = 15;
const ROUND_MS = 10_000;       // people look for what waits for them at most so long

const held = (id, more, then) => ({ id, when: { tool: 'probe_*', ...more },
  then: { hold: { roles: ['approver'], of: 2, uses: 2, ...then } }, reason: 'two people look at it' });
const RULES = [
  held('short', { arguments: { short: { equals: true } } }, { within: `${SHORT_S}s` }),
  held('ask', {}, { within: '10m' }),
];

/** mulberry32, with the words that stories need. */
export class Chance {
  constructor(seed) {
    this.state = seed;
  }

  next() {
    this.state = (this.state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  below(most) {
    return Math.floor(this.next() * most);
  }

  is(part) {
    return this.next() < part;
  }

  of(list) {
    return list[this.below(list.length)];
  }
}

/** What will be tried in one story: one call, by several, and what people say to it. */
function make_story(n, chance, fixed = {}) {
  const short = fixed.short ?? chance.is(0.2);
  const steps = Array.from({ length: chance.below(4) }, () => ({ who: chance.below(2),
    what: chance.is(0.1) ? 'deny' : chance.is(0.4) ? 'changed' : 'as_is' }));
  if (chance.is(short ? 0.3 : 0.8)) {  // they agree in the end
    const what = chance.is(0.4) ? 'changed' : 'as_is';
    const first = chance.below(2);
    steps.push({ who: first, what }, { who: 1 - first, what });
  }
  return { n, steps, agent: chance.of(['a', 'b']), tool: chance.of(['probe_echo', 'probe_sleep']),
    args: { n, ms: chance.below(LONGEST_SLEEP_MS), ...short ? { short } : {} },
    callers: 1 + chance.below(MOST_CALLERS), uses: 1 + chance.below(2), rounds: 0,
    runs_out: chance.is(0.2), at_once: chance.is(0.3), pause_ms: chance.below(40), asleep_for: 0,
    ...fixed, ...fixed.steps === undefined ? {} : { runs_out: false, at_once: false } };
}

const both = (what) => [0, 1].map((who) => ({ who, what }));
/** What happens in every run, whatever the seed: told first, in a round without a kill. */
const ALWAYS = [
  { steps: both('as_is'), short: false, uses: 2, callers: 2 },
  { steps: both('changed'), short: false, uses: 1, callers: 1 },
  { steps: [{ who: 0, what: 'as_is' }, { who: 1, what: 'deny' }], short: false, callers: 1 },
  { steps: [], short: true, callers: 1 },
  { steps: both('as_is'), short: false, uses: 2, callers: 1, asleep_for: 2 },  // beyond a kill
];

export class HeldStories {
  #stories = [];
  #next_n = 1;
  #known = new Map();  // approval -> n

  /** @param {{seed: number, reference: {url: string, journal: string}, pawl?: object}} options
   *  pawl: more options of Pawl.start */
  static async start({ seed, reference, pawl = {} }) {
    const out = new HeldStories();
    out.chance = new Chance(seed);
    out.journal = reference.journal;
    out.pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: RULES,
      config: { approval: { patience_s: 1, pending_per_agent: 64 } },
      servers: { modern: { url: reference.url } }, ...pawl });
    out.before = (await out.#executed()).length;  // by another gateway
    out.people = await enroll(out.pawl, 'ann', 'bob');
    return out;
  }

  /** Some stories at once; `kill`: and the gateway is killed in the middle of them. */
  async round({ kill }) {
    this.#stories = this.#stories.filter((story) => story.rounds < story.asleep_for
      || !story.over && story.rounds < MOST_ROUNDS + story.asleep_for);
    while (this.#stories.length < AT_ONCE) {
      this.#stories.push(make_story(this.#next_n, this.chance, ALWAYS[this.#next_n - 1]));
      this.#next_n += 1;
    }
    this.killed = false;
    const over = kill ? this.#kill_in_time() : undefined;
    await Promise.all(this.#stories.map((story) => this.#tell(story)));
    await over;
    if (kill) {
      await this.pawl.serve();
    }
  }

  async #kill_in_time() {
    const [from, to] = KILL_MS;
    const moment = from + this.chance.next() * (to - from);
    const after = this.chance.next() * KILL_AFTER_MS;
    const what = this.chance.next();
    if (what < 0.4) {
      let left = 1 + this.chance.below(2);
      const yes = new Promise((resolve) => { this.on_yes = () => (left -= 1) === 0 && resolve(); });
      await Promise.race([yes.then(() => delay(after)), delay(KILL_BY_MS)]);
    } else if (what < 0.8) {
      await this.#execution();
      await delay(after / 2);
    } else {
      await delay(moment);
    }
    this.killed = true;
    await this.pawl.kill();
  }

  /** Resolves when the server has begun one more call, or when it is time. */
  async #execution() {
    const end = performance.now() + KILL_BY_MS;
    const size = () => stat(this.journal).then((file) => file.size, () => 0);
    const before = await size();
    while (performance.now() < end && await size() === before) {
      await delay(1);
    }
  }

  /** Nothing that happens to those whose gateway was killed is an error. */
  async #unless_killed(work) {
    try {
      return await work();
    } catch (error) {
      if (!this.killed) {
        throw error;
      }
      return undefined;
    }
  }

  async #tell(story) {
    story.rounds += 1;
    story.people_are_done = false;
    story.calling = story.callers;
    const people = this.#unless_killed(() => this.#decide(story))
      .finally(() => { story.people_are_done = true; });
    await Promise.all([people, ...Array.from({ length: story.callers }, () =>
      this.#unless_killed(() => this.#call(story)).finally(() => { story.calling -= 1; }))]);
    story.over = !this.killed;
  }

  async #call(story) {
    const { agent, tool, args, pause_ms } = story;
    const client = new RawAgent({ url: this.pawl.mcp_url('modern'), key: this.pawl.keys[agent] });
    try {
      for (let left = ATTEMPTS; left > 0 && !this.killed; left -= story.people_are_done ? 1 : 0) {
        const { body } = await client.call(tool, args);
        const refusal = body.result?._meta?.['pawl.record/refusal'];
        if (body.error !== undefined || refusal?.code === 'denied') {
          return;
        }
        await delay(pause_ms);
      }
    } finally {
      client.close();
    }
  }

  /** The approval of this story that waits for people. */
  async #waiting(story) {
    const end = performance.now() + ROUND_MS;
    while (performance.now() < end && !this.killed && story.calling > 0) {
      for (const one of (await approvals(this.pawl)).filter(({ phase }) => phase === 'pending')) {
        if (!this.#known.has(one.id)) {
          const { params } = (await control(this.pawl, `approvals/${one.id}`)).body;
          this.#known.set(one.id, params && JSON.parse(params).arguments.n);
        }
        if (this.#known.get(one.id) === story.n) {
          return one;
        }
      }
      await delay(LOOK_MS);
    }
    return undefined;
  }

  async #decide(story) {
    const asleep = story.steps.length === 0 || story.rounds <= story.asleep_for;
    const one = asleep ? undefined : await this.#waiting(story);
    if (one === undefined) {
      return;
    }
    const { params } = (await control(this.pawl, `approvals/${one.id}`)).body;
    if (params === undefined) {
      return;  // its time was over meanwhile
    }
    story.until ??= Math.floor(Date.now() / 1000) + 1 + SHORT_S;
    const said = { uses: story.uses, expires: story.runs_out ? story.until : one.expires };
    const steps = story.steps.map((step) => () => this.#say(one, params, step, said));
    if (story.at_once) {
      await Promise.all(steps.map((step) => step()));
      return;
    }
    for (const step of steps) {
      await delay(story.pause_ms);
      if (this.killed || await step() !== 'pending') {
        return;
      }
    }
  }

  /** One statement, at most thrice while another one is being recorded. @returns what is then */
  async #say(one, params, { who, what }, said) {
    const person = this.people[who];
    const other = { n: this.#known.get(one.id), ms: 0, changed: true };
    const changed = what === 'changed'
      ? JSON.stringify({ ...JSON.parse(params), arguments: other }) : undefined;
    const statement = await person.sign(what === 'deny' ? person.statement(one, 'deny')
      : person.statement(one, 'approve',
        { ...said, ...changed === undefined ? {} : { executed: digest_of(changed) } }));
    for (let left = 3; left > 0; --left) {
      const { status, body } = await control(this.pawl, 'approvals/decide',
        { statement, ...changed === undefined ? {} : { params: changed } });
      if (body.phase === 'approved') {
        this.on_yes?.();
      }
      if (status !== 409 || !JSON.stringify(body).includes('try again')) {
        return body.phase ?? 'pending';
      }
      await delay(2);
    }
    return 'pending';
  }

  /** Ends the gateway. @returns {Promise<{data: string, calls: {record: string}[]}>} what is left */
  async end() {
    await this.pawl.stop();
    const calls = (await this.#executed()).slice(this.before);
    return { data: this.pawl.data,
             calls: calls.map(({ meta }) => ({ record: meta['pawl.record/id'] })) };
  }

  async #executed() {
    return (await read_journal(this.journal)).filter(({ tool }) => tool.startsWith('probe_'));
  }
}
