import type { Tone } from './states.tsx';

/** The color of an outcome, a phase or a state of a call. The word itself is always shown, too. */
export function toneOf(outcome: string): Tone {
  if (/^(confirmed|approved|ok|up|allow)/.test(outcome)) return 'good';
  if (/^(pending|held|hold|unknown|waiting|unused)/.test(outcome)) return 'wait';
  if (/^(failed|refused|denied|deny|down|stopped|expired|revoked)/.test(outcome)) return 'bad';
  return 'quiet';
}
