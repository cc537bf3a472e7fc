// What is said of a node where nobody sees it. Pure.

import { type ApiNode, isGroup } from '../../graph/graph.ts';
import { spoken } from '../../shown/visible.ts';

export function wordsOf(node: ApiNode): string {
  if (isGroup(node)) {
    return `${node.count} records of ${spoken(node.agent || 'no agent', 60)} at depth ${node.depth}: open`;
  }
  const name = spoken(node.name || node.kind, 60);
  const by = node.agent ? ` by ${spoken(node.agent, 60)}` : '';
  const at = node.server ? ` at ${spoken(node.server, 60)}` : '';
  return `${name}${by}${at}, ${node.outcome || 'a change of state'}, entry ${node.index}`;
}
