// What a daemon did with each held call, as events of spec/approval.pml: from its ledger as it lies on
// the disk, intents included, in the order of the log, and from the journal of the server behind.
//
// Nothing is left out in silence: a record, an intent or a call that fits nowhere is an error, or
// makes a trace that the model does not go along with.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '../verify/independent/frame.mjs';
import { read_segments } from '../verify/independent/segments.mjs';

const ANSWERED = ['confirmed', 'failed'];  // outcomes that say: by the server
const PEOPLE = 2;                          // who must agree, in the model
const as_uuid = (hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** @typedef {{event: string, a: number, b: number}} Event  named as in spec/approval_trace.pml
 *  @typedef {{approval: string, events: Event[], uses: number[], executed: number[]}} Trace
 *  uses: granted by what was signed under each number; executed: calls at the server by use, under 0
 *  those that name a use that nobody was granted */

/** Intents and records of a ledger in the order of its log: `{kind, id, body}`, of a record its claims. */
function read_log(data) {
  const folder = join(data, 'ledger', 'segments');
  const files = readdirSync(folder).filter((name) => name.endsWith('.seg')).sort()
    .map((name) => ({ name, read: () => readFileSync(join(folder, name)) }));
  const out = [];
  let entries = 0;
  read_segments(files, () => entries, ({ frames }) => {
    for (const { kind, id, body } of frames) {
      const text = body.toString();
      if (kind === KINDS.entry) {
        entries += 1;
        out.push({ id: as_uuid(id), claims: JSON.parse(Buffer.from(text.split('.')[1], 'base64url')) });
      } else {
        out.push({ id: as_uuid(id), intent: JSON.parse(text) });
      }
    }
  });
  return out;
}

/** One approval's trace, in the making. */
class Observed {
  events = [];
  executed = [0, 0, 0, 0];
  #people = [];
  #grants = [];

  constructor({ approval, terms }) {
    if (terms.of !== PEOPLE) {
      fail(`approval ${approval}: ${terms.of} people have to agree, in the model ${PEOPLE}`);
    }
    this.approval = approval;
    this.add('requested');
  }

  add(event, a = 0, b = 0) {
    this.events.push({ event, a, b });
  }

  decided({ by, decision, operator, executed, uses, expires }) {
    if (by !== 'person') {
      this.add('ruled');
    } else if (decision === 'deny') {
      this.add('denied', number_of(this.#people, operator));
    } else {
      const grant = JSON.stringify({ executed, uses, expires });
      this.add('signed', number_of(this.#people, operator), number_of(this.#grants, grant) + 1);
    }
  }

  get trace() {
    const { approval, executed } = this;
    const last = this.events.findLastIndex(({ event }) => event !== 'crash');
    return { approval, events: this.events.slice(0, last + 1), executed,
             uses: [0, ...this.#grants.map((grant) => JSON.parse(grant).uses)] };
  }
}

function number_of(known, name) {
  if (!known.includes(name)) {
    known.push(name);
  }
  return known.indexOf(name);
}

const EVENTS = {
  'approval.requested': (one, { escalated }) => escalated && one.add('escalated'),
  'approval.decided': (one, body) => one.decided(body),
  'approval.expired': (one) => one.add('expired'),
  'approval.delivered': (one) => one.add('delivered'),
};

/** The traces of a ledger whose daemon has ended, and of a journal whose lines name the record of
 *  their call. @param {{data: string, calls: {record: string}[]}} from @returns {Trace[]} */
export function read_traces({ data, calls }) {
  const all = new Map();
  const intents = new Map();   // id of a call -> {id, use} of the approval
  const outcomes = new Map();  // id of a call -> what its record says
  const find = (id) => all.get(id) ?? fail(`approval ${id}: nobody asked for it`);
  let starts = 0;
  for (const { id, intent, claims } of read_log(data)) {
    if (intent !== undefined) {
      if (intent.approval !== undefined) {
        intents.set(id, intent.approval);
        find(intent.approval.id).add('intent', intent.approval.use);
      }
      continue;
    }
    const act = claims.exec_act;
    const body = claims.ect_ext[`pawl.${act.split('.')[0]}`] ?? {};
    if (act === 'node.started' && (starts += 1) > 1) {
      all.forEach((one) => one.add('crash'));
    } else if (act === 'approval.requested' && body.escalated !== true && !all.has(body.approval)) {
      all.set(body.approval, new Observed(body));
    } else if (EVENTS[act] !== undefined) {
      EVENTS[act](find(body.approval), body);
    } else if (body.approval !== undefined) {
      note_end(find(body.approval.id), intents.get(id), body);
      outcomes.set(id, body.outcome);
    }
  }
  for (const { record } of calls) {
    const { id, use } = intents.get(record) ?? fail(`record ${record}: it was executed unasked`);
    if (['denied', 'error'].includes(outcomes.get(record))) {
      fail(`record ${record} says ${outcomes.get(record)}, and it was executed`);
    }
    find(id).executed[use < 4 ? use : 0] += 1;
  }
  return [...all.values()].map((one) => one.trace);
}

/** The record of a call that spent a use: it names the use that its intent named. */
function note_end(one, intent, { approval, outcome }) {
  if (intent?.id !== approval.id || intent.use !== approval.use) {
    fail(`approval ${approval.id}: a record names use ${approval.use}, its intent another one`);
  }
  if (ANSWERED.includes(outcome)) {
    one.add('answered', approval.use);
  }
}

function fail(why) {
  throw new Error(why);
}
