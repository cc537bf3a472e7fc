// What a record says, in the order in which people ask: from the claims that were signed, not from what
// a server says about them. Pure. Names: docs/formats/records.md.

import { type Json, type JsonObject, isObject } from '../proof/jws.ts';

interface Cause {
  id: string;
  basis: string;
}

export interface Fact {
  name: string;
  text: string;
  /** Where it leads: other records of the same. */
  filter?: 'agent' | 'server' | 'name';
}

export interface RecordFacts {
  kind: string;
  at: number;
  workflow: string;
  outcome: string;
  decision: string;
  rule: string;
  causes: Cause[];
  why: string[];
  facts: Fact[];
}

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** Which use of an approval a call was, in words; all others as they are. */
function said(member: string, value: Json | undefined): string {
  return member === 'approval' && isObject(value) ? `${text(value.id)}, use ${text(value.use)}` : text(value);
}

function extension(claims: JsonObject): JsonObject {
  const found = claims.ect_ext ?? claims.ext;
  return isObject(found) ? found : {};
}

/** The object `pawl.AREA` of the record's kind. */
export function bodyOf(claims: JsonObject): JsonObject {
  const area = text(claims.exec_act).split('.')[0] ?? '';
  const body = extension(claims)[`pawl.${area}`];
  return isObject(body) ? body : {};
}

function causesOf(claims: JsonObject, body: JsonObject): Cause[] {
  const parents = claims.pred ?? claims.par;
  const basis = Array.isArray(body.basis) ? body.basis : [];
  return (Array.isArray(parents) ? parents : [])
    .map((id, at) => ({ id: text(id), basis: text(basis[at]) || 'not said' }));
}

// Name for people, member, and which filter of the ledger it is.
const ROWS: [string, string, Fact['filter']?][] = [
  ['Agent', 'agent', 'agent'], ['On behalf of', 'on_behalf_of'], ['Operator', 'operator'],
  ['Said', 'decision'], ['In the role', 'role'], ['Uses', 'uses'], ['Approval', 'approval'],
  ['Server', 'server', 'server'], ['Tool', 'tool', 'name'], ['Resource', 'resource', 'name'],
  ['Act', 'act'], ['Target', 'target'], ['Method', 'method'], ['Status', 'status'],
  ['Detail', 'detail'], ['Refused by', 'control'], ['Code', 'code'], ['Reason', 'reason'], ['Nearest rule', 'nearest'],
  ['Would have been', 'would'], ['Held back by', 'withheld'], ['Proof of the caller', 'proof'],
  ['Level', 'level'], ['Graph', 'graph'], ['Rules in force', 'set'],
];

export function factsOf(claims: JsonObject): RecordFacts {
  const body = bodyOf(claims);
  const more = extension(claims);
  const facts: Fact[] = [];
  for (const [name, member, filter] of ROWS) {
    if (body[member] !== undefined) {
      facts.push({ name, text: said(member, body[member]), ...(filter ? { filter } : {}) });
    }
  }
  for (const [name, digest] of [['Digest of the input', claims.inp_hash],
    ['Digest of the output', claims.out_hash]] as const) {
    if (digest !== undefined) {
      facts.push({ name, text: text(digest) });
    }
  }
  return {
    kind: text(claims.exec_act), at: typeof claims.iat === 'number' ? claims.iat : 0,
    workflow: text(claims.wid), outcome: text(body.outcome), decision: text(more.pol_decision),
    rule: text(more.pol), causes: causesOf(claims, body),
    why: Array.isArray(body.why) ? body.why.map(text) : [], facts,
  };
}
