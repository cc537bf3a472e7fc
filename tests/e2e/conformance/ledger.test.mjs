import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare_records, expected_records } from './ledger.mjs';

const meta = (id) => ({ _meta: { 'pawl.record/id': id } });
const json = (message, answer, status = 200, session = undefined) => ({ session, message, status,
  type: 'application/json', text: JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer }) });
const stream = (message, session, ...events) => ({ session, message, status: 200,
  type: 'text/event-stream', text: events.map(([id, event]) =>
    `id: ${id}\ndata: ${event === undefined ? '' : JSON.stringify(event)}\n\n`).join('') });
const call = { id: 1, method: 'tools/call' };
const sampling = { id: 's1', method: 'sampling/createMessage' };

const cases = [
  { name: 'a result and its record', exchanges: [json(call, { result: meta('r') })],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'confirmed' }], problems: 0 },
  { name: 'no record', exchanges: [json(call, { result: meta('r') })], rows: [], problems: 1 },
  { name: 'another outcome', exchanges: [json(call, { result: { isError: true, ...meta('r') } })],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'confirmed' }], problems: 2 },
  { name: 'another id', exchanges: [json(call, { result: meta('r') })],
    rows: [{ id: 'x', kind: 'tool.call', outcome: 'confirmed' }], problems: 2 },
  { name: 'a record of nothing', exchanges: [],
    rows: [{ id: 'x', kind: 'tool.call', outcome: 'confirmed' }], problems: 1 },
  { name: 'records that are of no Action', exchanges: [],
    rows: [{ id: 'x', kind: 'policy.activated' }, { id: 'y', kind: 'task.outcome' }], problems: 0 },
  { name: 'an error of the server',
    exchanges: [json(call, { error: { code: -32000, data: meta('r') } })],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'failed' }], problems: 0 },
  { name: 'a refusal by a rule', exchanges: [json(call,
    { error: { code: -32013, data: { code: 'denied', ...meta('r') } } })],
    rows: [{ id: 'r', kind: 'task.denied', verb: 'tool.call', outcome: 'denied' }], problems: 0 },
  { name: 'refused by the transport', exchanges: [json(call, { error: { code: -32020 } }, 400)],
    rows: [], problems: 0 },
  { name: 'plumbing', exchanges: [json({ id: 1, method: 'ping' }, { result: {} })],
    rows: [], problems: 0 },
  { name: 'a stream, resumed: nothing counts twice', exchanges: [
    stream(call, 'S', ['1.0', undefined], ['1.1', sampling]),
    json({ id: 's1', result: {} }, {}, 202, 'S'),
    stream(undefined, 'S', ['1.1', sampling], ['1.2', { id: 1, result: meta('r') }])],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'confirmed' },
           { id: 'q', kind: 'sampling.request', outcome: 'confirmed' }], problems: 0 },
  { name: 'a client that declined with an error', exchanges: [
    stream(call, 'S', ['1.1', sampling], ['1.2', { id: 1, result: meta('r') }]),
    json({ id: 's1', error: {} }, {}, 202, 'S')],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'confirmed' },
           { id: 'q', kind: 'sampling.request', outcome: 'confirmed' }], problems: 2 },
  { name: 'what a result asks of the client', exchanges: [json(call, { result: {
    inputRequests: { a: { method: 'elicitation/create' } }, ...meta('r') } })],
    rows: [{ id: 'r', kind: 'tool.call', outcome: 'confirmed' },
           { id: 'q', kind: 'elicitation.request', outcome: 'confirmed' }], problems: 0 },
  { name: 'a client that left', exchanges: [{ ...json(call, {}), text: '' }],
    rows: [{ id: 'r', kind: 'task.error', verb: 'tool.call', outcome: 'error' }], problems: 0 },
];

for (const { name, exchanges, rows, problems } of cases) {
  test(name, () => {
    const found = compare_records(expected_records(exchanges), rows);
    assert.equal(found.length, problems, found.join('\n'));
  });
}
