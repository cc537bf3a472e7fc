// Part "ledger": durable receipts through the ledger alone, and what others ask for a durable row.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { load_average } from './support/machine.mjs';
import { range_of } from './support/statistics.mjs';

const CALLERS = [1, 16, 64, 256];
/** The figure without a number of callers: as many as saturate the ledger. */
const MANY = 256;
const MODES = ['kept', 'signed', 'proven'];
const ROW_BYTES = 1300;
const FLOORS = [['sqlite', 1], ['sqlite', 64], ['sync', 1], ['sync', 16], ['sync', 64]];
const SECONDS = 2;

function json_of(command, args) {
  return JSON.parse(execFileSync(command, args.map(String), { encoding: 'utf8' }));
}

async function receipts(context, mode, callers) {
  const folder = await mkdtemp(join(context.scratch, 'ledger-'));
  try {
    return json_of(context.bench_binary('receipts_benchmark'),
      [join(folder, 'ledger'), callers, SECONDS, mode]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {import('./main.mjs').Context} context */
export async function run_ledger(context) {
  const { report } = context;
  report.heading(`ledger: ${context.runs} runs of ${SECONDS} s each, both cores`);
  const found = {};
  const keep = (name, result) => {
    (found[name] ??= []).push(result);
    report.raw('ledger', { name, load: load_average(), ...result });
    report.say(`  ${name.padEnd(22)}${result.per_second.toFixed(0).padStart(8)}/s`
      + `  p50 ${result.p50_ms.toFixed(3)} ms  p99 ${result.p99_ms.toFixed(3)} ms`
      + `${result.entries_per_sync ? `  ${result.entries_per_sync.toFixed(1)} a sync` : ''}`
      + `  load ${load_average().toFixed(1)}`);
  };
  for (let run = 0; run < context.runs; ++run) {
    for (const callers of CALLERS) {
      for (const mode of MODES) {
        keep(`${mode} ${callers}`, await receipts(context, mode, callers));
      }
    }
    for (const [kind, batch] of FLOORS) {
      keep(`${kind} ${batch}`, json_of(context.bench_binary('floor_benchmark'),
        [context.scratch, ROW_BYTES, SECONDS, kind, batch]));
    }
  }
  const figure = (figure_name, name, field, options) =>
    report.figure(figure_name, range_of(found[name].map((each) => each[field])), options);
  figure('ledger.receipts_per_s', `kept ${MANY}`, 'per_second',
    { digits: 0, note: `${MANY} callers, tokens signed before` });
  figure('ledger.p99_ms', `kept ${MANY}`, 'p99_ms', { note: 'the same' });
  for (const mode of MODES) {
    for (const callers of CALLERS) {
      figure(`ledger.receipts_per_s_${mode}_${callers}`, `${mode} ${callers}`, 'per_second',
        { digits: 0 });
      figure(`ledger.p99_ms_${mode}_${callers}`, `${mode} ${callers}`, 'p99_ms');
    }
  }
  for (const [kind, batch] of FLOORS) {
    figure(`ledger.floor_${kind}_${batch}_per_s`, `${kind} ${batch}`, 'per_second', { digits: 0 });
  }
}
