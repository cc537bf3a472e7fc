// A layered layout of a whole graph. Purpose: dagre stands here and nowhere else, so that only the worker
// carries it (docs/adr/0052). Pure.
//
// Columns are the depths that the gateway counted, so that what follows stands to the right; dagre finds the
// order within them. It is given at most two edges into a node, the shortest ones: those through many
// columns cost it seconds where groups are bound to each other by thousands. All edges are drawn.

import dagre, { type Graph } from '@dagrejs/dagre';
import { type Arrow, HEIGHT, type Places, type Point, WIDTH } from './placement.ts';

const MOST_INTO = 2;

export interface Standing {
  key: string;
  depth: number;
}

/** Columns without a gap: the first depth that is there is column 0. */
function columnsOf(nodes: readonly Standing[]): Map<string, number> {
  const depths = [...new Set(nodes.map(({ depth }) => depth))].sort((a, b) => a - b);
  const column = new Map(depths.map((depth, at) => [depth, at]));
  return new Map(nodes.map(({ key, depth }) => [key, column.get(depth) ?? 0]));
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

/** Centers of all `nodes`; arrows between others are left out. */
export function layered(nodes: readonly Standing[], arrows: readonly Arrow[]): Places {
  const columns = columnsOf(nodes);
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 64,
    // dagre makes room for labels of edges by counting each column twice.
    ranker: (inner: Graph) => inner.nodes().forEach((key: string) => {
      inner.node(key)['rank'] = 2 * (columns.get(key) ?? -1);
    }) });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { key } of nodes) {
    graph.setNode(key, { width: WIDTH, height: HEIGHT });
  }
  for (const [from, to] of shortest(arrows, columns)) {
    graph.setEdge(from, to);
  }
  dagre.layout(graph);
  return new Map(nodes.map(({ key }) => {
    const { x, y } = graph.node(key) as Point;
    return [key, { x, y }];
  }));
}
