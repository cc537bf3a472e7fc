// Part "dag": an execution graph of a million nodes, and a new token that names parents among a
// million records. The ledger is the one of the part "ready"; its index is made once.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { large_ledger } from './ready.mjs';
import { load_average } from './support/machine.mjs';
import { range_of } from './support/statistics.mjs';

const NODES = 1_000_000;
const TOKENS = 20_000;

/** @param {import('./main.mjs').Context} context */
export async function run_dag(context) {
  const { report } = context;
  report.heading(`dag: ${context.runs} runs, ${NODES} nodes, ${TOKENS} new tokens`);
  const folder = await large_ledger(context);
  const found = [];
  // The first one makes the index, or warms the file cache.
  for (let run = 0; run < context.runs + 1; ++run) {
    const result = JSON.parse(execFileSync(context.bench_binary('dag_benchmark'),
      [join(folder, 'data'), String(NODES), String(TOKENS)], { encoding: 'utf8' }));
    const one = { ...result, load: load_average(),
      validate_us: result.token_us - result.verify_us,
      closure_s: Math.max(result.ancestors_s, result.descendants_s) };
    report.raw('dag', { warm_up: run === 0, ...one });
    report.say(`  a token ${one.token_us.toFixed(1)} us, of which its signature `
      + `${one.verify_us.toFixed(1)}; 99 % within ${one.token_p99_us.toFixed(1)}; `
      + `order ${one.order_s.toFixed(3)} s, closure ${one.closure_s.toFixed(3)} s  `
      + `load ${one.load.toFixed(1)}${run === 0 ? '  (warms up)' : ''}`);
    if (run > 0) {
      found.push(one);
    }
  }
  const figure = (name, field, options) =>
    report.figure(name, range_of(found.map((each) => each[field])), options);
  figure('dag.validate_us_1m', 'validate_us',
    { digits: 1, note: 'two parents among the records, without the signature' });
  figure('dag.token_p99_us_1m', 'token_p99_us', { digits: 1, note: 'the signature included' });
  figure('dag.order_s_1m', 'order_s', { digits: 3, note: 'topological order of all' });
  figure('dag.closure_s_1m', 'closure_s', { digits: 3,
    note: 'all ancestors of the last, all descendants of the first: the slower' });
  figure('dag.standings_s_1m', 'standings_s', { digits: 3, note: 'what each chain is worth' });
  figure('dag.add_s_1m', 'add_s', { digits: 3 });
  figure('dag.bytes_per_node', 'bytes_per_node', { digits: 1,
    note: `${found[0].edges_per_node.toFixed(1)} edges a node, not reserved ahead` });
}
