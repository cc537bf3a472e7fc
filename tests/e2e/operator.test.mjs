// What whoever runs Pawl sees: servers by URL and wrapped ones in `pawl status`, a shim that is
// refused, a port that is taken, the daemon on a terminal.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { legacy_client, modern_client } from './support/clients.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const QUIET = ['-e', 'process.stdin.resume()'];  // a server that never answers

/** A shim whose client is this test; resolves with everything when it ended. */
function start_wrap(pawl, args, command = [NODE, ...QUIET]) {
  const child = spawn(PAWL_BIN, ['wrap', '--config', pawl.config_file, '--no-start', ...args,
                                 '--', ...command], { stdio: 'pipe' });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => { out[name] += text; });
  }
  child.ended = new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, ...out }));
  });
  return child;
}
const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
const status = (pawl) => pawl.json('status');

test('status tells servers by URL, by command and wrapped ones apart', options, async () => {
  const reference = await start_reference('modern');
  const pawl = await Pawl.start({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { far: { url: reference.url }, dead: { url: 'http://127.0.0.1:9/mcp' },
               near: { command: ['/bin/false'] } } });
  const shim = start_wrap(pawl, ['--name', 'desk']);
  try {
    const client = await modern_client({ url: pawl.mcp_url('far'), key: pawl.keys.a });
    await client.callTool({ name: 'probe_echo', arguments: {} });
    await client.close();
    for (const server of ['dead', 'near']) {
      await assert.rejects(legacy_client({ url: pawl.mcp_url(server), key: pawl.keys.a }));
    }
    const told = await wait_for('the shim', async () => {
      const now = await status(pawl);
      return now.upstreams.some(({ server }) => server === 'desk') ? now : undefined;
    });
    const kinds = Object.fromEntries(told.upstreams.map(({ server, kind }) => [server, kind]));
    assert.deepEqual(kinds, { far: 'url', dead: 'url', near: 'command', desk: 'wrapped' });
    const todo = (name) => told.troubles.find(({ id, what }) =>
      id === 'upstream_down' && what.includes(`server ${name} `))?.do;
    assert.doesNotMatch(todo('dead'), /stderr\.log/);
    assert.ok(todo('near').includes(`${pawl.data}/servers/near/stderr.log`), todo('near'));
    const { stdout } = await command(pawl, 'status');
    assert.match(stdout, /^server +far: up for .* \(URL\), connected \d+ times?$/m);
    assert.match(stdout, /^server +desk: up \(wrapped\), 1 shim$/m);
    assert.doesNotMatch(stdout.split('\n\n')[1], /\?/, 'no number is a question mark');
    // A stop of it is no slip of the pen; one of a name that nobody has is.
    assert.doesNotMatch((await command(pawl, 'stop', 'tool:desk/x')).stdout, /warning/);
    assert.match((await command(pawl, 'stop', 'tool:dusk/x')).stdout, /warning no server named "dusk"/);
    shim.kill();
    await shim.ended;
    await wait_for('no shim', async () =>
      (await status(pawl)).upstreams.every(({ server }) => server !== 'desk') || undefined);
    assert.match((await command(pawl, 'stop', 'tool:desk/y')).stdout, /warning no server named "desk"/);
  } finally {
    shim.kill();
    await pawl.close();
    await reference.stop('SIGKILL');
  }
});

test('a shim as nobody, or as an agent with a key, is told what to do', options, async () => {
  const pawl = await Pawl.start({ agents: { triage: {}, editor: { key: undefined } } });
  try {
    for (const [agent, told] of [
      ['edtor', /no agent "edtor" is configured; did you mean "editor"\?.*`edtor: \{\}`.*leave out --agent/],
      ['triage', /agent "triage" has a key, and pawl wrap shows none/]]) {
      const shim = start_wrap(pawl, ['--name', 'desk', '--agent', agent]);
      shim.stdin.write('{"jsonrpc":"2.0","method":"notifications/x"}\n');
      shim.stdin.write('{"jsonrpc":"2.0","id":"first","method":"initialize","params":{}}\n');
      const { code, stdout, stderr } = await shim.ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^pawl: .*\n$/);
      assert.match(stderr, told);
      const answer = JSON.parse(stdout);
      assert.equal(answer.id, 'first');
      assert.match(answer.error.message, told);
    }
    const silent = start_wrap(pawl, ['--name', 'desk', '--agent', 'triage']);
    silent.stdin.end();
    assert.deepEqual((await silent.ended).stdout, '');
  } finally {
    await pawl.close();
  }
});

/** Ports that are taken until close(). */
async function take_ports(count) {
  const taken = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  return { ports: taken.map((server) => server.address().port),
           close: () => taken.forEach((server) => server.close()) };
}

test('every port that is taken is named, with its key and place', options, async () => {
  const { ports: [data, control, over], close } = await take_ports(3);
  const pawl = await Pawl.prepare();
  try {
    const config = { data: pawl.data, listen: `127.0.0.1:${data}`,
                     control: `127.0.0.1:${control}`, override: `127.0.0.1:${over}` };
    await writeFile(pawl.config_file, `${JSON.stringify(config, undefined, 2)}\n`);
    const all = await command(pawl, 'serve');
    assert.equal(all.code, 1);
    for (const [name, key, port, line] of [['data', 'listen', data, 3],
      ['control', 'control', control, 4], ['override', 'override', over, 5]]) {
      assert.match(all.stderr, new RegExp(
        `${name} listener 127\\.0\\.0\\.1:${port} \\(\`${key}\`, \\S*pawl\\.yaml:${line}:\\d+\\): `));
    }
    await writeFile(pawl.config_file, JSON.stringify({ ...config, listen: '127.0.0.1:0',
                                                       override: '127.0.0.1:0' }));
    const one = await command(pawl, 'serve');
    assert.match(one.stderr.split('\n').find((line) => line.startsWith('pawl: ')),
      new RegExp(`^pawl: control listener 127\\.0\\.0\\.1:${control} \\(\`control\`, (?!.*also)`));
  } finally {
    close();
    await pawl.close();
  }
});

test('on a terminal serve says where to connect, else it writes JSON', options, async () => {
  const pawl = await Pawl.prepare();
  const on_terminal = async (...args) => {
    const line = [PAWL_BIN, 'serve', '--config', pawl.config_file, ...args].join(' ');
    const child = spawn('script', ['-qfec', line, '/dev/null'], { stdio: 'pipe' });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => { text += more; });
    const ended = new Promise((resolve) => { child.on('close', resolve); });
    await wait_for('ready', async () => /ready/i.test(text) && /Ctrl-C|"ready"/.test(text) || undefined);
    child.stdin.write('\x03');  // Ctrl-C of that terminal
    await ended;
    return text;
  };
  try {
    const people = await on_terminal();
    assert.match(people, /^Pawl is ready\r?$/m);
    assert.match(people, /agents +http:\/\/127\.0\.0\.1:\d+\/mcp\/NAME/);
    assert.match(people, /people +http:\/\/127\.0\.0\.1:\d+ \(control\)/);
    assert.ok(people.includes(pawl.data));
    assert.match(people, /pawl status/);
    assert.doesNotMatch(people, /\{"time"/);
    const machines = await on_terminal('--log', 'json');
    assert.match(machines, /^\{"time".*"event":"ready"/m);
    assert.doesNotMatch(machines, /Pawl is ready/);
    await pawl.serve();
    await pawl.stop();
    for (const line of (await pawl.log()).trim().split('\n')) {
      assert.equal(typeof JSON.parse(line).event, 'string');
    }
  } finally {
    await pawl.close();
  }
});
