// Part "ready": from the start of the program until /readyz says 200, with a ledger of a million
// records and a server behind that nobody asks.
//
// The ledger is written once by the ledger's own writer with the data folder's own keys
// (fill_ledger) and kept in the cache folder, outside the tree.

import { execFileSync, spawn } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { load_average } from './support/machine.mjs';
import { free_port } from './support/nginx.mjs';
import { cpu_us } from './support/process_usage.mjs';
import { range_of } from './support/statistics.mjs';
import { hundred_rules } from './gateway/rules.mjs';

const RECORDS = 1_000_000;
const ORIGIN = 'example.org/pawl/gw1';
const GIVE_UP_MS = 300_000;

const cache_folder = (records) => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'pawl-bench', `ledger-${records}`);

async function write_config(folder) {
  const config = { listen: '127.0.0.1:0', control: `127.0.0.1:${await free_port()}`,
    override: '127.0.0.1:0', data: join(folder, 'data'), domain: 'example.org', mode: 'enforce',
    servers: { up: { url: 'http://127.0.0.1:9/mcp' } },
    agents: { bench: { key: 'a-key-of-the-benchmark' } }, rules: [join(folder, 'rules.yaml')] };
  await writeFile(join(folder, 'rules.yaml'), JSON.stringify({ rules: hundred_rules() }));
  await writeFile(join(folder, 'pawl.yaml'), JSON.stringify(config));
  return `http://${config.control}/readyz`;
}

const agent = new Agent({ keepAlive: true });
const is_ready = (url) => new Promise((resolve) => {
  get(url, { agent }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.statusCode === 200));
  }).on('error', () => resolve(false));
});

/** @returns {Promise<{ms: number, cpu_ms: number, end: (signal: string) => Promise<void>}>} */
async function start(context, folder) {
  const ready_url = await write_config(folder);
  const begin = performance.now();
  const child = spawn(context.pawl, ['serve', '--config', join(folder, 'pawl.yaml')],
    { stdio: 'ignore' });
  let ended = false;
  const exited = new Promise((resolve) => {
    child.on('close', () => { ended = true; resolve(); });
  });
  while (!await is_ready(ready_url)) {
    if (ended || performance.now() - begin > GIVE_UP_MS) {
      throw new Error(`pawl serve did not become ready with ${folder}/pawl.yaml`);
    }
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
  return { ms: performance.now() - begin, cpu_ms: await cpu_us(child.pid) / 1000,
    end: async (signal) => { child.kill(signal); await exited; } };
}

/** The folder with the ledger of a million records; made when it is not there. */
export const large_ledger = (context) => filled_ledger(context, RECORDS);

/** The same of any number. @param {import('./main.mjs').Context} context @param {number} records */
export async function filled_ledger(context, records) {
  const folder = cache_folder(records);
  const done = join(folder, 'filled');
  if (await stat(done).catch(() => undefined) !== undefined) {
    return folder;
  }
  context.report.say(`  writing a ledger of ${records} records to ${folder}, once`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  await (await start(context, folder)).end('SIGTERM');
  execFileSync(context.bench_binary('fill_ledger'), [join(folder, 'data'), ORIGIN,
                                                     String(records)], { stdio: 'ignore' });
  const replayed = await start(context, folder);
  await replayed.end('SIGTERM');
  context.report.say(`  its first start, which replayed them all: ${replayed.ms.toFixed(0)} ms`);
  context.report.raw('ready', { replayed_ms: replayed.ms });
  await writeFile(done, '');
  return folder;
}

/** @param {import('./main.mjs').Context} context */
export async function run_ready(context) {
  const { report } = context;
  report.heading(`ready: ${context.runs} runs`);
  const folder = await large_ledger(context);
  const after = { SIGTERM: [], SIGKILL: [] };
  let last = 'SIGTERM';
  for (let run = 0; run < 2 * context.runs + 1; ++run) {
    const started = await start(context, folder);
    if (run > 0) {  // the first start of all warms the file cache
      after[last].push(started);
    }
    const { ms, cpu_ms } = started;
    report.raw('ready', { after: last, ms, cpu_ms, load: load_average() });
    report.say(`  after ${last}: ${ms.toFixed(0)} ms, of which ${cpu_ms.toFixed(0)} ms of CPU`
      + `  load ${load_average().toFixed(1)}${run === 0 ? '  (warms the file cache)' : ''}`);
    last = last === 'SIGTERM' ? 'SIGKILL' : 'SIGTERM';
    await started.end(last);
  }
  const column = (signal, field) => range_of(after[signal].map((each) => each[field]));
  report.figure('ready.ready_ms', column('SIGTERM', 'ms'), { digits: 0,
    note: `${RECORDS} records, after an orderly end` });
  report.figure('ready.cpu_ms', column('SIGTERM', 'cpu_ms'),
    { digits: 0, note: 'of it, CPU time' });
  report.figure('ready.after_kill_ms', column('SIGKILL', 'ms'), { digits: 0,
    note: 'after kill -9: without a snapshot of the end' });
}
