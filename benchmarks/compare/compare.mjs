// ./bench PART --compare REV: this tree, REV and this tree again, in alternating runs.
//
// The third is the noise: what differs between two measurements of the same program. A difference
// counts only when it is larger.

import { run_gateway, kinds_of, value_of } from '../gateway/gateway.mjs';
import { Report } from '../support/report.mjs';
import { compared, shown } from '../support/statistics.mjs';

const NAMES = ['this', 'other', 'again'];

/** @param {import('../support/statistics.mjs').Compared | undefined} found */
function say(report, name, found) {
  if (found === undefined) {
    report.say(`  ${name.padEnd(44)} no valid run`);
    return;
  }
  report.say(`  ${name.padEnd(44)} ${shown(found.ratio, 3)}   noise `
    + `${found.noise.min.toFixed(3)}-${found.noise.max.toFixed(3)}   `
    + `${found.beyond_noise ? 'DIFFERENT' : 'not told from noise'}`);
  report.flat[`compare.${name}`] = Number(found.ratio.median.toFixed(4));
  report.flat[`compare.${name}_noise_min`] = Number(found.noise.min.toFixed(4));
  report.flat[`compare.${name}_noise_max`] = Number(found.noise.max.toFixed(4));
}

/** All three are served at once and loaded in turn, so each load is alternated. */
async function compare_gateway(context, other) {
  const runs = await run_gateway(context, [{ name: NAMES[0], bin: context.pawl },
    { name: NAMES[1], bin: other.pawl }, { name: NAMES[2], bin: context.pawl }]);
  context.report.heading(`this over ${other.name}`);
  const fields = [[16, 'per_second'], [64, 'per_second'], [16, 'gateway_us_per_call'],
    [64, 'gateway_us_per_call'], [1, 'p50_us']];
  for (const [connections, field] of fields) {
    kinds_of('').forEach(({ suffix }, kind) => {
      const columns = NAMES.map((name) => runs.map((run) =>
        value_of(run, connections, kinds_of(name)[kind].target, field)));
      say(context.report, `gateway.${field}${suffix}_${connections}`, compared(...columns));
    });
  }
}

/** One run of the part for each of the three, in turn; every figure of the part is compared. */
async function compare_part(context, part, other) {
  const columns = { this: [], other: [], again: [] };
  const programs = { this: context, other: { ...context, ...other }, again: context };
  for (let run = 0; run < context.runs; ++run) {
    for (let i = 0; i < NAMES.length; ++i) {
      const name = NAMES[(i + run) % NAMES.length];
      const report = new Report({ json: context.report.json, folder: '', quiet: true });
      await part({ ...programs[name], report, runs: 1 });
      columns[name].push(report.flat);
      context.report.raw('compare', { run, name, flat: report.flat });
    }
    context.report.say(`  run ${run + 1} of ${context.runs}`);
  }
  context.report.heading(`this over ${other.name}`);
  const figures = Object.keys(columns.this[0]).filter((name) => !/_(min|max)$/.test(name));
  for (const figure of figures) {
    say(context.report, figure, compared(...NAMES.map((name) =>
      columns[name].map((flat) => flat[figure] ?? undefined))));
  }
}

/**
 * @param {import('../main.mjs').Context} context
 * @param {string} name of the part @param {(context: object) => Promise<any>} part
 * @param {Awaited<ReturnType<import('./revision.mjs').build_revision>>} other
 */
export async function compare(context, name, part, other) {
  context.report.heading(`${name}: this tree, ${other.name} and this tree again`);
  await (name === 'gateway' ? compare_gateway(context, other) : compare_part(context, part, other));
}
