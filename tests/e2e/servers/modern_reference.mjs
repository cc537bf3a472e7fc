// Reference MCP server of revision 2026-07-28: stateless Streamable HTTP, or stdio with --stdio.
// Other revisions are refused. See shared/options.mjs for the command line.

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { make_modern_server } from './modern/server.mjs';
import { open_journal } from './shared/journal.mjs';
import { exit_on_signal, listen } from './shared/listen.mjs';
import { read_options } from './shared/options.mjs';

/** On stdio the connection has one server, which announces changes itself. */
function notifier_of(server_of_connection) {
  const server = () => server_of_connection().server;
  return {
    toolsChanged: () => server().sendToolListChanged(),
    promptsChanged: () => server().sendPromptListChanged(),
    resourcesChanged: () => server().sendResourceListChanged(),
    resourceUpdated: (uri) => server().sendResourceUpdated({ uri }),
  };
}

const options = read_options();
const journal = open_journal(options.journal);
const onerror = (error) => process.stderr.write(`${error.stack}\n`);
exit_on_signal();
if (options.stdio) {
  let mcp;
  serveStdio(() => {
    mcp = make_modern_server(notifier_of(() => mcp), journal);
    return mcp;
  }, { legacy: 'reject', onerror });
  process.stdin.on('end', () => process.exit(0));
} else {
  const handler = createMcpHandler(() => make_modern_server(handler.notify, journal),
    { legacy: 'reject', onerror });
  const handle = toNodeHandler(handler);
  listen(options, (req, res) => handle(req, res));
}
