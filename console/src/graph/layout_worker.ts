// The worker in which graphs are laid out, so that no page waits for it.

import { type Standing, layered } from './layered.ts';
import type { Arrow, Point } from './placement.ts';

export interface Question {
  number: number;
  nodes: Standing[];
  arrows: Arrow[];
}

export interface Answer {
  number: number;
  places: [string, Point][];
  ms: number;
}

self.addEventListener('message', (event: MessageEvent<Question>) => {
  const { number, nodes, arrows } = event.data;
  const begin = performance.now();
  const places = [...layered(nodes, arrows)];
  const answer: Answer = { number, places, ms: performance.now() - begin };
  self.postMessage(answer);
});
