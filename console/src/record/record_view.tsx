// One record: what it says, why it was decided so, what it came from, whether it holds, and its text.

import { Fragment, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Problem, asProblem, get } from '../api/client.ts';
import { mayRefresh } from '../api/events.ts';
import { ledgerAddress, recordAddress, workflowAddress } from '../app/addresses.ts';
import { dateTime } from '../app/clock.ts';
import { toneOf } from '../parts/outcome.ts';
import { saveJson } from '../parts/save.ts';
import { Badge, Command, ErrorState, Loading } from '../parts/states.tsx';
import { type ProvenRecord, evidenceCommand } from '../proof/check.ts';
import { Shown, ShownBlock } from '../shown/shown.tsx';
import { type Fact, type RecordFacts, factsOf } from './facts.ts';
import { ProofCard, useChecked } from './proof_card.tsx';

const UUID = /^[0-9a-fA-F-]{36}$/;

function FactText({ fact }: { fact: Fact }): JSX.Element {
  const shown = <Shown text={fact.text} />;
  return fact.filter
    ? <a href={ledgerAddress({ [fact.filter]: fact.text })}>{shown}</a> : shown;
}

function Says({ record, facts }: { record: ProvenRecord; facts: RecordFacts }): JSX.Element {
  return (
    <section class="card">
      <div class="card-head">
        <h2><Shown text={facts.kind} /></h2>
        {facts.outcome && <Badge tone={toneOf(facts.outcome)}>{facts.outcome}</Badge>}
      </div>
      <dl class="facts">
        <dt>When</dt><dd>{dateTime(facts.at)}</dd>
        {facts.facts.map((fact) => (
          <Fragment key={fact.name}><dt>{fact.name}</dt><dd><FactText fact={fact} /></dd></Fragment>))}
        {facts.rule && <><dt>Decided by</dt><dd><Shown text={facts.rule} />
          {facts.decision && <> <Badge tone={toneOf(facts.decision)}>{facts.decision.replaceAll('_', ' ')}</Badge></>}</dd></>}
        {facts.workflow && <><dt>Workflow</dt><dd><a href={workflowAddress(facts.workflow)}><Shown text={facts.workflow} /></a></dd></>}
        <dt>Record</dt><dd><Shown text={record.id} /> <span class="quiet">{`entry ${record.index}`}</span></dd>
      </dl>
    </section>
  );
}

function Came({ facts }: { facts: RecordFacts }): JSX.Element | null {
  if (facts.causes.length === 0 && facts.why.length === 0) {
    return null;
  }
  return (
    <section class="card stack">
      {facts.causes.length > 0 && (
        <div><h2>What it came from</h2>
          <ul class="plain causes">
            {facts.causes.map((cause, at) => (
              <li key={at}><Badge tone="quiet">{cause.basis}</Badge> <a href={recordAddress(cause.id)}><Shown text={cause.id} /></a></li>))}
          </ul></div>)}
      {facts.why.length > 0 && (
        <div><h2>Why</h2>
          <ol class="plain whys">{facts.why.map((why, at) => <li key={at}><Shown text={why} /></li>)}</ol></div>)}
    </section>
  );
}

function Take({ record, workflow }: { record: ProvenRecord; workflow: string }): JSX.Element {
  return (
    <section class="card stack">
      <h2>Take it with you</h2>
      <div class="row">
        <button type="button" onClick={() => saveJson(`record-${record.index}.json`, record)}>Save as JSON</button>
        <span class="quiet">The signed record, its claims and its proof, as shown here.</span>
      </div>
      {UUID.test(workflow) && (
        <><p class="quiet">The whole workflow as one file of evidence:</p>
          <Command text={evidenceCommand(workflow)} /></>)}
    </section>
  );
}

/** A record that was read. `compact`: beside a graph. */
function RecordView({ record, compact = false }: { record: ProvenRecord; compact?: boolean }): JSX.Element {
  const checked = useChecked(record);
  const claims = checked?.claims;
  const facts = claims && factsOf(claims);
  const says = facts ? <Says record={record} facts={facts} />
    : checked && <p class="note note-bad" role="alert">The signed text of this record does not read; nothing of it is shown.</p>;
  const proof = <ProofCard id={UUID.test(record.id) ? record.id : String(record.index)} checked={checked} />;
  const rest = (
    <>
      {claims && (
        <details class="card">
          <summary>The claims as they were signed</summary>
          <div class="details-body"><ShownBlock label="Claims" text={JSON.stringify(claims, null, 2)} /></div>
        </details>)}
      <Take record={record} workflow={facts?.workflow ?? ''} />
    </>);
  const came = facts && <Came facts={facts} />;
  return compact ? <div class="stack">{says}{proof}{came}{rest}</div>
    : <div class="record"><div class="stack">{says}{came}</div><div class="stack">{proof}{rest}</div></div>;
}

const PROOF_MS = 3000;     // how often one is asked for that could not be made yet

/** Reads the record of this id and shows it; anew while it has no proof. */
export function RecordById({ id, compact = false }: { id: string; compact?: boolean }): JSX.Element {
  const [record, setRecord] = useState<ProvenRecord | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [count, setCount] = useState(0);
  useEffect(() => setRecord(null), [id]);
  useEffect(() => {
    const control = new AbortController();
    setProblem(null);
    get<ProvenRecord>(`/api/v1/records/${encodeURIComponent(id)}`, control.signal).then(
      (next) => setRecord((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next)),
      (error: unknown) => {
        if (!control.signal.aborted) {
          setProblem(asProblem(error));
        }
      });
    return () => control.abort();
  }, [id, count]);
  const isWithout = record !== null && record.proof === null;
  useEffect(() => {
    const timer = isWithout ? setInterval(() => { if (mayRefresh()) setCount((before) => before + 1); }, PROOF_MS) : undefined;
    return () => clearInterval(timer);
  }, [isWithout]);
  if (problem && !record) {
    return <ErrorState problem={problem} again={() => setCount(count + 1)} />;
  }
  return record ? <RecordView record={record} compact={compact} /> : <Loading what="the record" />;
}
