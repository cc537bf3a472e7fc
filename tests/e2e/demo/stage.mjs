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
  async run(args, exit_code = 0) {
    const child = spawn(PAWL_BIN, args, { cwd: this.folder, env: this.#env,
                                         stdio: ['ignore', 'pipe', 'pipe'] });
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

  /** Runs and shows one. @returns {Promise<string>} what it printed */
  async pawl(args, { exit_code = 0, shows = [] } = {}) {
    command('pawl', ...args);
    const text = await this.run(args, exit_code);
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
   * @returns {Promise<{record: string, text?: string, names?: string[]}>} record: its id
   */
  async step({ name, server, client }, what, step) {
    const line = await take_step(client, step, 1);
    const text = line.names === undefined ? one_line(line.text) : `${line.names.length}: `
      + line.names.join(', ');
    call(name, `${server}: ${what}`, line.outcome === 'ok', text);
    ok(line.as_expected, `${name}: ${what}: ${line.outcome}, expected ${step.expect}`
      + `${step.contains ? ` with "${step.contains}"` : ''}`);
    const record = line.meta['pawl.record/id'] ?? line.data?.record;
    ok(record !== undefined, `${name}: ${what}: the answer names no record`);
    return { ...line, record };
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
