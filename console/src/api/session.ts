// Who is signed in. One store for the whole page; components read it by useSession().
import { useEffect, useState } from 'preact/hooks';
import { get, post, remove, setCsrf, whenUnauthenticated, Problem } from './client.ts';
import type { Assertion } from '../proof/passkey.ts';

export interface OperatorKey {
  kid: string;
  roles: string[];
  passkey?: { credential: string; rp: string };
}

export interface Who {
  session: string;
  user: string;
  method: string;
  provider?: { issuer: string; subject: string };    // who signed in there
  grants: string[];
  csrf: string;
  idle_s: number;
  longest_s: number;
  operator?: { name: string; keys: OperatorKey[] };
  passkeys?: { credential: string; kid: string }[];
  instance?: string;
}

type SessionState =
  | { is: 'unknown' }
  | { is: 'in'; who: Who; since: number }
  | { is: 'out'; why?: string }
  | { is: 'closed' }            // this gateway lets nobody sign in
  | { is: 'away'; why: string }; // it does not answer

let state: SessionState = { is: 'unknown' };
const listeners = new Set<(next: SessionState) => void>();

function set(next: SessionState): void {
  state = next;
  setCsrf(next.is === 'in' ? next.who.csrf : '');
  for (const one of listeners) one(next);
}

export const session = (): SessionState => state;

export function useSession(): SessionState {
  const [now, setNow] = useState(state);
  useEffect(() => {
    listeners.add(setNow);
    setNow(state);
    return () => void listeners.delete(setNow);
  }, []);
  return now;
}

function signedIn(who: Who): void {
  set({ is: 'in', who, since: state.is === 'in' && state.who.session === who.session ? state.since : Date.now() });
}

/** Asks the gateway who we are; also the way to stay signed in. */
export async function readSession(): Promise<void> {
  try {
    signedIn(await get<Who>('/api/v1/session'));
  } catch (error) {
    const problem = error as Problem;
    if (problem.status === 401 && (await readOffered()).sign_in) {
      // Several answers may say so: the first reason stays.
      set({ is: 'out', why: state.is === 'in' ? 'Your session has ended.' : state.is === 'out' ? state.why : undefined });
    } else if ([401, 403, 404].includes(problem.status) && !(await readOffered()).sign_in) {
      set({ is: 'closed' });
    } else if (state.is !== 'in') {
      set({ is: 'away', why: problem.message });
    }
    // Else the page stays, with what somebody wrote in it: it says itself that it could not be read anew.
  }
}

/** The passkeys of this person that decide nothing yet. */
export function notEnrolled(who: Who): { credential: string; kid: string }[] {
  return (who.passkeys ?? []).filter(({ kid }) => !who.operator?.keys.some((key) => key.kid === kid));
}

/** Was a passkey enrolled meanwhile? A gateway that does not answer now changes nothing. */
export async function lookForEnrollment(): Promise<boolean> {
  try {
    const who = await get<Who>('/api/v1/session');
    if (state.is !== 'in' || state.who.session !== who.session) return false;
    const isNew = notEnrolled(who).length < notEnrolled(state.who).length;
    if (isNew) signedIn(who);
    return isNew;
  } catch {
    return false;
  }
}

export interface Offered { sign_in: boolean; accounts: boolean; oidc: boolean }

/** What the gateway offers to who is not signed in. When it does not say: accounts. */
export async function readOffered(): Promise<Offered> {
  try {
    return await get<Offered>('/console/offered.json');
  } catch {
    return { sign_in: true, accounts: true, oidc: false };
  }
}

type Second = { code: string } | { passkey: Assertion & { challenge: string } };

export async function signIn(user: string, password: string, second: Second): Promise<void> {
  await post('/api/v1/session', { user, password, ...second });
  await readSession();
}

export async function signOut(why = 'You are signed out.'): Promise<void> {
  try {
    await remove('/api/v1/session');
  } catch {
    // It has ended there, or the gateway does not answer: here it ends in any case.
  } finally {
    set({ is: 'out', why });
  }
}

whenUnauthenticated(() => {
  if (state.is === 'in') void readSession();
});
