// What the search found, newest first; on its first page new records appear on top as they come.

import type { ComponentType, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLive } from '../../api/live.ts';
import type { RecordList, RecordRow } from '../../api/reads.ts';
import { Pager, usePages } from '../../parts/pager.tsx';
import { saveJson } from '../../parts/save.ts';
import { Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { RecordTable } from '../../record/record_table.tsx';
import { type Search, apiPath, inOrder } from './search.ts';
import { useTail } from './use_tail.ts';

const LIMIT = 40;

interface Props {
  search: Search;
  empty?: JSX.Element;
  /** Draws the rows; without it: as in the ledger. */
  table?: ComponentType<{ rows: RecordRow[]; label: string }>;
}

export function Results({ search, empty, table: Table = RecordTable }: Props): JSX.Element {
  const pages = usePages();
  const { at } = pages;
  const [live, setLive] = useState(true);
  // New records come by events; time alone does not read anew what cannot change.
  const { data, problem, loading, readAt, reload } = useLive<RecordList>(apiPath(search, at, LIMIT), [], 600_000);
  const tail = useTail(search, live && at === '', readAt);
  const old = data?.records ?? [];
  const rows = at === '' ? inOrder(tail.rows, old) : old;
  const gap = at === '' && tail.passed > 0;
  return (
    <section class="card stack results" aria-label="Records found">
      <div class="row spread">
        <div class="row">
          {at === '' && (
            <label class="check-line"><input type="checkbox" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} /> New ones as they come</label>)}
        </div>
        <button type="button" class="small" disabled={rows.length === 0}
          onClick={() => saveJson('records.json', { search, records: rows })}>Save these as JSON</button>
      </div>
      {loading && <Loading what="the ledger" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && rows.length === 0 && !data.next && (empty ?? (
        <Empty title="Nothing fits" command="pawl ledger query --help">
          No record that you may see has all of this. Take a filter away, or ask on the command line:</Empty>))}
      {data?.incomplete && <p class="note note-warn"><span>An older log could not be searched; its index is missing.</span></p>}
      {gap && (
        <p class="note"><span>{`${tail.passed.toLocaleString('en')} more came too fast to be listed here.`}</span>
          <button type="button" class="small" onClick={() => { setLive(false); reload(); }}>Stop and read anew</button></p>)}
      {rows.length > 0 && <Table rows={rows} label="Records, newest first" />}
      <Pager pages={pages} next={data?.next} />
    </section>
  );
}
