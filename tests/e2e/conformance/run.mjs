// Runs every server scenario of the official suites directly against the reference servers and,
// if asked, through a gateway, and compares.
//
//   node conformance/run.mjs                                   directly only
//   node conformance/run.mjs --through legacy=URL --through modern=URL --key KEY
//   options: --jobs N (default 2) --out FILE.json --only TEXT (scenarios whose name has TEXT)
//            --direct legacy=URL (own servers instead of the reference servers)
//            --update-baseline (store the numbers of direct passes; they may only grow)
//
// Exit 1: a scenario or check that passes directly does not pass through, fewer direct passes than
// baseline.json, or a direct failure or skip without a reason in known.json.

import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { start_reference } from '../support/reference.mjs';
import { below_baseline, count_passes, regressions, render, unexplained } from './compare.mjs';
import { run_scenario } from './scenario.mjs';
import { SUITES, list_scenarios } from './suites.mjs';
import { add_identity } from './with_identity.mjs';

const here = (name) => new URL(name, import.meta.url);
const read_json = async (name) => JSON.parse(await readFile(here(name), 'utf8'));

/**
 * Runs the suites whose era has a URL, at most `jobs` scenarios at a time.
 * `after` is called when a scenario ended (with jobs = 1: before the next begins) and returns what
 * it found wrong outside of the scenario.
 * @param {{urls: Record<string, string>, jobs?: number, only?: string,
 *   after?: (suite: object, scenario: object) => Promise<string[]>}} options
 */
export async function run_suites({ urls, jobs = 2, only = '', after = async () => [] }) {
  const results = {};
  const work = [];
  for (const suite of SUITES.filter(({ era }) => urls[era] !== undefined)) {
    const scenarios = (await list_scenarios(suite)).filter(({ name }) => name.includes(only));
    results[suite.name] = Object.fromEntries(scenarios.map(({ name }) => [name, undefined]));
    work.push(...scenarios.map((scenario) => ({ suite, scenario })));
  }
  const worker = async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) {
      const { suite, scenario } = next;
      const outcome = await run_scenario(suite, scenario, urls[suite.era]);
      const extra_problems = await after(suite, scenario);
      results[suite.name][scenario.name] = { ...outcome, extra_problems };
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

/** Prints the verdict. @returns {Promise<boolean>} whether all is well */
export async function report(direct, through, { complete = true } = {}) {
  const known = await read_json('known.json');
  const problems = [
    ...(complete ? below_baseline(direct, await read_json('baseline.json')) : []),
    ...unexplained(direct, known),
    ...(through ? regressions(direct, through) : []),
  ];
  process.stdout.write(`${render(direct, through, known)}\n\n`);
  for (const problem of problems) {
    process.stdout.write(`PROBLEM ${problem}\n`);
  }
  process.stdout.write(problems.length === 0 ? 'conformance: all as expected\n'
    : `conformance: ${problems.length} problem(s)\n`);
  return problems.length === 0;
}

function url_map(pairs = []) {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}

async function update_baseline(direct) {
  const before = await read_json('baseline.json');
  const numbers = Object.fromEntries(Object.entries(direct).map(([suite, scenarios]) =>
    [suite, count_passes(scenarios)]));
  const shrunk = below_baseline(direct, before);
  if (shrunk.length > 0) {
    throw new Error(`the baseline may only grow: ${shrunk.join('; ')}`);
  }
  await writeFile(here('baseline.json'),
    `${JSON.stringify({ ...before, ...numbers }, undefined, 2)}\n`);
}

async function main() {
  const { values } = parseArgs({ options: {
    direct: { type: 'string', multiple: true }, through: { type: 'string', multiple: true },
    key: { type: 'string' }, jobs: { type: 'string', default: '2' }, out: { type: 'string' },
    only: { type: 'string', default: '' }, 'update-baseline': { type: 'boolean', default: false },
  } });
  const jobs = Number(values.jobs);
  const started = [];
  const direct_urls = url_map(values.direct);
  for (const era of values.direct ? [] : ['legacy', 'modern']) {
    started.push(await start_reference(era));
    direct_urls[era] = started.at(-1).url;
  }
  const proxies = [];
  const through_urls = url_map(values.through);
  for (const era of values.key ? Object.keys(through_urls) : []) {
    proxies.push(await add_identity({ upstream: through_urls[era], key: values.key }));
    through_urls[era] = proxies.at(-1).url;
  }
  try {
    const direct = await run_suites({ urls: direct_urls, jobs, only: values.only });
    const through = values.through
      && await run_suites({ urls: through_urls, jobs, only: values.only });
    if (values.out) {
      await writeFile(values.out, `${JSON.stringify({ direct, through }, undefined, 1)}\n`);
    }
    if (values['update-baseline'] && values.only === '') {
      await update_baseline(direct);
    }
    return await report(direct, through, { complete: values.only === '' });
  } finally {
    await Promise.all([...started.map((server) => server.stop()),
                       ...proxies.map((proxy) => proxy.close())]);
  }
}

if (process.argv[1] === import.meta.filename) {
  process.exit(await main() ? 0 : 1);
}
