// Where nodes stand, and a place for nodes that come later: what is drawn already does not move. Pure.
// The layout of a whole graph: layered.ts, in a worker.

export interface Point {
  x: number;
  y: number;
}

export type Places = Map<string, Point>;
export type Arrow = readonly [from: string, to: string];

export const WIDTH = 188;
export const HEIGHT = 46;
const ROW = HEIGHT + 18;
const COLUMN = WIDTH + 64;

function isFree(places: Places, at: Point): boolean {
  for (const other of places.values()) {
    if (Math.abs(other.x - at.x) < WIDTH && Math.abs(other.y - at.y) < ROW - 1) {
      return false;
    }
  }
  return true;
}

/** The free place in column `x` that is nearest to `y`. */
function nearestFree(places: Places, x: number, y: number): Point {
  for (let step = 0; ; step += 1) {
    for (const at of [{ x, y: y + step * ROW }, { x, y: y - step * ROW }]) {
      if (at.y >= HEIGHT / 2 && isFree(places, at)) {
        return at;
      }
    }
  }
}

/** Places for `added`, causes first, to the right of what they follow. `places` is not changed. */
export function placedBeside(places: Places, added: readonly string[],
                              arrows: readonly Arrow[]): Places {
  const all: Places = new Map(places);
  const causes = new Map<string, string[]>(added.map((key) => [key, []]));
  for (const [from, to] of arrows) {
    causes.get(to)?.push(from);
  }
  const underWay = new Set<string>();
  const place = (key: string): void => {
    if (all.has(key) || underWay.has(key)) {
      return;
    }
    underWay.add(key);
    for (const cause of causes.get(key) ?? []) {
      if (causes.has(cause)) {
        place(cause);
      }
    }
    const from = (causes.get(key) ?? []).map((cause) => all.get(cause))
      .filter((at) => at !== undefined);
    const x = from.length === 0 ? WIDTH / 2 : Math.max(...from.map((at) => at.x)) + COLUMN;
    const y = from.length === 0 ? HEIGHT / 2
      : from.reduce((sum, at) => sum + at.y, 0) / from.length;
    all.set(key, nearestFree(all, x, y));
  };
  added.forEach(place);
  return all;
}

/** Width and height of all of it. */
export function extent(places: Places): { width: number; height: number } {
  let [width, height] = [WIDTH, HEIGHT];
  for (const { x, y } of places.values()) {
    width = Math.max(width, x + WIDTH / 2);
    height = Math.max(height, y + HEIGHT / 2);
  }
  return { width, height };
}
