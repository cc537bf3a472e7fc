// The console's files on the control listener of the program: for everybody, under the policy of content.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { ALLOW_ALL, no_pawl, Pawl } from './support/pawl.mjs';

// docs/plan_approval.md, decided ahead, 9.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
  + "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const options = { skip: no_pawl() };
let pawl;

before(async () => { if (!no_pawl()) pawl = await Pawl.start({ rules: [ALLOW_ALL] }); });
after(() => pawl?.close());

/** Without what fetch() adds and takes away: codings, redirects. */
function ask(method, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(pawl.addresses.control + path, { method, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('control: console-csp', options, async () => {
  const page = await ask('GET', '/console/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-security-policy'], POLICY);
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
});

test('the page, its files, and nothing else', options, async () => {
  assert.deepEqual(await ask('GET', '/').then(({ status, headers }) => [status, headers.location]), [302, '/console/']);
  const page = await ask('GET', '/console/approvals/019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11');
  assert.equal(page.status, 200);
  assert.equal(page.headers['cache-control'], 'no-cache');
  const files = [...page.body.toString().matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path);
  for (const path of files) {
    const plain = await ask('GET', path);
    assert.equal(plain.status, 200);
    assert.match(plain.headers['cache-control'], /immutable/);
    assert.equal(plain.headers.etag, `"${createHash('sha256').update(plain.body).digest('base64url')}"`);
    const small = await ask('GET', path, { 'Accept-Encoding': 'gzip' });
    const smaller = await ask('GET', path, { 'Accept-Encoding': 'gzip, br' });
    assert.ok(small.headers['content-encoding'] === undefined || gunzipSync(small.body).equals(plain.body));
    assert.ok(smaller.headers['content-encoding'] === undefined || brotliDecompressSync(smaller.body).equals(plain.body));
    const head = await ask('HEAD', path);
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  }
  for (const [method, path, status] of [['POST', '/console/', 405], ['DELETE', '/', 405], ['GET', '/console/no.js', 404],
    ['GET', '/console/%2e%2e/pawl.yaml', 404], ['GET', '/api/v1/status', 401]]) {
    assert.equal((await ask(method, path)).status, status, `${method} ${path}`);
  }
});

test('what the sign-in page offers is what the configuration says', options, async () => {
  const offered = await ask('GET', '/console/offered.json');
  assert.deepEqual(JSON.parse(offered.body), { sign_in: false, accounts: false, oidc: false });
});
