// A gateway with everything that an agent could want: a call that waits for people, a tool that is
// stopped, one that is denied, an approval that was used; in single-user mode or as a service, beside an
// agent that runs as a user of its own or as the gateway's.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RawAgent } from '../crash/raw_agent.mjs';
import { override } from '../support/override.mjs';
import { PAWL_BIN, Pawl } from '../support/pawl.mjs';
import { Person, control, pending } from '../support/people.mjs';
import { PlayedServer } from '../support/played_server.mjs';
import { NODE } from '../support/process.mjs';
import { decode_jws, entries_of, read_log } from '../verify/forge.mjs';
import { verify } from '../verify/independent/verify.mjs';
import { WAYS } from './ways.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const IS_ROOT = process.getuid() === 0;
const PAWL_USER = 1;               // numbers need no entry in the user database
const CHILD_USER = 65534;
const AGENT_USER = 65533;
const SECRET = 'Bearer of-the-guarded-server-0123456789';
const STOPPED = 'tool:s/stopped';
const RULES = [
  { id: 'ask', when: { tool: 'held' }, then: { hold: { roles: ['approver'] } }, reason: 'people are asked' },
  { id: 'never', when: { tool: 'denied' }, then: 'deny', reason: 'nobody may' },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];

/** Copies of the programs, for users that may not read the repository. */
export function copy_programs() {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-ten-ways-'));
  chmodSync(folder, 0o755);
  copyFileSync(PAWL_BIN, join(folder, 'pawl'));
  copyFileSync(NODE, join(folder, 'node'));
  cpSync(here('.'), join(folder, 'ten_ways'), { recursive: true });
  cpSync(here('../verify/forge.mjs'), join(folder, 'verify', 'forge.mjs'));
  cpSync(here('../verify/independent'), join(folder, 'verify', 'independent'), { recursive: true });
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  return { folder, pawl: join(folder, 'pawl'), node: join(folder, 'node'),
           agent: join(folder, 'ten_ways', 'agent.mjs'), close: () => rmSync(folder, { recursive: true }) };
}

const as_user = (user) => ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];

export class Gateway {
  /** @param {{programs: object, service: boolean}} how @returns {Promise<Gateway>} ready to be attacked */
  static async start({ programs, service }) {
    const gateway = new Gateway();
    Object.assign(gateway, { programs, service, owner: service || IS_ROOT ? PAWL_USER : process.getuid(),
      server: await PlayedServer.start({ 'tools/call': () => ({ resultType: 'complete', content: [] }) }) });
    gateway.pawl = await Pawl.prepare({ agents: { a: {}, owned: { owner: 'ann' } },
      program: [...service || !IS_ROOT ? [] : as_user(PAWL_USER), programs.pawl],
      config: { preset: 'standard', rule_signatures: 'required', approval: { patience_s: 0 }, sign_in: {} } });
    try {
      await gateway.#set_up();
    } catch (error) {
      await gateway.close();
      throw error;
    }
    return gateway;
  }

  async #set_up() {
    const { pawl, service } = this;
    this.kept = mkdtempSync(join(tmpdir(), 'pawl-operator-'));
    chmodSync(this.kept, 0o755);
    this.operator_file = service ? join(this.kept, 'operator.pem') : join(pawl.data, 'operator.pem');
    this.secret = join(pawl.folder, 'secret');
    writeFileSync(this.secret, SECRET, { mode: 0o600 });
    const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
    config.servers = { s: { url: this.server.url, headers: { Authorization: `file:${this.secret}` } } };
    if (service) {
      config.service = { user: String(PAWL_USER), child_user: String(CHILD_USER) };
    }
    await writeFile(pawl.config_file, JSON.stringify(config));
    await writeFile(pawl.rules_file,
      JSON.stringify({ set: { name: 'desk', owner: 'ops@example.org', version: 1 }, rules: RULES }));
    chmodSync(pawl.folder, 0o755);
    this.#give(pawl.data, this.secret, ...service ? [] : [pawl.folder]);
    await this.done('init', '--operator', 'ann', '--key-file', this.operator_file);
    this.#give(pawl.data);
    if (service) {  // as in /etc/pawl: of root, and everybody may read them
      [pawl.config_file, pawl.rules_file, `${pawl.rules_file}.sig`].forEach((file) => chmodSync(file, 0o644));
    }
    await pawl.serve();
    await this.#people_and_calls();
  }

  #give(...paths) {
    if (IS_ROOT) {
      assert.equal(spawnSync('chown', ['-R', `${this.owner}:${this.owner}`, ...paths]).status, 0);
    }
  }

  async done(...args) {
    const { code, stdout, stderr } = await this.pawl.run([...args, '--config', this.pawl.config_file]);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
    return stdout;
  }

  async #people_and_calls() {
    const { pawl } = this;
    const bob = await Person.make('bob');
    const file = join(this.pawl.folder, 'bob.pub');
    writeFileSync(file, createPublicKey(bob.key).export({ type: 'spki', format: 'pem' }));
    await this.done('operators', 'enroll', 'ann', '--bootstrap', '--roles', 'admin,approver', '--key',
      this.operator_file);
    await this.done('operators', 'enroll', 'bob', '--roles', 'approver', '--public-key', file, '--by-key',
      this.operator_file);
    await this.call('a', 'held', { x: 0 });
    const [first] = await pending(pawl);
    this.old = await bob.sign(bob.statement(first));
    assert.equal((await control(pawl, 'approvals/decide', { statement: this.old })).body.phase, 'approved');
    await this.call('a', 'held', { x: 0 });
    await this.call('a', 'held', { x: 1 });
    [this.approval] = await pending(pawl);
    this.ann = (await control(pawl, 'operators')).body.operators.find(({ operator }) => operator === 'ann').kid;
    assert.ok(this.ann !== undefined);
    this.stop = (await override(pawl, 'stop', { scope: STOPPED, reason: 'test' })).body.stop;
    if (!this.service) {
      this.trust = join(this.kept, 'trust');
      writeFileSync(this.trust, await this.done('trust', 'pin', '--print'));
    }
  }

  async call(agent, tool, args) {
    const one = new RawAgent({ url: this.pawl.mcp_url('s'), key: this.pawl.keys[agent] });
    await one.call(tool, args).finally(() => one.close());
  }

  /** How many records of a kind there are. */
  async records(kind) {
    return (await this.done('ledger', 'query', '--kind', kind, '--json')).split('\n').filter((line) => line !== '').length;
  }

  /** Ends in order. @returns {Promise<Map<string, number>>} how often what was refused, as its records say */
  async refusals_of_the_log() {
    await this.pawl.stop();
    const out = new Map();
    for (const { payload } of entries_of(read_log(join(this.pawl.data, 'ledger'))).map(({ body }) => decode_jws(body))) {
      if (payload.exec_act === 'operator.refused') {
        const { listener, act, code, count } = payload.ect_ext['pawl.operator'];
        const key = `${listener}: ${act} ${code}`;
        out.set(key, (out.get(key) ?? 0) + count);
      }
    }
    return out;
  }

  /** What answers refused the agent where operators act, in the words of `kept`. */
  #where_operators_act(refused) {
    const { control: people, override: stops } = this.pawl.addresses;
    const listeners = { [people]: 'control', [people.replace('127.0.0.1', 'localhost')]: 'control', [stops]: 'override' };
    return refused.filter(({ at }) => listeners[at] !== undefined)
      .map(({ at, act, code }) => `${listeners[at]}: ${act} ${code}`);
  }

  reached(tool) {
    return this.server.seen.filter(({ method, params, headers }) => method === 'tools/call'
      && params.name === tool && headers.authorization === SECRET).length;
  }

  /** What the agent knows: everything that is no secret of others. */
  #target() {
    const { pawl, approval, stop, old, ann, secret, programs, server } = this;
    const { control: at, override: stops, pid } = pawl.addresses;
    return JSON.stringify({ data: pawl.data, config: pawl.config_file, rules: pawl.rules_file, secret, pid, old,
      approval, stop, ann, keys: pawl.keys, pawl: programs.pawl, server: server.url, mcp: pawl.mcp_url('s'),
      control: at, override: stops, people: at.replace('127.0.0.1', 'localhost') });
  }

  #agent_does(way, step) {
    const { programs: { node, agent } } = this;
    const user = this.service ? AGENT_USER : this.owner;
    const [command, ...args] = [...IS_ROOT ? as_user(user) : [], node, agent, way, step];
    const child = spawn(command, args, { env: { PATH: process.env.PATH }, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => {}).end(this.#target());
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => { text += more; });
    return new Promise((resolve, reject) => {
      child.on('error', reject).on('close', () => {
        text === '' ? reject(new Error(`${way}: the agent said nothing`)) : resolve(JSON.parse(text));
      });
    });
  }

  /**
   * One way from its beginning to what came of it. As a user of its own the agent goes on where a file is
   * out of its reach. `kept`: what has to be in records.
   * @returns {Promise<{works: boolean, why: string, log: string, kept: string[]}>}
   */
  async attack(name) {
    const { goal, files, act, caller = 'a', args = { x: 1 } } = WAYS[name];
    const before = this.reached(goal);
    const told = (await this.pawl.log()).length;
    let said = { done: true };
    let up = true;
    if (files !== undefined) {
      await this.pawl.stop();
      said = await this.#agent_does(name, 'files');
      up = await this.pawl.serve().then(() => true, (error) => {
        said = { done: false, why: `does not start: ${error.message}` };
        return false;
      });
    }
    const kept = [];
    if (up && act !== undefined && (said.done || this.service)) {
      const { refused, ...of_act } = await this.#agent_does(name, 'act');
      kept.push(...this.#where_operators_act(refused));
      said = said.done ? of_act : said;
    }
    if (up && goal !== 'itself') {
      await this.call(caller, goal, args).catch(() => {});
    }
    const works = goal === 'itself' ? said.done : this.reached(goal) > before;
    return { works, why: said.why ?? 'it was done and took no force', up, kept,
             log: (await this.pawl.log()).slice(told) };
  }

  /**
   * What two verifiers say who pinned the log before.
   * @returns {Promise<{code: number, said: string, second: string}>}
   */
  async verdicts() {
    await this.pawl.stop();
    const { code, stdout } = await this.pawl.run(['verify', this.pawl.data, '--trust', this.trust]);
    const { verdict } = await verify(this.pawl.data, { trust: this.trust });
    return { code, said: stdout, second: verdict };
  }

  async close() {
    await this.pawl?.close();
    await this.server.close();
    if (this.kept !== undefined) {
      rmSync(this.kept, { recursive: true });
    }
  }
}
