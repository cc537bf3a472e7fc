// What a person is told afterwards: why a server was not reached, who stopped and who let it go on,
// and what a repeat of a call with an unknown outcome means. On the live path.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { NODE } from './support/process.mjs';

const options = { skip: no_pawl() };
let pawl;
let strict;
let played;

/** A server that knows nobody. */
async function start_strict() {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(401).end();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server;
}

before(async () => {
  if (no_pawl()) {
    return;
  }
  strict = await start_strict();
  played = await PlayedServer.start({
    'tools/call': (params, request, response) => {
      if (params.name === 'vanish') {
        response.destroy();
        return undefined;
      }
      return { resultType: 'complete', content: [] };
    } });
  const { port } = strict.address();
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    servers: { closed: { url: 'http://127.0.0.1:9/mcp' },
               nowhere: { url: 'http://no-such-host.invalid/mcp' },
               plain: { url: `https://127.0.0.1:${port}/mcp` },
               strict: { url: `http://127.0.0.1:${port}/mcp` },
               exits: { command: [NODE, '-e', 'process.exit(3)'] },
               missing: { command: ['/no/such/program'] },
               played: { url: played.url } } });
});
after(async () => {
  await pawl?.close();
  strict?.close();
  await played?.close();
});

async function call(server, tool = 'look', agent = 'a', meta = {}) {
  const client = new RawAgent({ url: pawl.mcp_url(server), key: pawl.keys[agent] });
  try {
    return await client.call(tool, {}, { meta });
  } finally {
    client.close();
  }
}
const command = (...args) => pawl.run([...args, '--config', pawl.config_file]);

for (const [server, told] of [
  ['closed', /Connection refused/],
  ['nowhere', /no-such-host\.invalid/],
  ['plain', /TLS/],
  ['strict', /HTTP 401/],
  ['exits', /status 3|code 3/],
  ['missing', /No such file/]]) {
  test(`why of a call to a server that is ${server} says what was wrong`, options, async () => {
    const first = await call(server);
    assert.ok(first.record, JSON.stringify(first.body));
    const again = await call(server);  // told to wait, and still told why
    for (const { record } of [first, again]) {
      const { stdout } = await command('why', record);
      assert.match(stdout, /^decision +failed before anything was forwarded$/m);
      assert.match(stdout, told);
      assert.match(stdout, new RegExp(`^because +server ${server}\\b`, 'm'));
    }
  });
}

test('a stop: the refusal, why and the ledger say who, why, and how it ends', options, async () => {
  const { stdout: stopped } = await command('stop', 'agent:b', '--reason', 'wrong folder');
  const stop = /^stop +(\S+)$/m.exec(stopped)[1];
  const refused = await call('played', 'look', 'b');
  const { text } = refused.body.result.content[0];
  assert.match(text, /agent:b is stopped: wrong folder; an operator can let it go on with `pawl resume agent:b`/);
  assert.match(text, /may be made again after it\.$/);
  assert.doesNotMatch(text, /do not retry/);
  const { stdout: before_resume } = await command('why', refused.record);
  assert.match(before_resume, /^stop +agent:b stopped by operator \(signed\): wrong folder \(\d{4}-/m);
  assert.match(before_resume, /^resumed +not as far as .*pawl resume agent:b$/m);
  await command('resume', 'agent:b', '--reason', 'corrected');
  for (const name of [refused.record, stop]) {
    const { stdout } = await command('why', name);
    assert.match(stdout, /^resumed +agent:b resumed by operator, signed with key \S+ \(1 stop lifted\): corrected/m);
  }
  const { stdout: tail } = await command('ledger', 'tail', '-n', '50');
  assert.match(tail, /override\.applied .* agent:b stopped by operator \(signed\): wrong folder$/m);
  assert.match(tail, /override\.lifted .* agent:b resumed by operator, .*: corrected$/m);
  assert.ok((await call('played', 'look', 'b')).body.result.isError !== true);
});

test('a repeat of a call with an unknown outcome does not say that it did not happen', options,
  async () => {
    const lost = await call('played', 'vanish');
    assert.match(lost.body.result.content[0].text, /whether it took effect is unknown/);
    const calls = played.count('tools/call');
    const repeat = await call('played', 'vanish', 'a', { 'pawl.record/repeat-of': lost.record });
    const { text } = repeat.body.result?.content[0] ?? { text: repeat.body.error.message };
    assert.match(text, /whether it took effect is not known: look there first \(recorded outcome: unknown\)/);
    assert.doesNotMatch(text, /did not happen/);
    assert.equal(played.count('tools/call'), calls);
    const { stdout } = await command('why', lost.record);
    assert.match(stdout, /^because +server played: /m);
  });

test('a journal of random bytes is one stop, and one resume mends it', options, async () => {
  await pawl.stop();
  await writeFile(join(pawl.data, 'override.journal'), randomBytes(256 * 512));
  await pawl.serve();
  const { stdout } = await command('status');
  assert.match(stdout, /^NEEDS A PERSON/);
  assert.equal([...stdout.matchAll(/override journal is damaged/g)].length, 1);
  assert.match(stdout, /damaged at 256 slots/);
  assert.match(stdout, /pawl resume all/);
  assert.equal((await call('played')).body.result.isError, true);
  const resumed = await command('resume', 'all', '--reason', 'looked at');
  assert.equal(resumed.code, 0, resumed.stderr);
  await pawl.restart();
  assert.ok((await call('played')).body.result.isError !== true);
  assert.doesNotMatch((await command('status')).stdout, /damaged/);
});
