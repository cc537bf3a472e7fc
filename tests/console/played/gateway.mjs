// A gateway that is played: serves the built console and the answers of docs/formats/console_api.md, with
// records that are really signed. For pages whose answers have to be awkward, large or fast.
// Usage: node gateway.mjs [PORT]   then open http://localhost:PORT/console/

import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGENTS, RULES, SERVERS, large_workflow, play_day } from './day.mjs';
import { drawn } from './drawn.mjs';
import { PlayedLog } from './log.mjs';
import { Events } from './events.mjs';
import { CSP, DIST } from '../support/stand_in.mjs';

export const LARGE = '019ac000-0000-7000-8000-00000000aaaa';
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
  '.svg': 'image/svg+xml' };

let large;

export class PlayedGateway {
  #server;
  log = new PlayedLog();
  events = new Events();
  /** Answers in place of the usual ones, by path: [status, body] or a function of the URL and body. */
  instead = new Map();
  requests = [];
  /** Without a stream of events. */
  is_deaf = false;
  /** {address, token} of a program: what it reads is asked there, and only who is signed in is played. */
  behind = null;

  static async start(port = 0) {
    const gateway = new PlayedGateway();
    const { workflows } = play_day(gateway.log);
    gateway.workflows = workflows;
    gateway.#server = createServer((request, response) => void gateway.#answer(request, response));
    await new Promise((resolve) => gateway.#server.listen(port, '127.0.0.1', resolve));
    gateway.address = `http://localhost:${gateway.#server.address().port}`;
    return gateway;
  }

  /** The newest record of this tool. */
  record_of(tool) {
    return this.log.records.findLast((row) => row.name === tool);
  }

  async close() {
    this.events.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.address);
    if (url.pathname === '/console/offered.json') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ sign_in: true, accounts: true, oidc: false }));
    }
    if (url.pathname === '/' || url.pathname.startsWith('/console')) {
      return serve_file(url.pathname, response);
    }
    if (url.pathname === '/api/v1/events' && !this.is_deaf) {
      return this.events.add(request, response);
    }
    let body = '';
    for await (const part of request) {
      body += part;
    }
    this.requests.push(`${request.method} ${request.url}`);
    if (this.behind !== null && !/^\/api\/v1\/(session|approvals)/.test(url.pathname)) {
      return this.#ask_program(request, body, response);
    }
    const [status, answer] = this.#api(url, body === '' ? null : JSON.parse(body));
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json'
      : 'application/problem+json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(answer));
  }

  async #ask_program({ method, url }, body, response) {
    const answer = await fetch(this.behind.address + url, { method, body: body || undefined,
      headers: { authorization: `Bearer ${this.behind.token}`, 'content-type': 'application/json' } });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  }

  #api(url, body) {
    const path = url.pathname.slice('/api/v1/'.length);
    const instead = this.instead.get(path);
    if (instead !== undefined) {
      return typeof instead === 'function' ? instead(url, body) : instead;
    }
    const [what, id, more] = path.split('/').map(decodeURIComponent);
    const answer = id === 'search' ? undefined : this[`get_${what}`]?.(id, url.searchParams, body, more);
    return answer === undefined
      ? [404, { title: 'not_found', status: 404, detail: 'there is no such thing' }] : [200, answer];
  }

  get_session() {
    return { session: 's', user: 'alice@example.org', method: 'password+passkey', grants: ['admin'], csrf: 'c',
      idle_s: 900, longest_s: 28_800, operator: { name: 'alice@example.org', keys: [] }, passkeys: [],
      instance: 'spiffe://example.org/pawl/gw1' };
  }

  get_approvals() { return { approvals: [] }; }
  get_agents() { return { agents: AGENTS }; }
  get_servers() { return { servers: SERVERS }; }

  get_overview() {
    return { now_ms: Date.now(), rates: { calls_per_s: 2.4, refusals_per_s: 0.1, held: 0 }, pending: 0, open: [],
      agents: AGENTS.map(({ id, calls, refused, stopped }) => ({ id, calls, refused, held: 0, stopped })),
      stops: [], troubles: [] };
  }

  get_rules(what, query, body) {
    switch (what) {
      case undefined:
        return { set: { name: 'main', owner: 'ops@example.org', version: 7,
          digest: 'wKh0L05Cx81oN-9wRkFaf3gKzwAlzKfALWgS4XFZvgA', signed_by: 'alice@example.org' },
          files: [{ path: 'rules.yaml', text: RULES }] };
      case 'test':
        return { decision: 'hold', rule: 'refunds-need-a-person', reason: 'a person with the role lead decides',
          atoms: [{ text: 'group = finance', value: true }, { text: 'tool = refund', value: true },
            { text: 'resource file:///etc/**', value: false, found: 'absent', rule: 'no-secrets' }] };
      case 'check':
        return body.files.some(({ text }) => text.includes('tol:'))
          ? { problems: [{ path: 'rules.yaml', line: 7, column: 7, severity: 'error',
            message: 'unknown key "tol"; did you mean "tool"?' }], digest: null }
          : { problems: [{ path: 'rules.yaml', line: 17, column: 5, severity: 'warning',
            message: 'rule no-secrets never decides' }], digest: 'G6l53N95YTc61y9i8pGyZaBMHDm6q6Ox8bxCmPSs3Ag' };
      case 'proposals':
        return { proposals: [{ id: '019ab000-0000-7000-8000-0000000000f1', at: this.log.records.at(-1).at - 300,
          by: 'bob@example.org', reason: 'approved 14 times without a change',
          text: '  - id: refunds-below-20\n    when: { group: finance, tool: refund, arguments: { amount: { range: { lte: 20 } } } }\n    then: allow\n' }] };
      default: return undefined;
    }
  }

  get_workflows(id, query) {
    if (id !== undefined) {
      const rows = id === LARGE ? large_rows() : this.log.records.filter((row) => row.workflow === id);
      return rows.length === 0 ? undefined : drawn(id, rows, query.get('expand') ?? '');
    }
    const row_of = (workflow, rows) => ({ id: workflow, began: rows[0].at, last: rows.at(-1).at,
      records: rows.length, agents: [...new Set(rows.map((row) => row.agent))],
      outcome_counts: Object.fromEntries(['confirmed', 'failed', 'unknown', 'denied', 'error']
        .map((outcome) => [outcome, rows.filter((row) => row.outcome === outcome).length])
        .filter(([, count]) => count > 0)) });
    return { workflows: [row_of(LARGE, large_rows()), ...this.workflows.toReversed().map((workflow) =>
      row_of(workflow, this.log.records.filter((row) => row.workflow === workflow)))], next: null };
  }

  get_records(id, query) {
    if (id !== undefined) {
      const row = this.log.records.find((one) => one.id === id);
      return row && this.log.detail(row);
    }
    const kind = query.get('kind') ?? '';
    const before = Number(query.get('before') || Infinity);
    const limit = Number(query.get('limit') || 100);
    const fits = this.log.records.filter((row) => row.index < before
      && ['agent', 'server', 'name', 'workflow', 'outcome']
        .every((member) => !query.get(member) || row[member] === query.get(member))
      && (kind === '' || (kind.endsWith('.*') ? row.kind.startsWith(kind.slice(0, -1)) : row.kind === kind)));
    const page = fits.toReversed().slice(0, limit);
    return { records: page.map(({ causes, claims, token, ...row }) => row),
      next: fits.length > limit ? String(page.at(-1).index) : null };
  }
}

/** The same for every gateway, and made when it is looked at. */
function large_rows() {
  large ??= large_workflow(LARGE, 10_000);
  return large;
}

function serve_file(path, response) {
  const name = path.replace(/^\/(console\/)?/, '');
  const file = existsSync(join(DIST, name)) && extname(name) ? join(DIST, name) : join(DIST, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP, 'cache-control': 'no-cache' });
  response.end(readFileSync(file));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const gateway = await PlayedGateway.start(Number(process.argv[2] ?? 7799));
  console.log(`${gateway.address}/console/`);
}
