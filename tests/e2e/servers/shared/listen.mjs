// HTTP front of the reference servers: one path, Host and Origin guards, the ready line, SIGTERM.

import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';

const MCP_PATH = '/mcp';

/**
 * Listens, prints {"url": ...} as one JSON line, and exits with 0 on SIGTERM and SIGINT.
 * @param {{host: string, port: number}} options
 * @param {(req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse)
 *   => Promise<void>} handle
 */
export function listen(options, handle) {
  const host_is_local = localhostHostValidation();
  const origin_is_local = localhostOriginValidation();
  const http = createServer((req, res) => {
    if (!host_is_local(req, res) || !origin_is_local(req, res)) {
      return;
    }
    if (new URL(req.url, 'http://localhost').pathname !== MCP_PATH) {
      res.writeHead(404).end();
      return;
    }
    handle(req, res).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      if (!res.headersSent) {
        res.writeHead(500);
      }
      res.end();
    });
  });
  http.listen(options.port, options.host, () => {
    const { address, port } = http.address();
    process.stdout.write(`${JSON.stringify({ url: `http://${address}:${port}${MCP_PATH}` })}\n`);
  });
}

/** Lets a server end at once, with its journal complete: every line is written synchronously. */
export function exit_on_signal() {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => process.exit(0));
  }
}
