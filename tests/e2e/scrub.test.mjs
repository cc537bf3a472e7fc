// A bit rots in an old segment of a running daemon: the scrub names it, governed calls are refused,
// people can still look, stop and verify, a restart does not forget it, and the right bytes end it.

import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;

/** Flips one bit of a token near the begin of the log. */
async function flip(pawl) {
  const path = join(pawl.data, 'ledger', 'segments', '000000000001.seg');
  const bytes = await readFile(path);
  const at = bytes.indexOf('eyJ') + 100;
  const file = await open(path, 'r+');
  await file.write(Buffer.from([bytes[at] ^ 1]), 0, 1, at);
  await file.close();
}

test('one flipped bit: found, named, calls refused; stop and verify work; repair ends it',
  { skip: no_pawl() }, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'pawl-scrub-'));
    const witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
    const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
      servers: { w: { url: witness.ready.url, tools: { look: { effects: 'read_only' } } } },
      config: { limits: { scrub_mib_per_s: 1000, scrub_pause_s: 1 } } });
    context.after(async () => {
      await pawl.close();
      await witness.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const call = async (tool) => {
      const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
      const answer = await agent.call(tool, { agent: 'a' });
      agent.close();
      return answer;
    };
    const ready = async () => {
      const answer = await fetch(`${pawl.addresses.control}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    assert.ok(succeeded(await call('change')));
    const { code: whole, stdout } = await pawl.run(['scrub', '--config', pawl.config_file]);
    assert.equal(whole, 0, stdout);
    assert.match(stdout, /^WHOLE: \d+ entries read again by the daemon/);

    await flip(pawl);
    // Nobody asks: the background pass finds it.
    const status = await wait_for('the scrub finds it', async () => {
      const now = await pawl.json('status');
      return now.scrub.result === 'bad' ? now : undefined;
    });
    assert.equal(status.scrub.damage.file, 'segments/000000000001.seg');
    assert.equal(status.scrub.damage.index, 0);
    assert.match(status.scrub.damage.id, /^[0-9a-f-]{36}$/);
    for (const tool of ['change', 'look']) {
      const refusal = refusal_of(await call(tool));
      assert.equal(refusal?.code, 'evidence_unavailable', tool);
    }
    const unready = await ready();
    assert.equal(unready.status, 503);
    assert.match(unready.text, /damage was found .*segments\/000000000001\.seg offset/);
    const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
    assert.match(metrics, /pawl_state\{name="scrub_damaged"\} 1/);
    assert.match(metrics, /pawl_state\{name="scrub_age_seconds"\} \d/);
    assert.match(await pawl.log(), /"ledger_damaged"/);
    const damaged = await pawl.run(['scrub', '--config', pawl.config_file, '--json']);
    assert.equal(damaged.code, 1);
    assert.deepEqual(JSON.parse(damaged.stdout).damage, status.scrub.damage);

    const stop = await override(pawl, 'stop', { scope: 'agent:a', reason: 'damage' });
    assert.equal(stop.status, 200);
    assert.equal((await pawl.run(['verify', pawl.data])).code, 1, 'verify names it too');
    assert.equal((await pawl.run(['resume', 'agent:a', '--config', pawl.config_file])).code, 0);

    await pawl.stop();
    const offline = await pawl.run(['scrub', pawl.data, '--json']);
    assert.equal(offline.code, 1);
    assert.equal(JSON.parse(offline.stdout).by_daemon, false);
    await flip(pawl);  // the right bytes again
    assert.equal((await pawl.run(['scrub', pawl.data])).code, 0);
    await pawl.serve();  // resolves when ready: its first pass has released the ledger
    assert.ok(succeeded(await call('change')));
  });
