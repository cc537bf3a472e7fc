// Makes tests/vectors/acp/tokens.json from docs/formats/acp.md with Node's cryptography alone: tokens,
// chains and requests with what each is taken for. Run by hand; the keys are public and protect nothing.
//
//   ./node22 verify/make_acp_vector.mjs > ../vectors/acp/tokens.json

import { createHash, createPrivateKey, sign } from 'node:crypto';

const KEYS = new Map([
  ['https://orchestrator.example', { kty: 'EC', crv: 'P-256',
    x: 'tSzGVe7JMB0eqQ6EsiW8UH0Btde6Sa3Sj9Adf6vByzs', y: 'SzMlyHxlHdTkc-W4hJWURfTjpZnXhS37JPidczAH60M',
    d: 'r0vBqDFHI9TzPgc0gAwiR2T08pIF4bOAHUFg9O1v614' }],
  ['spiffe://example.org/agent/a', { kty: 'EC', crv: 'P-256',
    x: 'QxHWjF5BMDUblqCA9gY948FMAvB45rzI1_uOd6enNQU', y: '3cgCGKTBFB1YZGmrXwTRAqpS3BPUFXGe3XlTzrmpNWo',
    d: 'LEpzUtZRiLzieMdGUl5q9GpdmapWLdj9vgUIvyBApJ0' }],
  ['spiffe://example.org/agent/b', { kty: 'EC', crv: 'P-256',
    x: '_TdXnhxi67YdD0ZvQgplDkSeHr4BE45VwYILQxs9r2k', y: 'mRGIKHK7uolGkd7654FOvyKaqF7OCx4FCEu-NxUZODo',
    d: 'dg4pH36teuVSpDTIoq1QlQvQ7eT5a7Gb5cusyrK_tHo' }],
]);
const [ISSUER, A, B] = KEYS.keys();
const GATEWAY = 'spiffe://example.org/pawl/gw1';
const NOW = 1772064200;

const hash = (text) => createHash('sha256').update(text).digest('base64url');
const base64url = (text) => Buffer.from(text).toString('base64url');
/** RFC 7638. */
const thumbprint = ({ crv, kty, x, y }) => hash(JSON.stringify({ crv, kty, x, y }));

function token(claims, { by = claims.iss, typ = 'acp+jwt', alg = 'ES256' } = {}) {
  const jwk = KEYS.get(by);
  const header = { alg, kid: thumbprint(jwk), typ };
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return `${input}.${sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const root = (change = {}) => ({
  iss: ISSUER, sub: A, aud: [GATEWAY], iat: 1772064150, exp: 1772064750, jti: '019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e01',
  dag: {
    nodes: [{ id: 'n1', agent: A, act: 'plan' },
      { id: 'n2', agent: B, act: 'ci/deploy',
        constraints: { rules: [{ id: 'small', when: { arguments: { replicas: { range: { lte: 5 } } } }, then: 'allow' }] } }],
    edges: [{ from: 'n1', to: 'n2' }],
    constraints: { max_depth: 3, max_delegations: 2, allowed_acts: ['plan', 'ci/deploy'] },
  },
  hitl: { rules: [{ id: 'g1', trigger: { type: 'threshold', value: '/replicas', above: '3' },
    required_role: 'release-manager', action: 'pause', timeout_s: 900, fallback: 'abort' }] },
  ...change,
});

const child = (parent, change = {}) => ({
  iss: A, sub: B, aud: [GATEWAY], iat: 1772064160, exp: 1772064700, jti: '019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e02',
  parent: hash(parent),
  dag: {
    nodes: [{ id: 'n2', agent: B, act: 'ci/deploy',
      constraints: { rules: [{ id: 'one', when: { arguments: { replicas: { range: { lt: 5 } } } }, then: 'allow' }] } }],
    edges: [],
    constraints: { max_depth: 3, max_delegations: 1, allowed_acts: ['ci/deploy'] },
  },
  hitl: root().hitl,
  ...change,
});

const dag = (claims, change) => ({ dag: { ...claims.dag, ...change } });
const first = token(root());
const link = (change = {}, how = {}) => [first, token(child(first, change), how)];
const node_of = (rules) => dag(child(first), { nodes: [{ ...child(first).dag.nodes[0], constraints: { rules } }] });

const cases = [
  ['one token', [first], 'ok'],
  ['a link', link(), 'ok'],
  ['no token', [], 'chain_length'],
  ['another type', [token(root(), { typ: 'exec+jwt' })], 'bad_type'],
  ['another algorithm', [token(root(), { alg: 'ES384' })], 'bad_alg'],
  ['a holder begins', [token(root({ iss: A }))], 'unknown_key'],
  ['signed by somebody else', [token(root(), { by: A })], 'unknown_key'],
  ['a member that nobody knows', [token(root({ scope: 'x' }))], 'unknown_member'],
  ['a constraint that nobody knows', [token(root(dag(root(), { constraints: { max_cost: 1 } })))], 'unknown_constraint'],
  ['a trigger that nobody knows', [token(root({ hitl: { rules: [{ ...root().hitl.rules[0],
    trigger: { type: 'mood', value: 'bad' } }] } }))], 'unknown_trigger'],
  ['no hitl', [token(root({ hitl: undefined }))], 'missing_member'],
  ['a cycle', [token(root(dag(root(), { edges: [{ from: 'n1', to: 'n2' }, { from: 'n2', to: 'n1' }] })))], 'cycle'],
  ['an edge to no node', [token(root(dag(root(), { edges: [{ from: 'n1', to: 'n3' }] })))], 'unknown_node'],
  ['deeper than it says', [token(root(dag(root(), { constraints: { max_depth: 0 } })))], 'max_depth'],
  ['expired', [token(root({ exp: NOW }))], 'expired'],
  ['from the future', [token(root({ iat: NOW + 31 }))], 'not_yet'],
  ['for somebody else', [token(root({ aud: ['spiffe://example.org/pawl/gw2'] }))], 'wrong_audience'],
  ['a parent that is not there', [token(root({ parent: hash('x') }))], 'parent_missing'],
  ['another parent', link({ parent: hash('x') }), 'wrong_parent'],
  ['by who does not hold the parent', link({ iss: B }), 'wrong_delegator'],
  ['to nobody of the graph', link({ sub: 'spiffe://example.org/agent/c' }), 'wrong_delegate'],
  ['a later end', link({ exp: 1772064751 }), 'wider_expiry'],
  ['a further audience', link({ aud: [GATEWAY, 'x'] }), 'wider_audience'],
  ['a further node', link(dag(child(first), { nodes: [...child(first).dag.nodes, { id: 'n3', agent: B, act: 'plan' }] })),
    'wider_graph'],
  ['a further act', link(dag(child(first), { constraints: { ...child(first).dag.constraints, allowed_acts: ['ci/undo'] } })),
    'wider_constraint'],
  ['a wider rule', link(node_of([{ id: 'more', when: { arguments: { replicas: { range: { lte: 6 } } } }, then: 'allow' }])),
    'wider_constraint'],
  ['a rule less', link(dag(child(first), { nodes: [{ id: 'n2', agent: B, act: 'ci/deploy' }] })), 'wider_constraint'],
  ['no delegation spent', link(dag(child(first), { constraints: { ...child(first).dag.constraints, max_delegations: 2 } })),
    'wider_delegations'],
  ['a gate less', link({ hitl: { rules: [] } }), 'wider_gate'],
  ['a longer gate', link({ hitl: { rules: [{ ...root().hitl.rules[0], timeout_s: 901 }] } }), 'wider_gate'],
].map(([name, tokens, expect]) => ({ name, tokens, expect }));

const call = (name, tokens, agent, tool, replicas, done, expect) => ({ name, tokens, agent, server: 'ci',
  verb: 'tool.call', tool, arguments: { replicas }, done, expect });
const requests = [
  call('the plan', [first], A, 'plan', 1, [], 'allowed'),
  call('the wrong agent', [first], B, 'plan', 1, [], 'wrong_act'),
  call('nobody', [first], 'spiffe://example.org/agent/c', 'plan', 1, [], 'not_in_graph'),
  call('before the plan', [first], B, 'deploy', 1, [], 'parents_open'),
  call('after the plan', [first], B, 'deploy', 1, ['n1'], 'allowed'),
  call('a person decides', [first], B, 'deploy', 4, ['n1'], 'gate_pause'),
  call('too many', [first], B, 'deploy', 6, ['n1'], 'rules'),
  call('delegated', link(), B, 'deploy', 3, ['n1'], 'allowed'),
  call('delegated, and held', link(), B, 'deploy', 4, ['n1'], 'gate_pause'),
  call('delegated, and less', link(), B, 'deploy', 5, ['n1'], 'rules'),
  call('delegated before the plan', link(), B, 'deploy', 3, [], 'parents_open'),
];

const jwks = [...KEYS].map(([iss, { d, ...jwk }], i) => ({ iss, begins: i === 0, jwk }));
console.log(JSON.stringify({ now: NOW, audience: GATEWAY, keys: jwks, cases, requests }, null, 1));
