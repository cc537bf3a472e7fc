import type { JSX } from 'preact';
import type { Approval, SignedBy } from '../../api/approvals.ts';
import { toneOf } from '../../parts/outcome.ts';
import { Badge } from '../../parts/states.tsx';
import type { Terms } from '../../proof/statement.ts';
import { spoken } from '../../shown/visible.ts';

const PHASES: Record<string, string> = { pending: 'waiting', approved: 'approved', denied: 'denied', expired: 'over', spent: 'approved, used up' };
const TONES: Record<string, string> = { spent: 'approved' };

export const phaseWord = (phase: string): string => PHASES[phase] ?? phase;

export function PhaseBadge({ phase }: { phase: string }): JSX.Element {
  return <Badge tone={toneOf(TONES[phase] ?? phase)}>{phaseWord(phase)}</Badge>;
}

export function signedWords(one: Approval): string {
  const names = one.by.map((by) => spoken(by.operator ?? by.rule ?? '', 40));
  return names.length ? `by ${names.join(', ')}` : '';
}

export const usesText = (uses: number): string => `${uses} use${uses === 1 ? '' : 's'}`;

/** "2 people in the role approver or admin", in words. */
export function termsWords(terms: Terms, roles: string[]): string {
  const who = roles.length ? ` in the role ${roles.map((role) => spoken(role, 40)).join(' or ')}` : ' in no role at all: nobody can';
  return `${terms.of === 1 ? '1 person' : `${terms.of} different people`}${who}`;
}

/** Would the two let the same thing through? Else the later one begins the count anew. */
export const sameGrant = (a: SignedBy, b: { executed: string; uses: number; expires: number }): boolean =>
  a.executed === b.executed && a.uses === b.uses && a.expires === b.expires;
