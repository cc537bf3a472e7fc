import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../benchmarks/support/void_rules.mjs';

const NO_ERRORS = { status: 0, connect: 0, read: 0, write: 0, timeout: 0 };
const GOOD = { requests: 1000, errors: NO_ERRORS, mean_answer_bytes: 2607.5,
  expected_answer_bytes: 2606, wrong_bodies: [], client_cpu: 0.4, upstream_us_per_call: 9,
  gateway_us_per_call: 60, others_cpu: 0.01, connections: 16, saturating: true,
  records: { confirmed: 1010, other: 0, sampled: 0 } };

test('a good run is neither void nor marked', () => {
  assert.deepEqual(judge(GOOD), { void: [], marks: [] });
});

const VOID = [
  ['an answer that is not 2xx', { errors: { ...NO_ERRORS, status: 1 } }, /1 errors \(status\)/],
  ['a socket error', { errors: { ...NO_ERRORS, read: 2 } }, /2 errors \(read\)/],
  ['no answer at all', { requests: 0, records: undefined }, /no answers/],
  ['short answers', { mean_answer_bytes: 700 }, /answers of 700/],
  ['a wrong body in the sample', { wrong_bodies: ['no record id'] }, /wrong body: no record id/],
  ['a full client core', { client_cpu: 0.99 }, /the client is the limit/],
  ['an upstream that costs more than the gateway', { upstream_us_per_call: 61 },
    /the upstream is the limit/],
  ['fewer records than answers', { records: { confirmed: 999, other: 0, sampled: 0 } },
    /999 confirmed records for 1000 answers/],
  ['more records than could have been open', { records: { confirmed: 1017, other: 0, sampled: 0 } },
    /1017 confirmed records/],
  ['refusals that the client did not see as errors',
    { records: { confirmed: 1000, other: 500, sampled: 0 } }, /500 records that are not/],
];
for (const [name, change, reason] of VOID) {
  test(`void: ${name}`, () => {
    const { void: reasons } = judge({ ...GOOD, ...change });
    assert.equal(reasons.length, 1, reasons.join('; '));
    assert.match(reasons[0], reason);
  });
}

test('one connection cannot fill the client core: latency is not void by it', () => {
  assert.deepEqual(judge({ ...GOOD, client_cpu: 0.99, saturating: false }).void, []);
});

test('the direct baseline has no gateway to compare the upstream with', () => {
  const direct = { ...GOOD, gateway_us_per_call: undefined, records: undefined };
  assert.deepEqual(judge(direct).void, []);
});

test('other work on the core marks the run and does not void it', () => {
  const { void: reasons, marks } = judge({ ...GOOD, others_cpu: 0.2 });
  assert.deepEqual(reasons, []);
  assert.match(marks[0], /others took 20%/);
});
