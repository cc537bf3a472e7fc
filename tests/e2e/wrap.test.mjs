// pawl wrap: the official clients start it as their server's command. It is governed, twenty at
// once share one daemon, and a daemon that dies takes every wrapped server with it.

import assert from 'node:assert/strict';
import { readFile, readdir, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { MODERN_REVISION } from './support/clients.mjs';
import { PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const FILE_SERVER = here('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');
const TICKET_SERVER = here('demo/modern_server.mjs');
const MANY = 20;
const RULES = [
  { id: 'local-lists', when: { agent: 'local', verb: 'tool.list' }, then: 'allow' },
  { id: 'local-reads', when: { agent: 'local', server: 'files', tool: 'read_text_file' },
    then: 'allow' },
  { id: 'local-writes-notes', when: { agent: 'local', server: 'files', tool: 'write_file',
                                      arguments: { path: { glob: '**/notes/**' } } },
    then: 'allow' },
  { id: 'local-opens', when: { agent: 'local', server: 'tickets', tool: 'open_ticket' },
    then: 'allow' },
];

const options = { skip: no_pawl(), timeout: 120_000 };
const alive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Process ids of a process's living children, from /proc; none when it is gone. */
async function children_of(parent) {
  const found = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    .map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent && state !== 'Z' ? [Number(pid)] : [];
    }));
  return found.flat();
}

async function descendants_of(parent) {
  const children = await children_of(parent);
  return [...children, ...(await Promise.all(children.map(descendants_of))).flat()];
}

/** A prepared data folder without a daemon, and the shims that a test starts on it. */
class Wraps {
  #open = [];

  static async prepare(context) {
    const wraps = new Wraps();
    wraps.pawl = await Pawl.prepare({ rules: RULES, init: true });
    wraps.work = join(wraps.pawl.folder, 'work');
    await mkdir(join(wraps.work, 'notes'), { recursive: true });
    await writeFile(join(wraps.work, 'a.txt'), 'a text\n');
    context.after(() => wraps.close());
    return wraps;
  }

  /** Starts a shim as a client does, and connects. `--` and what follows is the server. */
  async connect(Client, Stdio, name, command, client_options = {}) {
    const transport = new Stdio({ command: PAWL_BIN, stderr: 'pipe',
      args: ['wrap', '--config', this.pawl.config_file, '--name', name, '--', ...command] });
    const shim = { transport, stderr: '', client: new Client({ name: 'test', version: '1.0.0' },
                                                             client_options) };
    transport.stderr.setEncoding('utf8').on('data', (text) => { shim.stderr += text; });
    this.#open.push(shim);
    try {
      await shim.client.connect(transport);
    } catch (error) {
      throw new Error(`${error.message}: ${shim.stderr}\n${await this.log()}`, { cause: error });
    }
    shim.pid = transport.pid;
    shim.exited = new Promise((resolve) => {
      transport._process.on('exit', (code, signal) => resolve(code ?? signal));
    });
    return shim;
  }

  files() {
    return this.connect(LegacyClient, LegacyStdio, 'files', [NODE, FILE_SERVER, this.work]);
  }

  write(shim, path) {
    return shim.client.callTool({ name: 'write_file',
                                  arguments: { path: join(this.work, path), content: path } });
  }

  async daemon() {
    return JSON.parse(await readFile(join(this.pawl.data, 'run', 'addresses.json'), 'utf8')).pid;
  }

  log() {
    return readFile(join(this.pawl.data, 'run', 'daemon.log'), 'utf8').catch(() => '(no log)');
  }

  async record(answer) {
    const id = answer._meta['pawl.record/id'];
    const { claims } = await this.pawl.json('ledger', 'show', id);
    return Object.values(claims.ect_ext).find((body) => body.agent !== undefined);
  }

  /** Proves the ledger with keys pinned just before. @returns {Promise<object>} the report */
  async verified() {
    const trust = join(this.pawl.folder, 'log.trust');
    const pinned = await this.pawl.run(['trust', 'pin', this.pawl.data, '-o', trust]);
    assert.equal(pinned.code, 0, pinned.stderr);
    const { code, stdout } = await this.pawl.run(['verify', this.pawl.data, '--trust', trust,
                                                  '--json']);
    assert.equal(code, 0, stdout);
    return JSON.parse(stdout);
  }

  async close() {
    await Promise.allSettled(this.#open.map(({ client }) => client.close()));
    const daemon = await this.daemon().catch(() => undefined);
    if (daemon !== undefined && alive(daemon)) {
      process.kill(daemon, 'SIGTERM');
      await wait_for('the daemon to end', () => alive(daemon) ? undefined : true);
    }
    await this.pawl.close();
  }
}

test('an official client and server through wrap: governed and recorded', options,
  async (context) => {
    const wraps = await Wraps.prepare(context);
    const shim = await wraps.files();
    const { tools } = await shim.client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).sort(), ['read_text_file', 'write_file'],
      'the list holds what the caller may use');
    const written = await wraps.write(shim, 'notes/1');
    assert.notEqual(written.isError, true);
    assert.equal(await readFile(join(wraps.work, 'notes/1'), 'utf8'), 'notes/1');
    const refused = await wraps.write(shim, 'a.txt');
    assert.equal(refused.isError, true);
    assert.equal(refused._meta['pawl.record/refusal'].code, 'denied');
    assert.equal(await readFile(join(wraps.work, 'a.txt'), 'utf8'), 'a text\n');
    for (const [answer, outcome] of [[written, 'confirmed'], [refused, 'denied']]) {
      const { agent, proof, server, tool, outcome: recorded } = await wraps.record(answer);
      assert.deepEqual({ agent, proof, server, tool, recorded },
        { agent: 'local', proof: 'peer_credentials', server: 'files', tool: 'write_file',
          recorded: outcome });
    }
    const servers = await descendants_of(shim.pid);
    assert.notEqual(servers.length, 0);
    await shim.client.close();
    await wait_for('the server to end with its client', () =>
      servers.some(alive) ? undefined : true);
    const { open_intents, outcomes } = await wraps.verified();
    assert.deepEqual([open_intents, outcomes], [0, { confirmed: 2, denied: 1 }]);
  });

test('the 2026-07-28 client and server over stdio through wrap', options, async (context) => {
  const wraps = await Wraps.prepare(context);
  const tickets = join(wraps.work, 'tickets.json');
  const { client } = await wraps.connect(ModernClient, ModernStdio, 'tickets',
    [NODE, TICKET_SERVER, '--file', tickets],
    { versionNegotiation: { mode: { pin: MODERN_REVISION } } });
  assert.equal(client.getNegotiatedProtocolVersion(), MODERN_REVISION);
  const opened = await client.callTool({ name: 'open_ticket', arguments: { title: 'leak' } });
  assert.match(opened.content[0].text, /opened #1/);
  const refused = await client.callTool({ name: 'close_ticket', arguments: { id: 1 } });
  assert.equal(refused._meta['pawl.record/refusal'].code, 'denied');
  assert.equal(JSON.parse(await readFile(tickets, 'utf8'))[0].state, 'open');
  assert.equal((await wraps.record(opened)).outcome, 'confirmed');
  assert.equal((await wraps.record(opened)).protocol, `mcp/${MODERN_REVISION}`);
});

test('twenty at once: one daemon, one ledger, one set of rules', options, async (context) => {
  const wraps = await Wraps.prepare(context);
  const shims = await Promise.all(Array.from({ length: MANY }, () => wraps.files()));
  const daemon = await wraps.daemon();
  assert.ok(alive(daemon));
  const answers = await Promise.all(shims.map((shim, n) => wraps.write(shim, `notes/${n}`)));
  const refusals = await Promise.all(shims.map((shim) => wraps.write(shim, 'a.txt')));
  assert.ok(answers.every(({ isError }) => isError !== true));
  assert.ok(refusals.every(({ isError }) => isError === true));
  assert.equal((await readdir(join(wraps.work, 'notes'))).length, MANY);
  assert.equal(await wraps.daemon(), daemon, 'still the same');

  const records = await Promise.all(answers.map((answer) => wraps.record(answer)));
  assert.equal(new Set(records.map(({ policy }) => policy)).size, 1, 'one set of rules');
  const count = async (...words) => (await wraps.pawl.run(['ledger', 'query', ...words, '--json',
    '--config', wraps.pawl.config_file])).stdout.split('\n').filter(Boolean).length;
  assert.equal(await count('--kind', 'node.started'), 1, 'one daemon ever started');
  assert.equal(await count('--kind', 'policy.activated'), 1);
  assert.equal(await count('--outcome', 'confirmed', '--verb', 'tool.call'), MANY);
  const { outcomes } = await wraps.verified();
  assert.equal(outcomes.confirmed, MANY);
});

test('kill -9 of the daemon: shims and servers end, no call passes', options, async (context) => {
  const wraps = await Wraps.prepare(context);
  const shims = await Promise.all([wraps.files(), wraps.files(), wraps.files()]);
  const servers = (await Promise.all(shims.map(({ pid }) => descendants_of(pid)))).flat();
  assert.ok(servers.length >= shims.length);
  const daemon = await wraps.daemon();
  process.kill(daemon, 'SIGKILL');
  const late = Promise.allSettled(shims.map((shim, n) => wraps.write(shim, `notes/late-${n}`)));
  const codes = await Promise.all(shims.map(({ exited }) => exited));
  for (const [n, code] of codes.entries()) {
    assert.ok(Number.isInteger(code) && code !== 0, `shim ${n} ended with ${code}`);
    assert.match(shims[n].stderr, /^pawl: the daemon is gone .*\n$/m, 'a readable error');
  }
  for (const answer of await late) {
    assert.ok(answer.status === 'rejected' || answer.value.isError, 'no answer, or an error');
  }
  assert.deepEqual(await readdir(join(wraps.work, 'notes')), [], 'nothing passed ungoverned');
  await wait_for('the servers to end', () => servers.some(alive) ? undefined : true);

  const next = await wraps.files();
  assert.notEqual((await wraps.write(next, 'notes/again')).isError, true);
  assert.notEqual(await wraps.daemon(), daemon, 'the next shim starts a daemon again');
  await wraps.verified();
});

test('kill -9 of a shim takes its server along and nothing else', options, async (context) => {
  const wraps = await Wraps.prepare(context);
  const [first, second] = await Promise.all([wraps.files(), wraps.files()]);
  const servers = await descendants_of(first.pid);
  process.kill(first.pid, 'SIGKILL');
  await wait_for('its server to end', () => servers.some(alive) ? undefined : true);
  assert.notEqual((await wraps.write(second, 'notes/1')).isError, true);
});

test('without a daemon and with --no-start, nothing starts', options, async (context) => {
  const wraps = await Wraps.prepare(context);
  const touched = join(wraps.work, 'touched');
  const { code, stdout, stderr } = await wraps.pawl.run(['wrap', '--no-start', '--config',
    wraps.pawl.config_file, '--name', 'files', '--', 'touch', touched]);
  assert.equal(code, 1);
  assert.equal(stdout, '', 'standard output belongs to the protocol');
  assert.match(stderr, /^pawl: no daemon runs on .*\n$/);
  await assert.rejects(readFile(touched), { code: 'ENOENT' });
});

test('a daemon that ends at its start is not waited for, and its reason is told', options,
  async (context) => {
    const wraps = await Wraps.prepare(context);
    await writeFile(wraps.pawl.rules_file, 'rules:\n  - id: a\n    when: { agent: local }\n    then: alow\n');
    const { code, stderr } = await wraps.pawl.run(['wrap', '--config', wraps.pawl.config_file,
      '--name', 'files', '--', 'cat']);
    assert.equal(code, 1);
    assert.match(stderr, /^pawl: the daemon ended at its start: .*rules\.yaml:4:11: expected allow, hold or deny; .*see .*daemon\.log\n$/);
  });
