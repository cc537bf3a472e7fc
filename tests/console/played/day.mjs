// A day at a gateway: what agents called, who refused, who signed in. For pages and their screenshots.

const BASE = 1795780000;
const HOSTILE = 'read\u202egpj.exe\u200b <img src=x onerror=alert(1)>';

function call(log, at, workflow, causes, { agent, server, tool, outcome = 'confirmed', status, reason }) {
  const denied = outcome === 'denied';
  return log.append({
    kind: denied ? 'task.denied' : outcome === 'error' ? 'task.error' : 'tool.call', at, workflow, causes,
    pol: denied ? 'no-secrets' : `${agent}-${tool}`.slice(0, 40), decision: denied ? 'rejected' : 'approved',
    body: { agent, proof: 'bearer_key', server, tool, method: 'tools/call', protocol: 'mcp/2026-07-28',
      ...(denied ? { verb: 'tool.call', control: 'rules', code: 'denied', reason: reason ?? 'not through agents' } : {}),
      policy: 'wKh0L05Cx81oN-9wRkFaf3gKzwAlzKfALWgS4XFZvgA', set: 'main/7', atoms: ['0', '3'],
      why: ['stops: pass', 'identity: pass', denied ? 'rules: deny no-secrets (rules.yaml:31)'
        : `rules: allow ${agent}-${tool} (rules.yaml:7)`],
      outcome, ...(status ? { status } : {}), intent: true },
  });
}

/** The workflow of the screenshots: triage reads tickets, refunds one, tells the customer. */
function refund(log, workflow, at) {
  const after = (basis, ...rows) => rows.map((row) => ({ id: row.id, basis }));
  const list = call(log, at, workflow, [], { agent: 'triage', server: 'tickets', tool: 'list_open' });
  const reads = [1, 2, 3].map((n) => call(log, at + n, workflow, after('traced', list),
    { agent: 'triage', server: 'tickets', tool: `read_ticket` }));
  const secret = call(log, at + 5, workflow, after('traced', reads[0]),
    { agent: 'triage', server: 'files', tool: 'read_text_file', outcome: 'denied' });
  const odd = call(log, at + 6, workflow, after('data', reads[2]),
    { agent: 'triage', server: 'files', tool: HOSTILE, outcome: 'failed', status: '-32602' });
  const order = call(log, at + 7, workflow, after('data', reads[1]),
    { agent: 'billing', server: 'orders', tool: 'find_order' });
  const refunded = call(log, at + 8, workflow,
    [...after('declared', order), ...after('inferred', reads[1])],
    { agent: 'billing', server: 'payments', tool: 'refund' });
  const receipt = call(log, at + 9, workflow, after('resource', refunded),
    { agent: 'billing', server: 'orders', tool: 'read_receipt' });
  const mail = call(log, at + 11, workflow, [...after('data', receipt), ...after('traced', refunded)],
    { agent: 'writer', server: 'mail', tool: 'send', outcome: 'unknown', status: 'timeout' });
  call(log, at + 15, workflow, after('traced', mail),
    { agent: 'writer', server: 'mail', tool: 'find_sent', outcome: 'error', status: 'not_sent' });
  call(log, at + 16, workflow, [...after('inferred', odd), ...after('inferred', secret)],
    { agent: 'triage', server: 'tickets', tool: 'comment' });
}

function people(log, at) {
  const state = (kind, seconds, body) => log.append({ kind, at: at + seconds, body });
  state('operator.signed_in', 0, { operator: 'alice@example.org', method: 'password+passkey',
    grants: ['admin', 'approver'] });
  state('operator.acted', 60, { operator: 'alice@example.org', session: 'f3c1', act: 'passkey.add',
    target: 'credential 9f2c' });
  state('operator.enrolled', 90, { operator: 'bob@example.org', kid: 'lWYQ0-KHz8orf0ekpYjQH', roles: ['approver'],
    by: 'alice@example.org' });
  state('operator.signed_in', 400, { operator: 'bob@example.org', method: 'oidc', grants: ['viewer'] });
  state('operator.acted', 460, { operator: 'bob@example.org', session: 'a201', act: 'sign_out', target: 'a201' });
}

export function play_day(log) {
  log.append({ kind: 'ledger.opened', at: BASE, body: { log: 'example.org/pawl/gw1' } });
  log.append({ kind: 'node.started', at: BASE + 1, body: { version: '0.1.0' } });
  people(log, BASE + 20);
  const workflows = ['019ab000-0000-7000-8000-000000000001', '019ab000-0000-7000-8000-000000000002',
    '019ab000-0000-7000-8000-000000000003'];
  refund(log, workflows[0], BASE + 600);
  let last = [];
  for (let n = 0; n < 24; n += 1) {
    const row = call(log, BASE + 700 + n * 7, workflows[1], last,
      { agent: n % 3 ? 'deployer' : 'tester', server: 'ci', tool: n % 3 ? 'run_job' : 'read_log',
        outcome: n === 17 ? 'failed' : 'confirmed' });
    last = [{ id: row.id, basis: n % 4 ? 'traced' : 'inferred' }];
  }
  call(log, BASE + 900, workflows[2], [], { agent: 'triage', server: 'tickets', tool: 'list_open' });
  return { workflows, now: BASE + 1000 };
}

/** A workflow of `total` records by ten agents, each following one or two of the thirty before it. */
export function large_workflow(id, total) {
  let state = 7;
  const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
  const rows = [];
  for (let index = 0; index < total; index += 1) {
    const causes = index === 0 ? [] : Array.from({ length: 1 + Number(random() < 0.2) },
      () => ({ id: rows[Math.max(0, index - 1 - Math.floor(random() * 30))].id, basis: 'traced' }));
    rows.push({ index, id: `019ac000-0000-7000-8000-${String(index).padStart(12, '0')}`, kind: 'tool.call',
      agent: `agent-${index % 10}`, server: 'ci', name: 'run_job', at: BASE + index, workflow: id,
      outcome: index % 97 === 0 ? 'failed' : 'confirmed', causes });
  }
  return rows;
}

export const AGENTS = [
  { id: 'triage', groups: ['support'], owner: 'carol@example.org', calls: 1204, refused: 12, open: 1, last_at: BASE + 990, stopped: false },
  { id: 'billing', groups: ['support', 'finance'], owner: 'dan@example.org', calls: 311, refused: 0, open: 0, last_at: BASE + 609, stopped: false },
  { id: 'writer', groups: [], owner: '', calls: 98, refused: 3, open: 0, last_at: BASE + 615, stopped: true },
  { id: 'deployer', groups: ['ops'], owner: 'erin@example.org', calls: 16, refused: 0, open: 0, last_at: null, stopped: false },
];

export const SERVERS = [
  { name: 'tickets', kind: 'url', state: 'up', since: BASE + 2, error: null, sole_route: 'proven',
    sole_route_why: 'Pawl alone holds the credential that it asks for, and it refuses calls without one.',
    tools: [{ name: 'list_open', effects: ['read-only'], idempotent: true, description_digest: 'wKh0L05Cx81oN-9wRkFaf3gKzwAlzKfALWgS4XFZvgA' },
      { name: 'read_ticket', effects: ['read-only'], idempotent: true, description_digest: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' },
      { name: 'comment', effects: ['writes db:tickets'], idempotent: false, description_digest: 'G6l53N95YTc61y9i8pGyZaBMHDm6q6Ox8bxCmPSs3Ag' }] },
  { name: 'files', kind: 'command', state: 'up', since: BASE + 2, error: null, sole_route: 'not proven',
    sole_route_why: 'It is a local process of Pawl; an agent with a shell of the same user can start it, too.',
    tools: [{ name: 'read_text_file', effects: ['read-only'], idempotent: true, description_digest: '0IZvC9PgHWerTThjq6irG-6OkwDQ8dR9PKtNiVgeZkE' },
      { name: HOSTILE, effects: [], idempotent: false, description_digest: null }] },
  { name: 'payments', kind: 'url', state: 'down', since: BASE + 800, error: 'connect: connection refused', sole_route: 'by-passable',
    sole_route_why: 'It answered a call without a credential.', tools: [] },
];

export const RULES = `set: { name: main, owner: ops@example.org, version: 7 }
rules:
  - id: triage-reads
    when:
      agent: triage
      server: tickets
      tool: ["read_*", list_open]
    then: allow

  - id: refunds-need-a-person
    when:
      group: finance
      tool: refund
    then:
      hold: { roles: [lead], of: 1, within: 1h }

  - id: no-secrets
    when:
      verb: resource.read
      resource: ["file:///etc/**", "**/.ssh/**"]
    then: deny
    reason: secrets are not read through agents
`;
