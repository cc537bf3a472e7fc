// Child processes of the tests: started, awaited for one line of output, stopped by their id.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The Node that runs this file: every child script runs on the same one. */
export const NODE = process.execPath;

/**
 * Starts a program and resolves with the first line of its standard output that is JSON.
 * Rejects with the program's standard error if it exits before.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions}
 *   [options]
 * @returns {Promise<{ready: any, child: import('node:child_process').ChildProcess,
 *   stop: (signal?: NodeJS.Signals) => Promise<number | null>}>}
 */
export async function start_until_json(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const exited = new Promise((resolve) => { child.on('close', resolve); });
  let stderr = '';
  child.stderr.on('data', (chunk) => { stderr = (stderr + chunk).slice(-8000); });
  const ready = await new Promise((resolve, reject) => {
    child.on('error', reject);
    exited.then((code) => reject(new Error(`${command} ${args.join(' ')} ended with ${code}: `
      + stderr)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) {
        resolve(JSON.parse(line));
      }
    });
  });
  return { ready, child, stop: (signal = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  } };
}
