// Records as a table; on a phone each row is a small card.

import type { JSX } from 'preact';
import { memo } from './memo.ts';
import type { RecordRow } from '../api/reads.ts';
import { recordAddress } from '../app/addresses.ts';
import { dateTime } from '../app/clock.ts';
import { toneOf } from '../parts/outcome.ts';
import { Badge } from '../parts/states.tsx';
import { AgentName } from '../shown/agent.tsx';
import { Shown } from '../shown/shown.tsx';

const Row = memo(({ row }: { row: RecordRow }): JSX.Element => (
  <tr>
    <td data-label="When" class="when">{dateTime(row.at)}</td>
    <td data-label="What"><a href={recordAddress(row.id)}><Shown text={row.name || row.kind} /></a>
      {row.name && <span class="quiet kind">{row.kind}</span>}</td>
    <td data-label="Agent">{row.agent ? <AgentName name={row.agent} /> : <span class="quiet">Pawl</span>}</td>
    <td data-label="Server">{row.server ? <Shown text={row.server} /> : <span class="quiet">{'\u2013'}</span>}</td>
    <td data-label="Outcome">{row.outcome ? <Badge tone={toneOf(row.outcome)}>{row.outcome}</Badge> : <span class="quiet">{'\u2013'}</span>}</td>
    <td data-label="Entry" class="number">{row.index}</td>
  </tr>));

export function RecordTable({ rows, label }: { rows: RecordRow[]; label: string }): JSX.Element {
  return (
    <table class="records stacked" aria-label={label}>
      <thead><tr><th>When</th><th>What</th><th>Agent</th><th>Server</th><th>Outcome</th><th class="number">Entry</th></tr></thead>
      <tbody>{rows.map((row) => <Row key={`${row.log ?? 0} ${row.index}`} row={row} />)}</tbody>
    </table>
  );
}
