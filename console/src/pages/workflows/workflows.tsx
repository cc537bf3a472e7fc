// Workflows: which there are, and the graph of one.

import type { JSX } from 'preact';
import { query as queryOf } from '../../api/client.ts';
import { useLive } from '../../api/live.ts';
import type { WorkflowList, WorkflowRow } from '../../api/reads.ts';
import { workflowAddress } from '../../app/addresses.ts';
import { ago, dateTime, inWords, useNow } from '../../app/clock.ts';
import type { PageProps } from '../../app/pages.ts';
import { toneOf } from '../../parts/outcome.ts';
import { Pager, usePages } from '../../parts/pager.tsx';
import { Badge, Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { AgentName } from '../../shown/agent.tsx';
import { GraphPage } from './graph_page.tsx';

function Outcomes({ counts }: { counts: Record<string, number> }): JSX.Element {
  const entries = Object.entries(counts);
  return (
    <span class="row tight">
      {entries.length === 0 ? <span class="quiet">no calls</span> : entries.map(([outcome, count]) => (
        <Badge key={outcome} tone={toneOf(outcome)}>{`${count.toLocaleString('en')} ${outcome}`}</Badge>))}
    </span>
  );
}

function Agents({ row }: { row: WorkflowRow }): JSX.Element {
  const more = row.agents.length - 4 + (row.agents_left_out ?? 0);
  return (
    <ul class="plain row tight">
      {row.agents.slice(0, 4).map((agent) => <li key={agent} class="chip"><AgentName name={agent} /></li>)}
      {more > 0 && <li class="quiet">{`and ${more} more`}</li>}
    </ul>
  );
}

function Row({ row, now }: { row: WorkflowRow; now: number }): JSX.Element {
  return (
    <li>
      <article class="card workflow">
        <div class="card-head">
          <h2><a href={workflowAddress(row.id)}>{`${row.records.toLocaleString('en')} record${row.records === 1 ? '' : 's'}`}</a></h2>
          <span class="quiet" title={dateTime(row.last)}>{ago(row.last, now)}</span>
        </div>
        <Agents row={row} />
        <Outcomes counts={row.outcome_counts} />
        <p class="quiet">{`Began ${dateTime(row.began)}, took ${inWords(Math.max(1, row.last - row.began))}`}
          <br /><code>{row.id}</code></p>
      </article>
    </li>
  );
}

function List(): JSX.Element {
  const pages = usePages();
  const { at } = pages;
  const path = `/api/v1/workflows${queryOf({ before: at, limit: 24 })}`;
  const { data, problem, loading, reload } = useLive<WorkflowList>(path, [], at === '' ? 5000 : 60_000);
  const now = useNow(5000);
  return (
    <>
      <div class="page-head"><h1>Workflows</h1><span class="quiet">Calls that belong together, newest first</span></div>
      {loading && <Loading what="the workflows" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && data.workflows.length === 0 && at === '' && !data.next && (
        <Empty title="No workflow yet" command="pawl demo">
          A workflow begins with the first call of an agent. Point an agent at this gateway, or see it work:</Empty>)}
      {data && data.workflows.length === 0 && (at !== '' || data.next) && <p class="quiet">No workflow in this part of the ledger.</p>}
      {data && data.workflows.length > 0 && <ul class="plain grid">{data.workflows.map((row) => <Row key={row.id} row={row} now={now} />)}</ul>}
      <Pager pages={pages} next={data?.next} />
    </>
  );
}

export default function Workflows({ rest }: PageProps): JSX.Element {
  return rest === '' ? <List /> : <GraphPage key={rest} id={rest} />;
}
