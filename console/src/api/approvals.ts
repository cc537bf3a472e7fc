// Held calls as the API shows them. Source: docs/formats/approval.md, docs/formats/console_api.md.
import type { Binding, Terms } from '../proof/statement.ts';

export interface SignedBy {
  by: 'person' | 'rule';
  decision: 'approve' | 'deny';
  at: number;
  operator?: string;
  rule?: string;
  key?: string;
  role?: string;
  executed?: string;
  uses?: number;
  expires?: number;
}

export interface Approval {
  id: string;
  binding: Binding;
  nonce: string;
  phase: string;
  ending: string;
  at: number;
  expires: number;
  executed: string;
  uses: number;
  until: number;
  spent: number;
  terms: Terms;
  by: SignedBy[];
  owner: string;
  escalated?: boolean;
  delivered?: boolean;
  needed: number;
  like?: number;
}

/** One value that differs from usual calls, as JSON text. No `now`: only usual calls have it. Source: docs/formats/console_api.md, "usual". */
export interface Unusual {
  pointer: string;
  is: 'out_of_range' | 'new_value' | 'new_place' | 'missing';
  now?: string;
  seen: number;
  lowest?: string;
  highest?: string;
  values?: string[];
  varies?: boolean;
}

/** No `compared`: nothing is learned of such calls, or this person may not see it; 0: of none yet. */
export interface UsualCalls {
  calls?: number;
  first?: boolean;
  compared?: number;
  differs?: Unusual[];
  more?: number;
  not_compared?: number;
}

export interface HeldCall extends Approval {
  instance: string;
  params?: string;
  arguments_problem?: string;
  effect?: string;
  obliged?: string;     // with the arguments that go out, as the gateway has them
  usual?: UsualCalls;
  before?: { id: string; at: number; kind: string; server: string; name: string; outcome: string }[];
  changed?: { params: string };
}

/** What belongs together for the eye: the same agent wants the same of the same server. Each is decided alone. */
export interface Group { key: string; binding: Binding; calls: Approval[] }

export function grouped(list: Approval[]): Group[] {
  const out = new Map<string, Group>();
  for (const one of list) {
    const { agent, server, verb, name } = one.binding;
    const key = JSON.stringify([agent, server, verb, name]);
    const group = out.get(key);
    if (group) group.calls.push(one);
    else out.set(key, { key, binding: one.binding, calls: [one] });
  }
  for (const group of out.values()) group.calls.sort((a, b) => a.expires - b.expires);
  return [...out.values()].sort((a, b) => a.calls[0]!.expires - b.calls[0]!.expires);
}

/** The roles that may decide now. */
export const rolesOf = (one: Approval): string[] =>
  (one.escalated ? [...one.terms.roles, ...one.terms.escalate_to.filter((role) => !one.terms.roles.includes(role))] : one.terms.roles);

const DAY_S = 86_400;

/** The latest end that the gateway takes. */
export const latestEnd = (one: Approval): number => Math.max(one.at + DAY_S, one.expires);

/** The end that is proposed: what others signed, while it is not past; else one that stays good when others are asked, too. */
export function proposedEnd(one: Approval, now_s: number): number {
  const last = lastGrant(one);
  if (last?.expires && last.expires > now_s) return last.expires;
  const { within_s, escalate_to } = one.terms;
  if (one.escalated) return one.expires;
  return escalate_to.length === 0 ? one.at + within_s : Math.max(one.expires, one.at + Math.min(2 * within_s, DAY_S));
}

/** What people approved last: who says the same adds to their count, who says otherwise begins a new one. */
export function lastGrant(one: Approval): SignedBy | undefined {
  return one.by.filter(({ by, decision }) => by === 'person' && decision === 'approve').at(-1);
}
