// Random bits of a ledger of a million entries, flipped one at a time in its files on the disk: each
// is harmless (`pawl verify` says what it said before) or noticed (exit 1, or 2).
//
// Usage: node million.mjs [--flips N] [--seed S]     after benchmarks/build.sh build-bench

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filled_ledger } from '../../benchmarks/ready.mjs';

const RECORDS = 1_000_000;
const BUILD = fileURLToPath(new URL('../../build-bench', import.meta.url));
const PAWL = join(BUILD, 'pawl');

const { values } = parseArgs({ options: {
  flips: { type: 'string', default: '16' }, seed: { type: 'string', default: '1' } } });

/** Numbers below a bound, the same for the same seed. */
function* numbers(seed) {
  for (let n = 0; ; ++n) {
    yield createHash('sha256').update(`${seed} ${n}`).digest().readUIntBE(0, 6);
  }
}
const random = numbers(values.seed);
const below = (bound) => random.next().value % bound;

/** Files that a verdict may rest on, with their sizes. */
async function files_of(data) {
  const found = [];
  for (const entry of await readdir(join(data, 'ledger'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) found.push({ path, size: (await stat(path)).size });
  }
  const journal = join(data, 'override.journal');
  found.push({ path: journal, size: (await stat(journal)).size });
  return found;
}

/** Of every two flips one is in a segment, the others in each kind of file in turn. */
function choose(files, n) {
  const kinds = [/segments/, /tile/, /segments/, /checkpoint$/, /segments/, /snapshot$/, /segments/, /journal$/];
  const some = files.filter(({ path, size }) => kinds[n % kinds.length].test(path) && size > 0);
  return some[below(some.length)];
}

/** Another bit there; the second time it is as before. */
async function flip({ path, offset, bit }) {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset);
    byte[0] ^= 1 << bit;
    await file.write(byte, 0, 1, offset);
  } finally {
    await file.close();
  }
}

function verify(data, trust) {
  const { status, stdout, stderr } = spawnSync(PAWL, ['verify', data, '--trust', trust, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status === null || stdout === '') throw new Error(`pawl verify: ${stderr}`);
  const { verdict, entries, tokens_verified, outcomes, first_bad, reason } = JSON.parse(stdout);
  return { status, why: first_bad || reason,
    said: JSON.stringify({ status, verdict, entries, tokens_verified, outcomes }) };
}

const scratch = await mkdtemp(join(tmpdir(), 'pawl-flips-'));
let broken = 0;
try {
  const folder = await filled_ledger({ pawl: PAWL, report: { say: console.log, raw() {} },
    bench_binary: (name) => join(BUILD, 'benchmarks', name) }, RECORDS);
  const data = join(folder, 'data');
  const trust = join(scratch, 'trust');
  await writeFile(trust, execFileSync(PAWL, ['trust', 'pin', '--print', '--config',
    join(folder, 'pawl.yaml')], { encoding: 'utf8' }));
  const whole = verify(data, trust);
  if (whole.status !== 0) throw new Error(`the ledger does not verify as it is: ${whole.why}`);
  console.log(`seed ${values.seed}; as it is: ${whole.said}`);
  const files = await files_of(data);
  for (let n = 0; n < Number(values.flips); ++n) {
    const { path, size } = choose(files, n);
    const at = { path, offset: below(size), bit: below(8) };
    await flip(at);
    const found = verify(data, trust);
    await flip(at);
    const is_fine = found.status !== 0 || found.said === whole.said;
    broken += is_fine ? 0 : 1;
    console.log(`${is_fine ? found.status === 0 ? 'harmless' : 'noticed ' : 'BROKEN  '} `
      + `${relative(data, path)} byte ${at.offset} bit ${at.bit}: ${found.why}`.slice(0, 220));
  }
  if (verify(data, trust).said !== whole.said) throw new Error('the ledger is not as it was');
  console.log(`${values.flips} flips, ${broken} neither harmless nor noticed`);
} finally {
  await rm(scratch, { recursive: true });
}
process.exitCode = broken === 0 ? 0 : 1;
