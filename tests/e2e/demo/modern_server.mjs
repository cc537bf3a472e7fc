// A small server of revision 2026-07-28, written with @modelcontextprotocol/server: tickets in a
// JSON file that a person can read while the demo runs.
//
//   node modern_server.mjs --file tickets.json           stdio
//   node modern_server.mjs --file tickets.json --port 0  HTTP; prints {"url": ...}

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { exit_on_signal, listen } from '../servers/shared/listen.mjs';

const { values } = parseArgs({ options: { file: { type: 'string', default: 'tickets.json' },
                                          port: { type: 'string' } } });

function read_tickets() {
  try {
    return JSON.parse(readFileSync(values.file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

function write_tickets(tickets) {
  const next = `${values.file}.next`;
  writeFileSync(next, `${JSON.stringify(tickets, undefined, 2)}\n`);
  renameSync(next, values.file);
}

const said = (text) => ({ content: [{ type: 'text', text }] });

function make_server() {
  const server = new McpServer({ name: 'tickets', version: '1.0.0' });
  server.registerTool('list_tickets', {
    description: 'Lists every ticket with its state.', annotations: { readOnlyHint: true },
  }, () => said(read_tickets().map(({ id, state, title }) => `#${id} ${state}: ${title}`)
    .join('\n') || 'no tickets'));
  server.registerTool('open_ticket', {
    description: 'Opens a ticket and answers with its number.',
    inputSchema: z.object({ title: z.string().min(1).max(200),
                            priority: z.enum(['low', 'normal', 'high']).default('normal') }),
  }, ({ title, priority }) => {
    const tickets = read_tickets();
    const id = tickets.length + 1;
    write_tickets([...tickets, { id, title, priority, state: 'open' }]);
    return said(`opened #${id}`);
  });
  server.registerTool('close_ticket', {
    description: 'Closes one ticket.', inputSchema: z.object({ id: z.number().int().positive() }),
  }, ({ id }) => {
    const tickets = read_tickets();
    const ticket = tickets.find((candidate) => candidate.id === id);
    if (ticket === undefined) {
      return { isError: true, ...said(`there is no ticket #${id}`) };
    }
    ticket.state = 'closed';
    write_tickets(tickets);
    return said(`closed #${id}`);
  });
  return server;
}

exit_on_signal();
if (values.port === undefined) {
  serveStdio(make_server, { legacy: 'reject' });
  process.stdin.on('end', () => process.exit(0));
} else {
  const handle = toNodeHandler(createMcpHandler(make_server, { legacy: 'reject' }));
  listen({ host: '127.0.0.1', port: Number(values.port) }, (req, res) => handle(req, res));
}
