// The same rule sets in two other engines, in this process. One decision each, timed in a loop.

import { createRequire } from 'node:module';
import { as_agt, as_cedar } from './rule_sets.mjs';

const require = createRequire(import.meta.url);

/** @typedef {{name: string, decide: (request: import('./rule_sets.mjs').Request) => boolean}} Peer
 *  decide: true when allowed */

/** Cedar in WebAssembly, the set parsed once. @param {import('./rule_sets.mjs').Rule[]} set */
export function cedar(set) {
  const wasm = require('@cedar-policy/cedar-wasm/nodejs');
  const id = `set-${set.length}-${set[0].kind}`;
  const parsed = wasm.preparsePolicySet(id, { staticPolicies: as_cedar(set) });
  if (parsed.type !== 'success') {
    throw new Error(`cedar: ${JSON.stringify(parsed).slice(0, 400)}`);
  }
  return { name: 'cedar', decide: (request) => {
    const answer = wasm.statefulIsAuthorized({ principal: { type: 'Agent', id: request.agent },
      action: { type: 'Action', id: 'tool.call' }, resource: { type: 'Server', id: 'up' },
      context: { tool: request.tool, ...request.arguments }, entities: [],
      preparsedPolicySetId: id });
    if (answer.type !== 'success') {
      throw new Error(`cedar: ${JSON.stringify(answer).slice(0, 400)}`);
    }
    return answer.response.decision === 'allow';
  } };
}

/** `evaluatePolicy` of the agent governance SDK. @param {import('./rule_sets.mjs').Rule[]} set */
export function agt(set) {
  const { PolicyEngine } = require('@microsoft/agent-governance-sdk');
  const engine = new PolicyEngine([], 'deny_overrides');
  engine.loadPolicy(as_agt(set));
  return { name: 'agt', decide: (request) => engine.evaluatePolicy(request.agent,
    { agent: request.agent, tool: request.tool, ref: request.ref, ...request.arguments }).allowed };
}

const WARM_UP = 0.2;

/**
 * Nanoseconds of one decision: as many as fit into the time, at least two. The smaller of elapsed
 * and CPU time: other work on the machine is not theirs, and neither is a garbage collector that
 * runs beside them.
 * @param {Peer} peer @param {import('./rule_sets.mjs').Request[]} requests @param {number} seconds
 */
export function time_decisions(peer, requests, seconds) {
  const spin = (ms) => {
    const begin = performance.now();
    const cpu = process.cpuUsage();
    let count = 0;
    let allowed = 0;
    do {
      allowed += peer.decide(requests[count % requests.length]) ? 1 : 0;
      count += 1;
    } while (performance.now() - begin < ms || count < 2);
    const { user, system } = process.cpuUsage(cpu);
    const us = Math.min((performance.now() - begin) * 1000, user + system);
    return { ns: us * 1000 / count, count, allowed };
  };
  spin(seconds * 1000 * WARM_UP);
  return spin(seconds * 1000);
}
