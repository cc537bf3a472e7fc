// The graph of one workflow as GET /api/v1/workflows/ID gives it: records, groups of records, edges with
// their basis. Purpose: one form for layout, drawing and list, and never more than can be drawn.
// Pure. Text in here was written by agents: it is data, and shown as text only.

export interface RecordNode {
  id: string;
  index: number;
  kind: string;
  agent: string;
  server: string;
  name: string;
  outcome: string;
  at: number;
  depth: number;
}

export interface GroupNode {
  group: string;
  agent: string;
  depth: number;
  /** The last depth in it, where it has several. */
  depth_to?: number;
  count: number;
}

export type ApiNode = RecordNode | GroupNode;

export interface Edge {
  from: string;
  to: string;
  basis: string;
}

export interface Workflow {
  id: string;
  total: number;
  nodes: ApiNode[];
  edges: Edge[];
  truncated: boolean;
  left_out?: number;
}

export interface Graph {
  nodes: ApiNode[];
  edges: Edge[];
  /** Nodes that are neither drawn nor counted in a group that is drawn. */
  leftOut: number;
}

export const MOST_DRAWN = 500;

export function isGroup(node: ApiNode): node is GroupNode {
  return 'group' in node;
}

export function keyOf(node: ApiNode): string {
  return isGroup(node) ? node.group : node.id;
}

export function countOf(node: ApiNode): number {
  return isGroup(node) ? node.count : 1;
}

function groupKey(node: ApiNode): string {
  return `g:${node.agent}:${node.depth}`;
}

/** The groups to fold, largest first, so that at most `most` nodes are left. */
function toFold(nodes: ApiNode[], most: number, open: ReadonlySet<string>): Set<string> {
  const sizes = new Map<string, number>();
  for (const node of nodes) {
    sizes.set(groupKey(node), (sizes.get(groupKey(node)) ?? 0) + 1);
  }
  const folded = new Set<string>();
  let left = nodes.length;
  const order = [...sizes].filter(([, size]) => size > 1)
    .sort(([a, x], [b, y]) => Number(open.has(a)) - Number(open.has(b)) || y - x);
  for (const [group, size] of order) {
    if (left <= most) {
      break;
    }
    folded.add(group);
    left -= size - 1;
  }
  return folded;
}

/** The same with at most `most` nodes: what is more is folded by agent and depth, opened groups last. */
export function atMost(nodes: ApiNode[], edges: Edge[], most: number,
                        open: ReadonlySet<string> = new Set()): Graph {
  const folded = nodes.length <= most ? new Set<string>() : toFold(nodes, most, open);
  const drawn = new Map<string, ApiNode>();
  const place = new Map<string, string>();
  let leftOut = 0;
  for (const node of nodes) {
    const own = keyOf(node);
    const key = folded.has(groupKey(node)) ? groupKey(node) : own;
    const there = drawn.get(key);
    if (there === undefined && drawn.size >= most) {
      leftOut += countOf(node);
      continue;
    }
    place.set(own, key);
    if (key === own && there === undefined) {
      drawn.set(key, node);
    } else {
      const count = (there === undefined ? 0 : countOf(there)) + countOf(node);
      drawn.set(key, { group: key, agent: node.agent, depth: node.depth, count });
    }
  }
  return { nodes: [...drawn.values()], edges: between(edges, place), leftOut };
}

/** Edges between what is drawn, each once, none from a node to itself. */
function between(edges: Edge[], place: ReadonlyMap<string, string>): Edge[] {
  const kept = new Map<string, Edge>();
  for (const edge of edges) {
    const [from, to] = [place.get(edge.from), place.get(edge.to)];
    if (from !== undefined && to !== undefined && from !== to) {
      kept.set(JSON.stringify([from, to, edge.basis]), { from, to, basis: edge.basis });
    }
  }
  return [...kept.values()];
}
