// Requests to the gateway's API. Same origin, the session's cookie, and for changes the CSRF token.
// Errors: every failure is a Problem; its `code` is one of the closed list of the API, or `network`.

import { hearTime } from './gateway_time.ts';

export class Problem extends Error {
  status: number;
  code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export const asProblem = (error: unknown): Problem => (error instanceof Problem ? error : new Problem(0, '', String(error)));

let csrf = '';
let onUnauthenticated: () => void = () => {};
let lastAnswer = Date.now();

export function setCsrf(token: string): void {
  csrf = token;
}

export function whenUnauthenticated(act: () => void): void {
  onUnauthenticated = act;
}

/** When the server last answered a request with our session (ms): its idle time began then. */
export const lastAnswered = (): number => lastAnswer;

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = await response.json() as { code?: unknown; detail?: unknown; title?: unknown; type?: unknown };
    const text = [body.detail, body.title].find((one) => typeof one === 'string') as string | undefined;
    const code = [body.code, body.title].find((one) => typeof one === 'string') as string | undefined;
    return new Problem(response.status, code ?? '', text ?? `status ${response.status}`);
  } catch {
    return new Problem(response.status, '', `status ${response.status}`);
  }
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Pawl-Csrf'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const sent_ms = Date.now();
  let response: Response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal,
      cache: 'no-store', credentials: 'same-origin', redirect: 'error', referrerPolicy: 'no-referrer',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, 'network', 'The gateway does not answer.');
  }
  hearTime(response.headers.get('Date'), sent_ms, Date.now());
  if (!response.ok) {
    let problem = await problemOf(response);
    // What this gateway does not have, it says of the token of the command line.
    if (problem.status === 401 && /control token/.test(problem.message)) {
      problem = new Problem(404, 'not_found', 'This gateway does not have it.');
      if (!path.startsWith('/api/v1/session')) throw problem;
    }
    if (response.status === 401 && !path.startsWith('/api/v1/session')) onUnauthenticated();
    throw problem;
  }
  if (path.startsWith('/api/')) lastAnswer = Date.now();
  try {
    return await response.json() as T;
  } catch {
    throw new Problem(response.status, 'malformed', 'The answer is not JSON.');
  }
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => send<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  send<T>('POST', path, body, signal);
export const remove = <T>(path: string): Promise<T> => send<T>('DELETE', path);

/** A query string of those members that are not empty. */
export function query(members: Record<string, string | number | undefined>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== '') out.set(name, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : '';
}
