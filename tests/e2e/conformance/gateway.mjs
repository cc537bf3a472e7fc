// The official suites directly and through pawl with identity, a hundred rules and records; after
// each scenario the ledger verifies and holds a record for each Action, with its outcome.
//
//   ./node22 conformance/gateway.mjs [--jobs N] [--only TEXT] [--out FILE.json]
//
// Options and exit code as in run.mjs.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Pawl } from '../support/pawl.mjs';
import { start_reference } from '../support/reference.mjs';
import { ledger_check } from './ledger.mjs';
import { report, run_suites } from './run.mjs';
import { add_identity } from './with_identity.mjs';

const AGENT = 'conformance';
const ERAS = ['legacy', 'modern'];

/** 99 rules that are about somebody else and one that lets the suite's agent pass. */
export function hundred_rules() {
  const others = Array.from({ length: 99 }, (_, i) => ({
    id: `other-${i}`, when: { agent: `agent-${i}`, tool: `tool-${i}` }, then: 'deny',
    reason: 'about another agent' }));
  return [...others, { id: 'suite', when: { agent: AGENT }, then: 'allow', reason: 'the suite' }];
}

/**
 * Runs both columns.
 * @param {{jobs?: number, only?: string, pawl_options?: import('../support/pawl.mjs').Options,
 *   watch?: (pawl: Pawl) => Promise<(seen: {suite: object, scenario: object,
 *     exchanges: object[]}) => Promise<string[]>>}} options
 *   watch: gives a function that is called when a scenario ended, with what its client sent and
 *   got, and returns what it found wrong. With it, the scenarios through the gateway run one at a
 *   time.
 */
export async function run_through_gateway({ jobs = 2, only = '', pawl_options = {}, watch } = {}) {
  const cleanup = [];
  try {
    const urls = {};
    for (const era of ERAS) {
      const server = await start_reference(era);
      cleanup.push(() => server.stop());
      urls[era] = server.url;
    }
    const direct = await run_suites({ urls, jobs, only });
    const pawl = await Pawl.start({ agents: { [AGENT]: {} }, rules: hundred_rules(),
      servers: Object.fromEntries(ERAS.map((era) => [era, { url: urls[era] }])), ...pawl_options });
    cleanup.push(() => pawl.close());
    const exchanges = [];
    const after = await watch?.(pawl);
    const through_urls = {};
    for (const era of ERAS) {
      const proxy = await add_identity({ upstream: pawl.mcp_url(era), key: pawl.keys[AGENT],
        on_exchange: (exchange) => { exchanges.push(exchange); } });
      cleanup.push(() => proxy.close());
      through_urls[era] = proxy.url;
    }
    const through = await run_suites({ urls: through_urls, jobs: after ? 1 : jobs, only,
      after: after && ((suite, scenario) =>
        after({ suite, scenario, exchanges: exchanges.splice(0) })) });
    return { direct, through };
  } finally {
    for (const undo of cleanup.reverse()) {
      await undo();
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' }, out: { type: 'string' } } });
  const { direct, through } = await run_through_gateway({ jobs: Number(values.jobs),
                                                          only: values.only, watch: ledger_check });
  if (values.out) {
    await writeFile(values.out, `${JSON.stringify({ direct, through }, undefined, 1)}\n`);
  }
  process.exit(await report(direct, through, { complete: values.only === '' }) ? 0 : 1);
}
