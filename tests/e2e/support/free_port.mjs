// A port for a program that has to keep its address through a restart.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below those that the kernel gives to others: such a one would be taken meanwhile.
const FIRST = 20_000;
const LAST = 32_000;
const MOST_TRIES = 100;

async function is_free(port) {
  const server = createServer();
  const listens = await new Promise((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => { server.close(resolve); });
  return listens;
}

/** A port of the loopback that nobody has now, nor the next one. @returns {Promise<number>} */
export async function free_port() {
  for (let left = MOST_TRIES; left > 0; left -= 1) {
    const port = randomInt(FIRST, LAST);
    if (await is_free(port) && await is_free(port + 1)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${LAST} is free`);
}
