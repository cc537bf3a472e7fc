// A reverse proxy that adds a bearer key, because the official suite cannot send one.
//
// Everything else passes as it came: raw header names and order, bodies and event streams piece by
// piece, a closed connection in either direction. Only where Host and Origin name the proxy itself
// is its port replaced by the upstream's; a foreign Host or Origin reaches the upstream unchanged.
//
// Alone: node with_identity.mjs --upstream http://127.0.0.1:7700/mcp/x --key KEY  (prints {"url"})

import { createServer, request } from 'node:http';
import { parseArgs } from 'node:util';

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection']);

/** @param {string[]} raw names and values, flat @param {(n: string, v: string) => any} map */
function map_headers(raw, map) {
  const headers = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (!HOP_BY_HOP.has(raw[i].toLowerCase())) {
      headers.push(raw[i], map(raw[i].toLowerCase(), raw[i + 1]));
    }
  }
  return headers;
}

/** Reads the body beside the pipe that carries it on; what is no JSON is nobody's message. */
function tap_message(req, on_message) {
  const chunks = [];
  req.on('data', (chunk) => { chunks.push(chunk); });
  req.on('end', () => {
    let message;
    try {
      message = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      return;
    }
    on_message(message);
  });
}

/**
 * @param {{upstream: string, key: string, on_message?: (message: object) => void}} options
 *   on_message: told each JSON-RPC message that a client posted, when its body is complete
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function add_identity({ upstream, key, on_message }) {
  const target = new URL(upstream);
  const server = createServer((req, res) => {
    if (on_message !== undefined) {
      tap_message(req, on_message);
    }
    const own_port = `:${server.address().port}`;
    const renamed = (name, value) => (name === 'host' || name === 'origin')
      && value.endsWith(own_port) ? value.slice(0, -own_port.length) + `:${target.port}` : value;
    const url = new URL(req.url, upstream);
    const forward = request({
      host: target.hostname, port: target.port, method: req.method,
      path: url.pathname + url.search, agent: false, setHost: false,
      headers: [...map_headers(req.rawHeaders, renamed), 'Authorization', `Bearer ${key}`],
    });
    forward.on('response', (answer) => {
      res.writeHead(answer.statusCode, answer.statusMessage,
        map_headers(answer.rawHeaders, (_name, value) => value));
      res.flushHeaders();
      answer.on('error', () => res.destroy());
      answer.pipe(res);
    });
    forward.on('error', () => res.destroy());
    res.on('close', () => forward.destroy());
    req.pipe(forward);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}${target.pathname}`,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { upstream: { type: 'string' },
                                            key: { type: 'string' } } });
  const { url } = await add_identity(values);
  process.stdout.write(`${JSON.stringify({ url })}\n`);
}
