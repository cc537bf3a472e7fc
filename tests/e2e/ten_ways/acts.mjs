// What a scripted agent has at hand: a shell, HTTP, keys that it makes, and what it reads. Nothing but
// Node and the files beside it, so that a copy runs as any user.

import { spawnSync } from 'node:child_process';
import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, randomUUID }
  from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sign_jws } from '../verify/forge.mjs';

export const INSTANCE = 'spiffe://example.org/pawl/gw1';
const REVISION = '2026-07-28';
const LIFE_S = 120;
const STEP_S = 30;
const seconds = () => Math.floor(Date.now() / 1000);
const digest_of = (text) => createHash('sha256').update(text).digest('base64url');

export function require_that(condition, why) {
  if (!condition) {
    throw new Error(why);
  }
}

/** A copy whose members are in the order of canonical JSON. */
function sorted(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** A key with its name. @param {string} [pem] without it: a new one */
export function key_of(pem) {
  const key = pem === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : createPrivateKey(pem);
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  const jwk = { crv, kty, x, y };
  return { key, jwk, kid: digest_of(JSON.stringify(jwk)) };
}

/** Hands over the key as a file of the agent's own. */
export function with_key_file({ key }, body) {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-agent-'));
  const file = join(folder, 'own.pem');
  writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    return body(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A command of pawl, as anybody runs it. */
export function run({ pawl, config }, args, input = '') {
  const { status, stdout, stderr } = spawnSync(pawl, [...args, '--config', config],
    { encoding: 'utf8', input });
  require_that(status === 0, `exit ${status}: ${stderr}`);
  return stdout;
}

/** What was refused so far: where, what, and with which code, as the answers said. */
export const refusals = [];

function note_refusal(address, method, status, text) {
  const { origin, pathname } = new URL(address);
  let code = String(status);
  try {
    code = JSON.parse(text).type.split(':').at(-1);
  } catch {  // no problem of the gateway's
  }
  refusals.push({ at: origin, act: `${method} ${pathname}`, code });
}

/** Asks; @returns {Promise<{json: object | undefined, answer: Response}>} @throws what is refused */
async function asked(address, { token, body, method = body === undefined ? 'GET' : 'POST', headers = {} } = {}) {
  const answer = await fetch(address, { method,
    headers: { 'content-type': 'application/json', ...headers,
               ...token === undefined ? {} : { authorization: `Bearer ${token}` } },
    body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) {
    note_refusal(address, method, answer.status, text);
  }
  require_that(answer.ok, `HTTP ${answer.status}: ${text}`);
  return { answer, json: text === '' ? undefined : JSON.parse(text) };
}

export const ask = async (address, how) => (await asked(address, how)).json;

/** Does each of the steps, whichever fails. @throws why the first failed that did */
export async function each_of(...steps) {
  let failure;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) {
    throw failure;
  }
}

/** The token if it can be read: whoever cannot, tries without. */
export function token_if_any({ data }, name = 'control') {
  try {
    return readFileSync(join(data, 'run', `${name}.token`), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The key of a file if it can be read: whoever cannot, tries a new one. */
export function key_if_any(file) {
  try {
    return key_of(readFileSync(file));
  } catch {
    return key_of();
  }
}

/** What a person would sign to approve this, said and signed by whoever has the key. */
export function approval_by({ key, kid }, approval, { operator = 'mallory', as = kid } = {}) {
  const { binding, nonce, id, owner, terms } = approval;
  const said = { instance: INSTANCE, approval: id, binding,
    binding_digest: digest_of(JSON.stringify(sorted(binding))), requested: binding.digest,
    terms_digest: digest_of(JSON.stringify(sorted({ owner, terms }))), executed: binding.digest, decision: 'approve', uses: 1, expires: approval.expires, nonce, operator,
    role: 'approver', key: as };
  return sign_jws(key, { alg: 'ES256', kid: as, typ: 'approval+jwt' }, sorted(said));
}

export function enrollment_by({ key, kid }, who, { operator, bootstrap = false, as = kid }) {
  const iat = seconds();
  return sign_jws(key, { alg: 'ES256', typ: 'enrollment+jwt', kid: as }, { aud: INSTANCE, iat,
    exp: iat + LIFE_S, jti: randomUUID(), by: { operator, key: as },
    enrollment: { verb: 'enroll', operator: 'mallory', roles: ['admin', 'approver'], key: who.jwk,
                  ...bootstrap ? { bootstrap } : {} } });
}

export function resume_by({ key, kid }, stop, as = kid) {
  const iat = seconds();
  return sign_jws(key, { alg: 'ES256', typ: 'override+jwt', kid: as }, { aud: INSTANCE, iat,
    exp: iat + LIFE_S, jti: randomUUID(),
    ovr: { verb: 'resume', scope: stop.scope, reason: 'mine', stops: [stop.id] } });
}

export const decide = ({ control }, statement, token) =>
  ask(`${control}/api/v1/approvals/decide`, { token, body: { statement } });
export const resume = ({ override }, body, token) =>
  ask(`${override}/override/v1/resume`, { token, body });

/** A call as the agent makes it, wherever the MCP endpoint is. */
export const call = (url, token, name, args = {}, meta = {}) => ask(url, { token,
  headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': REVISION,
             'mcp-method': 'tools/call', 'mcp-name': name },
  body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args,
    _meta: { 'io.modelcontextprotocol/protocolVersion': REVISION,
             'io.modelcontextprotocol/clientInfo': { name: 'scripted', version: '1' },
             'io.modelcontextprotocol/clientCapabilities': {}, ...meta } } } });

/** The id of the approval that this call waits for. */
export async function held_call(target, agent, args) {
  const { result } = await call(target.mcp, target.keys[agent], 'held', args);
  const id = result?._meta?.['pawl.record/approval']?.id;
  require_that(id !== undefined, `it does not wait: ${JSON.stringify(result)}`);
  return id;
}

/** Connects as the client side of `pawl wrap`. */
export function say_hello(socket_file) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socket_file);
    socket.on('error', reject).on('connect', () => {
      socket.write(`${JSON.stringify({ pawl_wrap: 1, role: 'client', name: 'any', agent: '',
        pair: randomBytes(32).toString('base64url') })}\n`);
    });
    createInterface({ input: socket }).on('error', reject).once('line', (line) => {
      socket.destroy();
      const { ok, error } = JSON.parse(line);
      ok ? resolve() : reject(new Error(error));
    });
  });
}

/**
 * Makes an account that may everything, and signs in with it, also if it could not be made.
 * @returns {Promise<{cookie: string, csrf: string}>}
 */
export async function make_account(target) {
  const password = randomBytes(24).toString('base64url');
  let secret = 'A'.repeat(32);
  let session;
  await each_of(
    () => {
      ({ secret } = JSON.parse(run(target, ['account', 'add', 'mallory', '--grant', 'admin', '--grant',
        'approver', '--json'], `${password}\n`)));
    },
    async () => {
      const { answer, json } = await asked(`${target.people}/api/v1/session`,
        { headers: { origin: target.people }, body: { user: 'mallory', password, code: totp(secret) } });
      session = { cookie: answer.headers.get('set-cookie').split(';')[0], csrf: json.csrf };
    });
  return session;
}

/** The code of RFC 6238 of now. */
function totp(secret) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(seconds() / STEP_S)));
  const mac = createHmac('sha1', key).update(count).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
