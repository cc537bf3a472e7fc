// What happens in the gateway, as it happens: one EventSource for the page (`GET /api/v1/events`).
// Not errors: no stream (an older gateway, a proxy): pages then read anew every few seconds.
import { useEffect, useState } from 'preact/hooks';
import { session } from './session.ts';

export type EventName = 'record' | 'approval' | 'stop' | 'reload';
type StreamState = 'connecting' | 'live' | 'off';

interface LiveEvent {
  name: EventName;
  data: Record<string, unknown>;
}

const NAMES: EventName[] = ['record', 'approval', 'stop', 'reload'];
const listeners = new Set<(event: LiveEvent) => void>();
const watchers = new Set<(state: StreamState) => void>();
let source: EventSource | null = null;
let state: StreamState = 'off';
let again: ReturnType<typeof setTimeout> | undefined;
let wait = 2000;
let gap = false;                       // something may have happened that nobody told us

function tell(next: StreamState): void {
  if (next === state) return;
  state = next;
  for (const one of watchers) one(next);
}

function hear(name: EventName, text: string): void {
  let data: Record<string, unknown> = {};
  try {
    data = JSON.parse(text || '{}') as Record<string, unknown>;
  } catch {
    name = 'reload';
  }
  for (const one of listeners) one({ name, data });
}

export function connect(): void {
  if (source) return;
  clearTimeout(again);
  tell('connecting');
  const mine = new EventSource('/api/v1/events');
  source = mine;
  let wasOpen = false;
  mine.onopen = () => {
    wasOpen = true;
    wait = 2000;
    tell('live');
    if (gap) hear('reload', '{}');
    gap = false;
  };
  mine.onerror = () => {
    gap = true;
    if (mine.readyState !== EventSource.CLOSED) {
      tell('connecting');
      return;
    }
    source = null;
    tell('off');
    // There is a gateway, and it refuses what it gave before: what a page reads says why.
    if (wasOpen) hear('reload', '{}');
    again = setTimeout(connect, wait);
    wait = Math.min(wait * 2, 60_000);
  };
  for (const name of NAMES) {
    mine.addEventListener(name, (event) => hear(name, (event as MessageEvent<string>).data));
  }
}

export function disconnect(): void {
  clearTimeout(again);
  source?.close();
  source = null;
  gap = false;                          // whoever signs in reads everything anew
  tell('off');
}

export function onEvent(act: (event: LiveEvent) => void): () => void {
  listeners.add(act);
  return () => void listeners.delete(act);
}

export function useStream(): StreamState {
  const [now, setNow] = useState(state);
  useEffect(() => {
    watchers.add(setNow);
    setNow(state);
    return () => void watchers.delete(setNow);
  }, []);
  return now;
}

// A page that refreshes itself must not keep the session of somebody who has left.
let lastAct = Date.now();
// What happened meanwhile was not read: who comes back sees it at once.
function isBack(): void {
  const wasAway = !mayRefresh();
  lastAct = Date.now();
  if (wasAway && mayRefresh()) hear('reload', '{}');
}
for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
  globalThis.addEventListener?.(name, isBack, { passive: true });
}
globalThis.document?.addEventListener('visibilitychange', () => { if (mayRefresh()) hear('reload', '{}'); });
export const idleFor = (): number => Date.now() - lastAct;

/** May the page read on its own, or has the person been away for most of the idle time? */
export function mayRefresh(): boolean {
  const now = session();
  return now.is === 'in' && !document.hidden && idleFor() < Math.max(now.who.idle_s - 90, now.who.idle_s / 2) * 1000;
}
