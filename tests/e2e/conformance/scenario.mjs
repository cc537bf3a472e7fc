// Runs one scenario in a process of its own and reads its checks.
//
// A scenario fails if one of its checks fails, if it crashed or if it ran out of time; it passes
// if at least one check of its own succeeded; otherwise it exercised nothing and counts as
// skipped. The suite's synthetic wire-schema checks can fail a scenario but not pass it.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scenario_arguments } from './suites.mjs';

const TIME_LIMIT_MS = 90_000;
const WORST_FIRST = ['FAILURE', 'WARNING', 'SKIPPED', 'INFO', 'SUCCESS'];

/** @typedef {{verdict: 'pass' | 'fail' | 'skip', checks: Record<string, string>,
 *   problems: string[]}} Outcome */

function execute(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => { stderr = (stderr + chunk).slice(-2000); });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr });
    });
  });
}

async function read_checks(folder) {
  for (const entry of await readdir(folder, { recursive: true })) {
    if (entry.endsWith('checks.json')) {
      return JSON.parse(await readFile(join(folder, entry), 'utf8'));
    }
  }
  return undefined;
}

/** Repeated ids collapse to their worst status. */
function worst_by_id(checks) {
  const worst = {};
  for (const { id, status } of checks) {
    if (worst[id] === undefined
        || WORST_FIRST.indexOf(status) < WORST_FIRST.indexOf(worst[id])) {
      worst[id] = status;
    }
  }
  return worst;
}

/** @param {object[]} checks @returns {Outcome} */
export function judge(checks) {
  const by_id = worst_by_id(checks);
  const failed = checks.filter(({ status }) => status === 'FAILURE');
  const succeeded = checks.some(({ id, status }) =>
    status === 'SUCCESS' && !id.startsWith('wire-schema-'));
  return {
    verdict: failed.length > 0 ? 'fail' : succeeded ? 'pass' : 'skip',
    checks: by_id,
    problems: checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .map(({ id, status, errorMessage }) => `${status} ${id}: ${errorMessage ?? 'no message'}`),
  };
}

/**
 * @param {import('./suites.mjs').Suite} suite
 * @param {{name: string, extension: boolean}} scenario
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
export async function run_scenario(suite, scenario, url) {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-conformance-'));
  try {
    const { code, signal, stderr } = await execute(
      scenario_arguments(suite, scenario, url, folder));
    const checks = await read_checks(folder);
    if (checks === undefined) {
      return { verdict: 'fail', checks: {},
               problems: [`no result (${signal ?? `exit ${code}`}): ${stderr.trim()}`] };
    }
    return judge(checks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
