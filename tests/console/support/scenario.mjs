// What a gateway of a small company could say, for the console's pages: built anew for each test, times relative to now.
// Everything an agent could have written is here in a hostile form, too (hostile_approval).

import { createHash, randomUUID } from 'node:crypto';
import { SHORT_TEXTS } from '../../e2e/support/hostile_text.mjs';

export const sha = (text) => createHash('sha256').update(text).digest('base64url');
export const now_s = () => Math.floor(Date.now() / 1000);
export const INSTANCE = 'spiffe://example.org/pawl/gw1';
export const POLICY = sha('rules');

const AGENT = 'spiffe://example.org/agent/';

/** A held call with its exact arguments, as GET /api/v1/approvals/ID answers. */
export function held({ agent = 'triage', on_behalf_of = 'carol', server = 'files', name = 'write_file', params,
  left_s = 640, of = 1, uses = 1, roles = ['approver'], by = [], ...more }) {
  const at = now_s() - 900 + left_s;
  const binding = { agent: AGENT + agent, on_behalf_of, server, verb: 'tool.call', name, digest: sha(params), policy: POLICY };
  return {
    id: randomUUID(), binding, nonce: sha(randomUUID()), phase: 'pending', ending: 'none', at, expires: at + 900, executed: '',
    uses: 0, until: 0, spent: 0, owner: '', statements: [], by, needed: of - by.length, like: 1,
    terms: { roles, of, uses, within_s: 900, escalate_to: [] }, instance: INSTANCE, params,
    effect: `Calls the tool ${name} of the server ${server}. Declared by its operator: writes args.path; not read-only; cannot be undone.`,
    usual: { calls: 0, first: true, compared: 0 }, before: [], ...more,
  };
}

export const signed = (operator, more = {}) => ({ by: 'person', decision: 'approve', operator, key: sha(operator), role: 'approver',
  at: now_s() - 120, executed: '', uses: 1, expires: now_s() + 600, ...more });

const before = () => [
  ['tool.call', 'files', 'read_file', 'confirmed', 12], ['tool.call', 'files', 'list_directory', 'confirmed', 31],
  ['tool.call', 'tickets', 'get_ticket', 'confirmed', 55], ['tool.call', 'files', 'write_file', 'refused', 60],
  ['tool.call', 'tickets', 'search', 'confirmed', 74],
].map(([kind, server, name, outcome, age]) => ({ id: randomUUID(), at: now_s() - age, kind, server, name, outcome }));

export function approvals() {
  const text = (path, content) => JSON.stringify({ name: 'write_file', arguments: { path, content } });
  const deploys = ['eu-1', 'eu-2', 'us-1'].map((region, at) => held({
    agent: 'release', on_behalf_of: '', server: 'deploy', name: 'rollout', left_s: 700 - at * 20, of: 2, uses: 3,
    params: `{"name":"rollout","arguments":{"region":"${region}","build":9007199254740993,"percent":10}}`, like: 3,
    effect: 'Calls the tool rollout of the server deploy. Declared by its operator: changes production; not read-only; can be undone by rollback.',
    usual: { calls: 41, first: false, compared: 41, differs: [
      { pointer: '/arguments/percent', is: 'out_of_range', now: '10', seen: 41, lowest: '1', highest: '5' }] },
    by: at === 0 ? [signed('bob')] : [], before: before() }));
  return [
    held({ params: text('/srv/site/pricing.html', '<h1>Prices</h1>\n<p>From 12 EUR a month.</p>\n'), left_s: 95,
      usual: { calls: 212, first: false, compared: 196, more: 1, not_compared: 1, differs: [
        { pointer: '/arguments/path', is: 'new_value', now: '"/srv/site/pricing.html"', seen: 196,
          values: ['"/srv/site/news/2026-11-26.html"', '"/srv/site/news/2026-11-25.html"'] },
        { pointer: '/arguments/mode', is: 'missing', seen: 196, values: ['"create"'] }] },
      before: before() }),
    ...deploys,
    held({ agent: 'billing', on_behalf_of: 'dave', server: 'bank', name: 'transfer', left_s: 820,
      params: '{"name":"transfer","arguments":{"to":"DE02 1203 0000 0000 2020 51","amount":"1,250.00","currency":"EUR"}}',
      effect: 'Calls the tool transfer of the server bank. Declared by its operator: moves money; not read-only; cannot be undone.',
      before: before().slice(0, 2) }),
    held({ params: text('/srv/site/news/2026-11-27.html', 'Closed over the holidays.'), phase: 'approved', uses: 1, needed: 0,
      by: [signed('ada')], until: now_s() + 500, executed: sha('x') }),
    held({ agent: 'billing', server: 'bank', name: 'transfer', params: '{"name":"transfer","arguments":{"to":"unknown"}}', phase: 'denied',
      needed: 0, by: [signed('ada', { decision: 'deny' })] }),
  ];
}

/** The corpus by name: tests/vectors/hostile_text.json. */
export const HOSTILE = Object.fromEntries(SHORT_TEXTS.map(({ name, text }) => [name, text]));

export function hostile_approval() {
  const args = { ...HOSTILE, padding: `${' '.repeat(1024 * 1024)}rm -rf /home${' '.repeat(1024)}`,
    noise: Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 1000).toString(36)).join('/') };
  return held({ agent: 'tri\u0430ge', on_behalf_of: 'carol\u202e', server: 'files', name: 'write\u200b_file',
    params: JSON.stringify({ name: 'write_file', arguments: args }), left_s: 500,
    usual: { calls: 3, first: false, compared: 3, differs: [{ pointer: '/arguments/a bidi override', is: 'new_value', seen: 3,
      now: JSON.stringify(HOSTILE['a bidi override']), values: ['"<b>invoice</b>.pdf"', JSON.stringify('in\u202evoice')] },
    { pointer: '/arguments/an\u200bother/~1', is: 'new_place', now: '{}', seen: 0 }] },
    before: [{ id: randomUUID(), at: now_s() - 5, kind: 'tool.call', server: 'files', name: '<img src=x>\u202e', outcome: 'confirmed' }] });
}

export function overview() {
  return {
    now_ms: Date.now(), rates: { calls_per_s: 14.2, refusals_per_s: 0.3, held: 5 }, pending: 5,
    open: [
      { id: randomUUID(), agent: `${AGENT}triage`, server: 'files', verb: 'tool.call', tool: 'write_file', stage: 'held', age_s: 805 },
      { id: randomUUID(), agent: `${AGENT}release`, server: 'deploy', verb: 'tool.call', tool: 'rollout', stage: 'held', age_s: 200 },
      { id: randomUUID(), agent: `${AGENT}research`, server: 'search', verb: 'tool.call', tool: 'query', on_behalf_of: 'erin', stage: 'forwarded', age_s: 3 },
    ],
    agents: [
      { id: `${AGENT}triage`, calls: 4210, refused: 12, held: 1, stopped: false },
      { id: `${AGENT}release`, calls: 318, refused: 0, held: 3, stopped: false },
      { id: `${AGENT}research`, calls: 9044, refused: 51, held: 0, stopped: false },
      { id: `${AGENT}scraper`, calls: 120, refused: 98, held: 0, stopped: true },
    ],
    stops: [{ scope: `agent:${AGENT}scraper`, since: now_s() - 5400, by: 'ada', reason: 'Reads pages that it was told to leave alone.' }],
    troubles: [
      { id: 'witness_late', what: 'The witness w1 has not signed a checkpoint for 14 minutes.', do: 'pawl witness status' },
      { id: 'upstream_down', what: 'The server tickets does not start: exit code 1 (3 times).', do: 'pawl status --json' },
    ],
  };
}

export const quiet_overview = () => ({ now_ms: Date.now(), rates: { calls_per_s: 0, refusals_per_s: 0, held: 0 }, pending: 0, open: [], agents: [],
  stops: [], troubles: [] });

export const who = (more = {}) => ({ session: randomUUID(), user: 'ada', method: 'password+passkey', grants: ['approver', 'operator@server:files'],
  csrf: 'csrf-of-the-test', idle_s: 900, longest_s: 28_800, instance: INSTANCE, passkeys: [], ...more });
