// Serves a SignedLog over HTTP as C2SP tlog-tiles has it, or lies about it.
//
//   const server = await serve_log(log);
//   server.log = log.fork(3);                       // from now on another history
//   server.lies['/checkpoint'] = (response) => response.end('hello\n');
//   await server.close();

import { createServer } from 'node:http';

const TILE = /^\/tile\/([0-7])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** @param {import('./signed_log.mjs').SignedLog} log */
export async function serve_log(log) {
  const served = { log, lies: {}, asked: 0, size: undefined };
  const server = createServer((request, response) => {
    served.asked += 1;
    if (served.lies[request.url]) {
      served.lies[request.url](response);
      return;
    }
    const [, level, digits, width = '256'] = TILE.exec(request.url) ?? [];
    if (request.url === '/checkpoint') {
      response.end(served.log.checkpoint(served.size ?? served.log.size));
      return;
    }
    const index = Number(digits?.replaceAll(/[x/]/g, ''));
    const has = level !== undefined
      && (index * 256 + Number(width)) * 256 ** Number(level) <= served.log.size;
    if (has) {
      response.end(served.log.tile(Number(level), index, Number(width)));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  served.url = `http://127.0.0.1:${server.address().port}`;
  served.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return served;
}
