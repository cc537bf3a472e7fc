// Secrets from the vault: what servers see, what stops a start, what an erasure leaves.

import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
const SECRET = 'a-secret-that-nobody-else-sees';
let folder;
let server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-vault-'));
  server = await PlayedServer.start({ 'tools/call': () => ({ resultType: 'complete',
    content: [{ type: 'text', text: 'done' }] }) });
});
after(async () => {
  server?.http.closeAllConnections();
  server?.http.close();
  await rm(folder, { recursive: true });
});

/** Not started. */
async function prepare(context, { headers = {}, servers = {} } = {}) {
  const pawl = await Pawl.prepare({ agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: server.url, headers }, ...servers } });
  context.after(() => pawl.close());
  return pawl;
}

const command = (pawl, args, input) =>
  pawl.run([...args, '--config', pawl.config_file], { input });
async function good(pawl, args, input) {
  const { code, stdout, stderr } = await command(pawl, args, input);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
const put = (pawl, name, secret) => good(pawl, ['vault', 'put', name], `${secret}\n`);
const list = async (pawl) => Object.fromEntries((await pawl.json('vault', 'list')).objects
  .map((object) => [object.name, object]));
const key_files = (pawl) => readdir(join(pawl.data, 'vault-keys'));
const erasures = (pawl) => pawl.run(['ledger', 'query', '--kind', 'audit.erasure', '--json', '--config',
  pawl.config_file]).then(({ stdout }) => stdout.trim().split('\n').filter(Boolean));

async function call(pawl, where = 's') {
  const agent = new RawAgent({ url: pawl.mcp_url(where), key: pawl.keys.a });
  try {
    return await agent.call('change', { n: '1' });
  } finally {
    agent.close();
  }
}
const shown = () => server.seen.filter(({ method }) => method === 'tools/call')
  .map(({ headers }) => headers.authorization);

/** Every file below a folder, as bytes. */
async function everything(root) {
  const names = await readdir(root, { recursive: true, withFileTypes: true });
  return Promise.all(names.filter((entry) => entry.isFile())
    .map(async (entry) => ({ name: entry.name, bytes: await readFile(join(entry.parentPath ?? entry.path, entry.name)) })));
}

test('the server sees the secret, and nobody else', options, async (context) => {
  const seen_env = join(folder, 'env');
  const child = join(folder, 'child.mjs');
  await writeFile(child, `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(seen_env)}, process.env.TOKEN);
await import(${JSON.stringify(here('crash/witness_server.mjs'))});\n`);
  const pawl = await prepare(context, { headers: { Authorization: 'Bearer ${vault:search-token}' },
    servers: { c: { command: [NODE, child, '--journal', join(folder, 'journal'), '--stdio'],
                    env: { TOKEN: 'vault:search-token' } } } });
  const told = [await put(pawl, 'search-token', SECRET)];
  await pawl.serve();
  assert.equal((await call(pawl)).status, 200);
  assert.equal((await call(pawl, 'c')).status, 200);
  assert.equal(shown().at(-1), `Bearer ${SECRET}`);
  assert.equal(await readFile(seen_env, 'utf8'), SECRET);

  for (const args of [['vault', 'list'], ['vault', 'list', '--json'], ['vault', 'check'],
                      ['config', 'show'], ['status', '--json'], ['ledger', 'tail', '--json']]) {
    told.push((await command(pawl, args)).stdout);
  }
  told.push(await pawl.log(), (await readFile(`/proc/${pawl.pid}/cmdline`)).toString());
  assert.ok(!told.join('\n').includes(SECRET));
  for (const { name, bytes } of await everything(pawl.data)) {
    assert.ok(!bytes.includes(SECRET), name);
  }
  assert.equal((await list(pawl))['search-token'].state, 'good');

  await put(pawl, 'search-token', 'another');
  await call(pawl);
  assert.equal(shown().at(-1), `Bearer ${SECRET}`, 'a running daemon goes on with what it has');
  assert.equal((await key_files(pawl)).length, 1, 'the key of the value before is gone');
  await pawl.restart();
  await call(pawl);
  assert.equal(shown().at(-1), 'Bearer another');
});

test('no start, and no call, without the credential', options, async (context) => {
  const pawl = await prepare(context, { headers: { Authorization: 'vault:token' } });
  const object = join(pawl.data, 'vault/secret/token.obj');
  const calls = shown().length;
  const refused = async (what, expected) => {
    const { code, stderr } = await command(pawl, ['config', 'check']);
    assert.notEqual(code, 0, what);
    assert.match(stderr, expected, what);
    assert.match(stderr, /^pawl: .*pawl\.yaml:\d+:\d+: servers\.s\.headers: .*vault/, what);
    await assert.rejects(pawl.serve(), what);
    assert.match(await pawl.log(), expected, what);
  };
  await refused('never put', /there is no secret\/token in .*`pawl vault put token`/);
  await put(pawl, 'token', SECRET);
  await put(pawl, 'other', 'x');
  const { token, other } = await list(pawl);
  const key = join(pawl.data, 'vault-keys', `${token.key}.key`);
  const other_key = join(pawl.data, 'vault-keys', `${other.key}.key`);
  await copyFile(key, join(folder, 'key'));
  await copyFile(object, join(folder, 'object'));

  await rm(key);
  await refused('lost key', new RegExp(`the vault key ${token.key} is lost: expected it in .*${token.key}\\.key`));
  await copyFile(other_key, key);
  await refused('swapped keys', new RegExp(`is the vault key ${other.key}; expected the vault key ${token.key}`));
  await copyFile(join(folder, 'key'), key);
  await copyFile(join(pawl.data, 'vault/secret/other.obj'), object);
  await refused('moved object', /is the object secret\/other; expected secret\/token/);
  await writeFile(object, (await readFile(join(folder, 'object'))).subarray(0, -1));
  await refused('cut off object', /its content was altered or cut off/);
  await rm(object);
  await refused('lost object', /secret\/token is lost: expected it in/);
  const checked = await command(pawl, ['vault', 'check']);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /^token +UNUSABLE: .*is lost/m);
  await copyFile(join(folder, 'object'), object);

  assert.equal(shown().length, calls, 'nothing went out');
  await good(pawl, ['config', 'check']);
  await good(pawl, ['vault', 'check']);
  await pawl.serve();
  assert.equal((await call(pawl)).status, 200);
  assert.equal(shown().at(-1), SECRET);

  // What is not used, and does not open, is told and stops nothing.
  await pawl.stop();
  await rename(other_key, join(folder, 'other'));
  await pawl.serve();
  const status = await pawl.json('status');
  assert.ok(status.troubles.some(({ id, what }) => id === 'vault_unusable' &&
    what.includes(`the vault key ${other.key} is lost`)));
  assert.match(await pawl.log(), /vault_object_unusable/);
  // Nor is one that goes while the daemon has the secret in memory.
  await rename(key, join(folder, 'lost'));
  await wait_for('the loss to be told', async () => (await pawl.json('status')).troubles.find(({ id, what }) =>
    id === 'vault_unusable' && what.includes(`secret/token in the vault does not open: `) &&
    what.includes(`the vault key ${token.key} is lost`)));
  assert.equal((await call(pawl)).status, 200);
});

test('an erasure is recorded, and then the key is gone', options, async (context) => {
  const pawl = await prepare(context, { headers: { Authorization: 'vault:used' } });
  await put(pawl, 'used', SECRET);
  await put(pawl, 'other', 'x');
  const without = await command(pawl, ['vault', 'erase', 'other']);
  assert.equal(without.code, 2);
  assert.match(without.stderr, /needs the running daemon/);
  assert.equal((await list(pawl)).other.state, 'good');

  await pawl.serve();
  const in_use = await command(pawl, ['vault', 'erase', 'used']);
  assert.equal(in_use.code, 1);
  assert.match(in_use.stderr, /used is in use by servers\.s\.headers .*pawl\.yaml:\d+/);
  assert.equal((await list(pawl)).used.state, 'good');
  const never = await command(pawl, ['vault', 'erase', 'never']);
  assert.equal(never.code, 1);
  assert.match(never.stderr, /there is no secret\/never/);

  const { key } = (await list(pawl)).other;
  const { record } = await pawl.json('vault', 'erase', 'other');
  const { claims } = await pawl.json('ledger', 'show', record);
  assert.equal(claims.exec_act, 'audit.erasure');
  assert.deepEqual(claims.ect_ext['pawl.audit'], { retention: 'secret/other', keys: [key] });
  assert.equal((await erasures(pawl)).length, 1);
  assert.equal((await key_files(pawl)).includes(`${key}.key`), false);
  const { other } = await list(pawl);
  assert.deepEqual([other.state, other.record], ['erased', record]);
  assert.match((await command(pawl, ['vault', 'erase', 'other'])).stderr, /was erased/);
  await put(pawl, 'other', 'anew');
  assert.equal((await list(pawl)).other.state, 'good');

  await writeFile(join(folder, 'trust'), await good(pawl, ['trust', 'pin', '--print']));
  const verified = await pawl.run(['verify', pawl.data, '--trust', join(folder, 'trust')]);
  assert.equal(verified.code, 0, verified.stderr + verified.stdout);
});

test('kill -9 in the middle of erasures', options, async (context) => {
  const pawl = await prepare(context);
  const names = ['one', 'two', 'three', 'four', 'five'];
  for (const name of names) {
    await put(pawl, name, SECRET);
  }
  await pawl.serve();
  const keys = await list(pawl);
  const erased = join(pawl.data, 'vault/erased');
  for (const [i, name] of names.entries()) {
    // As soon as the order stands, or something later happens in that folder or to the keys.
    const at = i % 2 === 0 ? erased : join(pawl.data, 'vault-keys');
    const watcher = watch(at);
    const seen = new Promise((resolve) => { watcher.once('change', resolve); });
    const ended = command(pawl, ['vault', 'erase', name]);
    await Promise.race([seen, ended]);
    await pawl.kill();
    watcher.close();
    const { code } = await ended;
    await pawl.serve();
    const state = await wait_for('the erasure to end', async () => {
      const { state: now } = (await list(pawl))[name];
      return now === 'erasing' ? undefined : now;
    });
    const has_key = (await key_files(pawl)).includes(`${keys[name].key}.key`);
    assert.equal(has_key, state === 'good', `${name} is ${state}`);
    assert.ok(code !== 0 || state === 'erased', `${name} was told to be erased and is ${state}`);
    assert.ok(['good', 'erased'].includes(state), `${name} is ${state}`);
    if (state === 'erased') {
      const { record } = (await list(pawl))[name];
      const { claims } = await pawl.json('ledger', 'show', record);
      assert.equal(claims.ect_ext['pawl.audit'].retention, `secret/${name}`);
    }
  }
  await good(pawl, ['vault', 'check']);
});

test('what was erased and comes back with an older copy is erased again', options, async (context) => {
  const pawl = await prepare(context);
  await put(pawl, 'token', SECRET);
  await put(pawl, 'stays', 'x');
  await pawl.serve();
  const copy = join(pawl.folder, 'copy');
  for (const part of ['vault', 'vault-keys']) {
    await cp(join(pawl.data, part), join(copy, part), { recursive: true });
    await chmod(join(copy, part), 0o700);
  }
  const { record } = await pawl.json('vault', 'erase', 'token');
  await pawl.stop();
  for (const part of ['vault', 'vault-keys']) {
    await rm(join(pawl.data, part), { recursive: true });
    await rename(join(copy, part), join(pawl.data, part));
  }

  const told = async (what) => {
    for (const args of [['vault', 'check'], ['vault', 'list']]) {
      const { code, stdout } = await command(pawl, args);
      assert.equal(code, 1, what);
      assert.match(stdout, new RegExp(`^token +UNUSABLE: the ledger says .* destroyed, record ${record}`, 'm'), what);
      assert.doesNotMatch(stdout, /^stays +UNUSABLE/m, what);
    }
  };
  await told('by the index');
  await rm(join(pawl.data, 'index.sqlite'));
  await mkdir(join(pawl.data, 'index.sqlite'));
  await told('without one');
  await rm(join(pawl.data, 'index.sqlite'), { recursive: true });

  await pawl.serve();
  await wait_for('the erasure to end', async () => (await list(pawl)).token.state === 'erased');
  assert.equal((await key_files(pawl)).length, 1);
  assert.equal((await list(pawl)).stays.state, 'good');
  assert.equal((await erasures(pawl)).length, 2, 'it is recorded again');
  assert.match(await pawl.log(), new RegExp(`erased_key_came_back.*secret/token.*${record}`));
  assert.ok((await pawl.json('status')).troubles.some(({ id, what }) =>
    id === 'vault_came_back' && what.includes(record)));
  await good(pawl, ['vault', 'check']);
  await pawl.restart();
  assert.ok((await pawl.json('status')).troubles.every(({ id }) => id !== 'vault_came_back'));
});

test('no start with a secret that was erased, and came back', options, async (context) => {
  const pawl = await prepare(context);
  await put(pawl, 'token', SECRET);
  const key = join(pawl.data, 'vault-keys', (await key_files(pawl))[0]);
  const object = join(pawl.data, 'vault/secret/token.obj');
  const kept = await Promise.all([key, object].map((path) => readFile(path)));
  await pawl.serve();
  await good(pawl, ['vault', 'erase', 'token']);
  await pawl.stop();
  await rm(join(pawl.data, 'vault/erased'), { recursive: true });
  for (const [i, path] of [key, object].entries()) await writeFile(path, kept[i], { mode: 0o600 });
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  config.servers.s.headers = { Authorization: 'vault:token' };
  await writeFile(pawl.config_file, JSON.stringify(config));
  for (const expected of [/was erased, record .*came back with an older copy/, /is being erased/]) {
    await assert.rejects(pawl.serve());
    assert.match(await pawl.log(), expected);
  }
});

test('commands and the daemon at the same time', options, async (context) => {
  const pawl = await prepare(context, { headers: { Authorization: 'vault:token' } });
  await put(pawl, 'token', 'first');
  await put(pawl, 'other', 'x');
  await pawl.serve();
  const values = Array.from({ length: 6 }, (_, i) => `value-${i}`);
  const ran = await Promise.all([
    ...values.map((value) => command(pawl, ['vault', 'put', 'token'], `${value}\n`)),
    command(pawl, ['vault', 'erase', 'other']), command(pawl, ['vault', 'list'])]);
  const erased = ran[values.length];
  for (const { code, stderr } of ran.filter((one) => one !== erased)) {
    assert.equal(code, 0, stderr);  // who comes while another changes the vault waits for it
  }
  if (erased.code !== 0) {
    assert.match(erased.stderr, /locked by/);
  }
  await good(pawl, ['vault', 'check']);
  await pawl.restart();
  await call(pawl);
  assert.ok(values.includes(shown().at(-1)), shown().at(-1));
});

test('what is no secret is refused', options, async (context) => {
  const pawl = await prepare(context);
  for (const [args, input, expected] of [
    [['put', 'x'], '', /nothing came on standard input/],
    [['put', 'x'], '\n', /nothing came on standard input/],
    [['put', 'x'], 'y'.repeat(65_537), /at most 64 KiB/],
    [['put', '../x'], 'y', /is no name of a secret/],
    [['put', ''], 'y', /is no name of a secret/],
    [['put'], 'y', /required/],
    [['put', 'x', SECRET], 'y', /not expected/],
  ]) {
    const { code, stdout, stderr } = await command(pawl, ['vault', ...args], input);
    assert.equal(code, 2, `${args}`);
    assert.match(stderr, expected);
    assert.equal(stdout, '');
  }
  assert.deepEqual(await list(pawl), {});
});
