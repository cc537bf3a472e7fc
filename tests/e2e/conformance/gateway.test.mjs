// The whole comparison, against stand-ins: a gateway that passes everything on, and a deaf one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NODE } from '../support/process.mjs';
import { regressions } from './compare.mjs';
import { hundred_rules, run_through_gateway } from './gateway.mjs';

const program = [NODE, fileURLToPath(new URL('../support/stand_in.mjs', import.meta.url))];

test('a hundred rules', () => {
  assert.equal(hundred_rules().length, 100);
});

test('a gateway that passes everything on has no regression, and every message is seen',
  async () => {
    const seen = [];
    const { direct, through } = await run_through_gateway({ only: 'tools-call-simple-text',
      pawl_options: { program },
      watch: async () => async ({ suite, exchanges }) => {
        seen.push([suite.name, exchanges.some(({ message, status }) =>
          message?.method === 'tools/call' && status === 200)]);
        return suite.name === 'next/2026-07-28' ? ['one record is missing'] : [];
      } });
    assert.deepEqual(seen, [['stable/2025-11-25', true], ['next/2025-11-25', true],
                            ['next/2026-07-28', true]]);
    assert.deepEqual(regressions(direct, through),
      ['next/2026-07-28 tools-call-simple-text: one record is missing']);
  });

test('a deaf gateway fails every scenario', async () => {
  const { direct, through } = await run_through_gateway({ only: 'tools-call-simple-text',
    pawl_options: { program, serve_args: ['--deaf'] } });
  assert.equal(regressions(direct, through).length, 3);
});
