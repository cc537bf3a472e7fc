// What pages that look say: facts and deeds from claims, the search, the lines that changed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RecordEvent } from '../src/api/on_records.ts';
import { changesOf, offsetOf } from '../src/pages/rules/changes.ts';
import { type Search, addressOf, apiPath, fitsSearch, inOrder, searchOf } from '../src/pages/ledger/search.ts';
import type { JsonObject } from '../src/proof/jws.ts';
import { deedOf } from '../src/record/deed.ts';
import { factsOf } from '../src/record/facts.ts';

const vector = JSON.parse(readFileSync(new URL('vectors/record.json', import.meta.url), 'utf8')) as
  { record: { claims: JsonObject } };

const claims = (kind: string, body: JsonObject, more: JsonObject = {}): JsonObject =>
  ({ exec_act: kind, iat: 7, jti: 'x', ect_ext: { [`pawl.${kind.split('.')[0]}`]: body, ...more } });

test('the facts of a record that pawl made', () => {
  const facts = factsOf(vector.record.claims);
  assert.equal(facts.kind, 'tool.call');
  assert.equal(facts.outcome, 'confirmed');
  assert.equal(facts.rule, 'allow-all');
  assert.deepEqual(facts.facts.slice(0, 3), [{ name: 'Agent', text: 'a', filter: 'agent' },
    { name: 'Server', text: 's', filter: 'server' }, { name: 'Tool', text: 'change', filter: 'name' }]);
  assert.equal(facts.why.length, 6);
});

test('the facts of a decision: what was said, in which role, on which call', () => {
  const decided = claims('approval.decided', { by: 'person', decision: 'approve', operator: 'ada', role: 'approver', uses: 2, approval: 'i' });
  assert.deepEqual(factsOf(decided).facts.map(({ name, text }) => [name, text]),
    [['Operator', 'ada'], ['Said', 'approve'], ['In the role', 'approver'], ['Uses', '2'], ['Approval', 'i']]);
  const used = claims('tool.call', { agent: 'a', approval: { id: 'i', use: 1 } });
  assert.deepEqual(factsOf(used).facts[1], { name: 'Approval', text: 'i, use 1' });
});

test('causes have a basis, and one without a word is not called declared', () => {
  const record = { ...claims('tool.call', { basis: ['traced'] }), pred: ['a', 'b'] };
  assert.deepEqual(factsOf(record).causes, [{ id: 'a', basis: 'traced' }, { id: 'b', basis: 'not said' }]);
});

test('the names of the older dialect', () => {
  const record: JsonObject = { exec_act: 'tool.call', par: ['a'], ext: { pol: 'r', 'pawl.tool': { agent: 'x', basis: ['data'] } } };
  assert.equal(factsOf(record).rule, 'r');
  assert.deepEqual(factsOf(record).causes, [{ id: 'a', basis: 'data' }]);
});

const DEEDS: [string, JsonObject, string, string, string][] = [
  ['operator.signed_in', { operator: 'ada', method: 'oidc', grants: ['viewer', 'approver@server:s'] }, 'ada', 'signed in',
    'oidc: viewer, approver@server:s'],
  ['operator.acted', { operator: 'ada', act: 'passkey.add', target: 'c' }, 'ada', 'added a passkey', 'c'],
  ['operator.acted', { operator: 'ada', act: 'something.new', target: 'c' }, 'ada', 'something.new', 'c'],
  ['operator.refused', { listener: 'control', act: 'GET /api/v1/session', code: 'unauthenticated', count: 1 }, '', 'was refused', 'GET /api/v1/session'],
  ['approval.decided', { approval: 'i', by: 'person', decision: 'approve', operator: 'ada' }, 'ada', 'approved', 'i'],
  ['approval.decided', { approval: 'i', by: 'rule', decision: 'deny', rule: 'r' }, 'r', 'denied by a rule', 'i'],
  ['override.applied', { stop: { by: 'ada', scope: 'agent:x' } }, 'ada', 'stopped', 'agent:x'],
  ['policy.activated', { digest: 'd', set: { name: 'main', version: 7 }, operator: 'ada' }, 'ada', 'rules came into force', 'main/7'],
  ['policy.activated', { digest: 'd' }, '', 'rules came into force', 'd'],
  ['identity.revoked', { revocation: { by: 'ada', target: 'key:k' } }, 'ada', 'revoked', 'key:k'],
  ['key.retired', { kid: 'k' }, '', 'key signs no more', 'k'],
  ['operator.of_a_later_version', {}, '', 'operator.of_a_later_version', ''],
];

for (const [kind, body, who, what, target] of DEEDS) {
  test(`a deed: ${kind}: ${who || 'nobody'} ${what} ${target}`, () => {
    assert.deepEqual(deedOf(claims(kind, body)), { who, what, target });
  });
}

const record: RecordEvent = { index: 1, id: 'i', kind: 'tool.call', at: 1000, agent: 'a', server: 's', name: 'n',
  outcome: 'confirmed', workflow: 'w' };
const searched = (some: Partial<Search>): Search => searchOf(new URLSearchParams(some as Record<string, string>));

test('a record that comes fits the search as the gateway would say', () => {
  const fits: [Partial<Search>, boolean][] = [[{}, true], [{ agent: 'a' }, true], [{ agent: 'A' }, false],
    [{ kind: 'tool.*' }, true], [{ kind: 'too.*' }, false], [{ kind: 'tool.call' }, true], [{ kind: 'tool' }, false],
    [{ outcome: 'failed' }, false], [{ agent: 'a', server: 't' }, false], [{ from: '1970-01-01T00:16:40Z' }, true],
    [{ from: '1970-01-01T00:16:41Z' }, false], [{ to: '1970-01-01T00:16:40Z' }, false], [{ to: '1970-01-01T00:16:41Z' }, true]];
  for (const [search, expected] of fits) {
    assert.equal(fitsSearch(searched(search), record), expected, JSON.stringify(search));
  }
});

test('what came and what was read stand in one order, each once, also after a gap and in a new shard', () => {
  const row = (index: number, at: number): RecordEvent => ({ ...record, id: `${at}`, index, at });
  const ids = (came: RecordEvent[], read: RecordEvent[]): string[] => inOrder(came, read).map(({ id }) => id);
  assert.deepEqual(ids([row(6, 16), row(5, 15)], [row(4, 14), row(3, 13)]), ['16', '15', '14', '13']);
  // 17 and 18 came in a gap of the stream, and were read; 19 came while they were read.
  assert.deepEqual(ids([row(9, 19), row(6, 16), row(5, 15)], [row(8, 18), row(7, 17), row(6, 16), row(5, 15)]), ['19', '18', '17', '16', '15']);
  assert.deepEqual(ids([row(0, 20)], [row(9, 19)]), ['20', '19']);
  assert.deepEqual(ids([row(1, 1)], []), ['1']);
});

test('the search stands in the address, and only what was filled in is asked for', () => {
  const search = searched({ agent: 'a b', kind: 'approval.*', from: '1970-01-01T00:16:40Z' });
  assert.deepEqual(searchOf(new URLSearchParams(addressOf('/ledger', search).split('?')[1])), search);
  assert.equal(apiPath(search, '', 40), '/api/v1/records?agent=a+b&kind=approval.*&from=1000&limit=40');
});

test('the lines that changed, with two around them', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].join('\n');
  const lines = changesOf(before, before.replace('d', 'D\nx'));
  assert.deepEqual(lines.map(({ is, text }) => `${is} ${text}`),
    ['left ...', 'same b', 'same c', 'removed d', 'added D', 'added x', 'same e', 'same f', 'left ...']);
  assert.ok(changesOf('a', 'a').every(({ is }) => is === 'left'));
  assert.deepEqual(changesOf('', 'a').map(({ is }) => is), ['removed', 'added']);
});

test('a line and a column are found, and never beyond the text', () => {
  const text = 'ab\ncd\n';
  assert.deepEqual([[1, 1], [2, 2], [2, 99], [3, 1], [99, 1], [1, 0]].map(([line, column]) =>
    offsetOf(text, line as number, column as number)), [0, 4, 5, 6, 6, 0]);
});
