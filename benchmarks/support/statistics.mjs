// The arithmetic of the benchmarks: medians, ranges, ratios of what was measured together.
//
// Pure functions. Nothing here rounds: printing does.

/** Middle value; of an even count the mean of the two in the middle. @param {number[]} values */
export function median(values) {
  if (values.length === 0) {
    return undefined;
  }
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @typedef {{median: number, min: number, max: number, runs: number}} Range */

/** Median and extremes; undefined when there is nothing. @param {number[]} values */
export function range_of(values) {
  return values.length === 0 ? undefined : { median: median(values), min: Math.min(...values),
    max: Math.max(...values), runs: values.length };
}

/**
 * Ratios of pairs that were measured in the same run. A pair of which one half is missing (void) is
 * left out; it never becomes 0 or 1.
 * @param {(number | undefined)[]} above @param {(number | undefined)[]} below
 */
export function ratios(above, below) {
  if (above.length !== below.length) {
    throw new Error(`${above.length} values over ${below.length}: not the same runs`);
  }
  return above.map((value, i) => value / below[i]).filter(Number.isFinite);
}

/**
 * What governing a call adds beyond a plain proxy, without the syncs that it has to wait for:
 * (governed - direct) - (proxy - direct) - k x sync. All in one unit, all of one run.
 * @param {{governed: number, proxy: number, direct: number, sync: number, syncs: number}} run
 */
export function latency_excess({ governed, proxy, direct, sync, syncs }) {
  return (governed - direct) - (proxy - direct) - syncs * sync;
}

/** "0.63 (0.60-0.66, 5 runs)". @param {Range | undefined} range */
export function shown(range, digits = 2) {
  if (range === undefined) {
    return 'no valid run';
  }
  const f = (value) => value.toFixed(digits);
  return `${f(range.median)} (${f(range.min)}-${f(range.max)}, ${range.runs} runs)`;
}

/** @typedef {{ratio: Range, noise: Range, beyond_noise: boolean}} Compared */

/** With fewer runs a difference is chance. */
export const LEAST_RUNS = 3;

/**
 * One figure of this program over that of another, run by run, beside this program over itself. A
 * difference counts when at least three runs show it, all to the same side, and the median is
 * outside of what the program shows against itself.
 * @param {(number | undefined)[]} ours @param {(number | undefined)[]} others
 * @param {(number | undefined)[]} again ours, measured a second time
 * @returns {Compared | undefined} undefined: no run in which both halves are valid
 */
export function compared(ours, others, again) {
  const ratio = range_of(ratios(ours, others));
  const noise = range_of(ratios(ours, again));
  if (ratio === undefined || noise === undefined) {
    return undefined;
  }
  const one_side = ratio.runs >= LEAST_RUNS && (ratio.min > 1 || ratio.max < 1);
  // Which half was measured first is chance: the noise has no direction.
  const widest = Math.max(noise.max, 1 / noise.min);
  const outside = ratio.median > widest || ratio.median < 1 / widest;
  return { ratio, noise, beyond_noise: one_side && outside };
}
