// `pawl rules reload`: what took force, or why not, and whether anybody was there to ask.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Pawl, no_pawl } from './support/pawl.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const allow = (tool) => ({ id: `allow-${tool}`, when: { tool }, then: 'allow' });
const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
const reload = (pawl, ...args) => command(pawl, 'rules', 'reload', ...args);
const put_set = (pawl, version, rules) => writeFile(pawl.rules_file,
  JSON.stringify({ set: { name: 'desk', owner: 'ops@example.org', version }, rules }, undefined, 2));

test('a signed set takes force, and the command says which', options, async () => {
  const pawl = await Pawl.prepare({ config: { preset: 'standard', rule_signatures: 'required' } });
  try {
    await put_set(pawl, 1, [allow('probe_echo')]);
    assert.equal((await command(pawl, 'init', '--operator', 'ann')).code, 0);
    const nobody = await reload(pawl);
    assert.equal(nobody.code, 2, 'no daemon runs');
    assert.match(nobody.stderr, /no daemon runs on/);
    await pawl.serve();
    const first = (await pawl.json('status')).rules;

    const same = await reload(pawl);
    assert.equal(same.code, 0, same.stderr);
    assert.match(same.stdout, /^THE SAME AS BEFORE: desk\/1 of ops@example\.org, 1 rule\nsigned +by ann\n/);
    assert.ok(same.stdout.includes(first.digest) && !same.stdout.includes('before '));

    await put_set(pawl, 2, [allow('probe_echo'), allow('probe_ask')]);
    const unsigned = await reload(pawl);
    assert.equal(unsigned.code, 1);
    assert.match(unsigned.stderr, /signature.*pawl rules sign --config.*what was in force stays/);
    assert.equal(unsigned.stdout, '');
    assert.equal((await pawl.json('status')).rules.digest, first.digest);

    const signed = await command(pawl, 'rules', 'sign');
    assert.match(signed.stdout, /next +pawl rules reload/);
    const second = await reload(pawl);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /^RELOADED: desk\/2 of ops@example\.org, 2 rules\nsigned +by ann\n/);
    const now = (await pawl.json('status')).rules;
    assert.equal(now.count, 2);
    assert.match(second.stdout, new RegExp(`digest +${now.digest}\nbefore +${first.digest}\n`));

    const told = JSON.parse((await reload(pawl, '--json')).stdout);
    assert.equal(told.changed, false);
    assert.deepEqual(told.rules.set, { name: 'desk', owner: 'ops@example.org', version: 2 });
    assert.equal(told.rules.digest, now.digest);
  } finally {
    await pawl.close();
  }
});

test('what is wrong is named with file and line', options, async () => {
  const pawl = await Pawl.start({ rules: [allow('probe_echo')] });
  try {
    const { digest } = (await pawl.json('status')).rules;
    await writeFile(pawl.rules_file, 'rules:\n  - id: a\n    then: maybe\n');
    const wrong = await reload(pawl);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /rules\.yaml:3:11: /);
    const told = await reload(pawl, '--json');
    assert.match(JSON.parse(told.stderr).error.message, /rules\.yaml:3:11: /);
    assert.equal((await pawl.json('status')).rules.digest, digest);
    await writeFile(pawl.rules_file, 'rules:\n  - { id: b, when: { tool: x }, then: allow }\n');
    const good = await reload(pawl);
    assert.match(good.stdout, /^RELOADED: a set without a header, 1 rule\nsigned +by nobody\n/);
  } finally {
    await pawl.close();
  }
});
