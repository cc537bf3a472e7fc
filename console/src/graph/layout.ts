// Asks the layout worker. One question at a time counts: of several, only the newest is answered.
// Ownership: close() ends the worker. Errors: a worker that cannot run rejects, and the page says so.

import workerUrl from './layout_worker.ts?worker&url';
import type { Answer, Question } from './layout_worker.ts';
import type { Standing } from './layered.ts';
import type { Arrow, Places } from './placement.ts';

interface Policy {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

/** The page's policy asks for trusted URLs of scripts; this one trusts the worker's and no other. */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const only = (asked: string): string => {
    if (asked !== workerUrl) {
      throw new TypeError('not the layout worker');
    }
    return asked;
  };
  policy ??= types?.createPolicy('pawl-layout', { createScriptURL: only }) ?? { createScriptURL: only };
  return policy.createScriptURL(url);
}

let policy: Policy | undefined;

export class Layout {
  #worker: Worker | null = null;
  #number = 0;
  #waiting: { resolve: (places: Places | null) => void; reject: (why: Error) => void } | null = null;

  /** Places of all nodes; null when a newer question came in between. */
  places(nodes: Standing[], arrows: Arrow[]): Promise<Places | null> {
    this.#waiting?.resolve(null);
    this.#number += 1;
    const question: Question = { number: this.#number, nodes, arrows };
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      try {
        this.#worker ??= this.#start();
        this.#worker.postMessage(question);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : 'no worker');
      }
    });
  }

  close(): void {
    this.#waiting?.resolve(null);
    this.#waiting = null;
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start(): Worker {
    const worker = new Worker(trusted(workerUrl), { type: 'module' });
    worker.addEventListener('message', (event: MessageEvent<Answer>) => {
      if (event.data.number === this.#number) {
        this.#waiting?.resolve(new Map(event.data.places));
        this.#waiting = null;
      }
    });
    worker.addEventListener('error', () => this.#fail('the layout worker ended'));
    return worker;
  }

  #fail(why: string): void {
    this.#waiting?.reject(new Error(why));
    this.#waiting = null;
    this.#worker?.terminate();
    this.#worker = null;
  }
}
