// Local servers that are stuck, flooding, lying or dying: the call that meets them ends with the
// right outcome, other agents' children go on meanwhile, and a normal call works afterwards.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat as file_stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOW_ALL, Pawl, no_pawl } from '../support/pawl.mjs';
import { NODE } from '../support/process.mjs';
import { wait_for } from '../support/wait.mjs';
import { MEMORY_BUDGET_MIB, call, is_confirmed, outcome_of, outcomes, peak_mib, stat }
  from './support.mjs';

const CHILD = fileURLToPath(new URL('faulty_child.mjs', import.meta.url));
const MAX_STDERR_MIB = 32;
const options = { skip: no_pawl() };
let folder;
let fault_file;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-overload-'));
  fault_file = join(folder, 'faults');
  const env = { FAULT_FILE: fault_file };
  pawl = await Pawl.start({ agents: { a: {}, b: {} }, rules: [ALLOW_ALL], servers: {
    faulty: { command: [NODE, CHILD], env, call_timeout_s: 2 },
    deaf: { command: [NODE, CHILD], env, call_timeout_s: 2 },
    exits: { command: [NODE, CHILD, '--exit', join(folder, 'starts')] } } });
});
after(async () => {
  await pawl?.close();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const lines_of = async (file) => (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 1;

// fault, outcome of the call's record
const CALLS = [['hang', 'unknown'], ['exit', 'unknown'],
  ['half_a_line', 'unknown'], ['twice', 'confirmed'], ['another_id', 'unknown'],
  ['id_as_text', 'unknown'], ['byte_by_byte', 'confirmed'], ['endless_line', 'unknown'],
  ['garbage', 'unknown'], ['events', 'unknown'], ['errors', 'confirmed']];

for (const [fault, expected] of CALLS) {
  test(`a child with the fault ${fault}: ${expected}`, options, async () => {
    await wait_for('the child, after its back-off', async () =>
      is_confirmed(await call(pawl, { server: 'faulty' })) || undefined);
    const recorded = await outcomes(pawl, expected);
    const faults = await lines_of(fault_file);
    const suffering = call(pawl, { server: 'faulty', args: { fault } });
    await wait_for('the fault', async () => await lines_of(fault_file) > faults || undefined);
    assert.ok(is_confirmed(await call(pawl, { who: 'b', server: 'faulty' })), 'another agent');
    const answer = await suffering;
    assert.equal(await outcome_of(pawl, answer), expected);
    assert.equal(is_confirmed(answer), expected === 'confirmed', JSON.stringify(answer.body));
    const others = expected === 'confirmed' ? 1 : 0;
    assert.equal(await outcomes(pawl, expected) - recorded, 1 + others, 'not in the metrics');
    const next = await wait_for('its own answer', async () => {
      const got = await call(pawl, { server: 'faulty', args: { n: 'mine' } });
      return is_confirmed(got) ? got : undefined;
    });
    assert.equal(next.body.result.content[0].text, 'mine', 'its own answer, not one of before');
  });
}

test('a child that is deaf for good is ended after three calls, and started anew', options,
  async () => {
    const good = () => call(pawl, { server: 'deaf' });
    await wait_for('the child', async () => is_confirmed(await good()) || undefined);
    const deaf = await call(pawl, { server: 'deaf', args: { fault: 'deaf' } });
    assert.equal(await outcome_of(pawl, deaf), 'unknown');
    assert.ok(is_confirmed(await call(pawl, { who: 'b', server: 'deaf' })), 'another agent');
    for (let n = 0; n < 2; ++n) {
      assert.equal(await outcome_of(pawl, await good()), 'unknown', 'still the deaf one');
    }
    await wait_for('a new child', async () => is_confirmed(await good()) || undefined);
    assert.equal(await stat(pawl, 'pawl_limits_reached_total', 'limit="upstream_silent"'), 1);
  });

test('a child that exits at each start is not started at each call', options, async () => {
  let refused = 0;
  let answer;
  while (await lines_of(join(folder, 'starts')) < 3) {  // the second and third wait their back-off
    answer = await call(pawl, { server: 'exits' });
    assert.equal(is_confirmed(answer), false);
    refused += 1;
  }
  const started = await lines_of(join(folder, 'starts'));
  for (let n = 0; n < 20; ++n) {
    answer = await call(pawl, { server: 'exits' });
  }
  assert.ok(await lines_of(join(folder, 'starts')) <= started + 1, 'started at each call');
  assert.ok(refused > 3, 'calls between two starts are refused at once');
  assert.match(JSON.stringify(answer.body), /retry_after_ms|not running|ended at its start/);
  assert.ok(is_confirmed(await call(pawl, { who: 'b', server: 'faulty' })), 'another agent');
});

test('afterwards: memory and files within their budgets, nothing broke', options, async () => {
  const mib = await peak_mib(pawl);
  assert.ok(mib < MEMORY_BUDGET_MIB, `${mib} MiB`);
  const files = await readdir(pawl.data, { recursive: true });
  const logs = files.filter((name) => /stderr|\.err|\.log/.test(name));
  assert.notEqual(logs.length, 0, files.join(' '));
  for (const name of logs) {
    const { size } = await file_stat(join(pawl.data, name)).catch(() => ({ size: 0 }));  // turned over meanwhile
    assert.ok(size < MAX_STDERR_MIB * 1024 * 1024, `${name}: ${size} bytes`);
  }
  assert.equal(await stat(pawl, 'pawl_bugs_total '), 0);
  assert.equal(await stat(pawl, 'pawl_open_calls '), 0);
});
