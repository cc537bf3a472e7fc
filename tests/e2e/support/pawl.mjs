// Runs the pawl program for a test: a temporary folder with a generated pawl.yaml, `pawl serve` on
// free ports, commands with --json, kill and restart on the same data.
//
//   const pawl = await Pawl.start({ servers: { files: { command: [...] } },
//                                   agents: { triage: { groups: ['vendor-a'] } },
//                                   rules: [allow_all] });
//   await legacy_client({ url: pawl.mcp_url('files'), key: pawl.keys.triage });
//   const status = await pawl.json('status');
//   await pawl.close();
//
// PAWL_BIN names the program (default: build/pawl of the repository). PAWL_KEEP=1 keeps the folder.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wait_for } from './wait.mjs';

export const PAWL_BIN = process.env.PAWL_BIN
  ?? fileURLToPath(new URL('../../../build/pawl', import.meta.url));

/** For `{ skip: no_pawl() }` of tests that need the program. */
export function no_pawl() {
  return existsSync(PAWL_BIN) ? false : `${PAWL_BIN} does not exist: build first`;
}

/** A rule that lets everything pass, for tests of something else. */
export const ALLOW_ALL = { id: 'allow-all', when: { agent: '**' }, then: 'allow', reason: 'test' };

/**
 * @typedef {{
 *   servers?: Record<string, object>,
 *   agents?: Record<string, {groups?: string[]}>,
 *   rules?: object[],
 *   config?: object,
 *   env?: Record<string, string>,
 *   serve_args?: string[],
 *   init?: boolean,
 *   program?: string[],
 *   data?: string,
 * }} Options
 *   agents: each gets a random key, passed by environment; config: overrides members of pawl.yaml;
 *   init: run `pawl init` first (the operator's key file); program: instead of PAWL_BIN;
 *   data: a data folder elsewhere, which stays.
 */

export class Pawl {
  /** @type {Record<string, string>} agent id -> key */
  keys = {};
  /** @type {{data: string, control: string, override: string}} addresses, without a path */
  addresses;
  #options;
  #env;
  #child;
  #exited;
  #exit_code;

  constructor(options, folder) {
    this.#options = options;
    this.folder = folder;
    this.data = options.data ?? join(folder, 'data');
    this.config_file = join(folder, 'pawl.yaml');
    this.rules_file = join(folder, 'rules.yaml');
    this.log_file = join(folder, 'pawl.log');
    this.#env = { ...process.env, ...options.env };
  }

  /** @param {Options} options */
  static async prepare(options = {}) {
    const pawl = new Pawl(options, await mkdtemp(join(tmpdir(), 'pawl-e2e-')));
    await mkdir(pawl.data, { recursive: true, mode: 0o700 });
    await pawl.write_rules(options.rules ?? []);
    await pawl.#write_config();
    if (options.init) {
      await pawl.run(['init', '--config', pawl.config_file]);
    }
    return pawl;
  }

  /** Prepares, starts and waits until ready. @param {Options} options */
  static async start(options = {}) {
    const pawl = await Pawl.prepare(options);
    try {
      await pawl.serve();
    } catch (error) {
      await pawl.close();
      throw error;
    }
    return pawl;
  }

  /** JSON is YAML: the rules are written as they are. Reloading is the test's business. */
  async write_rules(rules) {
    await writeFile(this.rules_file, `${JSON.stringify({ rules }, undefined, 2)}\n`);
  }

  async #write_config() {
    const agents = {};
    for (const [id, agent] of Object.entries(this.#options.agents ?? {})) {
      const variable = `PAWL_TEST_KEY_${id.toUpperCase().replaceAll('-', '_')}`;
      this.keys[id] = randomBytes(24).toString('base64url');
      this.#env[variable] = this.keys[id];
      agents[id] = { key: `\${${variable}}`, ...agent };
    }
    const config = { listen: '127.0.0.1:0', control: '127.0.0.1:0', data: this.data,
      domain: 'example.org', mode: 'enforce',
      // A test of something else signs no rules, also where it names a preset.
      ...this.#options.config?.preset === undefined ? {} : { rule_signatures: 'optional' },
      servers: this.#options.servers ?? {}, agents,
      rules: [this.rules_file], ...this.#options.config };
    await writeFile(this.config_file, `${JSON.stringify(config, undefined, 2)}\n`);
  }

  /** Starts `pawl serve` and resolves when /readyz of the control listener says 200. */
  async serve() {
    const addresses_file = join(this.data, 'run', 'addresses.json');
    await rm(addresses_file, { force: true });
    const log = createWriteStream(this.log_file, { flags: 'a' });
    const child = this.#spawn(['serve', '--config', this.config_file,
                               ...this.#options.serve_args ?? []]);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#exit_code = undefined;
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => { log.write(`${error.message}\n`); });
      child.on('close', (code, signal) => {
        this.#exit_code = code ?? signal ?? 'not started';
        log.end();
        log.on('close', () => resolve(this.#exit_code));
      });
    });
    const give_up = () => this.#exit_code === undefined ? undefined
      : `pawl serve ended with ${this.#exit_code}`;
    try {
      this.addresses = await wait_for('addresses of pawl',
        async () => JSON.parse(await readFile(addresses_file, 'utf8')), { give_up });
      await wait_for('pawl ready', async () =>
        (await fetch(`${this.addresses.control}/readyz`)).status === 200 || undefined, { give_up });
    } catch (error) {
      if (this.#exit_code === undefined) {
        await this.kill();
      }
      throw new Error(`${error.message}\n${await this.log()}`, { cause: error });
    }
  }

  /** Process id of the daemon. */
  get pid() {
    return this.#child.pid;
  }

  /** Address of one server's MCP endpoint, or of all of them. @param {string} [server] */
  mcp_url(server) {
    return `${this.addresses.data}/mcp${server === undefined ? '' : `/${server}`}`;
  }

  /** Graceful stop. @returns {Promise<number | string>} exit code or signal */
  async stop(signal = 'SIGTERM') {
    this.#child?.kill(signal);
    return this.#exited;
  }

  /** kill -9. */
  async kill() {
    return this.stop('SIGKILL');
  }

  /** Resolves when the daemon ended by itself. */
  async exited() {
    return this.#exited;
  }

  async restart() {
    await this.stop();
    await this.serve();
  }

  /** What the daemon wrote to its two outputs. */
  async log() {
    return readFile(this.log_file, 'utf8').catch(() => '');
  }

  /**
   * Runs one command to its end in the folder, without judging its exit code.
   * @param {string[]} args
   * @param {{input?: string, env?: Record<string, string>, encoding?: BufferEncoding}} [options]
   *   encoding: 'latin1' gives the bytes, one a character
   * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
   */
  async run(args, { input = '', env = {}, encoding = 'utf8' } = {}) {
    const child = this.#spawn(args, env);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding(encoding).on('data', (text) => { output[stream] += text; });
    }
    child.stdin.on('error', () => {});  // the command may end before it reads
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
    });
  }

  /** Runs a command with --json and parses it. Throws if it fails or prints anything else. */
  async json(...args) {
    const { code, stdout, stderr } = await this.run([...args, '--config', this.config_file,
                                                     '--json']);
    const needs_a_person = args[0] === 'status' && code === 1;
    if (code !== 0 && !needs_a_person) {
      throw new Error(`pawl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    }
    return JSON.parse(stdout);
  }

  #spawn(args, env = {}) {
    const [command, ...first] = this.#options.program ?? [PAWL_BIN];
    return spawn(command, [...first, ...args],
      { cwd: this.folder, env: { ...this.#env, ...env }, stdio: 'pipe' });
  }

  /** Stops what runs and removes the folder. */
  async close() {
    if (this.#child !== undefined && this.#exit_code === undefined) {
      await this.stop();
    }
    if (process.env.PAWL_KEEP !== '1') {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
