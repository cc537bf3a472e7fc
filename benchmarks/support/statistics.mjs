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
