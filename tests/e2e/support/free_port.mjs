// A port for a program that has to keep its address through a restart.

import { createServer } from 'node:net';

/** A port of the loopback that nobody has now. @returns {Promise<number>} */
export async function free_port() {
  const server = createServer();
  const port = await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
