// Reading anew because records came. Purpose: a thousand records a second cause one reading in a while, and
// never a second one while one is under way; without a stream it reads every few seconds.
// Ownership: the hook's; it ends with the component.

import { useEffect, useRef } from 'preact/hooks';
import { mayRefresh, onEvent, useStream } from './events.ts';
import { DEAF_MS } from './live.ts';
import type { RecordRow } from './reads.ts';

export type RecordEvent = Omit<RecordRow, 'verb' | 'log'>;

/** `act` after records that fit, at most once in `period_ms`, and after `reload`. */
export function useOnRecords(fits: (record: RecordEvent) => boolean, act: () => Promise<void>,
                             period_ms: number): void {
  const latest = useRef({ fits, act });
  latest.current = { fits, act };
  const isDeaf = useStream() !== 'live';
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      try {
        if (mayRefresh()) {
          await latest.current.act();
        }
      } finally {
        timer = undefined;
      }
    };
    const soon = (): void => { timer ??= setTimeout(() => void run(), period_ms); };
    const off = onEvent(({ name, data }) => {
      if (name === 'reload' || (name === 'record' && latest.current.fits(data as unknown as RecordEvent))) {
        soon();
      }
    });
    const deaf = isDeaf ? setInterval(soon, DEAF_MS) : undefined;
    return () => {
      off();
      clearInterval(deaf);
      clearTimeout(timer);
    };
  }, [period_ms, isDeaf]);
}
