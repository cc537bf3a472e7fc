// After the first byte nothing is sent again, unless the operator declared the tool idempotent:
// then once more, with the same key, after the connection was lost.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { NODE } from './support/process.mjs';

const options = { skip: no_pawl() };
const MORTAL = fileURLToPath(new URL('servers/mortal.mjs', import.meta.url));
const TOOLS = { die: { idempotent: true }, again: { idempotent: true } };
let folder;
let pawl;
let server;
let deaths;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-idempotent-'));
  server = await PlayedServer.start({ 'tools/call': ({ name }, request) => {
    if (deaths-- > 0) {
      request.socket.destroy();  // read, then gone
      return undefined;
    }
    return { resultType: 'complete', content: [{ type: 'text', text: name }] };
  } });
  const command = (name) => [NODE, MORTAL, '--journal', join(folder, name)];
  pawl = await Pawl.start({ agents: { a: {} }, rules: [ALLOW_ALL], servers: {
    far: { url: server.url, tools: TOOLS },
    child: { command: command('child'), tools: TOOLS },
    plain: { command: command('plain') } } });
});
after(async () => {
  await pawl?.close();
  await server?.close();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

async function call(name, tool, args = {}) {
  const agent = new RawAgent({ url: pawl.mcp_url(name), key: pawl.keys.a });
  const answer = await agent.call(tool, args);
  agent.close();
  const { claims } = await pawl.json('ledger', 'show', answer.record);
  return { ...answer, ...claims.ect_ext['pawl.tool'] };
}

const keys_in = async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\n')
  .map((line) => JSON.parse(line).key);

test('a child that dies on the request is started and asked again', options, async () => {
  const { outcome, sends, record } = await call('child', 'die');
  assert.deepEqual([outcome, sends], ['confirmed', 2]);
  assert.deepEqual(await keys_in('child'), [record, record], 'one key for both');
});

test('the same over HTTP, and only once more', options, async () => {
  deaths = 1;
  const once = await call('far', 'again');
  assert.deepEqual([once.outcome, once.sends], ['confirmed', 2]);
  deaths = 5;
  const often = await call('far', 'again');
  assert.deepEqual([often.outcome, often.status, often.sends], ['unknown', 'connection', 2]);
  const keys = server.seen.filter(({ method }) => method === 'tools/call')
    .map(({ params }) => params._meta['pawl.record/id']);
  assert.deepEqual(keys, [once.record, once.record, often.record, often.record]);
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_sent_again_total 3/);
});

test('what nobody declared idempotent is sent once', options, async () => {
  const { outcome, sends } = await call('plain', 'die');
  assert.deepEqual([outcome, sends], ['unknown', undefined]);
  assert.equal((await keys_in('plain')).length, 1);
  deaths = 1;
  const other = await call('far', 'other');
  assert.equal(other.outcome, 'unknown');
});

test('a repeat by our id is answered under a record of its own, and never forwarded', options,
  async () => {
    deaths = 0;
    const first = await call('far', 'other', { n: 1 });
    assert.equal(first.outcome, 'confirmed');
    const calls = server.count('tools/call');
    const again = async (args) => {
      const agent = new RawAgent({ url: pawl.mcp_url('far'), key: pawl.keys.a });
      const answer = await agent.call('other', args,
        { meta: { 'pawl.record/repeat-of': first.record } });
      agent.close();
      const { claims } = await pawl.json('ledger', 'show', answer.record);
      const { code } = answer.body.result?._meta['pawl.record/refusal'] ?? {};
      return { ...answer, claims, code, ...claims.ect_ext['pawl.task'] };
    };
    const repeat = await again({ n: 1 });
    assert.deepEqual(repeat.body.result.content, first.body.result.content);
    assert.notEqual(repeat.record, first.record);
    assert.equal(repeat.claims.exec_act, 'task.repeated');
    assert.equal(repeat.repeat_of, first.record);
    const one = (await pawl.json('ledger', 'show', first.record)).claims;
    assert.equal(repeat.claims.pred.includes(first.record), repeat.claims.wid === one.wid,
      'a cause within its workflow only');
    assert.equal((await again({ n: 2 })).code, 'not_found');
    await pawl.kill();
    await pawl.serve();
    const after = await again({ n: 1 });
    assert.equal(after.code, 'conflict');
    assert.match(after.body.result.content[0].text, /recorded outcome: confirmed/);
    assert.equal(after.claims.exec_act, 'task.denied');
    assert.equal(after.repeat_of, first.record);
    assert.equal(server.count('tools/call'), calls, 'nothing was forwarded');
    const { code, stdout } = await pawl.run(['verify', pawl.data]);
    assert.equal(code, 2, stdout);  // no trust root was brought; nothing is bad
  });
