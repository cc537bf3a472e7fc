// A hundred rules of the kinds that people write, of which two allow the benchmark's calls.

import { CHANGE_TOOL, READ_TOOL } from './call.mjs';

const OTHERS = 98;

const kinds = [
  (i) => ({ when: { agent: `agent-${i}`, server: 'up', verb: 'tool.call', tool: `tool-${i}` },
            then: 'allow' }),
  (i) => ({ when: { group: 'support', server: `server-${i}`, tool: `read_${i}_*` },
            then: 'allow' }),
  (i) => ({ when: { server: 'up', tool: `delete_${i}`, arguments: { path: { glob: '/srv/**' } } },
            then: 'deny', reason: 'nothing below /srv is deleted' }),
  (i) => ({ when: { tool: `pay_${i}`, arguments: { amount: { range: { gt: 100 * i } } } },
            then: 'deny', reason: 'too much' }),
];

export function hundred_rules() {
  const others = Array.from({ length: OTHERS }, (_, i) =>
    ({ id: `other-${i}`, ...kinds[i % kinds.length](i) }));
  return [...others,
    { id: 'reads', when: { group: 'bench', server: 'up', verb: 'tool.call', tool: READ_TOOL,
                           arguments: { order: { matches: '[A-Z]{2}[0-9]{6}' } } },
      then: 'allow', reason: 'the benchmark looks things up' },
    { id: 'changes', when: { group: 'bench', server: 'up', verb: 'tool.call', tool: CHANGE_TOOL,
                             arguments: { amount: { range: { lte: 50 } } } },
      then: 'allow', reason: 'the benchmark changes small things' }];
}
