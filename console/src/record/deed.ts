// What a person did, in a line: from the claims of one record. Pure.

import { type Json, type JsonObject, isObject } from '../proof/jws.ts';
import { bodyOf } from './facts.ts';

export interface Deed {
  /** Empty: the record names nobody. */
  who: string;
  what: string;
  target: string;
}

const WORDS: Record<string, string> = {
  'operator.signed_in': 'signed in', 'operator.enrolled': 'enrolled', 'operator.removed': 'removed',
  'operator.refused': 'was refused',
  'approval.requested': 'question to people', 'approval.expired': 'nobody decided in time',
  'approval.delivered': 'told to the caller', 'override.applied': 'stopped', 'override.lifted': 'resumed',
  'policy.activated': 'rules came into force', 'policy.proposed': 'proposed a rule', 'policy.issued': 'policy token seen',
  'identity.enrolled': 'is known from now on', 'identity.removed': 'is known no more', 'identity.revoked': 'revoked',
  'identity.restored': 'restored', 'key.activated': 'key begins to sign', 'key.retired': 'key signs no more',
  'key.compromised': 'key reported as stolen',
};
const ACTS: Record<string, string> = { 'passkey.add': 'added a passkey', sign_out: 'signed out', 'session.end': 'ended a session' };

function first(...values: (Json | undefined)[]): string {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';
}

function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? value[name] : undefined;
}

function decision(body: JsonObject): string {
  const word = body.decision === 'approve' ? 'approved' : body.decision === 'deny' ? 'denied' : first(body.decision);
  return body.by === 'rule' ? `${word} by a rule` : word;
}

function setName(body: JsonObject): string {
  const name = first(member(body.set, 'name'));
  const version = member(body.set, 'version');
  return name && typeof version === 'number' ? `${name}/${version}` : first(body.digest);
}

export function deedOf(claims: JsonObject): Deed {
  const kind = first(claims.exec_act);
  const body = bodyOf(claims);
  const who = first(body.operator, member(body.stop, 'by'), member(body.revocation, 'by'), kind === 'approval.decided' ? body.rule : '');
  const what = kind === 'approval.decided' ? decision(body)
    : kind === 'operator.acted' ? ACTS[first(body.act)] ?? first(body.act) : WORDS[kind] ?? kind;
  const target = kind === 'policy.activated' ? setName(body)
    : kind === 'operator.signed_in' ? `${first(body.method)}${Array.isArray(body.grants) ? `: ${body.grants.map((one) => first(one)).join(', ')}` : ''}`
      : first(kind === 'operator.refused' ? body.act : '', body.target, member(body.stop, 'scope'), body.scope, member(body.revocation, 'target'), member(body.binding, 'name'),
        body.approval, body.kid, body.name, body.iss);
  return { who, what, target };
}
