// The graph: never more than can be drawn, nothing that is drawn moves when something comes, and every
// node can be reached by arrow keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiNode, type Edge, type Graph, MOST_DRAWN, atMost, countOf, isGroup, keyOf }
  from '../src/graph/graph.ts';
import { BASES, OUTCOMES, lookOf } from '../src/graph/looks.ts';
import { nextNode } from '../src/graph/navigation.ts';
import { layered } from '../src/graph/layered.ts';
import { HEIGHT, type Places, WIDTH, placedBeside } from '../src/graph/placement.ts';
import { arrowsOf, standingOf, updated } from '../src/graph/update.ts';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A graph of `total` records by ten agents; each follows one or two earlier ones. */
function made(total: number, seed = 1, reach = 30): { nodes: ApiNode[]; edges: Edge[] } {
  const next = random(seed);
  const nodes: ApiNode[] = [];
  const edges: Edge[] = [];
  const depths: number[] = [];
  for (let index = 0; index < total; index += 1) {
    const causes = index === 0 ? [] : Array.from({ length: 1 + Number(next() < 0.2) },
      () => Math.max(0, index - 1 - Math.floor(next() * reach)));
    const depth = 1 + Math.max(-1, ...causes.map((cause) => depths[cause] as number));
    depths.push(depth);
    nodes.push({ id: `n${index}`, index, kind: 'tool.call', agent: `agent-${index % 10}`, server: 's',
      name: 'read', outcome: 'confirmed', at: index, depth });
    for (const cause of new Set(causes)) {
      edges.push({ from: `n${cause}`, to: `n${index}`, basis: 'traced' });
    }
  }
  return { nodes, edges };
}

function overlapping(places: Places): string[] {
  const all = [...places];
  return all.flatMap(([a, p], at) => all.slice(at + 1)
    .filter(([, q]) => Math.abs(p.x - q.x) < WIDTH && Math.abs(p.y - q.y) < HEIGHT)
    .map(([b]) => `${a} ${b}`));
}

test('ten thousand records become at most 500 nodes, and none is lost without a word', () => {
  const { nodes, edges } = made(10_000);
  const graph = atMost(nodes, edges, MOST_DRAWN);
  assert.ok(graph.nodes.length <= MOST_DRAWN, `${graph.nodes.length}`);
  const counted = graph.nodes.reduce((sum, node) => sum + countOf(node), 0);
  assert.equal(counted + graph.leftOut, 10_000);
  const keys = new Set(graph.nodes.map(keyOf));
  for (const edge of graph.edges) {
    assert.ok(keys.has(edge.from) && keys.has(edge.to) && edge.from !== edge.to);
  }
});

test('a chain that no group shortens is cut, and the rest is counted', () => {
  const nodes = made(600).nodes.map((node, depth) => ({ ...node, depth }));
  const graph = atMost(nodes, [], MOST_DRAWN);
  assert.equal(graph.nodes.length, MOST_DRAWN);
  assert.equal(graph.leftOut, 100);
});

test('a group that somebody opened is folded last', () => {
  const { nodes, edges } = made(700, 3);
  const largest = atMost(nodes, edges, 100).nodes.filter(isGroup)
    .sort((a, b) => b.count - a.count)[0];
  assert.ok(largest);
  const open = atMost(nodes, edges, MOST_DRAWN, new Set([largest.group]));
  assert.ok(!open.nodes.some((node) => keyOf(node) === largest.group));
});

test('what fits is drawn as it came', () => {
  const { nodes, edges } = made(120);
  const graph = atMost(nodes, edges, MOST_DRAWN);
  assert.deepEqual(graph.nodes, nodes);
  assert.equal(graph.edges.length, edges.length);
});

test('a layout has no overlap, and what follows stands to the right', () => {
  const { nodes, edges } = made(300, 5, 12);
  const places = layered(standingOf({ nodes, edges, leftOut: 0 }), edges.map((edge) => [edge.from, edge.to] as const));
  assert.deepEqual(overlapping(places), []);
  for (const edge of edges) {
    assert.ok((places.get(edge.from)?.x ?? 0) < (places.get(edge.to)?.x ?? 0));
  }
});

test('groups that follow each other both ways stand in columns by depth, quickly', async () => {
  const { drawn } = await import('../../tests/console/played/drawn.mjs');
  const { large_workflow } = await import('../../tests/console/played/day.mjs');
  const { nodes, edges } = drawn('w', large_workflow('w', 10_000), '') as { nodes: ApiNode[]; edges: Edge[] };
  const begin = performance.now();
  const places = layered(standingOf({ nodes, edges, leftOut: 0 }), edges.map((edge) => [edge.from, edge.to] as const));
  assert.ok(performance.now() - begin < 5000);
  assert.deepEqual(overlapping(places), []);
  const columns = new Map(nodes.map((node) => [node.depth, places.get(keyOf(node))!.x]));
  assert.ok(columns.size > 20);
  for (const node of nodes) {
    assert.equal(places.get(keyOf(node))!.x, columns.get(node.depth));
  }
  const order = [...columns].sort(([a], [b]) => a - b).map(([, x]) => x);
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

test('what is drawn does not move when records come; new ones overlap nothing', () => {
  const { nodes, edges } = made(150, 9);
  let graph: Graph = atMost(nodes.slice(0, 60), edges, MOST_DRAWN);
  let places = layered(standingOf(graph), arrowsOf(graph));
  for (let upto = 65; upto <= 150; upto += 5) {
    graph = atMost(nodes.slice(0, upto), edges, MOST_DRAWN);
    const update = updated(places, graph);
    assert.ok(update);
    for (const [key, place] of places) {
      assert.deepEqual(update.places.get(key), place);
    }
    assert.equal(update.added.length, 5);
    places = update.places;
  }
  assert.deepEqual(overlapping(places), []);
});

test('so much that is new asks for a whole layout', () => {
  const { nodes, edges } = made(300);
  const graph = atMost(nodes, edges, MOST_DRAWN);
  assert.equal(updated(new Map(), graph), null);
  assert.equal(updated(new Map([['n0', { x: 0, y: 0 }]]), graph), null);
});

test('a cause that is a loop ends the placing', () => {
  const places = placedBeside(new Map(), ['a', 'b'], [['a', 'b'], ['b', 'a']]);
  assert.equal(places.size, 2);
  assert.deepEqual(overlapping(places), []);
});

test('every node is reached by arrow keys from the first', () => {
  const { nodes, edges } = made(200, 11);
  const places = layered(standingOf({ nodes, edges, leftOut: 0 }), edges.map((edge) => [edge.from, edge.to] as const));
  const first = nextNode(places, edges, 'n0', 'first') as string;
  const seen = new Set([first]);
  for (const key of seen) {
    for (const direction of ['left', 'right', 'up', 'down'] as const) {
      const next = nextNode(places, edges, key, direction);
      if (next !== null) {
        seen.add(next);
      }
    }
  }
  assert.equal(seen.size, 200);
});

test('right follows an edge, left goes back to a cause', () => {
  const places: Places = new Map([['a', { x: 0, y: 0 }], ['b', { x: 250, y: 0 }],
    ['c', { x: 250, y: 90 }]]);
  const edges = [{ from: 'a', to: 'c', basis: 'data' }];
  assert.equal(nextNode(places, edges, 'a', 'right'), 'c');
  assert.equal(nextNode(places, edges, 'c', 'left'), 'a');
  assert.equal(nextNode(places, edges, 'c', 'up'), 'b');
  assert.equal(nextNode(places, edges, 'b', 'up'), null);
});

test('no two outcomes look alike without color, and none looks like success but success', () => {
  const looks = OUTCOMES.map((look) => look.sign);
  assert.equal(new Set(looks).size, looks.length);
  assert.equal(lookOf('something new').name, 'unknown');
  assert.equal(lookOf('toString').name, 'unknown');
  assert.equal(new Set(BASES.map((look) => look.dashes)).size, BASES.length);
});
