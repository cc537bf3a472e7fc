// The story's stage: runs pawl in the demo's folder, shows what a person would type and see, keeps
// the daemon and the agents' connections, and takes everything down at the end.

import { ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wait_for } from '../support/wait.mjs';
import { PAWL_BIN } from '../support/pawl.mjs';
import { take_step } from './steps.mjs';
import { call, command, output } from './terminal.mjs';

const LOG_LINES = 15;

// Some tools answer with printed JSON: as one line it is easier to read past.
function one_line(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

export class Stage {
  #daemon;
  #clients = [];
  #env;

  /** @param {string} folder absolute, exists */
  constructor(folder) {
    this.folder = folder;
    this.log_file = join(folder, 'pawl.log');
    // What the demo pins stays in its folder.
    this.#env = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') };
    process.on('exit', () => this.#daemon?.kill());
  }

  file(name) {
    return readFile(join(this.folder, name), 'utf8');
  }

  /** Runs a pawl command to its end, unseen. */
  async run(args, { exit_code = 0, input = '' } = {}) {
    const child = spawn(PAWL_BIN, args, { cwd: this.folder, env: this.#env });
    child.stdin.on('error', () => {}).end(input);  // whoever reads none may have ended before
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    }
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    ok(code === exit_code, `pawl ${args.join(' ')} ended with ${code}, expected ${exit_code}:\n`
      + text);
    return text;
  }

  /**
   * Runs and shows one. @param {{input_file?: string}} [options] input_file: what it reads, by name
   * @returns {Promise<string>} what it printed
   */
  async pawl(args, { exit_code = 0, shows = [], input_file } = {}) {
    command('pawl', ...args, ...input_file === undefined ? [] : ['<', input_file]);
    const input = input_file === undefined ? '' : await this.file(input_file);
    const text = await this.run(args, { exit_code, input });
    output(exit_code === 0 ? text : `${text}(exit ${exit_code})`);
    for (const words of shows) {
      ok(text.includes(words), `pawl ${args.join(' ')} does not show "${words}":\n${text}`);
    }
    return text;
  }

  async json(...args) {
    const lines = (await this.run([...args, '--json'])).trim().split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  }

  async serve() {
    const log = await open(this.log_file, 'a');
    this.#daemon = spawn(PAWL_BIN, ['serve'], { cwd: this.folder, env: this.#env,
                                                stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    let ended;
    this.exited = new Promise((resolve) => {
      this.#daemon.on('error', (error) => resolve(ended = error.message));
      this.#daemon.on('exit', (code, signal) => resolve(ended = code ?? signal));
    });
    const give_up = () => ended === undefined ? undefined : `pawl serve ended with ${ended}`;
    this.addresses = await wait_for('addresses of pawl',
      async () => JSON.parse(await this.file('pawl-data/run/addresses.json')), { give_up });
    await wait_for('pawl ready', async () =>
      (await fetch(`${this.addresses.control}/readyz`)).status === 200 || undefined, { give_up });
  }

  /** Where people sign in: by a name, because browsers have no passkeys at addresses. */
  get console() {
    return this.addresses.control.replace('127.0.0.1', 'localhost');
  }

  mcp_url(server) {
    return `${this.addresses.data}/mcp/${server}`;
  }

  /** Connects an agent. @param {(to: object) => Promise<any>} connect which official client */
  async agent(connect, name, server, to) {
    const client = await connect({ url: this.mcp_url(server), name, ...to });
    this.#clients.push(client);
    return { name, server, client };
  }

  /**
   * One step of an agent (steps.mjs), shown as `what`. Throws unless it ends as expected.
   * @param {{wait_shown?: boolean}} [options] wait_shown: show an answer that only says "not yet"
   * @returns {Promise<{record: string, outcome: string, waits: boolean, text?: string,
   *   names?: string[]}>} record: its id; waits: people have not decided, the agent is to come again
   */
  async step({ name, server, client }, what, step, { wait_shown = true } = {}) {
    const line = await take_step(client, step, 1);
    const text = line.names === undefined ? one_line(line.text) : `${line.names.length}: `
      + line.names.join(', ');
    const approval = line.meta['pawl.record/approval'];
    const waits = approval !== undefined && approval.changed === undefined;
    if (!waits || wait_shown) {
      call(name, `${server}: ${what}`, waits ? 'waits' : line.outcome, text);
    }
    ok(line.as_expected, `${name}: ${what}: ${line.outcome}, expected ${step.expect}`
      + `${step.contains ? ` with "${step.contains}"` : ''}`);
    const record = line.meta['pawl.record/id'] ?? line.data?.record;
    ok(record !== undefined, `${name}: ${what}: the answer names no record`);
    return { ...line, record, waits };
  }

  /** Ends connections and daemon. @returns {Promise<number | string | undefined>} its exit */
  async close() {
    await Promise.allSettled(this.#clients.splice(0).map((client) => client.close()));
    this.#daemon?.kill();
    return this.exited;
  }

  log_tail() {
    try {
      return readFileSync(this.log_file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES)
        .join('\n');
    } catch {
      return '(the daemon has not written a log)';
    }
  }
}
