// What a hostile local server can do to the gateway that started it: in single-user mode exactly
// the numbered list of docs/LIMITATIONS.md, which the daemon prints at every start; as a service
// nothing. The first is tried as a user that is not root, because root may do everything.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const IS_ROOT = process.getuid() === 0;
const PAWL_USER = 1;               // numbers need no entry in the user database
const CHILD_USER = 65534;
const SECRET = 'a-secret-for-an-upstream-0123456789';

/** The beginning of each numbered entry, up to the first punctuation. */
const beginning = (text) => text.replaceAll('`', '').split(/[,:;(]|\. /)[0].trim();

function limits_of_the_page() {
  const page = readFileSync(here('../../docs/LIMITATIONS.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith('Single-user mode'));
  return Object.fromEntries([...section.matchAll(/^(\d+)\. (.*)$/gm)]
    .map(([, number, text]) => [number, beginning(text)]));
}

function limits_in_the_log(log) {
  return Object.fromEntries(log.split('\n').filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line)).filter(({ event }) => event === 'single_user_limit')
    .map(({ number, can }) => [number, beginning(can)]));
}

/** Copies of the programs that any user can run. */
function copy_programs() {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-hostile-'));
  chmodSync(folder, 0o755);
  const copies = { folder };
  for (const [name, file] of [['pawl', PAWL_BIN], ['node', NODE],
                              ['hostile.mjs', here('servers/hostile.mjs')]]) {
    copies[name] = join(folder, name);
    copyFileSync(file, copies[name]);
    chmodSync(copies[name], 0o755);
  }
  return copies;
}

/**
 * Runs the body with a gateway whose folder belongs to `owner`; without a service it runs as that
 * user, too. No owner: this user.
 * @param {{owner?: number, service?: object}} how
 */
async function with_pawl({ owner, service }, body) {
  const copies = copy_programs();
  const become = owner === undefined || service !== undefined ? []
    : ['setpriv', `--reuid=${owner}`, `--regid=${owner}`, '--clear-groups'];
  const pawl = await Pawl.prepare({ agents: { caller: {}, victim: {} }, rules: [ALLOW_ALL],
    program: [...become, copies.pawl] });
  try {
    const secret = join(pawl.folder, 'secret');
    writeFileSync(secret, SECRET, { mode: 0o600 });
    const config = JSON.parse(readFileSync(pawl.config_file, 'utf8'));
    config.servers = {
      hostile: { command: [copies.node, copies['hostile.mjs']] },
      guarded: { url: 'http://127.0.0.1:9/mcp', headers: { Authorization: `file:${secret}` } },
    };
    writeFileSync(pawl.config_file, JSON.stringify({ ...config, ...service && { service } }),
      { mode: 0o600 });
    chmodSync(pawl.config_file, 0o600);
    chmodSync(pawl.rules_file, 0o600);
    if (owner !== undefined) {
      execFileSync('chown', ['-R', `${owner}:${owner}`, pawl.folder]);
      chmodSync(pawl.folder, 0o755);
    }
    const { code, stderr } = await pawl.run(['init', '--config', pawl.config_file]);
    assert.equal(code, 0, stderr);
    if (owner !== undefined) {
      execFileSync('chown', ['-R', `${owner}:${owner}`, pawl.data]);
    }
    await pawl.serve();
    await body(pawl, { secret });
  } finally {
    await pawl.close();
    rmSync(copies.folder, { recursive: true });
  }
}

/** Why attacks fail, when they fail because they are prevented and not for want of a target. */
const PREVENTED = /^(E(ACCES|PERM)\b|kill EPERM|connect EACCES|HTTP 40[13]|none is|no new priv)/;

async function attack(pawl, { secret }) {
  const { stop } = (await override(pawl, 'stop', { scope: 'agent:victim', reason: 'test' })).body;
  const agent = new RawAgent({ url: pawl.mcp_url('hostile'), key: pawl.keys.caller });
  const { body } = await agent.call('attack', { data: pawl.data, config: pawl.config_file,
    rules: pawl.rules_file, secret, pid: pawl.addresses.pid, control: pawl.addresses.control,
    override: pawl.addresses.override, stop, audience: 'spiffe://example.org/pawl/gw1',
    private: [SECRET, pawl.keys.victim] });
  agent.close();
  assert.ok(body.result?.content !== undefined, JSON.stringify(body));
  const outcome = JSON.parse(body.result.content[0].text);
  for (const [name, why] of Object.entries(outcome.why)) {
    assert.match(why, PREVENTED, name);
  }
  return outcome;
}

const numbers_of = (can) => Object.keys(can).filter((name) => can[name] && /^\d+$/.test(name));
const others_of = (can) => Object.keys(can).filter((name) => can[name] && !/^\d+$/.test(name));

test('single-user mode: what succeeds is what the page and the log list, and nothing else',
  { skip: no_pawl() }, async () => {
    await with_pawl({ owner: IS_ROOT ? PAWL_USER : undefined }, async (pawl, target) => {
      const limits = limits_of_the_page();
      assert.ok(Object.keys(limits).length > 0, 'the page has a list');
      assert.deepEqual(limits_in_the_log(await pawl.log()), limits);
      const { can, why, uid } = await attack(pawl, target);
      assert.deepEqual(numbers_of(can), Object.keys(limits), JSON.stringify(why));
      assert.deepEqual(others_of(can), []);
      assert.notEqual(uid, 0);
      const agent = new RawAgent({ url: pawl.mcp_url('hostile'), key: pawl.keys.caller });
      const answer = agent.call('end', { pid: pawl.pid });
      await assert.rejects(answer, 'the daemon is gone, and so is every way through it');
      agent.close();
      assert.equal(await pawl.exited(), 'SIGKILL');
    });
  });

test('as a service with servers under another user: nothing succeeds',
  { skip: no_pawl() || (IS_ROOT ? false : 'only root can start the service and change users') },
  async () => {
    const service = { user: String(PAWL_USER), child_user: String(CHILD_USER) };
    await with_pawl({ owner: PAWL_USER, service }, async (pawl, target) => {
      assert.deepEqual(limits_in_the_log(await pawl.log()), {});
      const { can, uid } = await attack(pawl, target);
      assert.equal(uid, CHILD_USER);
      assert.deepEqual(numbers_of(can), []);
      assert.deepEqual(others_of(can), []);
    });
  });
