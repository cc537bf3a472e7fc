// Part "verify": `pawl verify` of a hundred thousand distinct records, as its users run it, beside
// `openssl speed` for as many processes as there are cores, in turn in the same run. The ledger's
// files are out of the file cache before each verification.

import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { filled_ledger } from './ready.mjs';
import { load_average } from './support/machine.mjs';
import { core_busy_us } from './support/process_usage.mjs';
import { median, range_of } from './support/statistics.mjs';
import { NOISY_CORE } from './support/void_rules.mjs';

const RECORDS = 100_000;
const SPEED_SECONDS = 2;
const CORES = availableParallelism();

/** Elapsed and CPU seconds of a command, by the shell's own clock. */
function timed(command, args) {
  const ran = spawnSync('bash', ['-c', 'TIMEFORMAT="%3R %3U %3S"; time "$@"', 'timed', command,
    ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const [elapsed_s, user_s, system_s] = ran.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, elapsed_s,
    cpu_s: user_s + system_s };
}

/**
 * Verifications a second of all cores together, by elapsed time, and CPU seconds of one. It signs
 * as long as it verifies, and does both with all that it gets.
 */
function openssl_speed() {
  const { stdout, cpu_s } = timed('openssl', ['speed', '-mr', '-elapsed', '-multi', String(CORES),
    '-seconds', String(SPEED_SECONDS), 'ecdsap256']);
  const rate = /^\+F4:\d+:256:[\d.]+:([\d.]+)$/m.exec(stdout);
  if (rate === null) {
    throw new Error(`openssl speed: no rate in ${stdout}`);
  }
  const per_s = Number(rate[1]);
  return { per_s, cpu_s_each: cpu_s / 2 / (per_s * SPEED_SECONDS) };
}

/** Takes the files of a folder out of the file cache; they are on the disk since long. */
async function forget_files(folder) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      execFileSync('dd', [`if=${join(entry.parentPath ?? entry.path, entry.name)}`, 'iflag=nocache',
        'count=0', 'status=none']);
    }
  }
}

const busy_us = async () => {
  let all = 0;
  for (let core = 0; core < CORES; ++core) {
    all += await core_busy_us(core);
  }
  return all;
};

async function one_run(context, folder, trust) {
  const before = openssl_speed();
  await forget_files(join(folder, 'data', 'ledger'));
  const busy = await busy_us();
  const ran = timed(context.pawl, ['verify', join(folder, 'data'), '--trust', trust, '--json']);
  const others_s = (await busy_us() - busy) / 1e6 - ran.cpu_s;
  const after = openssl_speed();
  const answer = ran.status === 0 ? JSON.parse(ran.stdout) : {};
  const reasons = [];
  if (ran.status !== 0) {
    reasons.push(`exit ${ran.status}: ${ran.stdout}${ran.stderr}`);
  } else if (answer.tokens_verified < RECORDS) {
    reasons.push(`${answer.tokens_verified} signatures verified`);
  }
  return { before, after, elapsed_s: ran.elapsed_s, cpu_s: ran.cpu_s, others_s,
    records: answer.tokens_verified, void: reasons, load: load_average(),
    noisy: others_s / (ran.elapsed_s * CORES) >= NOISY_CORE };
}

/** @param {import('./main.mjs').Context} context */
export async function run_verify(context) {
  const { report } = context;
  report.heading(`verify: ${context.runs} runs, ${RECORDS} records, ${CORES} cores`);
  const folder = await filled_ledger(context, RECORDS);
  const trust = join(context.scratch, 'verify.trust');
  await writeFile(trust, execFileSync(context.pawl, ['trust', 'pin', '--print', '--config',
    join(folder, 'pawl.yaml')], { encoding: 'utf8' }));
  const found = [];
  for (let run = 0; run < context.runs; ++run) {
    const one = await one_run(context, folder, trust);
    const baseline = median([one.before.per_s, one.after.per_s]);
    const baseline_cpu_s = median([one.before.cpu_s_each, one.after.cpu_s_each]);
    const result = { ...one, per_s: one.records / one.elapsed_s,
      ratio: one.records / one.elapsed_s / baseline,
      cpu_ratio: baseline_cpu_s / (one.cpu_s / one.records),
      cores: one.cpu_s / one.elapsed_s };
    report.raw('verify', result);
    report.say(`  ${result.per_s.toFixed(0).padStart(7)}/s  ${one.elapsed_s.toFixed(2)} s, `
      + `${result.cores.toFixed(2)} cores; openssl `
      + `${one.before.per_s.toFixed(0)} and ${one.after.per_s.toFixed(0)}/s  `
      + `ratio ${result.ratio.toFixed(3)}, of CPU ${result.cpu_ratio.toFixed(3)}  load ${one.load.toFixed(1)}`
      + `${one.void.length > 0 ? `  VOID: ${one.void.join('; ')}` : ''}`
      + `${one.noisy ? `  NOISY: others took ${one.others_s.toFixed(1)} s` : ''}`);
    if (one.void.length === 0) {
      found.push(result);
    }
  }
  const figure = (name, field, options) =>
    report.figure(name, range_of(found.map((each) => each[field])), options);
  figure('verify.ratio_openssl', 'ratio', { digits: 3,
    note: 'records a second over verifications of openssl speed' });
  figure('verify.cpu_ratio_openssl', 'cpu_ratio', { digits: 3,
    note: 'CPU time of a verification by openssl speed over that of a record' });
  figure('verify.records_per_s', 'per_s', { digits: 0 });
  figure('verify.cores_used', 'cores', { note: `of ${CORES}` });
  report.flat['verify.runs_noisy'] = found.filter((each) => each.noisy).length;
  report.flat['verify.runs_void'] = context.runs - found.length;
}
