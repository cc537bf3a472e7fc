// Witnesses of our log, as processes of their own: two of three, the third dead, slow or lying; the
// evidence that verifiers get; a restored older copy that the witnesses know better.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE } from './support/process.mjs';
import { wait_for } from './support/wait.mjs';
import { Witness } from './support/witness.mjs';
import { verify } from './verify/independent/verify.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const SERVER = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const GO_ENV = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };

let [a, b, c] = [];
let pawl;
let vkey;
let policy_file;

const get = (path) => fetch(`${pawl.addresses.data}${path}`);
const proof_of = (index) => get(`/log/proof/${index}`);
const size_of = async () => (await pawl.json('status')).ledger.size;
const state_of = async (name) =>
  (await pawl.json('status')).witnesses.witnesses.find(({ witness }) => witness === name);

async function call() {
  const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  // A server that is just being started may refuse the first.
  await wait_for('a call that passes', async () => {
    const { body, record } = await agent.call('change', {});
    const refusal = body.result?._meta?.['pawl.record/refusal'];
    assert.ok(record !== undefined && (refusal?.retry_helps ?? !body.result?.isError),
      JSON.stringify(body));
    return refusal === undefined || undefined;
  });
  agent.close();
  return (await size_of()) - 1;
}

const covered = (index) => wait_for(`a cosigned proof of entry ${index}`, async () => {
  const answer = await proof_of(index);
  return answer.status === 200 ? answer.text() : undefined;
});

/** `third`: the URL of whoever plays it. */
async function restart_with(third, changes = {}) {
  await writeFile(policy_file, [`log ${vkey}`, `witness a ${a.vkey} ${a.url}`,
    `witness b ${b.vkey} ${b.url}/`, `witness c ${c.vkey} ${third}`, 'group two 2 a b c',
    'quorum two', ''].join('\n'));
  const config = JSON.parse(await readFile(pawl.config_file, 'utf8'));
  config.witnesses = { policy: policy_file, required: true, every_s: 1, timeout_s: 2, ...changes };
  await writeFile(pawl.config_file, JSON.stringify(config));
  await pawl.restart();
}

/** A witness as somebody would write it who means no good. @returns {Promise<{url, close}>} */
async function play(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => {
    server.closeAllConnections();
    server.close();
  } };
}

before(async () => {
  if (no_pawl()) return;
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL],
    servers: { w: { command: [NODE, SERVER, '--stdio', '--journal', 'journal'] } } });
  policy_file = join(pawl.folder, 'witnesses.policy');
  vkey = (await (await get('/log/vkey')).text()).trim();
  [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => Witness.make(`example.org/${name}`)));
  for (const witness of [a, b, c]) await witness.serve([vkey]);
});
after(async () => {
  await pawl?.close();
  for (const witness of [a, b, c]) await witness?.close();
});

test('the key of the log is published, and not among those of tokens', options, async () => {
  assert.equal(`${vkey}\n`, await readFile(join(pawl.data, 'ledger', 'log.vkey'), 'utf8'));
  const [key] = (await (await get('/.well-known/log-jwks.json')).json()).keys;
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  assert.deepEqual([key.kty, key.crv, key.alg, key.x],
    ['OKP', 'Ed25519', 'EdDSA', raw.toString('base64url')]);
  const tokens = (await (await get('/.well-known/jwks.json')).json()).keys;
  assert.deepEqual(tokens.map(({ kty }) => kty), ['EC']);
});

test('a receipt speaks of a checkpoint that two of three cosigned; every verifier takes it', options,
  async () => {
    await restart_with(c.url);
    const index = await call();
    const proof = await covered(index);
    const checkpoint = await (await get('/log/checkpoint')).text();
    assert.ok(Number(checkpoint.split('\n')[1]) > index);
    const base = join(pawl.folder, 'receipt');
    const trust = join(pawl.folder, 'log.trust');
    await writeFile(`${base}.tlog-proof`, proof);
    await writeFile(`${base}.token`,
      (await pawl.run(['ledger', 'show', String(index), '--token', '--config', pawl.config_file]))
        .stdout.trim());
    await writeFile(trust, (await pawl.run(['trust', 'pin', '--print', '--config',
                                            pawl.config_file])).stdout);
    const found = await pawl.run(['verify', `${base}.token`, '--proof', `${base}.tlog-proof`,
                                  '--trust', trust, '--policy', policy_file]);
    assert.equal(found.code, 0, found.stdout + found.stderr);
    const other = await verify(`${base}.token`,
      { proof: `${base}.tlog-proof`, trust, policy: policy_file });
    assert.equal(other.verdict, 'good', other.reason);
    const go = join(pawl.folder, 'verify');
    const file = join(pawl.folder, 'checkpoint');
    execFileSync('go', ['build', '-o', go, 'verify.go'],
      { cwd: fileURLToPath(new URL('verify/go', import.meta.url)), env: GO_ENV });
    await writeFile(file, checkpoint);
    const opened = [vkey, a.vkey, b.vkey, c.vkey].filter((key) => {
      try {
        return execFileSync(go, ['checkpoint', key, file], { encoding: 'utf8' }) === 'good\n';
      } catch {
        return false;
      }
    });
    assert.ok(opened.includes(vkey) && opened.length >= 3, `Go opens it with ${opened}`);
  });

test('prove and export without the daemon speak of the same', options, async () => {
  const index = await call();
  await covered(index);
  const base = join(pawl.folder, 'offline');
  const proven = await pawl.run(['ledger', 'prove', String(index), '-o', base, '--config',
                                 pawl.config_file]);
  assert.equal(proven.code, 0, proven.stderr);
  const trust = join(pawl.folder, 'log.trust');
  const bundle = join(pawl.folder, 'bundle');
  assert.equal((await pawl.run(['ledger', 'export', bundle, '--config', pawl.config_file])).code, 0);
  for (const args of [[`${base}.token`, '--proof', `${base}.tlog-proof`], [bundle]]) {
    const found = await pawl.run(['verify', ...args, '--trust', trust, '--policy', policy_file]);
    assert.equal(found.code, 0, found.stdout + found.stderr);
  }
});

test('two of three are enough, whatever the third does', options, async () => {
  const lies = {
    dead: null,
    slow: () => {},
    'without a line': (request, response) => response.end('cosigned\n'),
    'with a line of another': (request, response) => response.end(
      '\u2014 example.org/c 1+wyZwAAAABpnpMBlOQAGp75EPlsJBLDF8VBhz2Ltoji2wde8ntnNs4rZ1veCRnnp0'
      + 'tJihBqwTB23PN+XNl39ZxKrUvC1wH1Kau0AQ==\n'),
    'that claims a longer log': (request, response) => {
      response.writeHead(409, { 'Content-Type': 'text/x.tlog.size' }).end('99999\n');
    },
  };
  for (const [name, answer] of Object.entries(lies)) {
    const third = answer === null ? undefined : await play(answer);
    await restart_with(third?.url ?? 'http://127.0.0.1:9');
    const index = await call();
    await covered(index);
    const state = await wait_for(`${name}: its state`, async () => {
      const found = await state_of('c');
      return found.trouble === undefined ? undefined : found;
    });
    assert.equal(state.good, false, name);
    const { troubles } = await pawl.json('status');
    const raised = troubles.find(({ id }) => id === 'witness_conflict');
    assert.equal(raised !== undefined, name === 'that claims a longer log', name);
    if (raised) assert.match(raised.what, /without proof.* 99999 entries/);
    third?.close();
  }
});

test('without enough witnesses calls pass, and proofs wait', options, async () => {
  await restart_with('http://127.0.0.1:9');
  const before_it = await call();
  await covered(before_it);
  await b.stop();
  const index = await call();
  const refused = await proof_of(index);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  const problem = await refused.json();
  assert.match(problem.detail, /enough witnesses/);
  assert.equal((await proof_of(before_it)).status, 200, 'what they saw stays proven');
  const offline = await pawl.run(['ledger', 'prove', String(index), '-o',
    join(pawl.folder, 'early'), '--config', pawl.config_file]);
  assert.equal(offline.code, 2, offline.stderr);
  assert.match(offline.stderr, /enough witnesses/);
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_state\{name="witnesses_good"\} [012]\n/);
  assert.match((await pawl.run(['status', '--config', pawl.config_file])).stdout,
    /^witness \d of 3 answer; \d+ records? cosigned/m);
  await b.serve([vkey], b.address);
  await covered(index);
});

test('a renewed log has a key of its own, which its witnesses are told', options, async () => {
  const renewed = await pawl.json('ledger', 'renew');
  assert.ok(renewed);
  await wait_for('the next log', async () =>
    (await pawl.json('status')).ledger.log === 2 || undefined);
  const next = (await (await get('/log/vkey')).text()).trim();
  assert.notEqual(next, vkey);
  assert.equal((await proof_of(0)).status, 503);
  for (const witness of [a, b]) {
    await witness.stop();
    await witness.serve([vkey, next], witness.address);
  }
  await covered(0);
});

test('an older copy of the ledger: the witnesses know more, and prove it', options, async () => {
  const backup = join(pawl.folder, 'backup');
  await pawl.stop();
  await cp(pawl.data, backup, { recursive: true });
  await pawl.serve();
  const index = await call();
  await covered(index);
  await pawl.stop();
  await rm(pawl.data, { recursive: true });
  await cp(backup, pawl.data, { recursive: true });
  await pawl.serve();
  const raised = await wait_for('the alarm', async () =>
    (await pawl.json('status')).troubles.find(({ id }) => id === 'witness_conflict'));
  assert.match(raised.what, /proves that it cosigned/);
  const { conflict } = await state_of('a');
  assert.ok(conflict?.proven ?? (await state_of('b')).conflict.proven);
  assert.match(await pawl.log(), /"event":"witness_conflict"/);
});
