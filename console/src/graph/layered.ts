// A layered layout of a whole graph. Purpose: dagre stands here and nowhere else, so that only the worker
// carries it (docs/adr/0052). Pure.
//
// Columns are how far a node is from the beginning, so that every edge goes to the right; dagre finds the
// order within them. It is given at most three edges into a node, the shortest ones: those through many
// columns cost it seconds where groups are bound to each other by thousands. All edges are drawn.

import dagre, { type Graph } from '@dagrejs/dagre';
import { type Arrow, HEIGHT, type Places, type Point, WIDTH } from './placement.ts';

const MOST_INTO = 3;

/** The longest way to each node; what stands on a loop is cut there. */
export function columnsOf(keys: readonly string[], arrows: readonly Arrow[]): Map<string, number> {
  const next = new Map<string, string[]>(keys.map((key) => [key, []]));
  const causes = new Map<string, number>(keys.map((key) => [key, 0]));
  for (const [from, to] of arrows) {
    if (next.has(from) && causes.has(to)) {
      next.get(from)?.push(to);
      causes.set(to, (causes.get(to) ?? 0) + 1);
    }
  }
  const columns = new Map<string, number>(keys.map((key) => [key, 0]));
  const ready = keys.filter((key) => causes.get(key) === 0);
  for (const key of ready) {
    for (const to of next.get(key) ?? []) {
      columns.set(to, Math.max(columns.get(to) ?? 0, (columns.get(key) ?? 0) + 1));
      causes.set(to, (causes.get(to) ?? 1) - 1);
      if (causes.get(to) === 0) {
        ready.push(to);
      }
    }
  }
  return columns;
}

/** The arrows that count for the order: to the right, and the shortest into each node. */
function shortest(arrows: readonly Arrow[], columns: ReadonlyMap<string, number>): Arrow[] {
  const length = ([from, to]: Arrow): number => (columns.get(to) ?? 0) - (columns.get(from) ?? 0);
  const into = new Map<string, number>();
  return arrows.filter((arrow) => columns.has(arrow[0]) && columns.has(arrow[1]) && length(arrow) > 0)
    .sort((a, b) => length(a) - length(b))
    .filter(([, to]) => {
      into.set(to, (into.get(to) ?? 0) + 1);
      return (into.get(to) ?? 0) <= MOST_INTO;
    });
}

/** Centers of all `keys`; arrows between others are left out. */
export function layered(keys: readonly string[], arrows: readonly Arrow[]): Places {
  const columns = columnsOf(keys, arrows);
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 64,
    // dagre makes room for labels of edges by counting each column twice.
    ranker: (inner: Graph) => inner.nodes().forEach((key: string) => {
      inner.node(key)['rank'] = 2 * (columns.get(key) ?? -1);
    }) });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const key of keys) {
    graph.setNode(key, { width: WIDTH, height: HEIGHT });
  }
  for (const [from, to] of shortest(arrows, columns)) {
    graph.setEdge(from, to);
  }
  dagre.layout(graph);
  return new Map(keys.map((key) => {
    const { x, y } = graph.node(key) as Point;
    return [key, { x, y }];
  }));
}
