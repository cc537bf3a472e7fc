// The installed program with the packaged configuration, started once as root and once as the
// service's user with the unit's capabilities: it tells the service manager when it is ready, a
// client's call passes and is recorded, the server runs as pawl-servers, `pawl status` finds it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { legacy_client } from '../e2e/support/clients.mjs';
import { wait_for } from '../e2e/support/wait.mjs';

const CONFIG = '/etc/pawl/pawl.yaml';
const KEY = 'a-key-of-the-package-test';
const PAWL = process.env.PAWL_BIN;
const SERVER = fileURLToPath(new URL('../e2e/servers/legacy_reference.mjs', import.meta.url));
const CAPABILITIES = '+setuid,+setgid,+kill';

// What a person would edit: a server, an agent, a rule; free ports, for this machine's sake.
writeFileSync(CONFIG, readFileSync(CONFIG, 'utf8')
  .replace('servers: {}', `servers: { probe: { command: [${process.execPath}, ${SERVER}, --stdio] } }`)
  .replace('agents: {}', `agents: { tester: { key: "${KEY}" } }`)
  .replace('listen: 127.0.0.1:7700', 'listen: 127.0.0.1:0')
  .replace('control: 127.0.0.1:7701', 'control: 127.0.0.1:0'));
writeFileSync('/etc/pawl/rules/rules.yaml', JSON.stringify({ rules: [
  { id: 'all', when: { agent: 'tester' }, then: 'allow', reason: 'test' }] }));
assert.equal(spawnSync(PAWL, ['config', 'check', '--config', CONFIG]).status, 0);

/** A datagram socket as the service manager has one; node has none, so python listens. */
function service_manager(path) {
  const child = spawn('python3', ['-c', `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777)
print("listening", flush=True)
while True: print(s.recv(4096).decode(), flush=True)`, path]);
  const heard = [];
  child.stdout.setEncoding('utf8').on('data', (text) => heard.push(...text.split('\n')));
  return { heard, stop: () => child.kill() };
}

async function serve_and_call(how, command) {
  const socket = join('/run', `pawl-test-${process.pid}-${how}`);
  const manager = service_manager(socket);
  await wait_for('a service manager', () => manager.heard.includes('listening') || undefined);
  const daemon = spawn(command[0], [...command.slice(1), 'serve', '--config', CONFIG],
    { env: { PATH: process.env.PATH, NOTIFY_SOCKET: socket }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  let ended;
  const exit = new Promise((resolve) => {
    daemon.on('close', (code, signal) => { ended = code ?? signal; resolve(ended); });
  });
  const give_up = () => ended === undefined ? undefined : `it ended with ${ended}: ${log}`;
  try {
    await wait_for('READY=1', () => manager.heard.includes('READY=1') || undefined, { give_up });
    const { data } = JSON.parse(readFileSync('/var/lib/pawl/run/addresses.json', 'utf8'));
    const client = await legacy_client({ url: `${data}/mcp/probe`, key: KEY });
    const result = await client.callTool({ name: 'probe_echo', arguments: { how } });
    assert.deepEqual(JSON.parse(result.content[0].text).arguments, { how });
    assert.match(result._meta['pawl.record/id'], /^[0-9a-f-]{36}$/);
    const users = spawnSync('ps', ['-eo', 'user:20,args'], { encoding: 'utf8' }).stdout.split('\n');
    const user_of = (words) => users.find((line) => line.includes(words))?.split(' ')[0];
    assert.equal(user_of('legacy_reference.mjs'), 'pawl-servers');
    assert.equal(user_of('pawl serve'), 'pawl');
    const status = spawnSync(PAWL, ['status'], { encoding: 'utf8', cwd: '/' });
    assert.equal(status.status, 0, `status: ${status.stdout}${status.stderr}`);
    await client.close();
  } finally {
    daemon.kill();
    assert.equal(await exit, 0, log);
    assert.ok(manager.heard.includes('STOPPING=1'));
    manager.stop();
    rmSync(socket, { force: true });
  }
  console.log(`      as ${how}: a governed call was recorded`);
}

await serve_and_call('root', [PAWL]);
await serve_and_call('user', ['setpriv', '--reuid=pawl', '--regid=pawl', '--clear-groups',
  `--inh-caps=${CAPABILITIES}`, `--ambient-caps=${CAPABILITIES}`, PAWL]);
