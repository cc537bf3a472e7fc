// A receiver of OTLP/HTTP traces that checks every request against the JSON form of the protocol.
// Written from the OTLP specification (JSON Protobuf encoding), not from the exporter.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { wait_for } from './wait.mjs';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const INT64_TEXT = /^\d{1,20}$/;
const only = (object, ...allowed) => assert.deepEqual(
  Object.keys(object).filter((key) => !allowed.includes(key)), [], 'unknown members');

function check_attributes(attributes) {
  const keys = attributes.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, 'a key stands twice');
  for (const attribute of attributes) {
    only(attribute, 'key', 'value');
    only(attribute.value, 'stringValue', 'intValue', 'boolValue', 'doubleValue');
    assert.equal(typeof attribute.value.stringValue, 'string');
  }
}

function check_span(span) {
  only(span, 'traceId', 'spanId', 'parentSpanId', 'name', 'kind', 'startTimeUnixNano',
       'endTimeUnixNano', 'attributes', 'status', 'flags', 'traceState');
  assert.match(span.traceId, TRACE_ID);
  assert.match(span.spanId, SPAN_ID);
  if (span.parentSpanId !== undefined) {
    assert.match(span.parentSpanId, SPAN_ID);
  }
  assert.ok([1, 2, 3].includes(span.kind), 'kind is a number of the enum');
  assert.match(span.startTimeUnixNano, INT64_TEXT);
  assert.match(span.endTimeUnixNano, INT64_TEXT);
  assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  assert.ok(span.name.length > 0);
  assert.ok(span.status.code === undefined || span.status.code === 2);
  check_attributes(span.attributes);
}

/** @param {object} body an ExportTraceServiceRequest @returns {object[]} its spans */
export function spans_of(body) {
  only(body, 'resourceSpans');
  return body.resourceSpans.flatMap((resource_spans) => {
    only(resource_spans, 'resource', 'scopeSpans', 'schemaUrl');
    check_attributes(resource_spans.resource.attributes);
    return resource_spans.scopeSpans.flatMap((scope_spans) => {
      only(scope_spans, 'scope', 'spans', 'schemaUrl');
      scope_spans.spans.forEach(check_span);
      return scope_spans.spans;
    });
  });
}

/** The attributes of a span or resource as an object. */
export const attributes_of = ({ attributes }) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

export class OtlpReceiver {
  spans = [];
  bodies = [];
  headers = [];
  problems = [];
  /** What the next requests are answered with; the last one stays. */
  answers = [{ status: 200, body: '{}' }];
  #server;

  static async start() {
    const receiver = new OtlpReceiver();
    receiver.#server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const [{ status, body }] = receiver.answers;
        if (receiver.answers.length > 1) {
          receiver.answers.shift();
        }
        receiver.headers.push(request.headers);
        if (status === 200) {
          receiver.#take(request, text);
        }
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  #take(request, text) {
    try {
      assert.equal(request.method, 'POST');
      assert.equal(request.url, '/v1/traces');
      assert.equal(request.headers['content-type'], 'application/json');
      this.bodies.push(text);
      this.spans.push(...spans_of(JSON.parse(text)));
    } catch (error) {
      this.problems.push(error);
    }
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/v1/traces`;
  }

  /** Every span of the call whose own span has this record id. */
  async call(record) {
    const own = await wait_for(`the span of ${record}`, () => this.spans.find((span) =>
      attributes_of(span)['pawl.record.id'] === record));
    return { own, steps: this.spans.filter(({ parentSpanId, traceId }) =>
      parentSpanId === own.spanId && traceId === own.traceId) };
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
