// `pawl witness` over HTTP: every status, requests at once, kill -9, a lost state, and the Go library
// and the independent reader open its answers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { no_pawl } from './support/pawl.mjs';
import { SignedLog } from './support/signed_log.mjs';
import { Witness } from './support/witness.mjs';
import { read_checkpoint } from './verify/independent/checkpoint.mjs';
import { check_equivocation } from './verify/independent/equivocation.mjs';
import { COSIGNATURE, decode_verifier_key } from './verify/independent/note.mjs';
import { cosigned_at } from './verify/independent/witness.mjs';

const options = { skip: no_pawl() };
const GO_ENV = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
const log = new SignedLog('example.org/log').grow(40);
let witness;

before(async () => {
  if (!no_pawl()) witness = await Witness.make('example.org/witness');
  await witness?.serve([log.vkey]);
});
after(() => witness?.close());

/** When the witness cosigned the checkpoint, by the reader written from the pages alone. */
const seen_at = (note) =>
  cosigned_at(read_checkpoint(Buffer.from(note)).note, decode_verifier_key(witness.vkey, COSIGNATURE));

test('the first head is cosigned; the Go library and the independent reader open it', options,
  async () => {
    const { status, text } = await log.ask(witness.url, 0, 8);
    assert.equal(status, 200, text);
    const note = log.checkpoint(8) + text;
    const off_s = Math.abs(Number(seen_at(note)) - Date.now() / 1000);
    assert.ok(off_s < 3600, 'a time of now');
    const verify = join(witness.folder, 'verify');
    const file = join(witness.folder, 'checkpoint');
    execFileSync('go', ['build', '-o', verify, 'verify.go'],
      { cwd: fileURLToPath(new URL('verify/go', import.meta.url)), env: GO_ENV });
    writeFileSync(file, note);
    for (const vkey of [witness.vkey, log.vkey]) {
      assert.equal(execFileSync(verify, ['checkpoint', vkey, file], { encoding: 'utf8' }), 'good\n');
    }
    writeFileSync(file, note.replace('\n8\n', '\n9\n'));
    assert.throws(() => execFileSync(verify, ['checkpoint', witness.vkey, file]));
  });

test('each status of the specification', options, async () => {
  const fork = log.fork(3);
  const stranger = new SignedLog('example.org/stranger').grow(3);
  const forged = new SignedLog(log.origin).grow(20);
  const cases = [
    ['nothing', [0, 20, ''], 400],
    ['an old size over the checkpoint', [12, 8], 400],
    ['an old size that it does not have', [0, 20], 409, '8\n', 'text/x.tlog.size'],
    ['without a proof', [8, 20, `old 8\n\n${log.checkpoint(20)}`], 422],
    ['64 lines of proof', [8, 20, `old 8\n${'A'.repeat(43)}=\n`.repeat(64)], 400],
    ['a body over the limit', [8, 20, 'x'.repeat(70_000)], 413],
    ['the next head', [8, 12], 200],
    ['the same again', [12, 12], 200],
  ];
  for (const [name, args, status, text, type] of cases) {
    const found = await log.ask(witness.url, ...args);
    assert.equal(found.status, status, `${name}: ${found.text}`);
    if (text !== undefined) assert.deepEqual([found.text, found.type], [text, type], name);
  }
  assert.equal((await stranger.ask(witness.url, 0)).status, 404);
  assert.equal((await forged.ask(witness.url, 12)).status, 403);
  assert.equal((await fork.ask(witness.url, 12)).status, 422);
  assert.equal((await fork.ask(witness.url, 12, 12)).status, 422);
  assert.equal((await fetch(`${witness.url}/add-checkpoint`)).status, 405);
  assert.equal((await fetch(`${witness.url}/`)).status, 404);
});

test('a log that contradicts itself: both heads are kept, and prove it', options, async () => {
  await log.fork(3).ask(witness.url, 12, 12);
  const [name, ...more] = readdirSync(join(witness.state, 'evidence'));
  assert.match(name, /^[0-9a-f]{16}-12\.equivocation$/);
  assert.deepEqual(more, [], 'one file of one head');
  const evidence = readFileSync(join(witness.state, 'evidence', name));
  const log_key = decode_verifier_key(log.vkey);
  assert.throws(() => check_equivocation(evidence, { log: log_key }), /signed two histories/);
  const stranger = decode_verifier_key(new SignedLog(log.origin).vkey);
  assert.throws(() => check_equivocation(evidence, { log: stranger }), /proves nothing/);
});

test('its newest checkpoint of each log is served with both signatures', options, async () => {
  const read = (hash) => fetch(`${witness.url}/${hash}/checkpoint`);
  const note = await (await read(log.origin_hash)).text();
  assert.ok(note.startsWith(log.checkpoint(12)));
  assert.ok(seen_at(note) > 0n);
  assert.equal((await read('0'.repeat(64))).status, 404);
});

test('of requests at once with one old size one wins', options, async () => {
  const sizes = [13, 14, 15, 16, 17, 18, 19, 20];
  const found = await Promise.all(sizes.map((size) => log.ask(witness.url, 12, size)));
  assert.deepEqual(found.map(({ status }) => status).sort(), [200, ...sizes.slice(1).map(() => 409)]);
  const won = sizes[found.findIndex(({ status }) => status === 200)];
  for (const { status, text } of found) {
    if (status === 409) assert.equal(text, `${won}\n`);
  }
  assert.equal((await log.ask(witness.url, won, 21)).status, 200);
});

test('after kill -9 in the middle of requests nothing that it cosigned is forgotten', options,
  async () => {
    const fork = log.fork(3);
    let old_size = 21;
    for (let round = 0; round < 6; ++round) {
      const asked = Array.from({ length: 3 }, (_, i) =>
        log.ask(witness.url, old_size, old_size + 1 + i).catch(() => ({ status: 0 })));
      await Promise.race([...asked, new Promise(setImmediate)]);
      await witness.stop('SIGKILL');
      const cosigned = (await Promise.all(asked)).map(({ status }, i) =>
        status === 200 ? old_size + 1 + i : 0);
      await witness.serve([log.vkey], witness.address);
      const now = Number((await log.ask(witness.url, 0, 40)).text);
      assert.ok(now >= Math.max(old_size, ...cosigned), `${now} after ${cosigned}`);
      assert.equal((await fork.ask(witness.url, now)).status, 422, 'another history');
      old_size = now;
    }
  });

test('it is made once; a second process, and a lost state, are refused', options, async () => {
  const again = witness.run(['init', '--name', 'example.org/again']);
  assert.deepEqual([again.status, again.stdout], [1, '']);
  const serve = ['serve', '--listen', '127.0.0.1:0', '--log', log.vkey];
  const second = witness.run(serve);
  assert.equal(second.status, 1);
  assert.match(second.stderr, /pawl witness/);
  await witness.stop();
  const heads = join(witness.state, 'heads.json');
  const kept = readFileSync(heads);
  rmSync(heads);
  const lost = witness.run(serve);
  assert.equal(lost.status, 1);
  assert.match(lost.stderr, /must not sign again/);
  assert.equal(witness.run(['init', '--name', witness.name]).status, 1);
  writeFileSync(heads, kept);
  await witness.serve([log.vkey]);
  assert.equal((await log.ask(witness.url, 0)).status, 409);
  const elsewhere = witness.run([...serve, '--log', 'no key']);
  assert.equal(elsewhere.status, 2);
});
