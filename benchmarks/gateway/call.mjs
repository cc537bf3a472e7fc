// The governed call of the benchmark: what the client sends, what the server answers.

const REVISION = '2026-07-28';
const ANSWER_BYTES = 1024;

/** The tool that the operator declared read-only, and the one that may change something. */
export const READ_TOOL = 'lookup';
export const CHANGE_TOOL = 'update';

const TEXT = 'Order AB123456: pump, 2 pieces, shipped. '.repeat(30);

function result_of(text) {
  return JSON.stringify({ resultType: 'complete', content: [{ type: 'text', text }],
    isError: false });
}

/** The server's result: with its envelope 1 KiB. */
export function call_result() {
  const envelope = '{"jsonrpc":"2.0","id":1,"result":}'.length;
  return result_of(TEXT.slice(0, ANSWER_BYTES - envelope - result_of('').length));
}

export const DISCOVER_RESULT = JSON.stringify({ resultType: 'complete',
  supportedVersions: [REVISION], capabilities: { tools: {} },
  serverInfo: { name: 'fixed', version: '1' }, ttlMs: 3_600_000, cacheScope: 'public' });

/** Headers and body of one `tools/call`. @param {string} tool @param {string} key */
export function call_request(tool, key) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
    name: tool, arguments: { order: 'AB123456', amount: 12.5, note: TEXT.slice(0, 600) },
    _meta: { 'io.modelcontextprotocol/protocolVersion': REVISION,
             'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
             'io.modelcontextprotocol/clientCapabilities': {} } } });
  return { body, headers: { 'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': REVISION,
    'Mcp-Method': 'tools/call', 'Mcp-Name': tool, Authorization: `Bearer ${key}` } };
}

/** For load.lua; several keys are used in turn. @param {string} tool @param {string[]} keys */
export function request_file(tool, keys) {
  const { headers, body } = call_request(tool, keys.join(','));
  return `${Object.entries(headers).map(([n, v]) => `${n}: ${v}`).join('\n')}\n\n${body}`;
}

/**
 * Makes one call and compares the answer with what the server said.
 * @param {{url: string, tool: string, key: string, governed: boolean}} what
 * @returns {Promise<{wrong?: string, bytes: number}>} bytes: of the whole answer, with its head
 */
export async function sample({ url, tool, key, governed }) {
  const { body, headers } = call_request(tool, key);
  const answer = await fetch(url, { method: 'POST', body, headers });
  const text = await answer.text();
  const head = [...answer.headers].reduce((sum, [name, value]) =>
    sum + name.length + value.length + ': \r\n'.length, 'HTTP/1.1 200 OK\r\n\r\n'.length);
  const bytes = head + Buffer.byteLength(text);
  const wrong = (why) => ({ wrong: `${why}: HTTP ${answer.status} ${text.slice(0, 300)}`, bytes });
  if (answer.status !== 200) {
    return wrong('status');
  }
  const message = JSON.parse(text);
  const expected = JSON.parse(call_result());
  if (message.id !== 1 || message.error !== undefined || message.result?.isError !== false
      || message.result.content?.[0]?.text !== expected.content[0].text) {
    return wrong('not the server\'s result');
  }
  const record = message.result._meta?.['pawl.record/id'];
  if (governed !== (record !== undefined)) {
    return wrong(governed ? 'no record id' : 'a record id from elsewhere');
  }
  return { bytes };
}
