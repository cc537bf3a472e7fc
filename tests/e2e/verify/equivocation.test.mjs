// Evidence of two histories: what golang.org/x/mod made, read by `pawl verify` and by the independent
// verifier, which must agree on each; and what the page prints of it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PAWL_BIN, no_pawl } from '../support/pawl.mjs';
import { CODES } from './both_verifiers.mjs';
import { verify } from './independent/verify.mjs';

const root = new URL('../../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');
const { vkey, cases } = JSON.parse(read('tests/e2e/verify/vectors/equivocations.json'));
const [, page_trust] = read('docs/formats/trust.md').match(/```json\n([^`]+)```/);
let folder;
const path = (name) => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-equivocation-'));
  const trust = { ...JSON.parse(page_trust), log: vkey };
  delete trust.pinned;
  writeFileSync(path('log.trust'), JSON.stringify(trust));
  writeFileSync(path('other.trust'), page_trust);
});
after(() => rm(folder, { recursive: true }));

/** Exit code and answer of `pawl verify`, for a user who pinned nothing. */
function pawl_verify(...args) {
  const env = { XDG_CONFIG_HOME: path('config') };
  try {
    return { code: 0, answer: execFileSync(PAWL_BIN, ['verify', ...args], { env, encoding: 'utf8' }) };
  } catch (error) {
    return { code: error.status, answer: error.stdout };
  }
}

for (const { name, verdict, text } of cases) {
  test(`${name}: ${verdict}`, { skip: no_pawl() }, async () => {
    writeFileSync(path('evidence'), text);
    const found = await verify(path('evidence'), { trust: path('log.trust') });
    assert.equal(found.verdict, verdict, found.reason);
    const { code, answer } = pawl_verify(path('evidence'), '--trust', path('log.trust'), '--json');
    assert.equal(CODES[code], verdict, answer);
    assert.equal(JSON.parse(answer).verdict, verdict);
    // Whoever does not have the log's key learns nothing.
    for (const trust of [path('other.trust'), undefined]) {
      const other = await verify(path('evidence'), { trust });
      assert.equal(other.verdict, 'undecided', other.reason);
      const args = trust === undefined ? [] : ['--trust', trust];
      assert.equal(pawl_verify(path('evidence'), ...args).code, 2);
    }
  });
}

test('people read that it is proven, and of which sizes', { skip: no_pawl() }, () => {
  writeFileSync(path('evidence'), cases.find(({ name }) => name === '7 and 600').text);
  const { code, answer } = pawl_verify(path('evidence'), '--trust', path('log.trust'));
  assert.equal(code, 1);
  assert.match(answer, /^PROVEN BAD: the log example\.org\/pawl\/test-log signed two histories: of size 7 /);
  assert.match(answer, /of size 600 one that begins with/);
});

test('equivocation.md prints a vector', () => {
  const page = read('docs/formats/equivocation.md');
  const [, json] = page.match(/```json\n([^`]+)```/);
  const printed = JSON.parse(json);
  const vector = JSON.parse(cases.find(({ name }) => name === 'a power of two').text);
  const plain = (text) => text.replaceAll('\u2014', '-');
  assert.deepEqual({ ...printed, notes: printed.notes.map(plain) },
    { ...vector, notes: vector.notes.map(plain) });
});
