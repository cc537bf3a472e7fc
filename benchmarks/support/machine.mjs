// The machine that the figures belong to, and how busy it is.

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg, release, totalmem } from 'node:os';

/** The client has a core of its own; everything that serves shares the other. */
export const CLIENT_CORE = 0;
export const GATEWAY_CORE = 1;

function first_line(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }).split('\n')[0];
  } catch {
    return '?';
  }
}

/** Processor, kernel, versions and the file system of `folder`. @param {string} folder */
export async function machine(folder) {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  return {
    cpu: /^model name\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? '?', cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '?',
    file_system: first_line('stat', ['-f', '-c', '%T', folder]),
    revision: first_line('git', ['describe', '--always', '--dirty']),
    compiler: first_line('g++', ['--version']), openssl: first_line('openssl', ['version']),
    node: process.version, nginx: first_line('dpkg-query', ['-W', 'nginx-light']),
    wrk: first_line('dpkg-query', ['-W', 'wrk']),
    build: '-O2 -g1 (RelWithDebInfo)',
  };
}

/** Load average of the last minute. */
export function load_average() {
  return loadavg()[0];
}

/** From here on other work disturbs what is measured. */
export const QUIET_LOAD = 0.5;

/** One core for the client and one for the gateway, or no figures. */
export function need_two_cores() {
  if (availableParallelism() < 2) {
    throw new Error('needs two cores: one for the client, one for the gateway');
  }
}
