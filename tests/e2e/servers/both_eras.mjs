// A server of both eras as its official package makes it: at one URL, or on stdio with --stdio.
// Its one tool answers with the era that it was called in.

import { parseArgs } from 'node:util';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { exit_on_signal, listen } from './shared/listen.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' },
                                          stdio: { type: 'boolean', default: false } } });

function make_server({ era }) {
  const server = new McpServer({ name: 'both', version: '1.0.0' });
  server.registerTool('which', { description: 'Names the era.' },
    () => ({ content: [{ type: 'text', text: era }] }));
  return server;
}

exit_on_signal();
if (values.stdio) {
  serveStdio(make_server);
  process.stdin.on('end', () => process.exit(0));
} else {
  const handle = toNodeHandler(createMcpHandler(make_server));
  listen({ host: '127.0.0.1', port: Number(values.port) }, (req, res) => handle(req, res));
}
