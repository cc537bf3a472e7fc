import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compared, latency_excess, median, range_of, ratios, shown }
  from '../../benchmarks/support/statistics.mjs';

test('the median is the middle, or the mean of the two in the middle', () => {
  for (const [values, expected] of [[[], undefined], [[3], 3], [[9, 1, 5], 5], [[1, 10], 5.5],
                                    [[10, 9, 100, 2], 9.5]]) {
    assert.equal(median(values), expected, `${values}`);
  }
});

test('the median sorts numbers as numbers and leaves its argument alone', () => {
  const values = [10, 9, 100];
  assert.equal(median(values), 10);
  assert.deepEqual(values, [10, 9, 100]);
});

test('a range has the extremes and how many runs it stands for', () => {
  assert.deepEqual(range_of([2, 8, 5]), { median: 5, min: 2, max: 8, runs: 3 });
  assert.equal(range_of([]), undefined);
});

test('ratios are of the same run; a void half leaves its run out and is never 0 or 1', () => {
  assert.deepEqual(ratios([2, 9, 8], [4, 3, 2]), [0.5, 3, 4]);
  assert.deepEqual(ratios([undefined, 9, 8], [4, undefined, 2]), [4]);
  assert.deepEqual(ratios([1], [0]), []);
  assert.throws(() => ratios([1, 2], [1]), /not the same runs/);
});

test('the excess is what stands above the proxy and the syncs', () => {
  const run = { governed: 500, proxy: 110, direct: 66, sync: 130 };
  assert.equal(latency_excess({ ...run, syncs: 1 }), 260);
  assert.equal(latency_excess({ ...run, syncs: 2 }), 130);
  assert.ok(Number.isNaN(latency_excess({ ...run, governed: undefined, syncs: 1 })));
});

test('a figure without a valid run says so', () => {
  assert.equal(shown(range_of([0.6, 0.66, 0.63])), '0.63 (0.60-0.66, 3 runs)');
  assert.equal(shown(undefined), 'no valid run');
});

test('a difference counts beyond the noise only, and when every run shows it', () => {
  const ours = [100, 100, 100];
  const cases = [
    ['clearly faster', [50, 52, 51], [99, 101, 100], true],
    ['clearly slower', [200, 190, 210], [99, 101, 100], true],
    ['the same', [101, 99, 100], [99, 101, 100], false],
    ['within the noise', [90, 91, 90], [80, 101, 125], false],
    ['noise to the other side is noise too', [90, 91, 90], [120, 118, 119], false],
    ['the runs do not agree', [50, 52, 110], [99, 101, 100], false],
  ];
  for (const [name, others, again, expected] of cases) {
    assert.equal(compared(ours, others, again).beyond_noise, expected, name);
  }
  assert.equal(compared([undefined], [1], [1]), undefined);
  assert.equal(compared([100, 100], [50, 50], [100, 100]).beyond_noise, false, 'two runs');
});
