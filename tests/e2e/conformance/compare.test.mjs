import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below_baseline, regressions, unexplained } from './compare.mjs';
import { judge } from './scenario.mjs';

const check = (id, status) => ({ id, status });
const one = (outcome) => ({ suite: { scenario: outcome } });
const PASS = judge([check('a', 'SUCCESS'), check('b', 'WARNING')]);
const FAIL = judge([check('a', 'FAILURE')]);
const SKIP = judge([check('a', 'SKIPPED'), check('wire-schema-valid', 'SUCCESS')]);

test('a scenario is judged by its own checks', () => {
  const cases = [
    ['one success passes', [check('a', 'SUCCESS')], 'pass'],
    ['one failure among successes fails', [check('a', 'SUCCESS'), check('b', 'FAILURE')], 'fail'],
    ['nothing but skips is a skip', [check('a', 'SKIPPED')], 'skip'],
    ['no check at all is a skip', [], 'skip'],
    ['a valid wire alone does not pass', [check('wire-schema-valid', 'SUCCESS')], 'skip'],
    ['an invalid wire fails', [check('a', 'SUCCESS'), check('wire-schema-valid', 'FAILURE')],
     'fail'],
  ];
  for (const [name, checks, verdict] of cases) {
    assert.equal(judge(checks).verdict, verdict, name);
  }
  assert.equal(judge([check('a', 'FAILURE'), check('a', 'SUCCESS')]).checks.a, 'FAILURE',
    'the worst of a repeated check counts');
});

test('what passes directly must pass through, check by check', () => {
  const cases = [
    ['same', PASS, PASS, 0],
    ['failed through', PASS, FAIL, 1],
    ['skipped through', PASS, SKIP, 1],
    ['failed both ways', FAIL, FAIL, 0],
    ['better through', FAIL, PASS, 0],
    ['one check turned into a warning', judge([check('a', 'SUCCESS'), check('c', 'SUCCESS')]),
     judge([check('a', 'SUCCESS'), check('c', 'WARNING')]), 1],
    ['one check vanished', judge([check('a', 'SUCCESS'), check('c', 'SUCCESS')]), PASS, 1],
    ['records were wrong', PASS, { ...PASS, extra_problems: ['no record'] }, 1],
  ];
  for (const [name, before, after, problems] of cases) {
    assert.equal(regressions(one(before), one(after)).length, problems, name);
  }
});

test('direct passes may only grow and every gap has a reason', () => {
  assert.deepEqual(below_baseline(one(PASS), { suite: { scenarios: 1, checks: 1 } }), []);
  assert.equal(below_baseline(one(PASS), { suite: { scenarios: 2, checks: 5 } }).length, 2);
  const known = { suite: { scenario: { verdict: 'skip', reason: 'because' } } };
  assert.equal(unexplained(one(SKIP), {}).length, 1);
  assert.equal(unexplained(one(SKIP), known).length, 0);
  assert.equal(unexplained(one(FAIL), known).length, 1, 'the reason is for a skip');
  assert.equal(unexplained(one(PASS), known).length, 1, 'the reason is stale');
});
