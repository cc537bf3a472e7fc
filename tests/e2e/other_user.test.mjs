// Commands of a user whose folder it is not: a daemon may run there, so none is said to be missing; and
// each says whose the folder is and what to do. Needs root, which can be anybody.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';

const NOBODY = 65534;
const options = { timeout: 60_000, skip: no_pawl() || (process.getuid() !== 0 && 'needs root') };
let programs;
let program;

before(() => {
  programs = mkdtempSync(join(tmpdir(), 'pawl-other-user-'));
  chmodSync(programs, 0o755);
  program = join(programs, 'pawl');  // where everybody may reach it
  if (!options.skip) {
    copyFileSync(PAWL_BIN, program);
    chmodSync(program, 0o755);
  }
});
after(() => rmSync(programs, { recursive: true }));

/** Runs a command as another user. @returns {Promise<{code: number, stdout: string, stderr: string}>} */
const as_nobody = (...args) => new Promise((resolve) => {
  execFile('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program, ...args],
    { env: { ...process.env, HOME: programs } },
    (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
});

test('the daemon of another user was said not to run', options, async () => {
  const pawl = await Pawl.start({ init: true });
  try {
    chmodSync(pawl.folder, 0o755);
    for (const command of [['approvals', 'list'], ['stop', 'agent:a'], ['operators', 'list']]) {
      const { code, stderr } = await as_nobody(...command, '--config', pawl.config_file);
      assert.notEqual(code, 0, `${command}: ${stderr}`);
      assert.doesNotMatch(stderr, /no daemon runs/, `${command}`);
      assert.match(stderr, /not permitted: .*data\/run\/\S+: .*Permission denied/, `${command}`);
      assert.match(stderr, /sudo -u 'root' pawl/, `${command}`);
    }
    const { code, stdout } = await as_nobody('status', '--config', pawl.config_file);
    assert.equal(code, 2);
    assert.match(stdout, /whether a daemon runs cannot be told: not permitted/);
    assert.doesNotMatch(stdout, /systemctl start/);
    await pawl.stop();
    const { stderr } = await pawl.run(['approvals', 'list', '--config', pawl.config_file]);
    assert.match(stderr, /no daemon runs|does not answer/, 'whose folder it is, is told so');
  } finally {
    await pawl.close();
  }
});

test('root that pins the log of a service is told how', options, async () => {
  const pawl = await Pawl.start({ init: true });
  try {
    await pawl.stop();
    chmodSync(pawl.folder, 0o755);
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, pawl.data]);
    const pinned = await pawl.run(['trust', 'pin', pawl.data]);
    assert.equal(pinned.code, 2, pinned.stderr);
    assert.match(pinned.stderr, /belongs to another user/);
    assert.ok(pinned.stderr.includes(`sudo -u 'nobody' pawl trust pin --print '${pawl.data}'`),
      pinned.stderr);
    const { code, stdout, stderr } = await as_nobody('trust', 'pin', '--print', pawl.data);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /pawl\.trust|"log"|vkey|\+/, 'and that works');
  } finally {
    await pawl.close();
  }
});
