// Logs that the real program made, copies of them to alter, and the two verifiers to ask: the
// independent one and `pawl verify`, which must give the same answer.
//
//   const { path, copy_of, check_both } = with_made_logs();    // registers before() and after()

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { PAWL_BIN, no_pawl } from '../support/pawl.mjs';
import { verify } from './independent/verify.mjs';
import { CALLS, make_logs } from './made_logs.mjs';

export const options = { skip: no_pawl() };
export const [GOOD, BAD, UNDECIDED] = ['good', 'bad', 'undecided'];
export const CODES = [GOOD, BAD, UNDECIDED];  // verdict by exit code

/** Changes one bit. @param {number} at negative: from the end */
export function flip(file, at) {
  const bytes = readFileSync(file);
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  writeFileSync(file, bytes);
}

/** A folder of its own, filled by `fill(folder)`, and the two verifiers. */
export function with_scratch(fill = () => {}) {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pawl-tamper-'));
    if (!no_pawl()) await fill(folder);
  });
  after(() => rm(folder, { recursive: true }));

  const path = (name) => join(folder, name);

  /** Runs a program for a user who pinned nothing. */
  const run = (program, args) => new Promise((resolve) => {
    execFile(program, args, { env: { XDG_CONFIG_HOME: path('config') } }, (error, stdout) => {
      resolve({ code: error === null ? 0 : error.code, stdout });
    });
  });

  /** `why`: what the independent verifier must say. */
  async function check_both(name, what, { trust, proof, policy }, expected, why = /^/) {
    const found = await verify(what, { trust, proof, policy });
    assert.equal(found.verdict, expected, `${name}: ${found.reason}`);
    assert.match(found.reason ?? '', why, name);
    const args = ['verify', what, '--json', ...(proof === undefined ? [] : ['--proof', proof]),
      ...(trust === undefined ? [] : ['--trust', trust]),
      ...(policy === undefined ? [] : ['--policy', policy])];
    const { code, stdout } = await run(PAWL_BIN, args);
    assert.equal(CODES[code], expected, `${name}, pawl verify: ${stdout}`);
  }

  return { path, run, check_both };
}

/** `log` and `other`, two logs of one name with different keys, as made_logs.mjs leaves them. */
export function with_made_logs() {
  const { path, run, check_both } =
    with_scratch((folder) => make_logs(folder, { log: CALLS, other: 3 }));
  const json = (name) => JSON.parse(readFileSync(path(name), 'utf8'));

  /** A copy of a folder, in place of the copy before. */
  function copy_of(what) {
    rmSync(path('copy'), { recursive: true, force: true });
    cpSync(path(what), path('copy'), { recursive: true });
    return path('copy');
  }

  /** A changed trust file of `log`. */
  function trust_with(change) {
    const trust = json('log.trust');
    change(trust);
    writeFileSync(path('copy.trust'), JSON.stringify(trust));
    return path('copy.trust');
  }

  return { path, json, run, copy_of, trust_with, check_both };
}
