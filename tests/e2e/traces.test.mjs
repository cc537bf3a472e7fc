// Traces: a real OTLP receiver gets one span a call and one a step, linked to the trace of the
// caller (by `_meta` and by HTTP header) and to what the server behind was told. A receiver that is
// down, slow or refuses costs no call.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from './support/clients.mjs';
import { OtlpReceiver, attributes_of } from './support/otlp_receiver.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { read_journal, start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl() };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SECRET = 'a-secret-that-must-not-leave';
const SAMPLED = `00-${TRACE}-${PARENT}-01`;
const NOT_SAMPLED = `00-${TRACE}-${PARENT}-00`;
const RULES = [
  { id: 'no-secret', when: { tool: 'test_multiple_content_types' }, then: 'deny', reason: 'no' },
  { id: 'rest', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const connect = { legacy: legacy_client, modern: modern_client };
let folder;
let receiver;
let pawl;
const references = {};

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-traces-'));
  receiver = await OtlpReceiver.start();
  const servers = {};
  for (const era of ['legacy', 'modern']) {
    references[era] = await start_reference(era, { journal: join(folder, era) });
    servers[era] = { url: references[era].url };
  }
  pawl = await Pawl.start({ servers, agents: { a: {} }, rules: RULES,
    env: { OTLP_KEY: SECRET },
    config: { telemetry: { traces: receiver.url, sample: 1.0,
                           headers: { 'x-api-key': '${OTLP_KEY}' } } } });
});
after(async () => {
  await pawl?.close();
  await receiver?.stop();
  await Promise.all(Object.values(references).map((reference) => reference.stop('SIGKILL')));
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const client_of = (era, more = {}) =>
  connect[era]({ url: pawl.mcp_url(era), key: pawl.keys.a, ...more });
const record_of = (result) => result._meta['pawl.record/id'];
const steps_of = (steps) => steps.map((step) => attributes_of(step)['pawl.step']);
const step = (steps, name) => steps.find((span) => attributes_of(span)['pawl.step'] === name);

for (const era of ['legacy', 'modern']) {
  for (const way of ['_meta', 'header']) {
    test(`${era}: a call is linked to the caller's trace given by ${way}`, options, async () => {
      const client = await client_of(era,
        way === 'header' ? { headers: { traceparent: SAMPLED } } : {});
      const result = await client.callTool({ name: 'probe_echo', arguments: { word: SECRET },
        ...way === '_meta' ? { _meta: { traceparent: SAMPLED } } : {} });
      const { own, steps } = await receiver.call(record_of(result));
      assert.equal(own.traceId, TRACE);
      assert.equal(own.parentSpanId, PARENT);
      assert.equal(own.kind, 2, 'SERVER');
      assert.equal(own.name, 'tools/call probe_echo');
      const attributes = attributes_of(own);
      assert.equal(attributes['mcp.method.name'], 'tools/call');
      assert.equal(attributes['gen_ai.tool.name'], 'probe_echo');
      assert.equal(attributes['gen_ai.operation.name'], 'execute_tool');
      assert.equal(attributes['mcp.protocol.version'],
        era === 'modern' ? '2026-07-28' : '2025-11-25');
      assert.match(attributes['jsonrpc.request.id'], /^\d+$/);
      assert.equal('mcp.session.id' in attributes, era === 'legacy');
      assert.equal(attributes['pawl.outcome'], 'confirmed');
      assert.equal('error.type' in attributes, false);
      assert.deepEqual(steps_of(steps), ['decide', 'intent', 'upstream', 'record']);
      const upstream = step(steps, 'upstream');
      assert.equal(upstream.kind, 3, 'CLIENT');
      const told = `00-${TRACE}-${upstream.spanId}-01`;
      const { headers } = JSON.parse(result.content[0].text);
      assert.equal(headers.traceparent, told, 'the server behind is told our span');
      if (era === 'modern' || way === '_meta') {
        const call = (await read_journal(join(folder, era))).at(-1);
        assert.equal(call.meta.traceparent, told);
      }
      await client.close();
    });
  }
}

test('a call without a trace begins one', options, async () => {
  const client = await client_of('modern');
  const result = await client.callTool({ name: 'probe_echo', arguments: {} });
  const { own } = await receiver.call(record_of(result));
  assert.equal(own.parentSpanId, undefined);
  assert.notEqual(own.traceId, TRACE);
  await client.close();
});

test('a caller that does not sample is not traced, and its trace passes unchanged', options,
  async () => {
    const client = await client_of('modern');
    const hidden = await client.callTool({ name: 'probe_echo', arguments: {},
      _meta: { traceparent: NOT_SAMPLED } });
    const shown = await client.callTool({ name: 'probe_echo', arguments: {} });
    await receiver.call(record_of(shown));
    assert.equal(receiver.spans.some((span) =>
      attributes_of(span)['pawl.record.id'] === record_of(hidden)), false);
    const { headers } = JSON.parse(hidden.content[0].text);
    assert.equal(headers.traceparent, NOT_SAMPLED);
    await client.close();
  });

test('failed and refused calls say why', options, async () => {
  const client = await client_of('modern');
  const failed = await client.callTool({ name: 'test_error_handling', arguments: {} });
  const { own } = await receiver.call(record_of(failed));
  assert.equal(attributes_of(own)['error.type'], 'tool_error');
  assert.equal(own.status.code, 2);
  const denied = await client.callTool({ name: 'test_multiple_content_types', arguments: {} });
  const refused = await receiver.call(record_of(denied));
  const attributes = attributes_of(refused.own);
  assert.equal(attributes['error.type'], 'denied');
  assert.equal(attributes['pawl.rule'], 'no-secret');
  assert.equal(attributes['pawl.control'], 'rules');
  assert.deepEqual(steps_of(refused.steps), ['decide', 'record'], 'nothing went upstream');
  await client.close();
});

test('a resource is named without its query', options, async () => {
  const client = await client_of('modern');
  await client.readResource({ uri: `test://user:${SECRET}@template/1/data?token=${SECRET}` })
    .catch(() => {});
  const own = await wait_for('its span', () => receiver.spans.find(({ name, kind }) =>
    name === 'resources/read' && kind === 2));
  assert.equal(attributes_of(own)['mcp.resource.uri'], 'test://template/1/data');
  await client.close();
});

test('a receiver that fails is tried again, and calls pass meanwhile', options, async () => {
  const client = await client_of('modern');
  receiver.answers = [{ status: 503, body: '' }, { status: 503, body: '' },
                      { status: 200, body: '{}' }];
  const result = await client.callTool({ name: 'probe_echo', arguments: {} });
  await receiver.call(record_of(result));
  const metrics = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  assert.match(metrics, /pawl_telemetry_failed_requests_total [1-9]/);
  receiver.answers = [{ status: 400, body: '' }, { status: 200, body: '{}' }];
  await client.callTool({ name: 'probe_echo', arguments: {} });
  await wait_for('dropped spans', async () =>
    /pawl_telemetry_spans_total\{result="dropped"\} [1-9]/.test(
      await (await fetch(`${pawl.addresses.control}/metrics`)).text()) || undefined);
  await client.close();
});

test('no argument, key or header value stands in any span; the shape was right', options,
  async () => {
    assert.deepEqual(receiver.problems, []);
    assert.equal(receiver.headers.at(-1)['x-api-key'], SECRET);
    for (const body of receiver.bodies) {
      assert.equal(body.includes(SECRET), false);
      assert.equal(body.includes(pawl.keys.a), false);
    }
  });

test('the last spans are sent before the daemon ends', options, async () => {
  const client = await client_of('modern');
  const result = await client.callTool({ name: 'probe_echo', arguments: {} });
  await client.close();
  assert.equal(await pawl.stop(), 0);
  await receiver.call(record_of(result));
});
