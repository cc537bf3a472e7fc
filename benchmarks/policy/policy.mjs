// Part "policy": one rule decision at 1 to 10,000 rules, beside two other engines with equivalent
// rules (rule_sets.mjs), in turn in the same run. The engines must agree before anything is timed.

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load_average } from '../support/machine.mjs';
import { range_of } from '../support/statistics.mjs';
import { agt, cedar, time_decisions } from './peers.mjs';
import { as_pawl, requests, rules, wildcard_rules } from './rule_sets.mjs';

const SIZES = [1, 100, 1000, 10_000];
const REQUESTS = 3000;
const KINDS = ['all', 'hit', 'miss', 'default'];
const PEER_SECONDS = 0.5;
/** The slowest engine needs milliseconds a decision. */
const COMPARED = 60;
const TIME_PER_KIND = 0.2;

async function files_of(context, name, set, asked) {
  const rules_file = join(context.scratch, `rules-${name}.yaml`);
  const requests_file = join(context.scratch, `requests-${name}.jsonl`);
  await writeFile(rules_file, JSON.stringify(as_pawl(set)));
  await writeFile(requests_file, asked.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return [rules_file, requests_file];
}

function run_pawl(context, files) {
  const found = JSON.parse(execFileSync(context.bench_binary('decide_benchmark'),
    [...files, '--benchmark_format=json', `--benchmark_min_time=${TIME_PER_KIND}`],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return Object.fromEntries(found.benchmarks.map(({ name, cpu_time: ns, touched }) =>
    [name, { ns, touched }]));
}

/** Every engine, the same requests: as many that disagree as there are lines. */
function disagreements(context, files, asked, peers) {
  const ours = execFileSync(context.bench_binary('decide_benchmark'), [...files, '--decisions'],
    { encoding: 'utf8', maxBuffer: 1 << 26 }).trim().split('\n').map((line) => line === 'allow');
  return asked.slice(0, COMPARED).flatMap((request, i) => peers
    .filter((peer) => peer.decide(request) !== ours[i])
    .map((peer) => `${peer.name}: ${JSON.stringify(request)}, pawl ${ours[i]}`));
}

/** @param {import('../main.mjs').Context} context */
export async function run_policy(context) {
  const { report } = context;
  report.heading(`policy: ${context.runs} runs`);
  const sets = [];
  for (const size of SIZES) {
    const asked = requests(size, REQUESTS);
    const set = rules(size);
    const files = await files_of(context, size, set, asked);
    const peers = [agt(set), cedar(set)];
    const differ = disagreements(context, files, asked, peers);
    report.raw('policy.disagreements', { size, differ });
    report.say(`  ${size} rules: ${differ.length === 0 ? `the engines agree on ${COMPARED} requests`
      : `VOID, the engines disagree: ${differ[0]}`}`);
    sets.push({ size, asked, files, peers, valid: differ.length === 0, pawl: [], agt: [],
      cedar: [] });
  }
  const worst_asked = requests(SIZES.at(-1), REQUESTS);
  const worst = await files_of(context, 'worst', wildcard_rules(SIZES.at(-1)), worst_asked);
  const worst_found = [];
  for (let run = 0; run < context.runs; ++run) {
    for (const set of sets) {
      set.pawl.push(run_pawl(context, set.files));
      for (const peer of set.peers) {
        set[peer.name].push(time_decisions(peer, set.asked, PEER_SECONDS).ns);
      }
    }
    worst_found.push(run_pawl(context, worst));
    report.say(`  run ${run + 1} of ${context.runs}, load ${load_average().toFixed(1)}`);
  }
  report.raw('policy', { worst: worst_found,
    sets: sets.map(({ size, pawl, ...set }) => ({ size, pawl, agt: set.agt, cedar: set.cedar })) });
  say_figures(report, sets, worst_found);
}

function say_figures(report, sets, worst) {
  for (const { size, pawl, valid, ...peers } of sets) {
    for (const kind of KINDS.filter((each) => each in pawl[0])) {
      const touched = Math.max(...pawl.map((run) => run[kind].touched));
      report.figure(`policy.decision_ns_${size}${kind === 'all' ? '' : `_${kind}`}`,
        range_of(pawl.map((run) => run[kind].ns)),
        { digits: 0, note: `at most ${touched} touched` });
    }
    for (const name of ['agt', 'cedar']) {
      report.figure(`policy.${name}_decision_ns_${size}`,
        valid ? range_of(peers[name]) : undefined, { digits: 0 });
    }
  }
  const flatness = (least) => range_of(worst.map((_, i) => {
    const all = sets.filter(({ size }) => size >= least).map(({ pawl }) => pawl[i].all.ns);
    return Math.max(...all) / Math.min(...all);
  }));
  report.figure('policy.flatness', flatness(1),
    { note: 'slowest size over fastest size, in one run' });
  report.figure('policy.flatness_100_10000', flatness(100),
    { note: 'without the set of one rule' });
  report.figure(`policy.decision_ns_${SIZES.at(-1)}_wildcards`,
    range_of(worst.map((run) => run.all.ns)),
    { digits: 0, note: `worst case, at most ${worst[0].all.touched} touched` });
}
