// A layered layout of a whole graph. Purpose: dagre stands here and nowhere else, so that only the worker
// carries it (docs/adr/0052). Pure.

import dagre from '@dagrejs/dagre';
import { type Arrow, HEIGHT, type Places, type Point, WIDTH } from './placement.ts';

/** Centers of all `keys`; arrows between others are left out. */
export function layered(keys: readonly string[], arrows: readonly Arrow[]): Places {
  const graph = new dagre.graphlib.Graph();
  // Ranks by a tight tree: a quarter of the time of the default for a little longer edges.
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 64, ranker: 'tight-tree' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const key of keys) {
    graph.setNode(key, { width: WIDTH, height: HEIGHT });
  }
  for (const [from, to] of arrows) {
    if (graph.hasNode(from) && graph.hasNode(to)) {
      graph.setEdge(from, to);
    }
  }
  dagre.layout(graph);
  return new Map(keys.map((key) => {
    const { x, y } = graph.node(key) as Point;
    return [key, { x, y }];
  }));
}
