// Parts "memory" and "logsize": RAM of the daemon, and disk that a million calls take.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { measure } from './gateway/measure.mjs';
import { Rig } from './gateway/rig.mjs';
import { need_two_cores } from './support/machine.mjs';
import { rss_mib } from './support/process_usage.mjs';
import { read_segments } from './support/segments.mjs';
import { range_of } from './support/statistics.mjs';

const MANY = 512;

const started = (context, number) => Rig.start(join(context.scratch, `memory-${number}`),
  [{ name: 'pawl', bin: context.pawl }]);

const valid = (runs, field) => range_of(runs.filter((run) => run.void.length === 0)
  .map((run) => run[field]));

/** @param {import('./main.mjs').Context} context */
export async function run_memory(context) {
  need_two_cores();
  const { report } = context;
  report.heading(`memory: ${context.runs} fresh daemons`);
  const runs = [];
  for (let i = 0; i < context.runs; ++i) {
    const rig = await started(context, i);
    try {
      const [, , target] = rig.targets;
      const idle_mib = await rss_mib(target.pid);
      const found = await measure(rig, target, { connections: MANY, seconds: context.seconds });
      const many_mib = await rss_mib(target.pid);
      runs.push({ ...found, idle_mib, many_mib });
      report.raw('memory', runs.at(-1));
      report.say(`  idle ${idle_mib.toFixed(1)} MiB, after ${MANY} connections `
        + `${many_mib.toFixed(1)} MiB, ${found.requests} answers`
        + `${found.void.length > 0 ? `  VOID: ${found.void.join('; ')}` : ''}`);
    } finally {
      await rig.stop();
    }
  }
  report.figure('memory.idle_mib', range_of(runs.map((run) => run.idle_mib)), { digits: 1 });
  report.figure('memory.connections_512_mib', valid(runs, 'many_mib'), { digits: 1 });
}

const CALLS = 16;  // connections: a batch holds a few records, as in practice

/** @param {import('./main.mjs').Context} context */
export async function run_logsize(context) {
  need_two_cores();
  const { report } = context;
  report.heading('logsize: one daemon for each kind of call');
  for (const [place, name] of [[2, 'read_only'], [3, 'changing']]) {
    const rig = await started(context, name);
    try {
      const target = rig.targets[place];
      await measure(rig, target, { connections: CALLS, seconds: context.seconds });
      await target.pawl.stop();
      const found = await read_segments(target.pawl.data);
      const calls = found.outcomes.confirmed;
      const index = await stat(join(target.pawl.data, 'index.sqlite')).catch(() => ({ size: 0 }));
      report.raw('logsize', { name, ...found, index_bytes: index.size });
      report.figure(`logsize.${name}_bytes_per_call`, range_of([found.bytes / calls]),
        { digits: 0, note: `${calls} calls, ${(calls / found.checkpoints).toFixed(1)} a batch` });
      report.figure(`logsize.${name}_gib_per_million`,
        range_of([found.bytes / calls * 1e6 / 2 ** 30]));
    } finally {
      await rig.stop();
    }
  }
}
