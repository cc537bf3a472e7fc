// What the real program wrote, verified with trust files of every kind: only the right one makes it
// good. And the exit codes of the independent verifier.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BAD, CODES, GOOD, UNDECIDED, options, with_made_logs } from './both_verifiers.mjs';
import { decode_jws, entries_of, read_log } from './forge.mjs';
import { LIFTED } from './made_logs.mjs';

const { path, json, run, trust_with, check_both } = with_made_logs();

const TRUSTS = {
  'without a trust file': [() => undefined, UNDECIDED, /no trust file/],
  'with the keys of another instance': [() => path('other.trust'), BAD, /no signature by the trusted/],
  'with another token key under the kid': [() => trust_with((trust) => {
    const [key] = json('other.trust').token_keys.keys;
    trust.token_keys.keys = [{ ...key, kid: trust.token_keys.keys[0].kid }];
  }), BAD, /bad_signature/],
  'with the token key of another': [() => trust_with((trust) => {
    trust.token_keys = json('other.trust').token_keys;
  }), UNDECIDED, /unknown_key/],
  'with another log key': [() => trust_with((trust) => { trust.log = json('other.trust').log; }),
    BAD, /no signature by the trusted/],
  'with a newer format': [() => trust_with((trust) => { trust.format = 'pawl.trust/2'; }),
    UNDECIDED, /format/],
  'with a key twice': [() => {
    const text = readFileSync(path('log.trust'), 'utf8').replace('{', '{"format":"pawl.trust/1",');
    writeFileSync(path('copy.trust'), text);
    return path('copy.trust');
  }, UNDECIDED, /a key twice/],
  'with unknown members': [() => trust_with((trust) => { trust.later = 1; }), GOOD],
};

for (const [what, name, proof] of [['a data folder', 'log'], ['its ledger', 'log/ledger'],
  ['a bundle', 'log_bundle'], ['a receipt', 'log.token', 'log.tlog-proof']]) {
  test(`${what} as the program wrote it, and ${what} with other trust`, options, async () => {
    const proof_path = proof === undefined ? undefined : path(proof);
    await check_both(what, path(name), { trust: path('log.trust'), proof: proof_path }, GOOD);
    for (const [trusted, [make, expected, why]] of Object.entries(TRUSTS)) {
      await check_both(`${what} ${trusted}`, path(name), { trust: make(), proof: proof_path },
        expected, why);
    }
  });
}

test('the independent verifier as a command', options, async () => {
  const program = fileURLToPath(new URL('independent/verify.mjs', import.meta.url));
  const trust = ['--trust', path('log.trust')];
  writeFileSync(path('statement'), decode_jws(entries_of(read_log(path('log/ledger')))[LIFTED].body)
    .payload.ect_ext['pawl.override'].statement);
  const cases = [
    [[path('log'), ...trust], 0], [[path('log_bundle'), ...trust], 0],
    [[path('log.token'), '--proof', path('log.tlog-proof'), ...trust], 0],
    [[path('statement'), '--statement', ...trust], 0],
    [[path('log'), '--trust', path('other.trust')], 1],
    [[path('other.token'), '--proof', path('log.tlog-proof'), ...trust], 1],
    [[path('log.token'), '--statement', ...trust], 1],
    [[path('log')], 2], [[path('log.token'), ...trust], 2], [[path('nothing'), ...trust], 2], [[], 2],
    [[path('statement'), '--statement', '--trust', path('other.trust')], 2],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout } = await run(process.execPath, [program, ...args]);
    assert.equal(code, expected, `${args}: ${stdout}`);
    assert.equal(JSON.parse(stdout).verdict, CODES[expected], String(args));
  }
});
