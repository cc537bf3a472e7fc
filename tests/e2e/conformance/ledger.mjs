// What the ledger must hold after a scenario: one record for each Action that its client saw.
//
// The client's side is read off the wire by the proxy in front of it; the ledger's side is asked of
// the `pawl` program. An Action is a message by a method of ACTIONS (docs/formats/mcp.md,
// "Methods"). What the transport refused (HTTP 4xx) is none unless its answer names a record;
// neither is a -32602 without one: its parameters, handle or state were not read as an Action.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wait_for } from '../support/wait.mjs';

const ACTIONS = {
  'tools/list': 'tool.list', 'tools/call': 'tool.call',
  'resources/list': 'resource.list', 'resources/templates/list': 'resource.templates',
  'resources/read': 'resource.read', 'resources/subscribe': 'resource.subscribe',
  'resources/unsubscribe': 'resource.unsubscribe', 'subscriptions/listen': 'subscription.listen',
  'prompts/list': 'prompt.list', 'prompts/get': 'prompt.get',
  'completion/complete': 'completion.request', 'logging/setLevel': 'log.level',
  'sampling/createMessage': 'sampling.request', 'elicitation/create': 'elicitation.request',
  'roots/list': 'root.list', 'notifications/resources/updated': 'resource.updated',
  'notifications/message': 'log.message',
  'notifications/elicitation/complete': 'elicitation.completed',
  'tasks/get': 'task.get', 'tasks/result': 'task.result', 'tasks/list': 'task.list',
  'tasks/cancel': 'task.cancel', 'tasks/update': 'task.update',
  'notifications/tasks/status': 'task.status', 'notifications/tasks': 'task.status',
};
const VERBS = new Set(Object.values(ACTIONS));
const RECORD = 'pawl.record/id';
const REFUSED = ['denied', 'error', 'unknown'];
const ANY = ['confirmed', 'failed', ...REFUSED];
// `code` in the data of errors that are Pawl's; a server's own errors have none of them.
const REFUSAL_CODES = new Set(['denied', 'stopped', 'overloaded', 'undecidable', 'conflict',
  'token_invalid', 'unsupported_version', 'upstream_unavailable', 'upstream_failed',
  'deadline_exceeded', 'cancelled']);
const INVALID_PARAMS = -32602;
const SETTLE_MS = 10_000;

/** @typedef {{session?: string, message?: object, status?: number, type?: string, text: string}}
 *   Exchange one request of the client and what of its answer went by so far */
/** @typedef {{verb: string, outcomes: string[], id?: string, what: string}} Expected */
/** @typedef {{index: number, id: string, kind: string, verb?: string, outcome?: string}} Row */

function parsed(text) {
  try {
    const message = JSON.parse(text);
    return message === null ? [] : [message];
  } catch {
    return [];  // a stream's last event may have been cut
  }
}

/** An answer's messages and event ids. @returns {{event?: string, message: object}[]} */
function delivered({ type = '', text }) {
  if (!type.includes('text/event-stream')) {
    return parsed(text).map((message) => ({ message }));
  }
  return text.split(/\r?\n\r?\n/).flatMap((block) => {
    const field = (name) => block.split(/\r?\n/).filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
    return parsed(field('data').join('\n')).map((message) => ({ event: field('id')[0], message }));
  });
}

function outcomes_of(answer) {
  const meta = answer.result?._meta ?? {};
  if (meta['pawl.record/refusal'] !== undefined || REFUSAL_CODES.has(answer.error?.data?.code)) {
    return REFUSED;
  }
  return [answer.error === undefined && answer.result.isError !== true ? 'confirmed' : 'failed'];
}

function record_of(answer) {
  return answer.result?._meta?.[RECORD] ?? answer.error?.data?._meta?.[RECORD];
}

function expected_request({ message: { method }, status }, answer) {
  const verb = ACTIONS[method];
  if (answer === undefined) {  // its client left before the answer; it is recorded all the same
    return status === 200 ? [{ verb, outcomes: ANY, what: `${method} without an answer` }] : [];
  }
  const id = record_of(answer);
  if (id === undefined && (status !== 200 || answer.error?.code === INVALID_PARAMS)) {
    return [];
  }
  // What a result asks of the client are Actions of their own (modern era).
  const asks = Object.values(answer.result?.inputRequests ?? {}).map((ask) => (
    { verb: ACTIONS[ask.method], outcomes: ['confirmed'], what: `${ask.method} in a result` }));
  return [{ verb, outcomes: outcomes_of(answer), id, what: method }, ...asks];
}

/** @param {Exchange[]} exchanges @returns {Expected[]} */
export function expected_records(exchanges) {
  const answers = new Map();  // of a session's request, on whatever stream it came
  const to_client = new Map();
  const key = (session, id) => `${session} ${JSON.stringify(id)}`;
  for (const [at, exchange] of exchanges.entries()) {
    const scope = exchange.session ?? `exchange ${at}`;
    for (const [n, { event, message }] of delivered(exchange).entries()) {
      if (message.method === undefined) {
        answers.set(key(scope, message.id), message);
      } else if (ACTIONS[message.method] !== undefined) {
        to_client.set(`${scope} ${event ?? `${at}.${n}`}`, { scope, message });  // replays once
      }
    }
  }
  const replies = new Map(exchanges.filter(({ message }) => message instanceof Object
    && message.method === undefined).map(({ session, message }) =>
    [key(session, message.id), message]));
  const asked = exchanges.flatMap((exchange, at) => {
    const { method, id } = exchange.message ?? {};
    return ACTIONS[method] === undefined || id === undefined ? []
      : expected_request(exchange, answers.get(key(exchange.session ?? `exchange ${at}`, id)));
  });
  const told = [...to_client.values()].map(({ scope, message: { method, id } }) => {
    const reply = id === undefined ? { result: {} } : replies.get(key(scope, id));
    return { verb: ACTIONS[method], what: `${method} to the client`,
             outcomes: reply === undefined ? ANY : outcomes_of(reply) };
  });
  return [...asked, ...told];
}

/**
 * What does not fit, in words; empty: as many records as Actions, each with its outcome.
 * @param {Expected[]} expected @param {Row[]} rows @returns {string[]}
 */
export function compare_records(expected, rows) {
  const left = rows.filter(({ kind }) => VERBS.has(kind) || kind === 'task.denied'
    || kind === 'task.error');
  const problems = [];
  const strict_first = expected.toSorted((a, b) =>
    (a.id === undefined) - (b.id === undefined) || a.outcomes.length - b.outcomes.length);
  for (const { verb, outcomes, id, what } of strict_first) {
    const at = left.findIndex((row) => (row.verb ?? row.kind) === verb
      && outcomes.includes(row.outcome) && (id === undefined || row.id === id));
    if (at === -1) {
      problems.push(`ledger: no record of ${what}: ${verb} ${outcomes.join('|')} ${id ?? ''}`);
    } else {
      left.splice(at, 1);
    }
  }
  return [...problems, ...left.map(({ kind, verb, outcome, id }) =>
    `ledger: ${verb ?? kind} ${outcome} ${id} is of no message that went by`)];
}

/**
 * The check for run_through_gateway({ watch }).
 * @param {import('../support/pawl.mjs').Pawl} pawl
 */
export async function ledger_check(pawl) {
  const trust = join(pawl.folder, 'log.trust');
  const run = async (...args) => {
    const { code, stdout, stderr } = await pawl.run(args);
    if (code !== 0) {
      throw new Error(`pawl ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    }
    return stdout;
  };
  const rows_after = async (index) => (await run('ledger', 'query', '--data', pawl.data, '--json',
    '--limit', '10000')).split('\n').filter(Boolean).map((line) => JSON.parse(line))
    .filter((row) => row.index > index);
  await writeFile(trust, await run('trust', 'pin', pawl.data, '--print'));
  let seen = Math.max(...(await rows_after(-1)).map(({ index }) => index));
  return async ({ exchanges }) => {
    let rows, problems;
    // The end of what a client left behind is recorded a moment after it left.
    await wait_for('records', async () => {
      rows = await rows_after(seen);
      problems = compare_records(expected_records(exchanges), rows);
      return problems.length === 0 || undefined;
    }, { within_ms: SETTLE_MS }).catch(() => {});
    seen = Math.max(seen, ...rows.map(({ index }) => index));
    const { code, stdout, stderr } = await pawl.run(['verify', pawl.data, '--trust', trust]);
    return code === 0 ? problems
      : [...problems, `ledger: pawl verify ended with ${code}: ${stdout}${stderr}`];
  };
}
