// `./test unplug [NAME...]`: takes each control of src/path/plugged.h out of the program and expects
// a test to fail. Prints control -> tests that failed; a control without one fails the part.
//
// First everything runs with every control in place: the unit tests that controls.json names, and the
// live tests (LIVE) against the product itself, with PAWL_UNPLUG naming every control. That must
// change nothing: the product has no switch. Then, for each control, the tests run that could notice:
// its unit tests, a simulated world, and the live test "control: NAME" against build/pawl-unplugged.
// What stands in the table are failures that happened, by assertion; a program that did not start is
// not one.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { failed_units } from './failed.mjs';
import { read_registry } from './registry.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = process.env.PAWL_BUILD ?? `${ROOT}build`;
const LIVE = ['controls.test.mjs', 'limit_controls.test.mjs', 'token_controls.test.mjs',
              'proofs.test.mjs', 'kept_tokens.test.mjs', 'fetched_parents.test.mjs',
              'spiffe.test.mjs', 'salted_digests.test.mjs', 'pseudonyms.test.mjs',
              'exec_audit.test.mjs', 'holds.test.mjs', 'approval.test.mjs',
              'approval_terms.test.mjs', 'rule_sets.test.mjs', 'waiting.test.mjs',
              'policy_enforcement.test.mjs', 'sign_in.test.mjs', 'openid.test.mjs',
              'passkey_approval.test.mjs', 'console_reads.test.mjs', 'notices.test.mjs',
              'outside_decision.test.mjs', 'console.test.mjs',
              'obligations.test.mjs', 'approval_binding.test.mjs', 'approval_endings.test.mjs'];
const LIMIT_MS = 90_000;           // of one program of tests; some wait ten seconds for an event

const table = JSON.parse(await readFile(new URL('controls.json', import.meta.url), 'utf8'));

/** Runs a program to its end or its limit. @returns {Promise<{code: number | null, text: string}>} */
function run(program, args, { env = {}, cwd = ROOT, limit_ms = LIMIT_MS } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, timeout: limit_ms,
                                         killSignal: 'SIGKILL' });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}

/** Failed live tests, of TAP: assertions and time-outs; not hooks, not files that do not load. */
export function failed_live({ text }) {
  return [...text.matchAll(/^ *not ok \d+ - (control: \S+)[^\n]*\n((?: +[^\n]*\n)*)/gm)]
    .filter(([, , details]) => /failureType: '(testCodeFailure|testTimeoutFailure)'/.test(details))
    .map(([, name]) => name);
}

/** What a simulated world found; see ./test sim. */
export const failed_sim = ({ text }) =>
  [...text.matchAll(/^seed (\d+) FAILED at [^:]*: (.*)$/gm)]
    .map(([, seed, what]) => `sim seed ${seed} (${what})`);

const unit = async (program, filter, env) => {
  if (program === 'pawl_sim') {
    const ended = await run(`${BUILD}/tests/${program}`, filter.split(' '), { env });
    return { ...ended, failed: failed_sim(ended) };
  }
  const ended = await run(`${BUILD}/tests/${program}`, [`--gtest_filter=${filter}`], { env });
  return { ...ended, failed: failed_units(ended) };
};

const live = async (pattern, files, env) => {
  const ended = await run(process.execPath, ['--test', '--test-reporter=tap',
    '--test-concurrency=1', `--test-name-pattern=${pattern}`, ...files],
  { env, cwd: `${ROOT}tests/e2e`, limit_ms: LIMIT_MS * files.length });
  return { ...ended, failed: failed_live(ended) };
};

async function with_every_control(names, live_file) {
  const problems = [];
  const filters = {};
  for (const row of Object.values(table)) {
    for (const [program, filter] of Object.entries(row)) {
      filters[program] = program === 'pawl_sim' ? `:${filter}`
        : `${filters[program] ?? ''}:${filter}`;
    }
  }
  for (const [program, filter] of Object.entries(filters)) {
    const { code, text } = await unit(program, filter.slice(1), { PAWL_UNPLUG: '' });
    if (code !== 0) {
      problems.push(`${program} fails with every control in place:\n${text}`);
    }
  }
  const product = await readFile(`${BUILD}/pawl`);
  if (product.includes('PAWL_UNPLUG')) {
    problems.push('the product holds the switch of the tests');
  }
  const ended = await live('^control: ', LIVE, { PAWL_BIN: `${BUILD}/pawl`,
                                                 PAWL_UNPLUG: names.join(',') });
  const passed = [...ended.text.matchAll(/^ *ok \d+ - control: (\S+)/gm)].map(([, name]) => name);
  for (const name of live_file.keys()) {
    if (ended.code !== 0 || !passed.includes(name)) {
      problems.push(`control: ${name} did not pass with every control in place`);
    }
  }
  return problems.length === 0 || ended.code === 0 ? problems : [...problems, ended.text];
}

/** @returns {Promise<{failed: string[], slept: string[]}>} slept: tests that noticed nothing */
async function without(name, file) {
  const failed = [];
  const slept = [];
  for (const [program, filter] of Object.entries(table[name])) {
    const found = (await unit(program, filter, { PAWL_UNPLUG: name })).failed;
    failed.push(...found);
    if (found.length === 0) {
      slept.push(`${program} ${filter}`);
    }
  }
  if (file !== undefined) {
    const found = await live(`^control: ${name}$`, [file],
      { PAWL_BIN: `${BUILD}/pawl-unplugged`, PAWL_UNPLUG: name });
    failed.push(...found.failed);
    if (found.failed.length === 0) {
      slept.push(`live test "control: ${name}"\n${found.text}`);
    }
  }
  return { failed, slept };
}

async function main(only) {
  const { names, problems } = await read_registry(`${ROOT}src`, table);
  const without_rows = await read_registry(`${ROOT}src`, {});
  if (without_rows.problems.length < names.length) {
    problems.push('the check of the list cannot fail: it missed rows that are not there');
  }
  const live_file = new Map();
  for (const file of LIVE) {
    const text = await readFile(`${ROOT}tests/e2e/${file}`, 'utf8');
    // As a test is named: control('NAME', ...), or as a key of a table of them; not wherever a name is quoted.
    names.filter((name) => [`control('${name}'`, `'control: ${name}'`, `\n  '${name}': async`]
      .some((written) => text.includes(written)))
      .forEach((name) => live_file.set(name, file));
  }
  problems.push(...await with_every_control(names, live_file));
  if (problems.length > 0) {
    console.error(problems.map((problem) => `unplug: ${problem}`).join('\n'));
    return 1;
  }
  console.log(`with every control in place, and the product told to drop all: all tests pass\n`);
  const chosen = names.filter((name) => only.length === 0 || only.includes(name));
  const waiting = [...chosen];
  const results = new Map();
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      results.set(name, await without(name, live_file.get(name)));
    }
  }));
  let empty = 0;
  for (const name of chosen) {
    const { failed, slept } = results.get(name);
    console.log(`${name.padEnd(20)} -> ${failed.join(', ') || 'NOTHING FAILED'}`);
    empty += failed.length === 0 || slept.length > 0 ? 1 : 0;
    slept.forEach((test) => console.error(`  unplug: ${name} is out and this did not notice: ${test}`));
  }
  console.log(`\n${chosen.length} controls, ${empty} that a named test does not notice`);
  return empty === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
