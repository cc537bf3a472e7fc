// One load against one target, with everything that decides whether the figure counts.

import { wait_for } from '../../tests/e2e/support/wait.mjs';
import { core_busy_us, cpu_us, rss_mib } from '../support/process_usage.mjs';
import { CLIENT_CORE, GATEWAY_CORE, load_average } from '../support/machine.mjs';
import { judge } from '../support/void_rules.mjs';
import { run_wrk } from '../support/wrk.mjs';
import { sample } from './call.mjs';

/** Discarded before each measured load, so that connections, caches and buffers are there. */
const WARM_UP_S = 1;
/** An agent may have 256 calls open; more connections than this are spread over four agents. */
const MOST_PER_AGENT = 128;

async function confirmed_and_others(pawl) {
  const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  const counts = { confirmed: 0, other: 0 };
  for (const [, outcome, count] of
    text.matchAll(/^pawl_actions_total\{.*outcome="(\w+)".*\} (\d+)$/gm)) {
    counts[outcome === 'confirmed' ? 'confirmed' : 'other'] += Number(count);
  }
  return counts;
}

async function usage(rig, target) {
  return { at: performance.now(), busy: await core_busy_us(GATEWAY_CORE),
    upstream: await cpu_us(rig.upstream.pid),
    gateway: target.pid === undefined ? 0 : await cpu_us(target.pid) };
}

async function wrong_body(target) {
  const { wrong } = await sample({ ...target, governed: target.pawl !== undefined });
  return wrong === undefined ? [] : [wrong];
}

/** No call is open any more: an answer that nobody waited for has its record too. */
async function settled(pawl) {
  await wait_for('open calls to end', async () => {
    const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
    return /^pawl_open_calls 0$/m.test(text) || undefined;
  });
}

/**
 * @param {import('./rig.mjs').Rig} rig @param {import('./rig.mjs').Target} target
 * @param {{connections: number, seconds: number}} load
 */
export async function measure(rig, target, { connections, seconds }) {
  const wrk = { url: target.url, connections, core: CLIENT_CORE, request_file:
    connections > MOST_PER_AGENT ? target.spread_file : target.request_file };
  await run_wrk({ ...wrk, seconds: WARM_UP_S });
  const load = load_average();
  const bodies = await wrong_body(target);
  if (target.pawl !== undefined) {
    await settled(target.pawl);
  }
  const records = target.pawl && await confirmed_and_others(target.pawl);
  const before = await usage(rig, target);
  const found = await run_wrk({ ...wrk, seconds });
  const after = await usage(rig, target);
  if (target.pawl !== undefined) {
    await settled(target.pawl);
  }
  const gained = target.pawl && await confirmed_and_others(target.pawl);
  bodies.push(...await wrong_body(target));

  const wall_us = (after.at - before.at) * 1000;
  const upstream = after.upstream - before.upstream;
  const gateway = after.gateway - before.gateway;
  const run = {
    target: target.name, connections, load_average: load, saturating: connections > 1,
    requests: found.requests, per_second: found.per_second, errors: found.errors,
    p50_us: found.p50_us, p90_us: found.p90_us, p99_us: found.p99_us, max_us: found.max_us,
    mean_answer_bytes: found.bytes / Math.max(1, found.requests),
    expected_answer_bytes: target.bytes, wrong_bodies: bodies, client_cpu: found.cpu,
    upstream_us_per_call: upstream / found.requests,
    gateway_us_per_call: target.pid === undefined ? undefined : gateway / found.requests,
    rss_mib: target.pid === undefined ? undefined : await rss_mib(target.pid),
    gateway_cpu: gateway / wall_us, upstream_cpu: upstream / wall_us,
    others_cpu: Math.max(0, (after.busy - before.busy - upstream - gateway) / wall_us),
    records: records && { confirmed: gained.confirmed - records.confirmed,
      other: gained.other - records.other, sampled: 0 },
    command: found.command,
  };
  return { ...run, ...judge(run) };
}
