// A server of both eras as its official package makes it: at one URL, or on stdio with --stdio.
// Its one tool answers with the era that it was called in; with --journal FILE it has the probes of the
// reference servers, too, and writes down each call of them that it executes (shared/journal.mjs).

import { parseArgs } from 'node:util';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { open_journal } from './shared/journal.mjs';
import { exit_on_signal, listen } from './shared/listen.mjs';
import { probe_echo, probe_sleep } from './shared/probes.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' },
                                          journal: { type: 'string' },
                                          stdio: { type: 'boolean', default: false } } });
const journal = open_journal(values.journal);
const PROBES = { probe_echo, probe_sleep: (args, { signal }) => probe_sleep(args, signal) };

function make_server({ era }) {
  const server = new McpServer({ name: 'both', version: '1.0.0' });
  server.registerTool('which', { description: 'Names the era.' },
    () => ({ content: [{ type: 'text', text: era }] }));
  for (const [tool, run] of Object.entries(values.journal === undefined ? {} : PROBES)) {
    server.registerTool(tool, { inputSchema: z.looseObject({}) }, (args, { mcpReq }) => {
      journal({ server: era, tool, arguments: args, request_id: mcpReq.id });
      return run(args, { signal: mcpReq.signal });
    });
  }
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
