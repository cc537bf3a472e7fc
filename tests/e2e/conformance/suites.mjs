// The official conformance suites and which of their server scenarios run at which revision.
//
// The stable suite knows 2025-11-25. The pre-release (package alias conformance-next) knows both
// eras: a scenario names the revisions it applies to, `--spec-version` chooses the wire, and the
// scenarios of extensions stand outside that timeline and need `--force`.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** @typedef {{name: string, era: 'legacy' | 'modern', program: string, revision: string,
 *   extensions: boolean, takes_revision: boolean}} Suite */

/** @type {Suite[]} */
export const SUITES = [
  { name: 'stable/2025-11-25', era: 'legacy', revision: '2025-11-25', extensions: false,
    takes_revision: false, program: `${ROOT}@modelcontextprotocol/conformance/dist/index.js` },
  { name: 'next/2025-11-25', era: 'legacy', revision: '2025-11-25', extensions: false,
    takes_revision: true, program: `${ROOT}conformance-next/dist/index.js` },
  { name: 'next/2026-07-28', era: 'modern', revision: '2026-07-28', extensions: true,
    takes_revision: true, program: `${ROOT}conformance-next/dist/index.js` },
];

const LINE = /^\s*- (\S+) \[([^\]]*)\]$/;

/**
 * Every server scenario of the suite that applies to its revision, in the suite's order.
 * @param {Suite} suite
 * @returns {Promise<{name: string, extension: boolean}[]>}
 */
export async function list_scenarios(suite) {
  const { stdout } = await run(process.execPath, [suite.program, 'list', '--server']);
  const scenarios = stdout.split('\n').map((line) => LINE.exec(line)).filter(Boolean)
    .map(([, name, revisions]) => ({ name, revisions: revisions.split(',') }));
  if (scenarios.length === 0) {
    throw new Error(`${suite.name}: no scenario listed; did the output of "list" change?`);
  }
  return scenarios
    .map(({ name, revisions }) => ({ name, revisions, extension: revisions[0] === 'extension' }))
    .filter(({ revisions, extension }) =>
      extension ? suite.extensions : revisions.includes(suite.revision))
    .map(({ name, extension }) => ({ name, extension }));
}

/** Arguments of the suite's program for one scenario. */
export function scenario_arguments(suite, scenario, url, output) {
  return [suite.program, 'server', '--url', url, '--scenario', scenario.name,
          '--output-dir', output,
          ...(suite.takes_revision ? ['--spec-version', suite.revision] : []),
          ...(scenario.extension ? ['--force'] : [])];
}
