// The disk fills up: new calls are refused, reads too, and say how much is free and needed; what was
// begun is recorded; a stop works; with room again calls pass without a restart.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { override } from './support/override.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const MIB = 1 << 20;
const RESERVE = 16;
const LEFT = 4;  // MiB that the filler leaves

const refusal_of = ({ body }) => body.result?._meta?.['pawl.record/refusal'] ?? body.error?.data;
const succeeded = ({ body }) => body.result !== undefined && body.result.isError !== true;

test('below the watermark: refused with the figures, outcomes recorded, over by itself',
  { skip: no_pawl() }, async (context) => {
    const pawl = await Pawl.prepare({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
      servers: { w: { command: [NODE, WITNESS, '--stdio', '--journal', 'journal'],
                      tools: { look: { effects: 'read_only' } } } },
      config: { limits: { reserve_mib: RESERVE } } });
    let mounted = false;
    context.after(async () => {
      await pawl.kill();
      if (mounted) {
        execFileSync('umount', [pawl.data]);
      }
      await pawl.close();
    });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', pawl.data],
        { stdio: 'pipe' });
      mounted = true;
    } catch {
      context.skip('a small file system cannot be mounted by this user');
      return;
    }
    await pawl.run(['init', '--config', pawl.config_file]);
    await pawl.serve();
    const call = async (tool, args = {}) => {
      const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
      const answer = await agent.call(tool, { agent: 'a', ...args });
      agent.close();
      return answer;
    };
    assert.ok(succeeded(await call('change')));
    const begun = Array.from({ length: 8 }, () => call('change', { ms: 1500 }));
    await wait_for('they are at the server', async () =>
      (await readFile(join(pawl.folder, 'journal'), 'utf8')).split('"began"').length > 9
        || undefined);

    const { bavail, bsize } = statfsSync(pawl.data);
    const filler = join(pawl.data, 'filler');
    await writeFile(filler, Buffer.alloc(bavail * bsize - LEFT * MIB));
    const closed = await wait_for('the watermark is seen', async () => {
      const { ledger } = await pawl.json('status');
      return ledger.closed_because !== '' && ledger.free_bytes <= LEFT * MIB ? ledger : undefined;
    });
    assert.match(closed.closed_because, /nearly full \([0-4] MiB free, 1[67] MiB/);
    assert.ok(closed.reserve_bytes > RESERVE * MIB, 'and room for the outcomes of what is open');
    for (const tool of ['change', 'look']) {
      const refusal = refusal_of(await call(tool));
      assert.equal(refusal?.code, 'evidence_unavailable', tool);
      assert.match(JSON.stringify(refusal), /nearly full \([0-4] MiB free, 1[67] MiB/, tool);
    }
    const ready = await fetch(`${pawl.addresses.control}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /nearly full/);
    const stop = await override(pawl, 'stop', { scope: 'agent:b', reason: 'disk' });
    assert.equal(stop.status, 200);
    assert.equal((await pawl.run(['resume', 'agent:b', '--config', pawl.config_file])).code, 0);
    for (const answer of await Promise.all(begun)) {
      assert.ok(succeeded(answer), 'what was begun has its record, and so its answer');
    }

    await rm(filler);
    await wait_for('calls pass again', async () => succeeded(await call('look')) || undefined);
    assert.ok(succeeded(await call('change')));
  });
