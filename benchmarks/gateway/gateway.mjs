// Part "gateway": what governing a call costs beside a plain proxy, in the same run.
//
// Layout: the server behind (nginx, `return 200`), nginx as proxy and pawl on one core, the client
// on the other. Per run every target once, in an order that turns with each run, at 16 and at 64
// connections (saturation) and with one connection (a closed loop far below saturation: latency).

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { GATEWAY_CORE, need_two_cores } from '../support/machine.mjs';
import { rss_mib } from '../support/process_usage.mjs';
import { read_segments } from '../support/segments.mjs';
import { latency_excess, range_of, ratios } from '../support/statistics.mjs';
import { measure } from './measure.mjs';
import { Rig } from './rig.mjs';

const SATURATED = [16, 64];
const LOADS = [...SATURATED, 1];
const SYNCS = 2000;

/** Names of the two kinds of governed calls of one program. */
export const kinds_of = (program) => [
  { target: program, suffix: '', syncs: 1 },
  { target: `${program} changing`, suffix: '_changing', syncs: 2 },
];

/**
 * @param {import('../main.mjs').Context} context
 * @param {{name: string, bin: string}[]} programs
 */
export async function run_gateway(context, programs = [{ name: 'pawl', bin: context.pawl }]) {
  need_two_cores();
  const { report } = context;
  report.heading(`gateway: ${context.runs} runs of ${context.seconds} s each, interleaved`);
  const rig = await Rig.start(join(context.scratch, 'gateway'), programs);
  const runs = [];
  const idle = await Promise.all(programs.map(({ name }) => rss_mib(target_of(rig, name).pid)));
  try {
    for (let i = 0; i < context.runs; ++i) {
      runs.push(await one_run(context, rig, i));
    }
    for (const [i, { name }] of programs.entries()) {
      await say_memory(report, rig, name, { idle_mib: idle[i], runs });
    }
    await count_records(report, rig, programs, runs);
  } finally {
    await rig.stop();
  }
  say_noise(report, runs);
  programs.forEach(({ name }, i) => say_figures(report, runs, name, i === 0));
  return runs;
}

/** @returns {Promise<{loads: Record<number, Record<string, object>>, probe: object}>} */
async function one_run(context, rig, number) {
  const loads = {};
  for (const connections of LOADS) {
    loads[connections] = {};
    for (let i = 0; i < rig.targets.length; ++i) {
      const target = rig.targets[(i + number) % rig.targets.length];
      const seconds = context.seconds;
      const found = await measure(rig, target, { connections, seconds });
      loads[connections][target.name] = found;
      context.report.raw('gateway', { run: number, ...found });
      say_run(context.report, found);
    }
  }
  return { loads, probe: sync_probe(context) };
}

/** A record and its checkpoint: the batch of one call (docs/formats/segment.md). */
const BATCH_BYTES = 1640;

function sync_probe(context) {
  const args = ['-c', String(GATEWAY_CORE), context.bench_binary('sync_probe'), context.scratch,
    String(BATCH_BYTES), String(SYNCS)];
  const probe = JSON.parse(execFileSync('taskset', args, { encoding: 'utf8' }));
  context.report.raw('gateway.sync_probe', probe);
  return probe;
}

const percent = (share) => `${(share * 100).toFixed(0).padStart(3)}%`;

function say_run(report, found) {
  const us = (value) => value === undefined ? '     ' : `${value.toFixed(1).padStart(5)}`;
  report.say(`  c=${String(found.connections).padEnd(3)} ${found.target.padEnd(16)}`
    + `${found.per_second.toFixed(0).padStart(7)}/s  p50 ${String(found.p50_us).padStart(5)} us`
    + `  p99 ${String(found.p99_us).padStart(6)} us`
    + `  cpu us/call: gateway ${us(found.gateway_us_per_call)}`
    + ` upstream ${us(found.upstream_us_per_call)}`
    + `  core ${percent(found.gateway_cpu + found.upstream_cpu)}`
    + ` client ${percent(found.client_cpu)}`
    + `  load ${found.load_average.toFixed(1)}`
    + `${found.void.length > 0 ? `  VOID: ${found.void.join('; ')}` : ''}`
    + `${found.marks.length > 0 ? `  NOISY: ${found.marks.join('; ')}` : ''}`);
}

const target_of = (rig, name) => rig.targets.find((each) => each.name === name);

/**
 * Memory idle, after the first loads of 16 and 64 connections, and after 512, which four agents
 * share.
 */
async function say_memory(report, rig, name, { idle_mib, runs }) {
  const found = await measure(rig, target_of(rig, name), { connections: 512, seconds: 2 });
  report.raw('gateway', { run: 'memory', idle_mib, ...found });
  say_run(report, found);
  const after = [...SATURATED.map((connections) => runs[0].loads[connections][name]), found]
    .map(({ connections, rss_mib: mib }) => `${mib.toFixed(1)} after ${connections} connections`);
  report.say(`  memory of ${name}: ${idle_mib.toFixed(1)} MiB idle, ${after.join(', ')}`);
}

/** After the end: the ledger itself must hold what the client counted; else every run is void. */
async function count_records(report, rig, programs, runs) {
  for (const { name } of programs) {
    const { pawl } = target_of(rig, name);
    await pawl.stop();
    const found = await read_segments(pawl.data);
    report.raw('gateway.ledger', { name, ...found });
    const measured = runs.flatMap((run) => Object.values(run.loads).flatMap((targets) =>
      kinds_of(name).map(({ target }) => targets[target])));
    const answers = measured.reduce((sum, each) => sum + each.requests, 0);
    const confirmed = found.outcomes.confirmed ?? 0;
    report.say(`  ledger of ${name}: ${confirmed} confirmed records (all loads, warm-up included), `
      + `${answers} measured answers, ${found.entries} entries in ${found.checkpoints} batches, `
      + `${(found.bytes / found.entries).toFixed(0)} bytes an entry`);
    if (confirmed < answers) {
      measured.forEach((each) => each.void.push('records are missing in the ledger'));
    }
  }
}

/** How much of this may be quoted. */
function say_noise(report, runs) {
  const loads = runs.flatMap((run) => Object.values(run.loads).flatMap(Object.values));
  const count = (field) => loads.filter((each) => each[field].length > 0).length;
  report.flat['gateway.loads'] = loads.length;
  report.flat['gateway.loads_void'] = count('void');
  report.flat['gateway.loads_noisy'] = count('marks');
  report.say(`  of ${loads.length} loads ${count('void')} are void, ${count('marks')} noisy`
    + `${count('marks') > 0 ? ': do not quote the figures' : ''}`);
  report.figure('gateway.sync_p50_us', range_of(runs.map(({ probe }) => probe.p50_us)),
    { digits: 0, note: `pwrite + fdatasync of ${BATCH_BYTES} bytes` });
  report.figure('gateway.append_p50_us', range_of(runs.map(({ probe }) => probe.append_p50_us)),
    { digits: 0, note: 'the same as the ledger writes it' });
}

/** A value of one run's target, undefined when the run is void. */
export function value_of(run, connections, target, field) {
  const found = run.loads[connections][target];
  return found.void.length > 0 ? undefined : found[field];
}

const both_cpu = (run, connections, target) => {
  const gateway = value_of(run, connections, target, 'gateway_us_per_call');
  return gateway === undefined ? undefined
    : gateway + value_of(run, connections, target, 'upstream_us_per_call');
};

function say_figures(report, runs, program, is_first) {
  const prefix = is_first ? 'gateway' : `gateway.${program}`;
  const column = (connections, target, field) =>
    runs.map((run) => value_of(run, connections, target, field));
  for (const connections of SATURATED) {
    for (const { target, suffix } of kinds_of(program)) {
      const tail = `${suffix}_${connections}`;
      report.figure(`${prefix}.throughput_ratio_nginx${tail}`, range_of(ratios(
        column(connections, target, 'per_second'), column(connections, 'nginx', 'per_second'))),
      { digits: 3 });
      report.figure(`${prefix}.cpu_ratio_nginx${tail}`, range_of(ratios(
        runs.map((run) => both_cpu(run, connections, 'nginx')),
        runs.map((run) => both_cpu(run, connections, target)))), { digits: 3,
        note: 'the same by CPU time: what a core of its own would give' });
      report.figure(`${prefix}.cpu_us_per_call${tail}`, range_of(
        column(connections, target, 'gateway_us_per_call').filter(Number.isFinite)),
      { digits: 1 });
    }
  }
  for (const { target, suffix, syncs } of kinds_of(program)) {
    const excess = runs.map((run) => latency_excess({
      governed: value_of(run, 1, target, 'p50_us'), proxy: value_of(run, 1, 'nginx', 'p50_us'),
      direct: value_of(run, 1, 'direct', 'p50_us'), sync: run.probe.p50_us, syncs }));
    report.figure(`${prefix}.latency_excess${suffix}_us`, range_of(excess.filter(Number.isFinite)),
      { digits: 0, note: `p50, one connection, less ${syncs} sync` });
  }
}
