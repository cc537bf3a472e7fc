// What the tests of this folder share: a call whose answer may be JSON or a stream, raw sockets,
// metrics, and the daemon's memory.

import { request as http_request, Agent } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { MODERN_REVISION } from '../support/clients.mjs';

const META = { 'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'overload', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {} };

/** Peak of the daemon's memory that every test here stays under, in MiB. */
export const MEMORY_BUDGET_MIB = 320;

/** The text of a tools/call. */
export const call_text = (tool, args, id = 1) => JSON.stringify({ jsonrpc: '2.0', id,
  method: 'tools/call', params: { name: tool, arguments: args, _meta: META } });

/** Headers of a tools/call, as an object. */
export const call_headers = (key, tool, bytes) => ({ Host: '127.0.0.1',
  Authorization: `Bearer ${key}`, 'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': MODERN_REVISION,
  'Mcp-Method': 'tools/call', 'Mcp-Name': tool, 'Content-Length': bytes });

/** The bytes of a tools/call over HTTP. @returns {string} */
export function call_bytes(key, server, tool, args, id = 1) {
  const body = call_text(tool, args, id);
  const lines = Object.entries(call_headers(key, tool, Buffer.byteLength(body)))
    .map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `POST /mcp/${server} HTTP/1.1\r\n${lines}\r\n${body}`;
}

const record_of = (body) => body.result?._meta?.['pawl.record/id']
  ?? body.error?.data?._meta?.['pawl.record/id'] ?? body.error?.data?.record;

/** The messages of an answer's body: one JSON object, or the data of events. */
function messages_of(type, text) {
  return type?.startsWith('text/event-stream')
    ? text.split('\n').filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)))
    : [JSON.parse(text)];
}

/**
 * One tools/call on a connection of its own, or of `agent`.
 * @param {import('../support/pawl.mjs').Pawl} pawl
 * @param {{who?: string, server: string, tool?: string, args?: object, agent?: Agent,
 *   fresh?: boolean}} what
 * @returns {Promise<{status: number, body: any, messages: any[], record?: string}>}
 */
export function call(pawl, { who = 'a', server, tool = 'look', args = {}, agent }) {
  const body = call_text(tool, args);
  return new Promise((resolve, reject) => {
    const request = http_request(pawl.mcp_url(server), { method: 'POST',
      agent: agent ?? new Agent(),
      headers: call_headers(pawl.keys[who], tool, Buffer.byteLength(body)) });
    request.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
      response.on('error', reject).on('end', () => {
        try {
          const messages = messages_of(response.headers['content-type'], text);
          const last = messages.at(-1);
          resolve({ status: response.statusCode, body: last, messages,
                    record: record_of(last) });
        } catch (error) {
          reject(new Error(`HTTP ${response.statusCode}: ${text.slice(0, 500)}`,
            { cause: error }));
        }
      });
    });
    request.end(body);
  });
}

/** Outcome that stands in the ledger for the answer's record. */
export async function outcome_of(pawl, answer) {
  const record = await pawl.json('ledger', 'show', answer.record);
  return /"outcome": ?"(\w+)"/.exec(JSON.stringify(record))?.[1];
}

export function is_confirmed(answer) {
  return answer.status === 200 && answer.body.result?.isError === false
    && answer.record !== undefined;
}

/** A raw connection to the data listener. Its end is no error. */
export function connect(pawl, { to = 'data' } = {}) {
  const socket = createConnection(Number(new URL(pawl.addresses[to]).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.opened = new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
  });
  socket.gone = new Promise((resolve) => { socket.once('close', resolve); });
  return socket;
}

/** Values of /metrics whose name and labels hold every one of `words`, added up. */
export async function stat(pawl, ...words) {
  const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  return text.split('\n').filter((line) => !line.startsWith('#')
    && words.every((word) => line.includes(word)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

export const outcomes = (pawl, outcome) =>
  stat(pawl, 'pawl_actions_total', 'verb="tool.call"', `outcome="${outcome}"`);

/** The most memory that the daemon ever had resident, in MiB. */
export async function peak_mib(pawl) {
  const status = await readFile(`/proc/${pawl.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
}
