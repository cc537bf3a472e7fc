// `pawl ledger monitor`: a real Pawl that is followed over its restarts and ours, whose data folder is
// replaced by another history of the same keys; servers that lie, are slow, or never end; and what
// others make of the evidence.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { serve_log } from './support/log_server.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { SignedLog } from './support/signed_log.mjs';
import { wait_for } from './support/wait.mjs';
import { verify } from './verify/independent/verify.mjs';
import { make_witness } from './verify/made_witness.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const SERVER = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const GO_ENV = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };

let folder;
let pawl;
let server;
const path = (name) => join(folder, name);
const log_url = () => `${pawl.addresses.data}/log`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-monitor-'));
  if (no_pawl()) return;
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { w: { command: [NODE, SERVER, '--stdio', '--journal', 'journal'] } } });
});
after(async () => {
  await pawl?.close();
  server?.close();
  await rm(folder, { recursive: true });
});

/** @returns {{code: number, stderr: string, stdout: string, found?: object}} of one look */
function look(url, { trust = path('log.trust'), state = path('state'), more = [] } = {}) {
  const { status, stdout, stderr } = spawnSync(PAWL_BIN, ['ledger', 'monitor', url, '--trust', trust,
    '--state', state, '--once', '--json', ...more], { encoding: 'utf8', timeout: 60_000 });
  return { code: status, stderr, stdout,
    ...(stdout.startsWith('{') && { found: JSON.parse(stdout) }) };
}

/** Of the test's own server: what runs beside it may not block this process. */
async function look_at(state, ...more) {
  const args = ['ledger', 'monitor', server.url, '--trust', path('signed.trust'), '--state', state,
    '--once', '--json', '--timeout', '2', ...more];
  const { code, stdout, stderr } = await pawl.run(args);
  return { code, stderr, found: stdout.startsWith('{') ? JSON.parse(stdout) : undefined };
}

async function call(times = 1) {
  const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  for (let n = 0; n < times; ++n) {
    await agent.call('change', { n });
  }
  agent.close();
}

/** Until the published checkpoint covers every record. */
const published = () => wait_for('the published checkpoint', async () => {
  const { size } = (await pawl.json('status')).ledger;
  const note = await (await fetch(`${log_url()}/checkpoint`)).text();
  return Number(note.split('\n')[1]) === size ? note : undefined;
});

async function pin(name) {
  const { code, stdout, stderr } = await pawl.run(['trust', 'pin', '--print', '--config',
                                                   pawl.config_file]);
  assert.equal(code, 0, stderr);
  await writeFile(path(name), stdout);
}

/** Both verifiers must take it as proof, and neither for somebody who has another log's key. */
async function assert_proves(evidence, trust) {
  const found = await verify(evidence, { trust });
  assert.equal(found.verdict, 'bad', found.reason);
  const { code, stdout } = await pawl.run(['verify', evidence, '--trust', trust]);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^PROVEN BAD: the log .* signed two histories/);
}

test('a log that grows is followed, and Go agrees on the step', options, async () => {
  await call(3);
  const older = await published();
  await pin('log.trust');
  assert.match(JSON.parse(await readFile(path('log.trust'), 'utf8')).pinned.note, /^example\.org/);
  const first = look(log_url());
  assert.equal(first.code, 0, first.stdout + first.stderr);
  assert.equal(first.found.verdict, 'good', 'it goes on from what was pinned');
  assert.equal(first.found.entries_read, false);
  await call(4);
  const newer = await published();
  const second = look(`${log_url()}/`);
  assert.deepEqual([second.code, second.found?.found], [0, 'grew'], second.stdout);
  assert.equal(readFileSync(path('state/1.head'), 'utf8'), newer, 'what is kept is the checkpoint');

  const go = path('verify');
  execFileSync('go', ['build', '-o', go, 'verify.go'],
    { cwd: fileURLToPath(new URL('verify/go', import.meta.url)), env: GO_ENV });
  const tile = `tile/0/000.p/${second.found.size}`;
  mkdirSync(path('mirror/tile/0/000.p'), { recursive: true });
  writeFileSync(path(`mirror/${tile}`),
    Buffer.from(await (await fetch(`${log_url()}/${tile}`)).arrayBuffer()));
  writeFileSync(path('older'), older);
  const vkey = (await (await fetch(`${log_url()}/vkey`)).text()).trim();
  const args = ['consistency', vkey, path('older'), path('state/1.head'), path('mirror')];
  assert.equal(execFileSync(go, args, { encoding: 'utf8' }), 'good\n');
});

test('for ever: it tells each change once, and kill -9 forgets no head', options, async () => {
  const follow = () => start_until_json(PAWL_BIN, ['ledger', 'monitor', log_url(), '--trust',
    path('log.trust'), '--state', path('state'), '--every', '1', '--json']);
  const running = await follow();
  assert.equal(running.ready.verdict, 'good');
  await call(2);
  await published();
  const size = Number((await published()).split('\n')[1]);
  await wait_for('the next head', () =>
    readFileSync(path('state/1.head'), 'utf8').split('\n')[1] === String(size) || undefined);
  const second = look(log_url());
  assert.deepEqual([second.code, /pawl ledger monitor/.test(second.stderr)], [2, true],
    'one process a folder');
  await running.stop('SIGKILL');
  const again = await follow();
  assert.deepEqual([again.ready.found, again.ready.size], ['same', size]);
  assert.equal(await again.stop('SIGTERM'), 0);
});

test('without a pin and without a head the first look decides nothing', options, async () => {
  const trust = JSON.parse(await readFile(path('log.trust'), 'utf8'));
  delete trust.pinned;
  await writeFile(path('bare.trust'), JSON.stringify(trust));
  const bare = { trust: path('bare.trust'), state: path('bare/below/state') };
  assert.deepEqual([look(log_url(), bare)].map(({ code, found }) => [code, found.found]),
    [[2, 'first']]);
  assert.equal(look(log_url(), bare).code, 0);
});

test('a data folder that was replaced by another history of the same keys', options, async () => {
  await pawl.stop();
  await cp(pawl.data, path('backup'), { recursive: true });
  await pawl.serve();
  await call(6);
  await published();
  assert.equal(look(log_url()).code, 0);
  const right = path('right');
  await pawl.stop();
  await cp(pawl.data, right, { recursive: true });

  // An older copy: it says so, and proves nothing yet.
  const put = async (from) => {
    await rm(pawl.data, { recursive: true });
    await cp(from, pawl.data, { recursive: true });
  };
  await put(path('backup'));
  await pawl.serve();
  await published();
  const shrunken = look(log_url());
  assert.deepEqual([shrunken.code, shrunken.found.found, shrunken.found.evidence], [1, 'shrank', '']);

  // It is gone on with: two histories, which verify each by itself.
  await call(12);
  await published();
  const forked = look(log_url());
  assert.deepEqual([forked.code, forked.found.found], [1, 'forked'], forked.stdout);
  assert.match(forked.stderr, /"event":"equivocation"/);
  await assert_proves(forked.found.evidence, path('log.trust'));
  await pawl.stop();
  const alone = await pawl.run(['verify', pawl.data, '--trust', path('log.trust')]);
  assert.equal(alone.code, 0, `with an older pin nothing is wrong: ${alone.stdout}`);

  // Whoever pinned the history that went away has its signature in the trust file.
  await pawl.run(['trust', 'pin', '--print', '--data', right]).then(({ stdout }) =>
    writeFile(path('right.trust'), stdout));
  await pawl.serve();
  const pinned = look(log_url(), { trust: path('right.trust'), state: path('fresh') });
  assert.deepEqual([pinned.code, pinned.found.found], [1, 'forked']);
  await assert_proves(pinned.found.evidence, path('right.trust'));
  assert.equal(look(log_url()).code, 1, 'what was proven stays, until somebody moves it away');
});

test('the daemon\'s own head file proves it, too, and status says so', options, async () => {
  await pawl.stop();
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  const head_file = path('head.note');
  await writeFile(head_file, await readFile(path('right/ledger/checkpoint')));
  await writeFile(pawl.config_file, JSON.stringify({ ...config, head_file }));
  const refused = await pawl.run(['serve', '--config', pawl.config_file]);
  assert.equal(refused.code, 1);
  const [, evidence] = /kept as evidence of two histories: (\S+)/.exec(refused.stderr) ?? [];
  assert.ok(evidence, refused.stderr);
  await assert_proves(evidence, path('log.trust'));
  const offline = await pawl.run(['status', '--json', '--config', pawl.config_file]);
  const down = JSON.parse(offline.stdout);
  assert.ok(down.troubles.some(({ id }) => id === 'equivocation'), JSON.stringify(down.troubles));
  await writeFile(pawl.config_file, JSON.stringify(config));
  await pawl.serve();
  const up = await pawl.json('status');
  assert.deepEqual(up.equivocations, [evidence]);
  assert.ok(up.troubles.some(({ id, what }) => id === 'equivocation' && what.includes(evidence)));
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_state\{name="equivocations"\} 1\n/);
});

// ---- a server of the test ----

const log = new SignedLog('example.org/log').grow(300);

async function begin_at(size) {
  server ??= await serve_log(log);
  Object.assign(server, { log, lies: {}, size });
  rmSync(path('signed'), { recursive: true, force: true });
  const trust = JSON.parse(await readFile(path('bare.trust'), 'utf8'));
  await writeFile(path('signed.trust'), JSON.stringify({ ...trust, log: log.vkey }));
  assert.deepEqual((await look_at(path('signed'))).found?.found, 'first');
}

test('a log of another program: tiles of two levels, forks of every kind', options, async () => {
  await begin_at(7);
  for (const size of [8, 255, 256, 257, 300]) {
    server.size = size;
    const { code, found } = await look_at(path('signed'));
    assert.deepEqual([code, found.found, found.size], [0, 'grew', size], found.why);
  }
  server.size = 100;
  assert.deepEqual((await look_at(path('signed'))).found.found, 'older');
  server.log = log.fork(40);
  server.size = 300;
  const { code, found } = await look_at(path('signed'));
  assert.deepEqual([code, found.found], [1, 'forked'], found.why);
  await assert_proves(found.evidence, path('signed.trust'));
});

test('a server that lies, is slow, or never ends proves nothing and costs little', options,
  async () => {
    const forged = new SignedLog(log.origin).grow(300);
    const tile = log.tile(0, 1, 44);
    tile[100] ^= 1;
    const endless = (response) => {
      const more = () => { while (response.write(Buffer.alloc(65_536, 'x'))); };
      response.on('drain', more).on('error', () => {});
      more();
    };
    const drip = (response) => {
      const timer = setInterval(() => response.write('x'), 100);
      response.on('close', () => clearInterval(timer));
    };
    const lies = {
      'by another key': ['/checkpoint', (response) => response.end(forged.checkpoint())],
      'no note': ['/checkpoint', (response) => response.end('hello\n')],
      'an endless checkpoint': ['/checkpoint', endless],
      'an endless tile': ['/tile/0/001.p/44', endless],
      'an altered tile': ['/tile/0/001.p/44', (response) => response.end(tile)],
      'a cut tile': ['/tile/0/001.p/44', (response) => response.end(tile.subarray(1))],
      'no tile': ['/tile/0/001.p/44', (response) => response.writeHead(404).end()],
      'no service': ['/checkpoint', (response) => response.writeHead(503).end()],
      'elsewhere': ['/checkpoint', (response) =>
        response.writeHead(302, { Location: '/elsewhere' }).end()],
      'no answer': ['/checkpoint', () => {}],
      'a byte now and then': ['/tile/0/001.p/44', drip],
      'a hang-up': ['/checkpoint', (response) => response.destroy()],
    };
    await begin_at(200);
    server.size = undefined;
    for (const [name, [at, lie]] of Object.entries(lies)) {
      server.lies = { [at]: lie };
      const { code, found } = await look_at(path('signed'));
      assert.deepEqual([code, found?.found, found?.evidence], [2, 'unclear', ''],
        `${name}: ${found?.why}`);
      assert.equal(readFileSync(path('signed/1.head'), 'utf8').split('\n')[1], '200', name);
    }
    server.lies = {};
    assert.equal((await look_at(path('signed'))).code, 0, 'and then it is well');
  });

test('unreachable, bad usage, and a head that is damaged', options, async () => {
  await begin_at(200);
  const gone = await look('http://127.0.0.1:9/log',
    { trust: path('signed.trust'), state: path('gone') });
  assert.deepEqual([gone.code, gone.found.found], [2, 'unclear']);
  for (const args of [['ftp://x/log', '--trust', path('signed.trust')], [server.url],
    [server.url, '--trust', path('nowhere')],
    [server.url, '--trust', path('signed.trust'), '--every', '0']]) {
    const { code, stderr } = await pawl.run(['ledger', 'monitor', ...args, '--once']);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^pawl: /);
  }
  writeFileSync(path('signed/1.head'), 'damaged\n');
  const damaged = await look_at(path('signed'));
  assert.equal(damaged.code, 2);
  assert.match(damaged.stderr, /1\.head/);
});

test('with a witness policy each head must meet it', options, async () => {
  await begin_at(200);
  const witness = make_witness('w', 1772000000);
  writeFileSync(path('policy'), `${witness.policy}quorum w\n`);
  const with_policy = () => look_at(path('signed'), '--policy', path('policy'));
  const bare = await with_policy();
  assert.deepEqual([bare.code, bare.found.found, bare.found.witnesses.met], [2, 'same', false]);
  server.size = undefined;
  const note = log.checkpoint();
  const show = (text) => { server.lies = { '/checkpoint': (response) => response.end(text) }; };
  show(note + witness.cosign(note));
  const met = await with_policy();
  assert.deepEqual([met.code, met.found.found, met.found.witnesses.met], [0, 'grew', true]);
  show(note + witness.cosign(log.checkpoint(200)));
  assert.equal((await with_policy()).code, 2, 'a false line is no proof against the log');
});

test('people read what it does and what it does not', options, async () => {
  await begin_at(200);
  const args = ['ledger', 'monitor', server.url, '--trust', path('signed.trust'), '--once'];
  const home = { HOME: path('home'), XDG_STATE_HOME: '' };
  mkdirSync(path('home'));
  assert.match((await pawl.run(args, { env: home })).stdout, /CANNOT DECIDE: nothing was seen/);
  const { code, stdout } = await pawl.run(args, { env: home });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^follows +example\.org\/log$/m);
  assert.match(stdout, /entries are not read/);
  assert.match(stdout, /size 200, as it was seen$/m);
  assert.ok(existsSync(path('home/.local/state/pawl/monitor/example.org%2flog/1.head')));
  server.log = log.fork(3);
  const forked = await pawl.run(args, { env: home });
  assert.equal(forked.code, 1);
  assert.match(forked.stdout, /PROVEN BAD: the log example\.org\/log signed two histories/);
  assert.match(forked.stdout, /pawl verify \S+\.equivocation --trust FILE/);
});
