// The vectors of docs/formats/sd_jwt.md and exec_audit.md, judged by the independent reader and by the
// program.

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { BAD, GOOD, UNDECIDED, options, with_scratch } from './both_verifiers.mjs';
import { PAWL_BIN } from '../support/pawl.mjs';
import { check_disclosure, check_sd_jwt } from './independent/sd_jwt.mjs';
import { read_trust } from './independent/trust.mjs';

const { path, run } = with_scratch();
const vector = (name) => JSON.parse(readFileSync(new URL(`../../vectors/sd_jwt/${name}`, import.meta.url)));
const rfc = vector('rfc9901.json');
const refusals = vector('refusals.json');
const disclosure = vector('disclosure.json');
const key_of = (jwk) => createPublicKey({ key: jwk, format: 'jwk' });

test('every token of RFC 9901 is read as it prints', () => {
  const key_binding = { audience: rfc.audience, nonce: rfc.nonce };
  for (const { name, sd_jwt, key_binding: is_bound, processed } of rfc.tokens) {
    const claims = check_sd_jwt(sd_jwt, { key: () => key_of(rfc.issuer_key), now: rfc.key_binding_iat,
      ...is_bound && { key_binding } });
    if (processed !== undefined) assert.deepEqual(claims, processed, name);
  }
});

test('every refusal has the reason of the page', options, async () => {
  writeFileSync(path('keys.json'), JSON.stringify({ keys: [refusals.issuer_key] }));
  const { audience, nonce, now, type } = refusals;
  const reasons = new Set();
  for (const { name, reason, sd_jwt, key_binding } of refusals.cases) {
    const found = (() => {
      try {
        check_sd_jwt(sd_jwt, { key: () => key_of(refusals.issuer_key), type, now,
          ...key_binding && { key_binding: { audience, nonce } } });
        return 'ok';
      } catch ({ message }) {
        return message.split(':')[0];
      }
    })();
    assert.equal(found, reason, name);
    reasons.add(reason);
  }
  const page = readFileSync(new URL('../../../docs/formats/sd_jwt.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/^\| \d+ \|.*\| (.*) \|$/gm)]
    .flatMap(([, cell]) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, one]) => one));
  // Those of size, and of what the caller asks for, stand in tests/foundation/sd_jwt.
  const elsewhere = ['too_large', 'too_many_disclosures', 'too_many_digests', 'bad_alg', 'unknown_key', 'wrong_audience'];
  assert.deepEqual([...reasons, ...elsewhere].filter((one) => one !== 'ok').sort(), [...new Set(named)].sort());
});

test('a record shown in part: good, altered, and by whom nobody knows', options, async () => {
  const [jwt, first, ...rest] = disclosure.shown.split('~');
  const trust = read_trust(Buffer.from(JSON.stringify(disclosure.trust)));
  const claims = check_disclosure(disclosure.shown, trust, disclosure.now);
  assert.equal(claims.wid, undefined);
  assert.deepEqual(claims.ect_ext['pawl.tool'], disclosure.claims['pawl.tool']);
  const other = { ...disclosure.trust, log: disclosure.trust.log.replace(/^./, 'x') };
  const unknown = { ...disclosure.trust, token_keys: { keys: [refusals.issuer_key] } };
  for (const [name, text, trusted, verdict] of [
    ['one member less', [jwt, ...rest].join('~'), disclosure.trust, GOOD],
    ['one twice', [jwt, first, first, ...rest].join('~'), disclosure.trust, BAD],
    ['an altered payload', disclosure.shown.replace('.', '.e'), disclosure.trust, BAD],
    ['a key that nobody knows', disclosure.shown, unknown, UNDECIDED],
    ['the log of another', disclosure.shown, other, UNDECIDED],
  ]) {
    writeFileSync(path('shown'), text);
    writeFileSync(path('trust'), JSON.stringify(trusted));
    const { code, stdout } = await run(PAWL_BIN, ['verify', path('shown'), '--trust', path('trust'), '--json']);
    assert.equal([GOOD, BAD, UNDECIDED][code], verdict, `${name}: ${stdout}`);
    if (code === 0) assert.deepEqual(Object.keys(JSON.parse(stdout).claims.ect_ext['pawl.tool']), ['outcome']);
  }
});
