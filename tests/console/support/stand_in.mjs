// The gateway as the console sees it: the built assets under the real policy of content, and the contract's JSON.
// What a test wants said differently it changes in `state`; what the page sent stands in `requests`.
//
//   const gateway = await StandIn.start();   gateway.state.overview = quiet_overview();   gateway.push('reload', {});

import { createServer } from 'node:http';
import { createHash, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from '../../e2e/support/signed_in.mjs';
import { approvals, overview, sha, who } from './scenario.mjs';

export const DIST = process.env.PAWL_CONSOLE_DIST ?? fileURLToPath(new URL('../../../console/dist', import.meta.url));
export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

const problem = (status, title, detail) => [status, { type: `https://pawl.example/problems/${title}`, title, status, detail }];

export class StandIn {
  state = { signed_in: true, offered: { sign_in: true, accounts: true, oidc: true }, who: who(), overview: overview(), approvals: approvals(),
    answers: {},            // 'GET /api/v1/agents' -> value or function(request, body, url)
    ahead_s: 0 };           // its clock, before that of the browser
  requests = [];
  keys = new Map();         // credential -> KeyObject: passkeys that the "gateway" knows
  #server;
  #streams = new Set();
  #event = 0;

  static async start() {
    const out = new StandIn();
    out.#server = createServer((request, response) => out.#handle(request, response).catch((error) => {
      response.writeHead(500);
      response.end(String(error.stack));
    }));
    await new Promise((done) => out.#server.listen(0, '127.0.0.1', done));
    return out;
  }

  get address() { return `http://localhost:${this.#server.address().port}`; }

  push(name, data) {
    this.#event += 1;
    for (const stream of this.#streams) stream.write(`id: ${this.#event}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  drop_streams() { for (const stream of this.#streams) stream.destroy(); }

  async close() {
    this.drop_streams();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #handle(request, response) {
    const url = new URL(request.url, this.address);
    response.setHeader('Date', new Date(Date.now() + this.state.ahead_s * 1000).toUTCString());
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text ? JSON.parse(text) : undefined;
    this.requests.push({ method: request.method, path: url.pathname, query: url.search, headers: request.headers, body });
    if (url.pathname === '/api/v1/events') return this.#events(request, response);
    if (url.pathname.startsWith('/api/')) {
      const [status, value] = await this.#api(request, url, body);
      response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', 'Cache-Control': 'no-store' });
      return response.end(JSON.stringify(value));
    }
    if (url.pathname === '/console/offered.json') {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify(this.state.offered));
    }
    const asset = /^\/console\/(assets\/[\w.-]+)$/.exec(url.pathname);
    const file = join(DIST, asset ? asset[1] : 'index.html');
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP,
      'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
    response.end(await readFile(file));
  }

  #events(request, response) {
    if (!this.state.signed_in || this.state.no_events) {
      response.writeHead(404);
      return response.end();
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    this.#streams.add(response);
    request.on('close', () => this.#streams.delete(response));
  }

  async #api(request, url, body) {
    const { state } = this;
    const what = `${request.method} ${url.pathname}`;
    if (what in state.answers) {
      const answer = state.answers[what];
      const value = typeof answer === 'function' ? await answer(request, body, url) : answer;
      return Array.isArray(value) && typeof value[0] === 'number' ? value : [200, value];
    }
    if (what === 'POST /api/v1/session') return this.#sign_in(body);
    if (what === 'POST /api/v1/session/challenge') return [200, { challenge: sha(String(Math.random())), rp: 'localhost' }];
    if (!state.signed_in) return problem(401, 'unauthenticated', 'no session');
    if (request.method !== 'GET' && request.headers['x-pawl-csrf'] !== state.who.csrf) return problem(403, 'forbidden', 'the CSRF token is missing');
    if (what === 'GET /api/v1/session') return [200, state.who];
    if (what === 'DELETE /api/v1/session') { state.signed_in = false; return [200, { result: 'signed out' }]; }
    if (what === 'POST /api/v1/session/passkeys') return this.#register(body);
    if (what === 'GET /api/v1/overview') return [200, state.overview];
    if (what === 'GET /api/v1/approvals') {
      return [200, { approvals: state.approvals.map(({ params, effect, obliged, usual, before, instance, ...one }) => one) }];
    }
    if (what === 'POST /api/v1/approvals/decide') return this.#decide(body);
    const one = state.approvals.find(({ id }) => url.pathname === `/api/v1/approvals/${id}`);
    return one ? [200, one] : problem(404, 'not_found', 'there is no such thing');
  }

  #sign_in(body) {
    if (body?.password !== PASSWORD || (!body.passkey && body.code !== '123456')) {
      return problem(401, 'unauthenticated', 'not signed in');
    }
    this.state.signed_in = true;
    return [200, this.state.who];
  }

  #register(body) {
    const client = JSON.parse(Buffer.from(body.client_data, 'base64url'));
    if (client.type !== 'webauthn.create' || client.challenge !== body.challenge) return problem(400, 'invalid_params', 'another challenge');
    const credential = sha(body.attestation_object).slice(0, 22);
    this.state.who.passkeys.push({ credential, kid: sha(credential) });
    return [200, { credential }];
  }

  // As the gateway does: the signature over authenticator data and client data, the challenge, and the statement's members.
  #decide({ passkey, params }) {
    const client = JSON.parse(Buffer.from(passkey.client_data, 'base64url'));
    const said = JSON.parse(passkey.statement);
    const one = this.state.approvals.find(({ id }) => id === said.approval);
    const key = this.state.who.operator?.keys.find(({ kid }) => kid === said.key);
    const signed_bytes = Buffer.concat([Buffer.from(passkey.authenticator_data, 'base64url'),
      createHash('sha256').update(Buffer.from(passkey.client_data, 'base64url')).digest()]);
    const good = key && verify('sha256', signed_bytes, this.keys.get(key.passkey.credential), Buffer.from(passkey.signature, 'base64url'));
    if (client.type !== 'webauthn.get' || client.challenge !== sha(passkey.statement) || !good) {
      return problem(403, 'bad_signature', 'approval: not signed by this passkey');
    }
    if (said.executed !== said.requested ? sha(params ?? '') !== said.executed : params !== undefined) {
      return problem(400, 'invalid_params', 'approval: the params are not those that were signed');
    }
    if (one.phase !== 'pending') return problem(409, 'conflict', 'approval: it was decided already');
    one.by.push({ by: 'person', decision: said.decision, operator: said.operator, key: said.key, role: said.role, at: Math.floor(Date.now() / 1000),
      executed: said.executed, uses: said.uses, expires: said.expires });
    one.needed = said.decision === 'deny' ? 0 : Math.max(0, one.needed - 1);
    if (params !== undefined) one.changed = { params, differs: [] };
    one.phase = said.decision === 'deny' ? 'denied' : one.needed === 0 ? 'approved' : 'pending';
    this.push('approval', { approval: one.id, phase: one.phase, needed: one.needed, expires: one.expires, ...one.binding });
    return [200, { approval: one.id, record: one.id, phase: one.phase, needed: one.needed }];
  }
}
