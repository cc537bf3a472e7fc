// Runs the parts of ./bench. Called by the script ./bench, which has installed and built.
//
// Never fails for a figure: a slow result is a result. Exits other than 0 only when something could
// not be measured at all.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './compare/compare.mjs';
import { build_revision } from './compare/revision.mjs';
import { run_dag } from './dag.mjs';
import { run_gateway } from './gateway/gateway.mjs';
import { run_ledger } from './ledger.mjs';
import { run_logsize, run_memory } from './memory.mjs';
import { run_policy } from './policy/policy.mjs';
import { run_ready } from './ready.mjs';
import { QUIET_LOAD, load_average, machine } from './support/machine.mjs';
import { Report } from './support/report.mjs';
import { run_verify } from './verify.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PARTS = { gateway: run_gateway, ledger: run_ledger, policy: run_policy, memory: run_memory,
  ready: run_ready, logsize: run_logsize, dag: run_dag, verify: run_verify };

/**
 * @typedef {{report: Report, runs: number, seconds: number, pawl: string, scratch: string,
 *            bench_binary: (name: string) => string}} Context
 *   scratch: a folder on the disk that is measured; pawl: the program
 */

const OPTIONS = {
  json: { type: 'boolean', default: false },
  compare: { type: 'string' },
  runs: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '5' },
  build: { type: 'string', default: 'build-bench' },
};

function options() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const number = (name) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) {
      throw new Error(`--${name}: ${values[name]}, expected a whole number from 1`);
    }
    return value;
  };
  const unknown = positionals.find((part) => !(part in PARTS));
  if (unknown !== undefined) {
    throw new Error(`no part "${unknown}"; parts: ${Object.keys(PARTS).join(' ')}`);
  }
  return { json: values.json, compare_with: values.compare, runs: number('runs'),
    seconds: number('seconds'), build: join(ROOT, values.build),
    parts: positionals.length > 0 ? positionals : Object.keys(PARTS) };
}

async function main() {
  const { json, compare_with, runs, seconds, build, parts } = options();
  const other = compare_with === undefined ? undefined
    : await build_revision(ROOT, compare_with);
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const report = new Report({ json, folder: join(ROOT, 'benchmarks', 'out', stamp) });
  await mkdir(report.folder, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
  const facts = await machine(scratch);
  report.raw('machine', { ...facts, arguments: process.argv.slice(2), load: load_average() });
  report.say(Object.entries(facts).map(([name, value]) => `${name}: ${value}`).join(' | '));
  report.say(`load average ${load_average().toFixed(2)}${load_average() > QUIET_LOAD
    ? '  NOT QUIET: figures below are indicative only' : ''}`);
  if (facts.file_system === 'tmpfs') {
    report.say(`VOID for durable writes: ${scratch} is in memory, set PAWL_BENCH_TMP to a disk`);
  }
  try {
    for (const part of parts) {
      const context = { report, runs, seconds, scratch, pawl: join(build, 'pawl'),
        bench_binary: (name) => join(build, 'benchmarks', name) };
      await (other === undefined ? PARTS[part](context)
        : compare(context, part, PARTS[part], other));
    }
  } finally {
    await report.write();
    await rm(scratch, { recursive: true, force: true });
  }
  report.say();
  report.say(`raw output: ${report.folder}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
