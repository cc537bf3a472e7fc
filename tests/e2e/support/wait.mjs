// Waiting for a condition with a deadline, for things outside this process that send no event.

import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Resolves with the first value of `probe` that is not undefined. A probe that throws counts as
 * "not yet"; its last error stands in the message if time runs out.
 * @template T
 * @param {string} what for the error message
 * @param {() => Promise<T | undefined> | T | undefined} probe
 * @param {{within_ms?: number, give_up?: () => string | undefined}} [options] `give_up` returns a
 *   reason why waiting has become useless
 * @returns {Promise<T>}
 */
export async function wait_for(what, probe,
  { within_ms = 20_000, give_up = () => undefined } = {}) {
  const deadline = performance.now() + within_ms;
  let last_error;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const value = await probe();
      if (value !== undefined) {
        return value;
      }
    } catch (error) {
      last_error = error;
    }
    const reason = give_up() ?? (performance.now() > deadline ? `not within ${within_ms} ms`
      : undefined);
    if (reason !== undefined) {
      throw new Error(`${what}: ${reason}${last_error ? ` (${last_error.message})` : ''}`);
    }
    await delay(pause);
  }
}
