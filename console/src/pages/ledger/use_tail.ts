// The newest records that fit, as they come. Purpose: at a thousand a second the page draws twice a second,
// and keeps no more than it shows. What came too fast to be shown is counted.

import { useEffect, useRef, useState } from 'preact/hooks';
import { onEvent } from '../../api/events.ts';
import type { RecordEvent } from '../../api/on_records.ts';
import type { RecordRow } from '../../api/reads.ts';
import { type Search, fitsSearch } from './search.ts';

const MOST = 60;
const PERIOD_MS = 500;

interface Tail {
  rows: RecordRow[];
  /** Records that came and were pushed out again since the ledger was read: read anew to see them. */
  passed: number;
}

const NONE: Tail = { rows: [], passed: 0 };

/** `readAt`: when the ledger was read last; what came before stands in that answer. */
export function useTail(search: Search, on: boolean, readAt: number): Tail {
  const [tail, setTail] = useState(NONE);
  const fresh = useRef<RecordRow[]>([]);
  const came = useRef(0);
  useEffect(() => {
    setTail(NONE);
    fresh.current = [];
    came.current = 0;
    if (!on) {
      return undefined;
    }
    const off = onEvent(({ name, data }) => {
      const record = data as unknown as RecordEvent;
      if (name !== 'record' || !fitsSearch(search, record)) {
        return;
      }
      came.current += 1;
      fresh.current.push(record);
      if (fresh.current.length > 2 * MOST) {
        fresh.current.splice(0, MOST);
      }
    });
    const timer = setInterval(() => {
      if (fresh.current.length > 0) {
        const newest = fresh.current.reverse();
        fresh.current = [];
        setTail(({ rows }) => {
          const next = [...newest, ...rows].slice(0, MOST);
          return { rows: next, passed: came.current - next.length };
        });
      }
    }, PERIOD_MS);
    return () => { off(); clearInterval(timer); };
  }, [on, search.agent, search.server, search.name, search.kind, search.outcome, search.workflow, search.from, search.to]);
  useEffect(() => {
    setTail(({ rows }) => {
      came.current = rows.length + fresh.current.length;
      return { rows, passed: 0 };
    });
  }, [readAt]);
  return tail;
}
