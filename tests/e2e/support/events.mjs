// Reads GET /api/v1/events: with the control token, or as a browser that is signed in.

import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { wait_for } from './wait.mjs';

export class Events {
  /** @type {{event?: string, id?: string, data?: any}[]} without those that only have an id */
  got = [];
  comments = 0;
  last_id;
  ended = false;
  #text = '';

  /** @param {{last?: string, browser?: object, reads?: boolean}} [how] */
  static async open(pawl, { last, browser, reads = true, headers = {} } = {}) {
    const events = new Events();
    const token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
    const url = new URL('/api/v1/events', browser?.address ?? pawl.addresses.control);
    const sent = { Host: url.host, accept: 'text/event-stream',
      ...browser === undefined ? { authorization: `Bearer ${token}` }
        : { Cookie: [...browser.cookies].map(([n, v]) => `${n}=${v}`).join('; '),
            'Sec-Fetch-Site': 'same-origin' },
      ...last === undefined ? {} : { 'Last-Event-ID': last }, ...headers };
    const response = await new Promise((resolve, reject) => {
      events.request = request({ host: '127.0.0.1', port: url.port, path: url.pathname, headers: sent },
        resolve).on('error', reject);
      events.request.end();
    });
    events.status = response.statusCode;
    events.headers = response.headers;
    response.on('close', () => { events.ended = true; }).on('error', () => {});
    if (reads) {
      response.setEncoding('utf8').on('data', (chunk) => events.#read(chunk));
    } else {
      response.pause();
    }
    return events;
  }

  #read(chunk) {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      this.#take(this.#text.slice(0, end).split('\n'));
      this.#text = this.#text.slice(end + 2);
    }
  }

  #take(lines) {
    const field = (name) => lines.find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1).trim();
    this.comments += lines.every((line) => line.startsWith(':')) ? 1 : 0;
    this.last_id = field('id') ?? this.last_id;
    if (field('data') !== undefined) {
      this.got.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) });
    }
  }

  /** Waits for one that fits. */
  wait(event, fits = () => true) {
    return wait_for(`an event ${event}`, () =>
      this.got.find((one) => one.event === event && fits(one.data)));
  }

  close() {
    this.request.destroy();
  }
}
