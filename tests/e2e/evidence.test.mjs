// The records of one workflow in one file, from real runs: out of the running daemon's ledger and
// out of the folder alone, across a change of keys, a renewal, and with witnesses. Both verifiers
// judge each file.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT, decodeJwt, exportJWK } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';
import { Witness } from './support/witness.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
const ORCHESTRATOR = 'spiffe://partner.example/orchestrator';
const CODES = ['good', 'bad', 'undecided'];
let folder;
let server;
let orchestrator;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-evidence-'));
  if (no_pawl()) return;
  server = await start_until_json(NODE,
    [here('crash/witness_server.mjs'), '--journal', join(folder, 'journal')]);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  orchestrator = pair.privateKey;
  await writeFile(join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: 'o', alg: 'ES256' }] }));
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function start(context) {
  const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { s: { url: server.ready.url } },
    config: { trusted_tokens: [{ issuer: ORCHESTRATOR, jwks_file: join(folder, 'jwks.json') }] } });
  context.after(() => pawl.close());
  return pawl;
}

let n = 0;
/** One call that names `parents`. @returns {Promise<{record, token, wid}>} */
async function call(pawl, ...parents) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  n += 1;
  const { headers, record, body } = await agent.call('change', { n },
    { meta: parents.length > 0 ? { 'pawl.record/parents': parents } : {} });
  agent.close();
  const token = headers['execution-context'];
  assert.ok(token !== undefined, JSON.stringify(body));
  return { record, token, wid: decodeJwt(token).wid };
}

/** root; two that it led to; one that both led to. */
async function diamond(pawl) {
  const root = await call(pawl);
  const left = await call(pawl, root.token);
  const right = await call(pawl, root.token);
  return { root, left, right, joined: await call(pawl, left.token, right.token) };
}

const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
async function good(pawl, ...args) {
  const { code, stdout, stderr } = await command(pawl, ...args);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}
async function pin(pawl, name = 'log.trust') {
  await writeFile(join(folder, name), await good(pawl, 'trust', 'pin', '--print'));
  return join(folder, name);
}
async function export_of(pawl, id, name, ...more) {
  const path = join(folder, name);
  const told = await good(pawl, 'ledger', 'export', '--workflow', id, path, '--json', ...more);
  return { path, told: JSON.parse(told) };
}
const read = async (path) => JSON.parse(await readFile(path, 'utf8'));
const ids_of = ({ entries }) => entries.map(({ token }) => decodeJwt(token).jti);

/** Both verifiers. @returns {Promise<object>} what `pawl verify` says */
async function verify(path, trust, expected, policy) {
  const asked = ['--trust', trust, ...(policy === undefined ? [] : ['--policy', policy])];
  const run = (program, args) => new Promise((done) => {
    execFile(program, args, (error, stdout) =>
      done({ code: error === null ? 0 : error.code, stdout }));
  });
  const other = await run(NODE, [here('verify/independent/verify.mjs'), path, ...asked]);
  assert.equal(CODES[other.code], expected, `independent: ${other.stdout}`);
  const { code, stdout } = await run(PAWL_BIN,
    ['verify', path, ...asked, '--json']);
  assert.equal(CODES[code], expected, `pawl verify: ${stdout}`);
  return JSON.parse(stdout);
}

test('a chain of calls, from the running daemon and from its folder', options, async (context) => {
  const pawl = await start(context);
  const before_it = await diamond(pawl);
  const { root, left, right, joined } = await diamond(pawl);
  const after_it = await diamond(pawl);
  assert.equal(joined.wid, root.wid);
  assert.notEqual(before_it.root.wid, root.wid);
  const trust = await pin(pawl);

  const live = await export_of(pawl, root.wid, 'live.evidence');
  assert.equal(live.told.records, 4);
  assert.equal(live.told.partial, false);
  const expected = [root, left, right, joined].map(({ record }) => record);
  assert.deepEqual(ids_of(await read(live.path)), expected, 'these and no others, in their order');
  const found = await verify(live.path, trust, 'good');
  assert.equal(found.evidence.level, 'L3');
  assert.equal(found.outcomes.confirmed, 4);

  await pawl.stop();
  const still = await export_of(pawl, joined.record, 'still.evidence');
  assert.deepEqual(ids_of(await read(still.path)), expected, 'by a record, and without a daemon');
  await verify(still.path, trust, 'good');
  const people = await command(pawl, 'verify', still.path, '--trust', trust);
  assert.match(people.stdout, /^PROVEN GOOD: 4 records of workflow .* stand in the log/m);
  assert.match(people.stdout, /^graph +complete/m);
  assert.match(people.stdout, /^not shown +that nothing was left out/m);

  // Out of two true files, none of another workflow is made.
  const other = await export_of(pawl, after_it.root.wid, 'other.evidence');
  const mixed = await read(still.path);
  mixed.entries.push((await read(other.path)).entries[0]);
  await writeFile(join(folder, 'mixed'), JSON.stringify(mixed));
  const caught = await verify(join(folder, 'mixed'), trust, 'bad');
  assert.match(caught.reason, /belongs to the workflow/);
});

test('what a foreign token led to is partial, and no more than L2', options, async (context) => {
  const pawl = await start(context);
  const jti = randomUUID();
  const far = randomUUID();
  const claims = { iss: ORCHESTRATOR, aud: ['spiffe://example.org/agent/a'], jti,
    exec_act: 'plan.step', pred: [far] };
  const foreign = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'o', typ: 'exec+jwt' })
    .setIssuedAt().setExpirationTime('10m').sign(orchestrator);
  const first = await call(pawl, foreign);
  const second = await call(pawl, first.token);
  const trust = await pin(pawl);
  const { path, told } = await export_of(pawl, second.record, 'partial.evidence');
  assert.deepEqual(told.missing.map(({ id, accounted }) => [id, accounted]), [[far, true]]);
  const found = await verify(path, trust, 'good');
  assert.deepEqual([found.evidence.partial, found.evidence.level], [true, 'L2']);
  const file = await read(path);
  const [kept] = file.entries.map(({ token }) => decodeJwt(token).ect_ext['pawl.token']);
  assert.equal(kept.token, foreign, 'the token itself is in it, before what came of it');
  file.missing = [];
  await writeFile(join(folder, 'denied'), JSON.stringify(file));
  const denied = await verify(join(folder, 'denied'), trust, 'bad');
  assert.match(denied.reason, /does not name as missing/);
});

test('a key that changes in a workflow: a pin of the first is enough', options, async (context) => {
  const pawl = await start(context);
  const trust = await pin(pawl);
  const first = await call(pawl);
  await good(pawl, 'keys', 'rotate');
  const second = await call(pawl, first.token);
  const { path, told } = await export_of(pawl, first.wid, 'rotated.evidence');
  assert.deepEqual([told.records, told.key_records], [2, 3]);
  const found = await verify(path, trust, 'good');
  assert.equal(found.keys.length, 2);
  assert.equal(second.wid, first.wid);
  // Without the record that lets it begin, the new key signed what nobody let it sign.
  const file = await read(path);
  file.key_records.splice(1);
  await writeFile(join(folder, 'no_key'), JSON.stringify(file));
  const unknown = await verify(join(folder, 'no_key'), trust, 'bad');
  assert.match(unknown.reason, /no record before it activated/);
});

test('a workflow that goes on in the next log has a file of each', options, async (context) => {
  const pawl = await start(context);
  const first = await call(pawl);
  const trust = await pin(pawl);
  await good(pawl, 'ledger', 'renew');
  const second = await call(pawl, first.token);
  const newest = await export_of(pawl, first.wid, 'second.evidence');
  assert.deepEqual([newest.told.records, newest.told.other_logs], [1, [1]]);
  assert.deepEqual(ids_of(await read(newest.path)), [second.record]);
  const found = await verify(newest.path, trust, 'undecided');
  assert.match(found.reason, /left out, or stands in an earlier log/);
  const older = await export_of(pawl, first.wid, 'first.evidence', '--log', '1');
  assert.deepEqual(ids_of(await read(older.path)), [first.record]);
  await verify(older.path, trust, 'good');
});

test('with witnesses the checkpoint is one that they cosigned', options, async (context) => {
  const pawl = await start(context);
  const trust = await pin(pawl);
  const { log } = JSON.parse(await readFile(trust, 'utf8'));
  const witness = await Witness.make('example.org/w');
  context.after(() => witness.close());
  await witness.serve([log]);
  const policy = join(folder, 'witnesses.policy');
  await writeFile(policy, `witness w ${witness.vkey} ${witness.url}\nquorum w\n`);
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  config.witnesses = { policy, required: true, every_s: 1, timeout_s: 5 };
  await writeFile(pawl.config_file, JSON.stringify(config));
  await pawl.restart();
  const { record } = await call(pawl);
  const path = join(folder, 'cosigned.evidence');
  await wait_for('a cosigned checkpoint', async () => {
    const { code, stderr } = await command(pawl, 'ledger', 'export', '--workflow', record, path);
    assert.ok(code === 0 || /enough witnesses cosigned/.test(stderr), stderr);
    return code === 0 || undefined;
  });
  const found = await verify(path, trust, 'good', policy);
  assert.equal(found.witnesses.met, true);
  const file = await read(path);
  file.checkpoint = `${file.checkpoint.split('\n').slice(0, 5).join('\n')}\n`;
  await writeFile(join(folder, 'unseen'), JSON.stringify(file));
  await verify(join(folder, 'unseen'), trust, 'undecided', policy);
});
