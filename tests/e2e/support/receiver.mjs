// A receiver of webhooks: keeps what came, checks each signature as Standard Webhooks says, and
// answers as it is told.

import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { wait_for } from './wait.mjs';

export const new_secret = () => `whsec_${randomBytes(32).toString('base64')}`;

/** What `webhook-signature` has to be. */
export function signature_of(secret, { id, timestamp, body }) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export class Receiver {
  /** @type {{id: string, timestamp: number, is_signed: boolean, body: any, text: string,
   *          headers: object, answered: number}[]} */
  got = [];
  /** What the next requests are answered; the last one stays. 0: nothing at all. */
  answers = [204];
  #server;

  constructor(secret) {
    this.secret = secret;
  }

  async listen(port = 0) {
    this.#server = createServer((request, response) => this.#take(request, response));
    await new Promise((resolve, reject) => {
      this.#server.on('error', reject).listen(port, '127.0.0.1', resolve);
    });
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}/hook`;
    return this;
  }

  async #take(request, response) {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
    }
    const id = request.headers['webhook-id'];
    const timestamp = Number(request.headers['webhook-timestamp']);
    const answered = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    this.got.push({ id, timestamp, text, answered, headers: request.headers, body: JSON.parse(text),
      is_signed: signature_of(this.secret, { id, timestamp, body: text })
        === request.headers['webhook-signature'] });
    if (answered !== 0) {
      response.writeHead(answered, answered === 302 ? { location: '/elsewhere' } : {}).end();
    }
  }

  /** Waits until so many came that fit. */
  async wait(count, fits = () => true) {
    return wait_for(`${count} notices`, () => {
      const found = this.got.filter(fits);
      return found.length >= count ? found : undefined;
    });
  }

  close() {
    this.#server?.closeAllConnections();
    return new Promise((resolve) => { this.#server.close(resolve); });
  }
}
