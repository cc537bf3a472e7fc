// Where results go: lines for people, one flat object for machines, everything raw into a folder.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shown } from './statistics.mjs';

export class Report {
  /** @type {Record<string, number>} */
  flat = {};
  #raw = {};
  #lines = [];

  /** @param {{json: boolean, folder: string, quiet?: boolean}} options folder: of the raw output;
   *    quiet: collects and says nothing */
  constructor({ json, folder, quiet = false }) {
    this.json = json;
    this.folder = folder;
    this.quiet = quiet;
  }

  /** A line for people; with --json on standard error. */
  say(line = '') {
    this.#lines.push(line);
    if (this.quiet) {
      return;
    }
    (this.json ? process.stderr : process.stdout).write(`${line}\n`);
  }

  heading(title) {
    this.say();
    this.say(`== ${title}`);
  }

  /**
   * A figure by its name; a range also as NAME_min and NAME_max. No valid run: null, no number.
   * @param {string} name @param {import('./statistics.mjs').Range | undefined} range
   */
  figure(name, range, { digits = 2, note = '' } = {}) {
    this.say(`  ${name.padEnd(44)} ${shown(range, digits)}${note && `   ${note}`}`);
    const round = (value) => Number(value.toFixed(digits));
    this.flat[name] = range === undefined ? null : round(range.median);
    if (range !== undefined) {
      this.flat[`${name}_min`] = round(range.min);
      this.flat[`${name}_max`] = round(range.max);
    }
  }

  /** Kept as it is in raw.json. @param {string} part @param {any} value */
  raw(part, value) {
    (this.#raw[part] ??= []).push(value);
  }

  async write() {
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, 'raw.json'), `${JSON.stringify(this.#raw, undefined, 1)}\n`);
    await writeFile(join(this.folder, 'result.json'),
      `${JSON.stringify(this.flat, undefined, 1)}\n`);
    await writeFile(join(this.folder, 'report.txt'), `${this.#lines.join('\n')}\n`);
    if (this.json) {
      process.stdout.write(`${JSON.stringify(this.flat)}\n`);
    }
  }
}
