// Two logs of one instance name, each made by the real program in its own folder: calls, a narrow
// and a signed stop, and the resumes that lifted them; exported, with a receipt and a trust file.

import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RawAgent } from '../crash/raw_agent.mjs';
import { operator_key, override, sign_statement } from '../support/override.mjs';
import { ALLOW_ALL, Pawl } from '../support/pawl.mjs';
import { NODE, start_until_json } from '../support/process.mjs';

const WITNESS = fileURLToPath(new URL('../crash/witness_server.mjs', import.meta.url));

// Where things stand: behind the records of the start (opened, started, rules, configuration, an
// agent, an operator) the calls, two stops with their lifts, and the end.
export const CALL = 6;  // the first one
export const CALLS = 5;  // in `log`
export const RECORD = CALL + 1;  // the one with a receipt; a call
export const NARROW = CALL + CALLS;  // a stop that nobody signed, and its lift
export const STOPPED = NARROW + 2;
export const LIFTED = NARROW + 3;
export const SIZE = NARROW + 5;

/** Fills `folder` with NAME/ (data), NAME_bundle/, NAME.trust, NAME.token, NAME.tlog-proof,
 * NAME.cose, NAME.receipt. */
export async function make_logs(folder, calls_by_name) {
  const witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  try {
    for (const [name, calls] of Object.entries(calls_by_name)) {
      await make_log(join(folder, name), calls, witness.ready.url);
    }
  } finally {
    await witness.stop();
  }
}

async function make_log(path, calls, url) {
  const pawl = await Pawl.start({ init: true, servers: { s: { url } }, agents: { a: {} },
    rules: [ALLOW_ALL] });
  try {
    await act(pawl, calls);
    await pawl.stop();
    const command = async (...args) => {
      const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const { claims } = JSON.parse(await command('ledger', 'show', String(CALL), '--json'));
    assert.equal(claims.exec_act, 'tool.call', 'the first call stands where CALL says');
    writeFileSync(`${path}.trust`, await command('trust', 'pin', '--print'));
    await command('ledger', 'export', `${path}_bundle`);
    await command('ledger', 'prove', String(RECORD), '-o', path);
    await command('ledger', 'prove', String(RECORD), '--form', 'cose', '-o', path);
    await command('ledger', 'prove', String(RECORD), '--form', 'jws', '-o', path);
    cpSync(pawl.data, path, { recursive: true });
  } finally {
    await pawl.close();
  }
}

async function act(pawl, calls) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  for (let n = 0; n < calls; n += 1) {
    await agent.call('change', { n });
  }
  agent.close();
  const key = await operator_key(pawl);
  const all = await sign_statement(key, { verb: 'stop', scope: 'all' });
  for (const order of [{ scope: 'agent:a', reason: 'narrow' }, { statement: all }]) {
    const { stop } = (await override(pawl, 'stop', order)).body;
    const statement = await sign_statement(key,
      { verb: 'resume', scope: stop.scope, stops: [stop.id] });
    assert.equal((await override(pawl, 'resume', { statement })).body.result, 'APPLIED');
  }
}
