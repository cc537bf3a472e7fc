// Moving between nodes by keys: left to a cause, right to what followed, up and down within a column.
// Pure. null: there is nothing in that direction.

import type { Edge } from './graph.ts';
import { type Places, type Point, WIDTH } from './placement.ts';

type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

const DIRECTIONS: { [key: string]: Direction } = {
  ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last',
};

export function directionOf(key: string): Direction | null {
  return DIRECTIONS[key] ?? null;
}

function best(places: Places, keys: Iterable<string>, cost: (at: Point) => number): string | null {
  let found: string | null = null;
  let lowest = Infinity;
  for (const key of keys) {
    const at = places.get(key);
    const now = at === undefined ? Infinity : cost(at);
    if (now < lowest) {
      [found, lowest] = [key, now];
    }
  }
  return found;
}

function linked(edges: readonly Edge[], from: string, direction: 'left' | 'right'): string[] {
  return direction === 'right' ? edges.filter((edge) => edge.from === from).map((edge) => edge.to)
    : edges.filter((edge) => edge.to === from).map((edge) => edge.from);
}

export function nextNode(places: Places, edges: readonly Edge[], from: string,
                          direction: Direction): string | null {
  const here = places.get(from);
  if (direction === 'first' || direction === 'last' || here === undefined) {
    const sign = direction === 'last' ? -1 : 1;
    return best(places, places.keys(), (at) => sign * (at.x * 1e6 + at.y));
  }
  if (direction === 'left' || direction === 'right') {
    const sign = direction === 'right' ? 1 : -1;
    return best(places, linked(edges, from, direction), (at) => Math.abs(at.y - here.y))
      ?? best(places, places.keys(), (at) => (at.x - here.x) * sign < WIDTH / 2 ? Infinity
        : (at.x - here.x) * sign * 10 + Math.abs(at.y - here.y));
  }
  const sign = direction === 'down' ? 1 : -1;
  return best(places, places.keys(), (at) => (at.y - here.y) * sign <= 0
    || Math.abs(at.x - here.x) > WIDTH / 2 ? Infinity : (at.y - here.y) * sign);
}
