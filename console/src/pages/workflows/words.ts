// What is said of a node behind what is written in it, where nobody sees where it stands. Pure.

import { type ApiNode, isGroup } from '../../graph/graph.ts';
import { spoken } from '../../shown/visible.ts';

export function wordsOf(node: ApiNode): string {
  if (isGroup(node)) {
    return `step ${node.depth}: open the group`;
  }
  const at = node.server ? `at ${spoken(node.server, 60)}, ` : '';
  return `${at}${node.outcome || 'a change of state'}, step ${node.depth}, entry ${node.index}`;
}
