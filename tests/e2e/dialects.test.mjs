// Records in dialect -00, and a ledger that holds both because `tokens.issue` changed between starts:
// outcomes, stops, keys and causes of one dialect are known in the other, and every verifier takes it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { HEADER, open1 } from './support/cose.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
const [OLD, NEW] = ['wimse-exec+jwt', 'exec+jwt'];
const NAMES = { [OLD]: ['par', 'ext'], [NEW]: ['pred', 'ect_ext'] };
const FOR_EVER = 1e9;
let folder;
let witness;
let pawl;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-dialects-'));
  if (no_pawl()) return;
  witness = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    config: { tokens: { issue: 'ect-00' } },
    servers: { w: { url: witness.ready.url },
      m: { command: [NODE, here('servers/mortal.mjs'), '--journal', join(folder, 'mortal')] } } });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  await rm(folder, { recursive: true });
});

let n = 0;
async function call({ server = 'w', tool = 'change', args = {}, agent = 'a', parents = [] } = {}) {
  n += 1;
  const client = new RawAgent({ url: pawl.mcp_url(server), key: pawl.keys[agent] });
  try {
    const { headers, ...answer } = await client.call(tool, { n, ...args },
      { meta: parents.length > 0 ? { 'pawl.record/parents': parents } : {} });
    return { ...answer, token: headers['execution-context'] };
  } finally {
    client.close();
  }
}

async function good(...args) {
  const { code, stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
const why = (record) => pawl.json('why', record);
const token_of = async (record) => (await good('ledger', 'show', record, '--token')).trim();

/** What a record is called by its typ: { typ, parents, extension }. */
function read(token) {
  const { typ } = decodeProtectedHeader(token);
  const claims = decodeJwt(token);
  const [parents, extension] = NAMES[typ];
  for (const name of Object.values(NAMES).flat()) {
    assert.equal(name in claims, name === parents || name === extension, `${name} in ${typ}`);
  }
  return { typ, parents: claims[parents], extension: claims[extension], claims };
}

async function start_in(dialect) {
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  config.tokens.issue = dialect;
  await writeFile(pawl.config_file, JSON.stringify(config));
  await pawl.serve();
}

/** A call that the server took and died of. */
const unknown_call = () => wait_for('a call that the server died of', async () => {
  const { record } = await call({ server: 'm', tool: 'die', args: { until: FOR_EVER } });
  return (await why(record)).outcome === 'unknown' ? record : undefined;
});
const resolve = (record) => good('ledger', 'resolve', record, '--found', 'happened', '--reason', 'seen');

/** A call that is at the server when the daemon is killed. */
async function kill_in_a_call() {
  const answer = call({ args: { ms: 600_000 } }).catch(() => 'cut off');
  const number = n;
  const record = await wait_for('the call at the server', async () =>
    (await readFile(join(folder, 'journal'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line))
      .find((line) => line.phase === 'began' && line.n === number)?.record);
  await pawl.kill();
  assert.equal(await answer, 'cut off');
  return record;
}

async function verify_both(path, trust) {
  const run = (program, args) => new Promise((done) => {
    execFile(program, args, (error, stdout) => done({ code: error === null ? 0 : error.code, stdout }));
  });
  const ours = await run(PAWL_BIN, ['verify', path, '--trust', trust, '--json']);
  assert.equal(ours.code, 0, ours.stdout);
  const other = await run(NODE, [here('verify/independent/verify.mjs'), path, '--trust', trust]);
  assert.equal(other.code, 0, other.stdout);
  return JSON.parse(ours.stdout);
}

test('a ledger in both dialects', options, async () => {
  const first = await call();
  const keys = createRemoteJWKSet(new URL(`${pawl.addresses.data}/.well-known/jwks.json`));
  await jwtVerify(first.token, keys, { typ: OLD, issuer: 'spiffe://example.org/pawl/gw1',
    audience: 'spiffe://example.org/agent/a', algorithms: ['ES256'] });
  assert.deepEqual(read(first.token).parents, []);
  assert.equal(read(first.token).extension['pawl.tool'].outcome, 'confirmed');
  const second = await call({ parents: [first.token] });
  assert.deepEqual(read(second.token).parents, [first.record]);
  const trust = join(folder, 'log.trust');
  await writeFile(trust, await good('trust', 'pin', '--print'));

  // In -00: a rotated key, a stop, two unknown outcomes, one of them of a killed daemon.
  await good('keys', 'rotate');
  await good('stop', 'agent:b', '--reason', 'wrong folder');
  const unknown = await unknown_call();
  const cut = await kill_in_a_call();

  await start_in('ect-01');
  assert.equal((await why(cut)).outcome, 'unknown', 'recovered by the note that -00 left');
  assert.equal((await why(unknown)).outcome, 'unknown');
  const { stops, ledger } = await pawl.json('status');
  assert.deepEqual(stops.map(({ scope }) => scope), ['agent:b']);
  assert.equal(ledger.writable, true);
  assert.equal(read(await token_of(cut)).typ, NEW);
  const refused = await call({ agent: 'b' });
  assert.match(JSON.stringify(refused.body), /wrong folder/);
  const third = await call({ parents: [second.token] });
  assert.equal(read(third.token).typ, NEW);
  assert.deepEqual(read(third.token).parents, [second.record]);
  assert.equal(third.record !== second.record && decodeJwt(third.token).wid, decodeJwt(first.token).wid);
  await resolve(unknown);
  const unknown_of_new = await unknown_call();
  await good('keys', 'rotate');
  await pawl.kill();

  await start_in('ect-00');
  const fourth = await call({ parents: [third.token] });
  assert.deepEqual(read(fourth.token).parents, [third.record]);
  assert.equal(read(fourth.token).typ, OLD);
  await resolve(unknown_of_new);
  for (const record of [unknown, unknown_of_new]) {
    assert.equal((await why(record)).resolved.found, 'happened');
  }
  const resolution = read(await token_of((await why(unknown_of_new)).resolved.record));
  assert.deepEqual([resolution.typ, resolution.parents], [OLD, [unknown_of_new]]);
  await good('resume', 'agent:b');
  assert.equal((await call({ agent: 'b' })).status, 200);
  assert.deepEqual((await pawl.json('keys', 'list')).keys.map(({ state }) => state),
                   ['retired', 'retired', 'in_use']);

  // Readers: rows are those of the entries, and causes go from one dialect to the other.
  await good('scrub');
  const { code, stdout } = await pawl.run(['ledger', 'query', '--workflow', decodeJwt(first.token).wid,
                                           '--json', '--config', pawl.config_file]);
  assert.equal(code, 0);
  assert.equal(stdout.match(/"confirmed"/g).length, 4, stdout);
  const chain = await good('ledger', 'chain', fourth.record);
  for (const { record } of [first, second, third, fourth]) {
    assert.match(chain, new RegExp(record));
  }
  assert.doesNotMatch(chain, /partial/);
  for (const [{ record }, name] of [[second, 'par'], [third, 'pred']]) {
    assert.match(await good('ledger', 'show', record), new RegExp(`^${name} `, 'm'));
    assert.match(await good('ledger', 'show', record), /^pol_decision +approved/m);
    assert.match(await good('ledger', 'show', record), /^ +server +w/m);
  }

  // Both verifiers: the folder, the workflow as evidence, a record of each dialect as a statement.
  const evidence = join(folder, 'evidence');
  await good('ledger', 'export', '--workflow', decodeJwt(first.token).wid, evidence);
  await verify_both(evidence, trust);
  for (const [{ record }, typ] of [[second, OLD], [third, NEW]]) {
    const statement = join(folder, `${record}.cose`);
    await good('ledger', 'prove', record, '--form', 'cose', '-o', join(folder, record));
    assert.equal(open1(await readFile(statement)).header.get(HEADER.content_type), `application/${typ}`);
    const pinned_now = join(folder, 'now.trust');
    await writeFile(pinned_now, await good('trust', 'pin', '--print'));
    await verify_both(statement, pinned_now);
  }
  await pawl.stop();
  const found = await verify_both(pawl.data, trust);
  assert.equal(found.outcomes.unknown, 3);
  assert.equal(found.keys.length, 3);
  assert.equal(found.open_intents, 0);
});
