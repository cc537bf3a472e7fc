// An MCP server of revision 2026-07-28 over HTTP that behaves until it is given a fault. Written on
// sockets, because no HTTP library breaks the protocol on demand.
//
//   const server = await FaultyServer.listen();
//   server.on_call = (socket, { id }) => {};         // never answers
//   await server.reached;                            // the next call has arrived

import { createServer } from 'node:net';

const REVISION = '2026-07-28';
const LISTED = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const RESULTS = {
  'server/discover': { ...LISTED, supportedVersions: [REVISION], capabilities: { tools: {} } },
  initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} },
    serverInfo: { name: 'faulty', version: '1' } },
  'tools/list': { ...LISTED, tools: ['look', 'change'].map((name) => ({ name,
    description: `Can ${name}.`, inputSchema: { type: 'object' } })) },
};

export const json_answer = (id, result) => JSON.stringify({ jsonrpc: '2.0', id, result });
export const good_result = (text) => ({ resultType: 'complete', isError: false,
  content: [{ type: 'text', text: String(text) }] });
export const http_answer = (body) => 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
  + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

export class FaultyServer {
  /** @type {undefined | ((socket: import('node:net').Socket, message: object) => void)} */
  on_call;
  /** @type {undefined | ((socket: import('node:net').Socket) => void)} instead of serving it */
  on_accept;
  legacy = false;  // speaks 2025-11-25 instead
  accepted = 0;
  #sockets = new Set();
  #server;
  #tell_reached;

  static async listen() {
    const server = new FaultyServer();
    server.expect();
    server.#server = createServer((socket) => server.#accept(socket));
    await new Promise((resolve) => { server.#server.listen(0, '127.0.0.1', resolve); });
    return server;
  }

  /** Renews `reached`: resolves when the next fault has begun. */
  expect() {
    this.reached = new Promise((resolve) => { this.#tell_reached = resolve; });
  }

  get port() {
    return this.#server.address().port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** Ends every connection and behaves from now on. */
  heal() {
    this.on_call = undefined;
    this.on_accept = undefined;
    this.drop();
    this.expect();
  }

  drop() {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  close() {
    this.drop();
    this.#server.close();
  }

  #accept(socket) {
    this.accepted += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    if (this.on_accept !== undefined) {
      this.#tell_reached();
      this.on_accept(socket);
      return;
    }
    let text = '';
    socket.setEncoding('latin1').on('data', (more) => {
      text += more;
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        if (end < 0 || text.length < end + 4 + length) {
          return;
        }
        const body = text.startsWith('GET ') ? undefined : text.slice(end + 4, end + 4 + length);
        text = text.slice(end + 4 + length);
        this.#serve(socket, body);
      }
    });
  }

  #serve(socket, body) {
    if (body === undefined) {
      socket.write('HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const message = body === '' ? {} : JSON.parse(body);
    if (this.legacy && message.method === 'server/discover') {
      socket.write(http_answer(JSON.stringify({ jsonrpc: '2.0', id: message.id,
        error: { code: -32601, message: 'Method not found' } })));
    } else if (message.id === undefined) {
      socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n');
    } else if (message.method !== 'tools/call') {
      socket.write(http_answer(json_answer(message.id, RESULTS[message.method])));
    } else if (this.on_call === undefined) {
      socket.write(http_answer(json_answer(message.id,
        good_result(message.params.arguments.n))));
    } else {
      this.#tell_reached();
      this.on_call(socket, message);
    }
  }
}

/** Writes `chunk()` again and again, as fast as the reader takes it, until the socket ends. */
export function flood(socket, chunk) {
  const more = () => {
    if (!socket.destroyed) {
      socket.write(chunk(), () => setImmediate(more));
    }
  };
  more();
}
