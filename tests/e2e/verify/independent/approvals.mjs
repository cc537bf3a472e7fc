// Approvals, and the calls that went through by them (approval.md, "What a verifier checks").
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Undecided, bad, undecided } from './verdict.mjs';
import { decode_base64url, decode_json_object, is_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';
import { check_passkey, read_evidence } from './passkeys.mjs';
import { Enrollments, check_at, check_members, is_time } from './enrollments.mjs';

const MOST_BYTES = 12288;
const LONGEST_GRANT = 86400;
const LONGEST_NAME = 256;
const STATEMENT = ['instance', 'approval', 'binding', 'binding_digest', 'terms_digest', 'requested', 'executed',
  'decision', 'uses', 'expires', 'nonce', 'operator', 'role', 'key'];
const BINDING = ['agent', 'on_behalf_of', 'server', 'verb', 'name', 'digest', 'policy'];

// RFC 8785, of texts and integers.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (!is_object(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}
const digest = (text) => createHash('sha256').update(text).digest('base64url');
const is_digest = (value) => typeof value === 'string' && decode_base64url(value)?.length === 32;
const bounded = (name) =>
  (Buffer.byteLength(name) <= LONGEST_NAME ? name : `sha256:${digest(name)}`);
const is_cut = ({ body_hash }, { 'pawl.salted': salted }) => body_hash !== undefined ||
  (is_object(salted) && (salted.body !== undefined || Object.keys(salted).length === 0));

export class Approvals {
  #enrolled;
  #parties; // where people use passkeys, as the verifier knows
  #misses_some = false;
  #all = new Map(); // by id

  constructor(operator_keys, parties = []) {
    this.#enrolled = new Enrollments(operator_keys);
    this.#parties = parties;
  }

  // Records before the first are pruned; that leaves enrollments.
  misses_some() {
    this.#misses_some = true;
  }

  // Takes the next record of the log. `pinned`: it stands below the pinned head.
  add({ act, extension, iss, iat, inp_hash, workflow, id, parents = [] }, pinned) {
    if (extension['pawl.profile'] !== 'urn:pawl:profile:1') return;
    const area = act.split('.')[0];
    const body = extension[`pawl.${area}`];
    if (!is_object(body)) return;
    if (act === 'operator.enrolled' || act === 'operator.removed') {
      this.#enrolled.add(act, body, { iss, iat, pinned });
    } else if (act === 'identity.revoked' || act === 'identity.restored') {
      this.#enrolled.note_revocation(act, body);
    } else if (area === 'approval') {
      if (is_cut(body, extension)) {
        this.#misses_some = true;
        undecided('its body was too large and holds only a digest');
      }
      this.#event(act, body, { iss, iat, id, parents, workflow });
    } else if (is_object(body.approval)) {
      this.#use({ act, body, extension, inp_hash, workflow, id });
    }
  }

  #find(id) {
    const found = this.#all.get(id);
    if (found === undefined && this.#misses_some) undecided('not shown: who asked for its approval');
    return found ?? bad('nobody was asked for its approval');
  }

  #event(act, body, { iss, iat, id, parents, workflow }) {
    if (act === 'approval.requested' && body.escalated !== true) {
      return this.#request(body, { iat, record: id, workflow });
    }
    const one = this.#find(body.approval);
    check_about(one, body, { parents, workflow });
    if (act === 'approval.requested') return escalate(one, body, iat);
    if (act === 'approval.decided' && body.by === 'person') return this.#decide(one, body, { iss, iat });
    const ends = act === 'approval.expired' && ['pending', 'approved'].includes(one.phase);
    if (ends) one.phase = 'expired';
    return undefined;
  }

  #request({ approval: id, binding, terms, owner, nonce, at, expires }, { iat, record, workflow }) {
    if (this.#all.has(id)) bad('there was another approval of this id');
    check_members('the binding', binding, BINDING, ['workflow', 'token']);
    check_members('the terms', terms, ['roles', 'of', 'uses', 'within_s', 'escalate_to']);
    if (!is_digest(nonce) || !is_digest(binding.digest) || terms.roles.length === 0) bad('its form');
    if (expires !== at + terms.within_s) bad('its times are not those of its terms');
    check_at(at, iat);
    this.#all.set(id, { id, binding, terms, owner, nonce, record, workflow, asked: at, expires, roles: terms.roles,
      phase: 'pending', by: [], statements: new Set(), uses: 0, spent: new Map() });
  }

  // What cannot be decided is taken in as the record says it: what follows rests on it, and is as open.
  #decide(one, body, times) {
    try {
      this.#check_decision(one, body, times);
    } catch (error) {
      if (error instanceof Undecided && !one.statements.has(body.digest)) take_in(one, body);
      throw error;
    }
  }

  #check_decision(one, body, { iss, iat }) {
    const said = this.#read_statement(body);
    if (one.phase !== 'pending') bad(`it is ${one.phase} already`);
    if (body.at >= one.expires) bad('the time to decide is over');
    check_statement(said, one, iss, body.at);
    check_signer(said, one, body.digest);
    const { operator, key, role, decision, executed, uses, expires } = said;
    const stated = { operator, key, role, decision, executed, uses, expires, digest: digest(canonical(said)) };
    for (const [name, value] of Object.entries(stated)) {
      if (body[name] !== value) bad(`the operator signed another ${name}`);
    }
    check_at(body.at, iat);
    take_in(one, stated);
    this.#need_anchor();
  }

  #read_statement({ statement, passkey }) {
    if (statement === undefined) return this.#read_passkey(read_evidence(passkey));
    const jws = read_jws(Buffer.from(String(statement)), { most: MOST_BYTES, types: ['approval+jwt'] });
    const person = this.#enrolled.people.get(jws.header.kid);
    if (person === undefined && this.#enrolled.misses_some) undecided('not shown: who signed it');
    if (person === undefined) bad('no operator with this key is enrolled');
    check_jws(jws, new Map([[jws.header.kid, person.key]]));
    const text = Buffer.from(statement.split('.')[1], 'base64url').toString();
    return this.#of_person(jws.payload, text, jws.header.kid, person);
  }

  #read_passkey(evidence) {
    const said = decode_json_object(Buffer.from(evidence.text)) ?? bad('the statement is no JSON object');
    const person = this.#enrolled.people.get(said.key);
    if (person === undefined && this.#enrolled.misses_some) undecided('not shown: who signed it');
    if (person?.passkey === undefined) bad('no operator with this passkey is enrolled');
    check_passkey(evidence, person, this.#parties);
    return this.#of_person(said, evidence.text, said.key, person);
  }

  // `kid`: whose signature it is.
  #of_person(said, text, kid, person) {
    check_members('the statement', said, STATEMENT);
    if (text !== canonical(said)) bad('not in its canonical spelling');
    if (said.key !== kid || said.operator !== person.operator) bad("in another's name");
    if (!person.roles.includes(said.role)) bad('the operator does not have the role');
    if (this.#enrolled.is_revoked(said.key)) bad('the key that signed it had been revoked');
    return said;
  }

  #use({ act, body, extension, inp_hash, workflow, id }) {
    const { id: approval, use } = body.approval;
    const one = this.#find(approval);
    if (one.uses === 0) bad(`its approval let nothing through: it is ${one.phase}`);
    if (!Number.isSafeInteger(use) || use < 1 || use > one.uses) bad(`use ${use} of ${one.uses}`);
    if (one.spent.has(use)) bad(`use ${use} was spent by record ${one.spent.get(use)}`);
    one.spent.set(use, id);
    check_call(one, { act, body, extension, inp_hash, workflow });
    if (one.spent.size === one.uses && one.phase === 'approved') one.phase = 'spent';
    this.#need_anchor();
  }

  #need_anchor() {
    if (!this.#enrolled.anchored) undecided('the first operator is not one whom the verifier knows');
  }
}

// What a record of an approval says of its call; older ones say nothing.
function check_about({ binding, record, workflow: asked_in }, body, { parents, workflow }) {
  const expected = { agent: binding.agent, server: binding.server, tool: binding.name, resource: binding.name };
  for (const [name, value] of Object.entries(expected)) {
    if (body[name] !== undefined && ![value, bounded(value)].includes(body[name])) bad(`it names another call: ${name} differs`);
  }
  if (parents.length > 0 && !isDeepStrictEqual(parents, [record])) bad('it names another call: pred differs');
  if (workflow !== undefined && workflow.toLowerCase() !== asked_in?.toLowerCase()) bad('it names another call: wid differs');
}

function escalate(one, { at, expires }, iat) {
  const is_due = one.phase === 'pending' && !one.escalated && one.terms.escalate_to.length > 0
    && at >= one.expires && expires === at + one.terms.within_s;
  if (!is_due) bad('it was not due to be passed on');
  check_at(at, iat);
  Object.assign(one, { escalated: true, expires, roles: one.terms.escalate_to });
}

function check_statement(said, one, instance, at) {
  const expected = { instance, approval: one.id, binding_digest: digest(canonical(one.binding)),
    terms_digest: digest(canonical({ owner: one.owner, terms: one.terms })), requested: one.binding.digest, nonce: one.nonce };
  for (const [name, value] of Object.entries(expected)) {
    if (said[name] !== value) bad(`${name}: made for another one`);
  }
  if (!isDeepStrictEqual(said.binding, one.binding)) bad('binding: made for another call');
  const { decision, executed, uses, expires } = said;
  if (decision === 'deny') {
    if (executed !== said.requested || uses !== 0 || expires !== 0) bad('a denial that grants');
    return;
  }
  if (decision !== 'approve' || !is_digest(executed)) bad('no decision');
  if (!Number.isSafeInteger(uses) || uses < 1 || uses > one.terms.uses) bad('uses');
  const latest = Math.max(one.expires, one.asked + LONGEST_GRANT);
  if (!is_time(expires) || expires <= at || expires > latest) bad('expires');
}

const same_grant = (a, b) => a.executed === b.executed && a.uses === b.uses && a.expires === b.expires;

function check_signer(said, one, statement) {
  if (!one.roles.includes(said.role)) bad('the role is not one that may decide');
  if (one.statements.has(statement)) bad('this statement counted already');
  if (said.decision === 'deny') return;
  const { agent, on_behalf_of } = one.binding;
  if ([agent, on_behalf_of, one.owner].includes(said.operator)) bad('nobody approves a call of their own');
  const again = one.by.some((known) => known.decision === 'approve' && same_grant(known, said)
    && (known.operator === said.operator || known.key === said.key));
  if (again) bad('this person, or this key, has approved it already');
}

function take_in(one, by) {
  one.statements.add(by.digest);
  if (by.decision === 'deny') {
    one.phase = 'denied';
    return;
  }
  one.by = [...one.by.filter((known) => same_grant(known, by)), by];
  if (one.by.length >= one.terms.of) Object.assign(one, { phase: 'approved', uses: by.uses, executed: by.executed });
}

// Whether a record is of the call that was approved, as far as it says so in the clear.
function check_call({ binding, executed }, { act, body, extension, inp_hash, workflow }) {
  const cut = is_cut(body, extension);
  const expected = { agent: body.agent, server: body.server, verb: body.verb ?? act,
    name: body.tool ?? body.resource ?? '' };
  for (const [name, value] of Object.entries(expected)) {
    const is_missing = cut && (value === undefined || value === '' || name === 'verb');
    if (!is_missing && value !== bounded(binding[name])) bad(`of another call: ${name} differs`);
  }
  const person = body.on_behalf_of ?? '';
  const hidden = person !== '' && [person, binding.on_behalf_of].some((name) => name.startsWith('person:'));
  const missing = person === '' && (cut || (body.status === 'crash' && body.outcome === 'unknown'));
  if (!hidden && !missing && person !== bounded(binding.on_behalf_of)) bad('of another call: on_behalf_of differs');
  if (!cut && body.acp?.digest !== binding.token) bad('of another call: token differs');
  const salted = inp_hash === undefined && extension['pawl.salted'] !== undefined;
  if (!salted && inp_hash !== executed) bad('of another call: inp_hash differs');
  if (binding.workflow !== undefined && workflow?.toLowerCase() !== binding.workflow) bad('of another call: wid differs');
}
