// Data that a page shows and keeps fresh: read at once, again on events, and every few seconds.
//
// Example:  const { data, problem, reload } = useLive<Overview>('/api/v1/overview', ['record', 'stop']);
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, asProblem, get } from './client.ts';
import { mayRefresh, onEvent, useStream, type EventName } from './events.ts';

export interface Live<T> {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;      // nothing to show yet
  readAt: number;        // ms; 0: never
  reload: () => void;
}

const SETTLE_MS = 300;   // events come in bursts
const LIVE_MS = 15_000;
/** How often it is read anew without a stream of events. */
export const DEAF_MS = 5_000;

/** `path` empty: reads nothing. `every_ms`: also without events. */
export function useLive<T>(path: string, events: EventName[], every_ms = LIVE_MS): Live<T> {
  const [data, setData] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const [readAt, setReadAt] = useState(0);
  const stream = useStream();
  const running = useRef<AbortController | null>(null);
  const asked = useRef(false);

  const reload = useCallback(() => {
    if (!path) return;
    // One question at a time: a slow answer is waited for, and asked once more afterwards.
    if (running.current) {
      asked.current = true;
      return;
    }
    const control = new AbortController();
    running.current = control;
    const ended = (act: () => void): void => {
      if (control.signal.aborted) return;
      running.current = null;
      act();
      if (asked.current) {
        asked.current = false;
        reload();
      }
    };
    get<T>(path, control.signal).then(
      (next) => ended(() => { setData(next); setProblem(undefined); setReadAt(Date.now()); }),
      (error: unknown) => ended(() => setProblem(asProblem(error))));
  }, [path]);

  useEffect(() => {
    setData(undefined);
    setProblem(undefined);
    reload();
    return () => { running.current?.abort(); running.current = null; asked.current = false; };
  }, [reload]);

  const wanted = events.join(' ');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = onEvent(({ name }) => {
      if (name !== 'reload' && !wanted.split(' ').includes(name)) return;
      if (timer === undefined && mayRefresh()) {
        timer = setTimeout(() => { timer = undefined; reload(); }, SETTLE_MS);
      }
    });
    return () => { off(); clearTimeout(timer); };
  }, [reload, wanted]);

  const period = stream === 'live' ? every_ms : Math.min(every_ms, DEAF_MS);
  useEffect(() => {
    const timer = setInterval(() => { if (mayRefresh()) reload(); }, period);
    return () => clearInterval(timer);
  }, [reload, period]);

  return { data, problem, loading: data === undefined && problem === undefined, readAt, reload };
}
