// Runs wrk on the client's core and reads what it found.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./load.lua', import.meta.url));

/**
 * @typedef {{url: string, request_file: string, connections: number, seconds: number,
 *            core: number}} Load
 * @typedef {{requests: number, seconds: number, per_second: number, bytes: number,
 *            p50_us: number, p90_us: number, p99_us: number, max_us: number,
 *            errors: {status: number, connect: number, read: number, write: number,
 *                     timeout: number},
 *            cpu: number, command: string, output: string}} Found  cpu: share of the client's core
 */

/** @param {Load} load @returns {Promise<Found>} */
export async function run_wrk({ url, request_file, connections, seconds, core }) {
  const args = ['-c', String(core), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`,
    '--timeout', '10s', '-s', SCRIPT, url, '--', request_file];
  // bash reports what its children used
  const command = `TIMEFORMAT='cpu %U %S'; time taskset ${args.join(' ')}`;
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => { output += text; });
  }
  const code = await new Promise((resolve) => { child.on('close', resolve); });
  const line = /^found (\{.*\})$/m.exec(output);
  const cpu = /^cpu ([\d.]+) ([\d.]+)$/m.exec(output);
  if (code !== 0 || line === null || cpu === null) {
    throw new Error(`wrk ended with ${code}: ${output}`);
  }
  const found = JSON.parse(line[1]);
  return { ...found, seconds: found.duration_us / 1e6,
    per_second: found.requests / (found.duration_us / 1e6),
    cpu: (Number(cpu[1]) + Number(cpu[2])) / (found.duration_us / 1e6), command, output };
}
