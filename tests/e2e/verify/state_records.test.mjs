// The independent reader of records of our own state against the table that the program's own tests
// read too. tests/e2e/own_state.test.mjs has what the real program writes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StateRecords } from './independent/state_records.mjs';
import { Bad } from './independent/verdict.mjs';

const path = fileURLToPath(new URL('../../vectors/state/records.json', import.meta.url));
const { cases } = JSON.parse(readFileSync(path, 'utf8'));

test('every record of the table is taken as it says', () => {
  assert.ok(cases.length > 25);
  for (const { name, records } of cases) {
    const state = new StateRecords();
    for (const { act, id, parents, body, wrong } of records) {
      const extension = { 'pawl.profile': 'urn:pawl:profile:1', [`pawl.${act.split('.')[0]}`]: body };
      const add = () => state.add({ act, id, parents, extension });
      if (wrong === undefined) add();
      else assert.throws(add, Bad, `${name}: ${wrong}`);
    }
  }
});

test('a token of another profile is no such record', () => {
  const body = { digest: 'none' };
  new StateRecords().add({ act: 'config.changed', id: '1', parents: [],
    extension: { 'pawl.profile': 'urn:pawl:profile:2', 'pawl.config': body } });
});
