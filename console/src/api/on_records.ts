// Reading anew because records came. Purpose: a thousand records a second cause one reading in a while, and
// never a second one while one is under way. Ownership: the hook's; it ends with the component.

import { useEffect, useRef } from 'preact/hooks';
import { mayRefresh, onEvent } from './events.ts';
import type { RecordRow } from './reads.ts';

export type RecordEvent = Omit<RecordRow, 'verb' | 'log'>;

/** `act` after records that fit, at most once in `period_ms`, and after `reload`. */
export function useOnRecords(fits: (record: RecordEvent) => boolean, act: () => Promise<void>,
                             period_ms: number): void {
  const latest = useRef({ fits, act });
  latest.current = { fits, act };
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
    const off = onEvent(({ name, data }) => {
      const counts = name === 'reload'
        || (name === 'record' && latest.current.fits(data as unknown as RecordEvent));
      if (counts && timer === undefined) {
        timer = setTimeout(() => void run(), period_ms);
      }
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [period_ms]);
}
