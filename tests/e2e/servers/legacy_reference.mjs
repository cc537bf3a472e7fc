// Reference MCP server of revision 2025-11-25: Streamable HTTP with sessions, GET stream and
// resumption, or stdio with --stdio. See shared/options.mjs for the command line.

import { randomUUID } from 'node:crypto';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { EventStore } from './legacy/event_store.mjs';
import { make_legacy_server } from './legacy/server.mjs';
import { open_journal } from './shared/journal.mjs';
import { exit_on_signal, listen } from './shared/listen.mjs';
import { read_options } from './shared/options.mjs';

const RETRY_MS = 50;

function serve_http(options, journal) {
  /** @type {Map<string, StreamableHTTPServerTransport>} */
  const sessions = new Map();

  async function open_session(req, res) {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID, eventStore: new EventStore(), retryInterval: RETRY_MS,
      onsessioninitialized: (id) => { sessions.set(id, transport); },
      onsessionclosed: (id) => { sessions.delete(id); },
    });
    const server = make_legacy_server(journal);
    await server.connect(transport);
    await transport.handleRequest(req, res);
    if (transport.sessionId === undefined) {  // not an initialize request: nothing was opened
      await server.close();
    }
  }

  listen(options, async (req, res) => {
    const id = req.headers['mcp-session-id'];
    if (id === undefined) {
      await open_session(req, res);
      return;
    }
    const transport = sessions.get(id);
    if (transport === undefined) {
      res.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(
        { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }));
      return;
    }
    await transport.handleRequest(req, res);
  });
}

const options = read_options();
const journal = open_journal(options.journal);
exit_on_signal();
if (options.stdio) {
  const transport = new StdioServerTransport();
  process.stdin.on('end', () => process.exit(0));
  await make_legacy_server(journal).connect(transport);
} else {
  serve_http(options, journal);
}
