// Asks spin whether spec/approval.pml goes along with a trace (approval_traces.mjs).

import { execFile, execFileSync } from 'node:child_process';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SPEC = fileURLToPath(new URL('../../../spec/', import.meta.url));
const NO_REDUCTION = ['-DVECTORSZ=2048', '-DNOREDUCE'];  // small searches, with C code in them
const LIMITS = ['-a', '-w18', '-m20000'];
const LIMIT_MS = 60_000;

export class Model {
  /** @returns {Promise<Model>} the model, compiled; it needs spin and gcc */
  static async build() {
    const model = new Model();
    model.folder = await mkdtemp(join(tmpdir(), 'pawl-model-'));
    const run = (program, args) => execFileSync(program, args, { cwd: model.folder, stdio: 'pipe' });
    run('spin', ['-DTRACE', '-a', join(SPEC, 'approval.pml')]);
    run('gcc', ['-O0', '-w', ...NO_REDUCTION, '-o', 'pan', 'pan.c']);
    const text = await readFile(join(SPEC, 'approval_trace.pml'), 'utf8');
    model.numbers = Object.fromEntries([...text.matchAll(/^#define e_(\w+) (\d+)/gm)]
      .map(([, name, number]) => [name, Number(number)]));
    return model;
  }

  /**
   * Whether the model goes along to the end.
   * @param {import('./approval_traces.mjs').Trace} trace
   * @returns {Promise<{admitted: boolean, at: number}>} at: how many events it goes along with
   */
  async ask({ events, uses, executed }) {
    const lines = [...uses.map((most, what) => `uses ${what} ${most}`),
      ...executed.map((times, use) => `executed ${use} ${times}`),
      ...events.map(({ event, a, b }) => `event ${this.#number_of(event)} ${a} ${b}`)];
    const file = join(this.folder, 'trace');
    await writeFile(file, `${lines.join('\n')}\n`);
    const text = await this.#search(file);
    const errors = text.match(/errors: (\d+)/)?.[1];
    if (errors === undefined || /max search depth|out of memory|cannot be read/.test(text)
        || (errors !== '0' && !text.includes('assertion violated'))) {
      throw new Error(`the search did not come to its end:\n${text}`);
    }
    return { admitted: errors !== '0',
             at: Math.max(0, ...[...text.matchAll(/^at (\d+)$/gm)].map(([, at]) => Number(at))) };
  }

  #number_of(event) {
    const number = this.numbers[event];
    if (number === undefined) {
      throw new Error(`the model has no event "${event}"`);
    }
    return number;
  }

  #search(file) {
    return new Promise((resolve, reject) => {
      execFile(join(this.folder, 'pan'), LIMITS, { cwd: this.folder, timeout: LIMIT_MS,
        maxBuffer: 1 << 24, env: { ...process.env, PAWL_TRACE: file } },
      (error, stdout, stderr) => error?.killed ? reject(error) : resolve(stdout + stderr));
    });
  }

  async close() {
    await rm(this.folder, { recursive: true, force: true });
  }
}
