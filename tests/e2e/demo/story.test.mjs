// The demo as a stranger meets it: no terminal, a new folder, its exit code.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { text as read_stream } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PAWL_BIN, no_pawl } from '../support/pawl.mjs';
import { NODE } from '../support/process.mjs';

const STORY = fileURLToPath(new URL('story.mjs', import.meta.url));
let folder;

before(async () => { folder = await mkdtemp(join(tmpdir(), 'pawl-story-')); });
after(async () => { await rm(folder, { recursive: true }); });

async function tell(place, program = PAWL_BIN) {
  const child = spawn(NODE, [STORY, '--folder', place],
    { env: { ...process.env, PAWL_BIN: program }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise((resolve) => { child.on('close', resolve); });
  const [stdout, stderr] = await Promise.all([read_stream(child.stdout),
                                              read_stream(child.stderr)]);
  return { code: await exit, stdout, stderr };
}

const KEY_LINES = [
  ['both eras are negotiated', /triage +negotiated +2025-11-25/, /writer +negotiated +2026-07-28/],
  ['allowed calls happen', /ok +Successfully wrote to .*answers\/1207\.txt/, /ok +opened #1/],
  ['a refusal says why', /refused +Pawl refused this call, .*changed by people only/],
  ['people see the rule', /\$ pawl why [0-9a-f-]{36}/,
   /decided by +people-make-policy at .*rules\.yaml:\d+/],
  ['a stop is answered', /stopped agent:triage/, /refused +.*agent:triage is stopped/],
  ['a resume, too', /resumed agent:triage \(1 stop lifted\)/],
  ['records and their causes', /files\/write_file +denied/, /\d+ resource /,
   /memory\/create_entities +confirmed +[^/]*\d+ declared/],
  ['proven good', /PROVEN GOOD: \d+ entries/, /operators +2 signed statements verified/],
  ['the forgery is caught', /PROVEN BAD: .*entry \d+ /, /\(exit 1\)/],
  ['what to do next', /mcp\/search/, /"wrap"/],
];

test('the whole story', { skip: no_pawl() }, async () => {
  const place = join(folder, 'new', 'with a blank');
  const { code, stdout, stderr } = await tell(place);
  assert.deepEqual([code, stderr], [0, ''], stdout);
  const unbroken = stdout.replaceAll(/\s+/g, ' ');
  for (const [name, ...expected] of KEY_LINES) {
    for (const pattern of expected) {
      assert.match(unbroken, pattern, name);
    }
  }
  assert.doesNotMatch(stdout, /[^\x0a\x20-\x7e]/, 'plain text without a terminal');
  const longest = Math.max(...stdout.split('\n').map((line) => line.length));
  assert.ok(longest <= 100, `a line is ${longest} wide`);
  assert.match(await readFile(join(place, 'desk/policy.md'), 'utf8'), /^Refunds up to 50 EUR/);
  const { pid } = JSON.parse(await readFile(join(place, 'pawl-data/run/addresses.json'), 'utf8'));
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the daemon has ended');
});

test('a folder with something in it is left alone', async () => {
  await writeFile(join(folder, 'mine'), '');
  const { code, stdout, stderr } = await tell(folder);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /not empty/);
});

test('a story that goes wrong says where and ends with 1', async () => {
  const { code, stdout } = await tell(join(folder, 'wrong'), '/bin/false');
  assert.equal(code, 1);
  assert.match(stdout, /did not go as told: pawl init ended with 1/);
  assert.match(stdout, /The end of .*pawl\.log/);
});
