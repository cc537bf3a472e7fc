// The Go verifier and verify_token as commands: exit 0 good, 1 bad, 2 undecided. The Go program is
// the third reader of the same vectors and needs Debian's golang-go and golang-golang-x-mod-dev.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CompactSign, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const VECTORS = here('vectors');
const GO_ENV = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
let folder;
let vkey;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pawl-verify-'));
  ({ vkey } = JSON.parse(await readFile(join(VECTORS, 'vectors.json'), 'utf8')));
  await writeFile(join(folder, 'entry'), 'entry 300 of the test log');
  await writeFile(join(folder, 'other'), 'entry 301 of the test log');
});
after(async () => { await rm(folder, { recursive: true }); });

/** @returns {Promise<{code: number, stdout: string, stderr: string}>} */
function run(program, args, options = {}) {
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}
const node = (script, ...args) => run(process.execPath, [here(script), ...args]);
const vector = (name) => join(VECTORS, name);
const proof = () => vector('receipts/300-of-600.tlog-proof');

test('the Go verifier as a command', async () => {
  const program = join(folder, 'verify');
  const built = await run('go', ['build', '-o', program, 'verify.go'],
    { cwd: here('go'), env: GO_ENV });
  assert.equal(built.code, 0, `go build: ${built.stderr}`);
  const cases = [
    ['a checkpoint', ['checkpoint', vkey, vector('checkpoint')], 0],
    ['a receipt', ['receipt', vkey, join(folder, 'entry'), proof()], 0],
    ['another entry', ['receipt', vkey, join(folder, 'other'), proof()], 1],
    ['consistency', ['consistency', vkey, vector('checkpoints/7'), vector('checkpoint'), VECTORS],
     0],
    ['no such file', ['checkpoint', vkey, vector('nothing')], 2],
    ['nonsense', ['nonsense'], 2],
  ];
  for (const [name, args, expected] of cases) {
    const { code, stdout, stderr } = await run(program, args);
    assert.equal(code, expected, `${name}: ${stdout}${stderr}`);
  }
});

test('the vectors are what the Go program makes', async () => {
  const again = join(folder, 'again');
  const made = await run('go', ['run', '.', again],
    { cwd: here('go/vectors'), env: GO_ENV });
  assert.equal(made.code, 0, made.stderr);
  const files = async (root) => (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(root.length)).sort();
  assert.deepEqual(await files(again), await files(VECTORS));
  for (const file of await files(again)) {
    assert.deepEqual(await readFile(join(again, file)), await readFile(join(VECTORS, file)), file);
  }
});

const CLAIMS = { iss: 'spiffe://example.org/pawl/gw', aud: ['spiffe://example.org/pawl/ledger'],
  iat: 1, exp: 2, jti: 'j', exec_act: 'tool.call', pred: [] };

function sign(key, header = {}, claims = CLAIMS) {
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', typ: 'exec+jwt', kid: 'k1', ...header }).sign(key);
}

test('tokens verify with a JWK, a set and a PEM, and only with the right key', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const other = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...await exportJWK(publicKey), kid: 'k1' };
  const keys = { jwk: JSON.stringify(jwk), set: JSON.stringify({ keys: [jwk] }),
    pem: await exportSPKI(publicKey), other: JSON.stringify(await exportJWK(other.publicKey)),
    empty: JSON.stringify({ keys: [] }) };
  const good = await sign(privateKey);
  const altered = good.replace(/\.(..)/, (_, start) => `.${start === 'ey' ? 'ez' : 'ey'}`);
  const { exec_act, ...without_act } = CLAIMS;
  const cases = [
    ['JWK', 'jwk', good, 0], ['set', 'set', good, 0], ['PEM', 'pem', good, 0],
    ['the older typ', 'jwk', await sign(privateKey, { typ: 'wimse-exec+jwt' }), 0],
    ['another key', 'other', good, 1], ['altered', 'jwk', altered, 1],
    ['another typ', 'jwk', await sign(privateKey, { typ: 'JWT' }), 1],
    ['a claim missing', 'jwk', await sign(privateKey, {}, without_act), 1],
    ['not a token', 'jwk', 'hello', 1], ['no such key in the set', 'empty', good, 2],
  ];
  assert.equal(exec_act, 'tool.call');
  for (const [name, key, token, expected] of cases) {
    await writeFile(join(folder, 'key'), keys[key]);
    await writeFile(join(folder, 'token'), `${token}\n`);
    const { code, stdout } = await node('verify_token.mjs', '--key', join(folder, 'key'),
      join(folder, 'token'));
    assert.equal(code, expected, `${name}: ${stdout}`);
  }
});
