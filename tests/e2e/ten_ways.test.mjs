// A scripted agent with a shell tries to approve, resume or widen itself: over the APIs, with commands,
// files, keys and sockets. In single-user mode exactly the ways that docs/LIMITATIONS.md names work;
// where the gateway is a service with a user of its own, none does, and what reaches a listener where
// operators act is in records, each attempt of it. Whether one worked is seen at the server behind the
// gateway, not believed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { no_pawl } from './support/pawl.mjs';
import { Gateway, IS_ROOT, copy_programs } from './ten_ways/gateway.mjs';
import { WAYS } from './ten_ways/ways.mjs';

const options = { skip: no_pawl(), timeout: 300_000 };
const PAGE = fileURLToPath(new URL('../../docs/LIMITATIONS.md', import.meta.url));
const HEADING = /^### What an agent with a shell of the same user makes of it$/m;
/** Why ways fail when they fail because they are prevented, and not for want of a target. */
const PREVENTED =
  /^(E(ACCES|PERM)\b|connect EACCES|it waits for|HTTP 4\d\d\b|exit [12]: .*([Pp]ermission denied|no daemon runs on))/;
/** Why, where the kernel refuses it, so that the gateway sees nothing of it. */
const BY_THE_KERNEL = /^(E(ACCES|PERM)\b|connect EACCES|exit [12]: .*([Pp]ermission denied|no daemon runs on))/;
let programs;

before(() => {
  if (!no_pawl()) {
    programs = copy_programs();
  }
});
after(() => programs?.close());

/** The ways of the page, each with the entries of the list above it that it rests on. */
function ways_of_the_page() {
  const [, after_it] = readFileSync(PAGE, 'utf8').split(HEADING);
  assert.ok(after_it !== undefined, 'the page has the list');
  return Object.fromEntries([...after_it.split(/^##/m)[0].matchAll(/^- `([a-z-]+)` \(([\d, ]+)\)/gm)]
    .map(([, name, numbers]) => [name, numbers.split(', ')]));
}

const limits_in = (log) => log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  .filter(({ event }) => event === 'single_user_limit').map(({ number }) => number);

test('the page says how many ways are tried, and at least ten are', () => {
  const count = Object.keys(WAYS).length;
  assert.ok(count >= 10);
  assert.match(readFileSync(PAGE, 'utf8'), new RegExp(`A scripted agent tries ${count} ways`));
});

test('single-user mode: the ways that work are those of the page', options, async (context) => {
  const page = ways_of_the_page();
  const work = [];
  let printed = [];
  for (const [name, { found, goal, refused }] of Object.entries(WAYS)) {
    const gateway = await Gateway.start({ programs, service: false });
    try {
      const { works, why, log } = await gateway.attack(name);
      assert.equal(works, refused === undefined, `${name}: ${why}`);
      if (!works) {
        assert.match(why.replaceAll('\n', ' '), refused, name);
        continue;
      }
      work.push(name);
      context.diagnostic(`works: ${name} (${goal})`);
      printed = limits_in(`${await gateway.pawl.log()}${log}`);
      assert.deepEqual((page[name] ?? []).filter((number) => !printed.includes(number)), [],
        `the daemon says at its start what ${name} rests on`);
      if (found) {
        const { code, said, second } = await gateway.verdicts();
        assert.notEqual(code, 0, `${name}: ${said}`);
        assert.notEqual(second, 'good', name);
      }
    } finally {
      await gateway.close();
    }
  }
  assert.deepEqual(work.sort(), Object.keys(page).sort());
});

test('all of the gateway\'s keys and no operator\'s: no approval that verifies', options, async () => {
  for (const [name, expected] of [
    ['write-a-decision-into-the-ledger', /no operator who might signed it/],
    ['write-an-enrollment-into-the-ledger', /operator\.enrolled/],
    ['sign-a-snapshot', /it was still pending/]]) {
    const gateway = await Gateway.start({ programs, service: false });
    try {
      assert.equal((await gateway.attack(name)).works, true, 'the gateway itself lets it through');
      const { code, said, second } = await gateway.verdicts();
      assert.equal(code, 1, said);
      assert.match(said, /not what people approved/);
      assert.match(said, expected);
      assert.equal(second, 'bad');
    } finally {
      await gateway.close();
    }
  }
});

/** How often each stands there. */
function counted(keys) {
  const out = {};
  for (const key of keys) {
    out[key] = (out[key] ?? 0) + 1;
  }
  return out;
}

test('the ways that only the kernel refuses are those of the page', () => {
  const [, after_it] = readFileSync(PAGE, 'utf8').split('refused by the kernel alone');
  const named = [...after_it.split(/^##|^- \*\*/m)[0].matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(WAYS).filter((name) => WAYS[name].kernel).sort());
});

test('as a service with a user of its own: no way works, and each refusal is recorded', { ...options,
  skip: options.skip || (IS_ROOT ? false : 'only root can start the service and change users') },
async (context) => {
  const gateway = await Gateway.start({ programs, service: true });
  const attempts = [];
  try {
    for (const [name, { told, recorded, kept = [], kernel = false }] of Object.entries(WAYS)) {
      const before_it = recorded === undefined ? 0 : await gateway.records(recorded);
      const { works, why, log, kept: attempted } = await gateway.attack(name);
      assert.equal(works, false, name);
      assert.match(why, kernel ? BY_THE_KERNEL : PREVENTED, name);
      assert.deepEqual(attempted, kept, `${name}: what reached a listener`);
      assert.ok(kernel || kept.length > 0 || told !== undefined || recorded !== undefined,
        `${name} leaves a trace in the gateway`);
      attempts.push(...attempted);
      if (told !== undefined) {
        assert.ok(log.includes(`"event":"${told}"`), `${name} is told: ${log}`);
      }
      if (recorded !== undefined) {
        assert.ok(await gateway.records(recorded) > before_it, `${name} has a record`);
      }
      context.diagnostic(`refused: ${name}: ${why.split('\n')[0].slice(0, 120)}`);
    }
    assert.deepEqual(limits_in(await gateway.pawl.log()), []);
    assert.deepEqual(Object.fromEntries([...await gateway.refusals_of_the_log()].sort()),
      Object.fromEntries(Object.entries(counted(attempts)).sort()),
      'the records of a service that ended in order count each attempt, and nothing else');
  } finally {
    await gateway.close();
  }
});
