// `pawl witness` as a process of a test: made, served on a free port, killed, started again.
//
//   const witness = await Witness.make('example.org/w1');
//   await witness.serve([log.vkey]);
//   await log.ask(witness.url, 0);
//   await witness.close();

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PAWL_BIN } from './pawl.mjs';
import { start_until_json } from './process.mjs';

export class Witness {
  #running;

  static async make(name) {
    const witness = new Witness();
    witness.folder = await mkdtemp(join(tmpdir(), 'pawl-witness-'));
    witness.state = join(witness.folder, 'state');
    const made = witness.run(['init', '--name', name, '--json']);
    if (made.status !== 0) throw new Error(made.stderr);
    Object.assign(witness, JSON.parse(made.stdout));  // name, vkey
    return witness;
  }

  /** One command to its end. */
  run(args) {
    return spawnSync(PAWL_BIN, ['witness', ...args, '--state', this.state], { encoding: 'utf8' });
  }

  /** @param {string[]} logs vkeys @param {string} [listen] the same address again after a kill */
  async serve(logs, listen = '127.0.0.1:0') {
    this.#running = await start_until_json(PAWL_BIN, ['witness', 'serve', '--json', '--state',
      this.state, '--listen', listen, ...logs.flatMap((log) => ['--log', log])]);
    this.url = this.#running.ready.url;
    return this;
  }

  get address() { return this.url.slice('http://'.length); }
  get child() { return this.#running.child; }

  async stop(signal) {
    const code = await this.#running?.stop(signal);
    this.#running = undefined;
    return code;
  }

  async close() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
