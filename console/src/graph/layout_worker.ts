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
}

self.addEventListener('message', (event: MessageEvent<Question>) => {
  const { number, nodes, arrows } = event.data;
  const answer: Answer = { number, places: [...layered(nodes, arrows)] };
  self.postMessage(answer);
});
