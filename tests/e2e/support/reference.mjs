// Starts one of the reference servers over HTTP, with a journal of the calls that it executed.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE, start_until_json } from './process.mjs';

/** @param {'legacy' | 'modern'} era */
export function reference_script(era) {
  return fileURLToPath(new URL(`../servers/${era}_reference.mjs`, import.meta.url));
}

/**
 * @param {'legacy' | 'modern'} era
 * @param {{journal?: string, port?: number}} [options]
 * @returns {Promise<{url: string, stop: (signal?: NodeJS.Signals) => Promise<number | null>}>}
 */
export async function start_reference(era, { journal, port = 0 } = {}) {
  const { ready, stop } = await start_until_json(NODE, [reference_script(era),
    '--port', String(port), ...(journal ? ['--journal', journal] : [])]);
  return { url: ready.url, stop };
}

/**
 * Both reference servers, of which each has its journal.
 * @param {string} name of the temporary folder
 */
export async function start_both_references(name) {
  const folder = await mkdtemp(join(tmpdir(), name));
  const journal = (era) => join(folder, era);
  const [legacy, modern] = await Promise.all(['legacy', 'modern']
    .map((era) => start_reference(era, { journal: journal(era) })));
  return { legacy, modern, calls: (era) => read_journal(journal(era)),
    stop: async () => {
      await Promise.all([legacy.stop('SIGKILL'), modern.stop('SIGKILL')]);
      await rm(folder, { recursive: true });
    } };
}

/** Every call that a server with this journal began to execute; none if it never wrote. */
export async function read_journal(file) {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
