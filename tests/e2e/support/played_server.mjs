// An MCP server of revision 2026-07-28 over HTTP that a test plays, in the test's own process: it
// survives whatever the test does to the gateway.
//
//   const server = await PlayedServer.start({ 'tools/call': (params) => result });
//
// A method's function gets (params, request, response, id) and returns the result, or undefined when it
// dealt with the response itself. A thrown object is the JSON-RPC error.

import { createServer } from 'node:http';
import { MODERN_REVISION } from './clients.mjs';

const COMPLETE = { resultType: 'complete' };
const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** `_meta` of a client that knows tasks, for RawAgent.call. */
export const KNOWS_TASKS = { 'io.modelcontextprotocol/clientCapabilities':
  { extensions: { [TASKS_EXTENSION]: {} } } };

export class PlayedServer {
  /** @type {{method: string, params: any, headers: object}[]} every request that arrived */
  seen = [];

  /** @param {Record<string, (params: any, request: object, response: object) => any>} methods */
  static async start(methods) {
    const server = new PlayedServer();
    server.methods = { 'server/discover': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private',
      supportedVersions: [MODERN_REVISION],
      capabilities: { tools: {}, extensions: { [TASKS_EXTENSION]: {} } } }), ...methods };
    server.http = createServer((request, response) => server.#arrived(request, response));
    await new Promise((resolve) => { server.http.listen(0, '127.0.0.1', resolve); });
    server.url = `http://127.0.0.1:${server.http.address().port}/mcp`;
    return server;
  }

  /**
   * A server with one tool that answers "done".
   * @param {string} name @param {() => void} called of each call, before its answer
   */
  static with_tool(name, called = () => {}) {
    return PlayedServer.start({
      'tools/list': () => ({ ...COMPLETE, ttlMs: 0, cacheScope: 'private',
        tools: [{ name, inputSchema: { type: 'object' } }] }),
      'tools/call': () => {
        called();
        return { ...COMPLETE, content: [{ type: 'text', text: 'done' }] };
      },
    });
  }

  /** How often a method was called. */
  count(method) {
    return this.seen.filter((each) => each.method === method).length;
  }

  async #arrived(request, response) {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
    }
    const { id, method, params } = JSON.parse(text);
    this.seen.push({ method, params, headers: request.headers });
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    let answer;
    try {
      const play = this.methods[method];
      if (play === undefined) {
        throw { code: -32601, message: `Method not found: ${method}` };
      }
      const result = await play(params, request, response, id);
      if (result === undefined) {
        return;
      }
      answer = { result };
    } catch (error) {
      answer = { error };
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }

  async close() {
    this.http.closeAllConnections();
    await new Promise((resolve) => { this.http.close(resolve); });
  }
}
