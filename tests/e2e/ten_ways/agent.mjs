// A scripted agent tries one way to approve, resume or widen itself: agent.mjs WAY STEP, what it knows
// as JSON on standard input. It prints {"done": true} or {"done": false, "why": TEXT}, and in "refused"
// what answers refused; whether that had an effect is for others to say.

import { readFileSync } from 'node:fs';
import { refusals } from './acts.mjs';
import { WAYS } from './ways.mjs';

const [way, step] = process.argv.slice(2);
try {
  await WAYS[way][step](JSON.parse(readFileSync(0, 'utf8')));
  console.log(JSON.stringify({ done: true, refused: refusals }));
} catch (error) {
  console.log(JSON.stringify({ done: false, why: `${error.message} ${error.cause?.code ?? ''}`,
    refused: refusals }));
}
