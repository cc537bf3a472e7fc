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

/**
 * One request and what of its answer went by so far. `message`: the JSON-RPC message that the
 * client posted, once its body is complete; what is no JSON is nobody's message.
 */
class Exchange {
  message;
  status;
  type;
  #chunks = [];

  constructor(req) {
    this.session = req.headers['mcp-session-id'];
    const body = [];
    req.on('data', (chunk) => { body.push(chunk); });
    req.on('end', () => {
      try {
        this.message = JSON.parse(Buffer.concat(body).toString('utf8'));
      } catch {
        // stays undefined
      }
    });
  }

  answered(answer) {
    this.status = answer.statusCode;
    this.type = answer.headers['content-type'];
    answer.on('data', (chunk) => { this.#chunks.push(chunk); });
  }

  get text() {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/**
 * @param {{upstream: string, key: string, on_exchange?: (exchange: Exchange) => void}} options
 *   on_exchange: told each request when it arrives; the exchange grows while it goes on
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function add_identity({ upstream, key, on_exchange = () => {} }) {
  const target = new URL(upstream);
  const server = createServer((req, res) => {
    const exchange = new Exchange(req);
    on_exchange(exchange);
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
      exchange.answered(answer);
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
