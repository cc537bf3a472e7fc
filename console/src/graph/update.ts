// From what is drawn to what came now. Purpose: nodes that stay keep their places, new ones are placed
// beside what they follow, and a whole layout is asked for only when there is nothing to keep. Pure.

import { type Graph, keyOf } from './graph.ts';
import type { Standing } from './layered.ts';
import { type Arrow, type Places, placedBeside } from './placement.ts';

interface Update {
  places: Places;
  added: string[];
  removed: string[];
}

export function arrowsOf(graph: Graph): Arrow[] {
  return graph.edges.map((edge) => [edge.from, edge.to] as const);
}

export function standingOf(graph: Graph): Standing[] {
  return graph.nodes.map((node) => ({ key: keyOf(node), depth: node.depth }));
}

/** null: so much is new that the whole is to be laid out. */
export function updated(before: Places, graph: Graph): Update | null {
  const keys = graph.nodes.map(keyOf);
  const now = new Set(keys);
  const added = keys.filter((key) => !before.has(key));
  if (before.size === 0 || added.length > Math.max(40, before.size)) {
    return null;
  }
  const removed = [...before.keys()].filter((key) => !now.has(key));
  const kept: Places = new Map([...before].filter(([key]) => now.has(key)));
  return { places: placedBeside(kept, added, arrowsOf(graph)), added, removed };
}
