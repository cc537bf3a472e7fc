// Records of what people did, each read for who did what to whom: a row of the index does not say it.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/client.ts';
import type { RecordRow } from '../../api/reads.ts';
import { recordAddress } from '../../app/addresses.ts';
import { dateTime } from '../../app/clock.ts';
import type { ProvenRecord } from '../../proof/check.ts';
import { readToken } from '../../proof/jws.ts';
import { type Deed, deedOf } from '../../record/deed.ts';
import { Shown } from '../../shown/shown.tsx';

const AT_ONCE = 4;
const MOST_KEPT = 500;
const kept = new Map<string, Deed | null>();

async function read(id: string): Promise<void> {
  let record: ProvenRecord;
  try {
    record = await get<ProvenRecord>(`/api/v1/records/${encodeURIComponent(id)}`);
  } catch {
    // The row stays, with its kind, and is asked for again with the next rows; its record says the rest.
    return;
  }
  const claims = readToken(record.token)?.claims;
  const oldest = kept.keys().next().value;
  if (kept.size >= MOST_KEPT && oldest !== undefined) {
    kept.delete(oldest);
  }
  kept.set(id, claims ? deedOf(claims) : null);
}

/** Reads what is not kept, a few at a time, newest first. */
function useDeeds(rows: RecordRow[]): void {
  const [, setCount] = useState(0);
  const ids = rows.map((row) => row.id).join(' ');
  useEffect(() => {
    let current = true;
    const missing = ids.split(' ').filter((id) => id !== '' && !kept.has(id));
    const worker = async (): Promise<void> => {
      for (let id = missing.shift(); current && id !== undefined; id = missing.shift()) {
        await read(id);
        setCount((count) => count + 1);
      }
    };
    for (let n = 0; n < AT_ONCE; n += 1) {
      void worker();
    }
    return () => { current = false; };
  }, [ids]);
}

export function Deeds({ rows, label }: { rows: RecordRow[]; label: string }): JSX.Element {
  useDeeds(rows);
  return (
    <table class="records stacked" aria-label={label}>
      <thead><tr><th>When</th><th>Who</th><th>What</th><th>To whom or how</th><th class="number">Entry</th></tr></thead>
      <tbody>
        {rows.map((row) => {
          const deed = kept.get(row.id);
          return (
            <tr key={`${row.log ?? 0} ${row.index}`}>
              <td data-label="When" class="when">{dateTime(row.at)}</td>
              <td data-label="Who">{deed?.who ? <Shown text={deed.who} /> : <span class="quiet">{'\u2013'}</span>}</td>
              <td data-label="What"><a href={recordAddress(row.id)}>{deed?.what ?? row.kind}</a><span class="quiet kind">{row.kind}</span></td>
              <td data-label="To whom">{deed?.target ? <Shown text={deed.target} /> : <span class="quiet">{'\u2013'}</span>}</td>
              <td data-label="Entry" class="number">{row.index}</td>
            </tr>);
        })}
      </tbody>
    </table>
  );
}
