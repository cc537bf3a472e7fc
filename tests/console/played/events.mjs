// The stream of events, played: what is told goes to everybody who listens; flood() tells a number of
// events a second for some seconds.

export class Events {
  #listeners = new Set();
  #number = 0;
  #timer;

  add(request, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(':\n\n');
    this.#listeners.add(response);
    request.on('close', () => this.#listeners.delete(response));
  }

  tell(name, data) {
    this.#number += 1;
    const text = `id: ${this.#number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const listener of this.#listeners) {
      listener.write(text);
    }
  }

  /** Tells `rate` events a second until told to stop; `make(n)` gives [name, data]. Answers how many. */
  flood(rate, make) {
    const begin = performance.now();
    let told = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor((performance.now() - begin) / 1000 * rate);
      while (told < due) {
        this.tell(...make(told));
        told += 1;
      }
    }, 10);
    return () => { clearInterval(this.#timer); return told; };
  }

  close() {
    clearInterval(this.#timer);
    for (const listener of this.#listeners) {
      listener.end();
    }
  }
}
