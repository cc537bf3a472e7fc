// What processes and cores used, from /proc.

import { readFile, readdir } from 'node:fs/promises';

/** CPU time of all threads of a process, in microseconds. @param {number} pid */
export async function cpu_us(pid) {
  let ns = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
    ns += Number(text.split(' ')[0]);
  }
  return ns / 1000;
}

/** Memory of a process in RAM, in MiB. @param {number} pid */
export async function rss_mib(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

const TICK_US = 10_000;  // USER_HZ is 100 on every Linux that we run on
const IDLE = [3, 4];     // idle, iowait

/** Time that a core worked for anybody, in microseconds, 10 ms at a time. @param {number} core */
export async function core_busy_us(core) {
  const stat = await readFile('/proc/stat', 'utf8');
  const fields = new RegExp(`^cpu${core} (.*)$`, 'm').exec(stat)[1].split(' ').map(Number);
  // The first eight only: guest time is part of user time.
  return TICK_US * fields.slice(0, 8).reduce((sum, ticks, i) =>
    IDLE.includes(i) ? sum : sum + ticks, 0);
}
