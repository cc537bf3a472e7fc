// The independent reader of key records against the table that the program's own tests read too.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KeyValidity, read_key_record, read_record_key } from './independent/key_records.mjs';
import { Bad } from './independent/verdict.mjs';

const path = fileURLToPath(new URL('../../vectors/keys/validity.json', import.meta.url));
const { keys, cases } = JSON.parse(readFileSync(path, 'utf8'));
const kid_of = (name) => name && keys[name].kid;

/** As a ledger would hold it. */
function extension_of({ what, key, since, next, brings }) {
  const profile = { 'pawl.profile': 'urn:pawl:profile:1' };
  if (what === 'ledger.opened') return { ...profile, 'pawl.ledger': { token_key: kid_of(key) } };
  const body = { kid: kid_of(key), since, next: kid_of(next), jwk: brings && keys[brings].jwk };
  return { ...profile, 'pawl.key': JSON.parse(JSON.stringify(body)) };
}

test('every record of the table is taken as it says, and every question answered', () => {
  assert.ok(cases.length > 20);
  for (const { name, first, records, answers } of cases) {
    const validity = new KeyValidity();
    validity.begin(kid_of(first));
    for (const record of records) {
      const apply = () => validity.apply(record.index, kid_of(record.signed_by), record.recorded,
        read_key_record(record.what, extension_of(record)));
      if (record.refused === undefined) apply();
      else assert.throws(apply, Bad, `${name}: ${record.refused}`);
    }
    for (const { key, index, recorded, answer } of answers) {
      assert.equal(validity.judge(kid_of(key), index, recorded), answer, `${name}: ${key}, ${index}`);
    }
  }
});

test('the keys of the table are P-256 keys under their thumbprints', () => {
  for (const { kid, jwk } of Object.values(keys)) {
    assert.notEqual(read_record_key(jwk, kid), null);
    assert.equal(read_record_key(jwk, `${kid.slice(0, -1)}_`), null);
    assert.equal(read_record_key({ ...jwk, x: jwk.y }, kid), null);
  }
});
