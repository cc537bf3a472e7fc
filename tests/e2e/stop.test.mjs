// A stop stops: under load, across kill -9, with a full disk; and only the operator's signature
// ends it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { operator_key, override, sign_statement } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const CLIENTS = 8;                 // of each agent, over two servers
const ROUNDS = 5;
const CALLS_BEFORE = 40;           // of the stopped agent, at each server, in each round
const CALLS_AFTER = 100;
const PAUSE_WHEN_REFUSED_MS = 5;
const AGENTS = { a: { groups: ['g'] }, b: {} };

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;

/** A gateway before two witnesses, one by URL and one that it starts per agent. */
class Setup {
  static async open({ prepare = async () => {}, config = {} } = {}) {
    const setup = new Setup();
    setup.folder = await mkdtemp(join(tmpdir(), 'pawl-stop-'));
    setup.journal_file = join(setup.folder, 'journal');
    setup.witness = await start_until_json(NODE, [WITNESS, '--journal', setup.journal_file]);
    setup.pawl = await Pawl.prepare({ agents: AGENTS, rules: [ALLOW_ALL], config,
      servers: { http: { url: setup.witness.ready.url },
                 child: { command: [NODE, WITNESS, '--stdio', '--journal',
                                    setup.journal_file] } } });
    try {
      await prepare(setup.pawl);
      const { code, stderr } = await setup.pawl.run(['init', '--config', setup.pawl.config_file]);
      assert.equal(code, 0, stderr);
      await setup.pawl.serve();
    } catch (error) {
      await setup.close();
      throw error;
    }
    return setup;
  }

  agent(id, server = 'http') {
    return new RawAgent({ url: this.pawl.mcp_url(server), key: this.pawl.keys[id] });
  }

  /** One call of a new connection. */
  async call(id, args = {}, server = 'http') {
    const agent = this.agent(id, server);
    const answer = await agent.call('change', { agent: id, ...args });
    agent.close();
    return answer;
  }

  async journal() {
    return read_journal(this.journal_file);
  }

  /** Resolves when so many calls that match stand in the journal, from one line on. */
  async began(count, from, matches) {
    await wait_for(`${count} calls at the servers`, async () =>
      (await this.journal()).slice(from)
        .filter((line) => line.phase === 'began' && matches(line)).length >= count || undefined);
  }

  async resume(scope) {
    const { code, stderr } = await this.pawl.run(
      ['resume', scope, '--config', this.pawl.config_file]);
    assert.equal(code, 0, stderr);
  }

  async close() {
    await this.pawl.close();
    await this.witness.stop();
    await rm(this.folder, { recursive: true });
  }
}

/** Runs the body with a Setup. @param {(setup: Setup) => Promise<void>} body */
const with_setup = (options, body) => async (context) => {
  const setup = await Setup.open(options);
  context.after(() => setup.close());
  await body(setup);
};

const options = { skip: no_pawl() };

/** Clients of both agents that call without end; answers are kept with the moment of the call. */
function start_load(setup) {
  const answers = { a: [], b: [] };
  const load = { answers, stopped: false };
  let go_on = true;
  const loops = ['a', 'b'].flatMap((id) => Array.from({ length: CLIENTS }, async (_, index) => {
    const agent = setup.agent(id, index % 2 === 0 ? 'http' : 'child');
    for (let n = 0; go_on; ++n) {
      const after_stop = load.stopped;
      const answer = await agent.call('change', { agent: id, n, ms: n % 3 === 0 ? 2 : 0 })
        .catch((error) => ({ error, body: {} }));  // an answer that the stop cut off
      answers[id].push({ answer, after_stop });
      if (!succeeded(answer)) {
        await delay(PAUSE_WHEN_REFUSED_MS);
      }
    }
    agent.close();
  }));
  load.end = async () => { go_on = false; await Promise.all(loops); };
  return load;
}

/** Has each witness that runs write a mark behind everything that had arrived. */
async function mark_all(setup) {
  const pids = new Set((await setup.journal()).map(({ pid }) => pid));
  const marks = async () => (await setup.journal()).filter(({ phase }) => phase === 'mark').length;
  const before = await marks();
  const running = [...pids].filter((pid) => {
    try {
      return process.kill(pid, 'SIGUSR2');
    } catch {
      return false;
    }
  });
  await wait_for('marks', async () => await marks() >= before + running.length || undefined);
}

test('under load: nothing of the stopped agent passes after the acknowledgement', options,
  with_setup({}, async (setup) => {
    for (let round = 0; round < ROUNDS; ++round) {
      const begin = (await setup.journal()).length;
      const load = start_load(setup);
      const open = setup.call('a', { n: 'open', ms: 60_000 });
      for (const by_child of [true, false]) {
        await setup.began(CALLS_BEFORE, begin, ({ agent, pid }) => agent === 'a'
          && by_child === (pid !== setup.witness.ready.pid));
      }
      await setup.began(1, begin, ({ n }) => n === 'open');
      const stop = await override(setup.pawl, 'stop', { scope: 'agent:a', reason: 'test' });
      await mark_all(setup);
      load.stopped = true;
      const done = load.answers.b.length;
      await wait_for('calls of the other agent', () =>
        load.answers.b.length > done + CALLS_AFTER || undefined);
      await load.end();

      assert.equal(stop.status, 200);
      assert.equal(stop.body.durable, true);
      const marked = new Set();
      for (const line of (await setup.journal()).slice(begin)) {
        if (line.phase === 'mark') {
          marked.add(line.pid);
        }
        assert.ok(!(marked.has(line.pid) && line.phase === 'began' && line.agent === 'a'),
          `round ${round}: reached the server after the stop: ${JSON.stringify(line)}`);
      }
      assert.ok(marked.size >= 2, `${marked.size} witnesses were asked`);
      const late = load.answers.a.filter(({ after_stop }) => after_stop);
      assert.ok(late.length > 0, 'the stopped agent went on asking');
      for (const { answer } of late) {
        assert.equal(refusal_of(answer)?.code, 'stopped');
      }
      assert.ok(load.answers.b.every(({ answer }) => succeeded(answer)), 'the other agent goes on');
      await check_open_call(setup, await open);
      await setup.resume('agent:a');
      assert.ok(succeeded(await setup.call('a', { n: 'resumed' })), 'after the resume');
    }
  }));

async function check_open_call(setup, answer) {
  assert.ok(!succeeded(answer));
  assert.match(answer.record, /^[0-9a-f-]{36}$/);
  const record = await setup.pawl.json('ledger', 'show', answer.record);
  assert.match(JSON.stringify(record), /"outcome":"unknown"/);
}

test('kill -9: comes back stopped, and says so to agent and people', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    assert.ok(succeeded(await setup.call('a')));
    const stopped = await pawl.json('stop', 'agent:a', '--reason', 'wrong folder');
    assert.equal(stopped.durable, true);
    await pawl.kill();
    await pawl.serve();
    const refusal = refusal_of(await setup.call('a'));
    assert.equal(refusal.code, 'stopped');
    assert.equal(refusal.control, 'stops');
    assert.equal(refusal.retry_helps, false);
    assert.match(refusal.rule, /\S/);
    assert.match(refusal.reason, /wrong folder/);
    const record = await pawl.json('ledger', 'show', refusal.record);
    assert.match(JSON.stringify(record), /"task\.denied"/);
    const { stops } = await pawl.json('status');
    assert.deepEqual(stops.map(({ scope, id }) => [scope, id]), [['agent:a', stopped.stop.id]]);
    assert.ok(succeeded(await setup.call('b')), 'another agent is not stopped');
    await setup.resume('agent:a');
    await pawl.kill();
    await pawl.serve();
    assert.ok(succeeded(await setup.call('a')), 'a resume survives kill -9, too');
  }));

test('kill -9 right after the acknowledgement: comes back stopped each time', options,
  with_setup({}, async (setup) => {
    for (const scope of ['agent:a', 'group:g', 'tool:http/change', 'agent:a']) {
      const stop = await override(setup.pawl, 'stop', { scope, reason: 'test' });
      assert.equal(stop.body.durable, true);
      await setup.pawl.kill();
      await setup.pawl.serve();
      assert.equal(refusal_of(await setup.call('a'))?.code, 'stopped', scope);
    }
  }));

test('a full disk: agents are refused, a stop is in force and durable', options,
  async (context) => {
    let mounted;
    const prepare = async ({ data }) => {
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=700', 'tmpfs', data],
          { stdio: 'pipe' });
        mounted = data;
      } catch {
        context.skip('a small file system cannot be mounted by this user');
      }
    };
    const setup = await Setup.open({ prepare, config: { limits: { reserve_mib: 1 } } });
    context.after(async () => {
      await setup.pawl.kill();
      if (mounted !== undefined) {
        execFileSync('umount', [mounted]);
      }
      await setup.close();
    });
    if (mounted === undefined) {
      return;
    }
    assert.ok(succeeded(await setup.call('a')));
    await fill(mounted);
    const refusal = refusal_of(await wait_for('a refusal', async () => {
      const answer = await setup.call('b');
      return succeeded(answer) ? undefined : answer;
    }));
    assert.equal(refusal.code, 'evidence_unavailable');
    const stop = await override(setup.pawl, 'stop', { scope: 'agent:a', reason: 'disk' });
    assert.equal(stop.status, 200);
    assert.equal(stop.body.durable, true);
    await setup.pawl.kill();
    await rm(join(mounted, 'filler'));
    await setup.pawl.serve();
    assert.equal(refusal_of(await setup.call('a'))?.code, 'stopped');
    assert.ok(succeeded(await setup.call('b')), 'with room again, others pass');
  });

// To the last block: others write there at the same time.
async function fill(folder) {
  const { bavail, bsize } = statfsSync(folder);
  await writeFile(join(folder, 'filler'), Buffer.alloc(bavail * bsize)).catch((error) => {
    assert.equal(error.code, 'ENOSPC');
  });
}

/** Other words of the same shape under a signature that was made for the true ones. */
function with_other_words(statement, from, to) {
  const [header, payload, signature] = statement.split('.');
  const words = Buffer.from(payload, 'base64url').toString().replace(from, to);
  return [header, Buffer.from(words).toString('base64url'), signature].join('.');
}

test('a resume needs the operator\'s own, fresh and fitting signature', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const key = await operator_key(pawl);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const scope = 'agent:a';
    const stop = async () =>
      (await override(pawl, 'stop', { scope, reason: 'test' })).body.stop.id;
    const resume = async (statement) => override(pawl, 'resume', { statement });
    const first = await stop();
    const words = { verb: 'resume', scope, stops: [first] };
    const used = await sign_statement(key, words);
    const kid = JSON.parse(Buffer.from(used.split('.')[0], 'base64url')).kid;
    const now = Math.floor(Date.now() / 1000);
    const lifted = await resume(used);
    assert.equal(lifted.status, 200);
    assert.deepEqual(lifted.body.lifted.map(({ id }) => id), [first]);
    assert.ok(succeeded(await setup.call('a')), 'resumed');

    const second = await stop();
    const fitting = { ...words, stops: [second] };
    const cases = [
      ['replayed', used],
      ['not signed', `${used.split('.').slice(0, 2).join('.')}.`],
      ['signed for other stops', with_other_words(used, first, second)],
      ['another key', await sign_statement(stranger, fitting)],
      ['another key under the operator\'s name', await sign_statement(stranger, fitting, { kid })],
      ['another scope', await sign_statement(key, { ...fitting, scope: 'agent:b' })],
      ['another verb', await sign_statement(key, { ...fitting, verb: 'stop' })],
      ['no stops', await sign_statement(key, { ...fitting, stops: [] })],
      ['expired', await sign_statement(key, fitting, { iat: now - 600, exp: now - 300 })],
      ['too long', await sign_statement(key, fitting, { iat: now, exp: now + 301 })],
      ['from the future', await sign_statement(key, fitting, { iat: now + 120 })],
      ['for another instance', await sign_statement(key, fitting,
        { aud: 'spiffe://example.org/pawl/gw2' })],
      ['another type', await sign_statement(key, fitting, { typ: 'JWT' })],
      ['no statement', undefined],
      ['nonsense', 'nonsense'],
    ];
    for (const [name, statement] of cases) {
      const { status, body } = await resume(statement);
      assert.ok(status >= 400 && status < 500, `${name}: ${status}`);
      assert.ok(body.title?.length > 0 || body.detail?.length > 0, `${name}: says why`);
      assert.equal(refusal_of(await setup.call('a'))?.code, 'stopped', name);
    }
    assert.equal((await resume(await sign_statement(key, fitting))).status, 200);
    assert.ok(succeeded(await setup.call('a')), 'the true one works');
  }));

test('a signed stop and its resume count once, also after kill -9', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    const key = await operator_key(pawl);
    const scope = 'all';
    const statement = await sign_statement(key, { verb: 'stop', scope });
    const { id } = (await override(pawl, 'stop', { statement })).body.stop;
    const resume = await sign_statement(key, { verb: 'resume', scope, stops: [id] });
    assert.equal((await override(pawl, 'stop', { statement })).body.stop.id, id, 'still one stop');
    assert.equal((await override(pawl, 'resume', { statement: resume })).status, 200);
    for (const when of ['at once', 'after kill -9']) {
      const again = await override(pawl, 'stop', { statement });
      assert.equal(again.status, 409, when);
      assert.match(again.body.detail, /was used/, when);
      assert.equal((await override(pawl, 'resume', { statement: resume })).status, 404, when);
      assert.ok(succeeded(await setup.call('a')), when);
      await pawl.kill();
      await pawl.serve();
    }
    const fresh = await sign_statement(key, { verb: 'stop', scope });
    assert.equal((await override(pawl, 'stop', { statement: fresh })).status, 200);
    assert.equal(refusal_of(await setup.call('a'))?.code, 'stopped', 'a fresh one stops');
  }));

test('a wide stop needs a signature, and stops everyone', options,
  with_setup({}, async (setup) => {
    const { pawl } = setup;
    for (const scope of ['all', 'server:http', 'trust-domain:example.org']) {
      const refused = await override(pawl, 'stop', { scope, reason: 'test' });
      assert.ok(refused.status === 401 || refused.status === 403, `${scope}: ${refused.status}`);
      assert.ok(succeeded(await setup.call('a')), scope);
      assert.equal((await pawl.json('stop', scope)).durable, true);
      for (const id of ['a', 'b']) {
        assert.equal(refusal_of(await setup.call(id))?.code, 'stopped', `${scope} ${id}`);
      }
      await setup.resume(scope);
    }
    const unknown = await override(pawl, 'stop', { scope: 'agent:a' }, { token: 'x'.repeat(43) });
    assert.equal(unknown.status, 401);
    assert.ok(succeeded(await setup.call('a')));
  }));
