// One workflow: its graph or the same as a list, and beside it the record that was chosen.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../app/announce.ts';
import { to } from '../../app/router.ts';
import { type ApiNode, isGroup } from '../../graph/graph.ts';
import { Empty, ErrorState, Loading } from '../../parts/states.tsx';
import { RecordById } from '../../record/record_view.tsx';
import { Shown } from '../../shown/shown.tsx';
import { GraphCanvas } from './graph_canvas.tsx';
import { GraphList } from './graph_list.tsx';
import { Legend } from './legend.tsx';
import { useGraph } from './use_graph.ts';

type Way = 'graph' | 'list';

function Ways({ way, choose }: { way: Way; choose: (way: Way) => void }): JSX.Element {
  const one = (value: Way, words: string): JSX.Element => (
    <button type="button" class="small" aria-pressed={way === value} onClick={() => choose(value)}>{words}</button>);
  return <div class="switch" role="group" aria-label="Show as">{one('graph', 'Graph')}{one('list', 'List')}</div>;
}

export function GraphPage({ id }: { id: string }): JSX.Element {
  const { drawn, problem, opened, open, tidy, reload } = useGraph(id);
  const [way, setWay] = useState<Way>(() => (window.innerWidth < 600 ? 'list' : 'graph'));
  const [chosen, setChosen] = useState('');
  const panel = useRef<HTMLElement>(null);
  const opener = useRef<HTMLElement | SVGElement | null>(null);
  const act = (node: ApiNode): void => {
    if (isGroup(node)) {
      announce(node.group === opened ? 'Group closed.' : `Group of ${node.count} opened.`);
      open(node.group === opened ? '' : node.group);
    } else {
      opener.current = document.activeElement as HTMLElement | SVGElement | null;
      setChosen(node.id);
    }
  };
  const close = (): void => {
    setChosen('');
    opener.current?.focus();
  };
  useEffect(() => {
    if (chosen !== '') {
      panel.current?.focus({ preventScroll: window.innerWidth >= 1000 });
    }
  }, [chosen]);
  const total = drawn?.workflow.total ?? 0;
  const leftOut = (drawn?.graph.leftOut ?? 0) + (drawn?.workflow.left_out ?? 0);
  return (
    <>
      <a class="back" href={to('/workflows')}>All workflows</a>
      <div class="page-head">
        <h1>Workflow</h1>
        <Ways way={way} choose={setWay} />
      </div>
      {problem && <ErrorState problem={problem} again={reload} />}
      {!drawn && !problem && <Loading what="the workflow" />}
      {drawn && (
        <div class={chosen === '' ? 'graph-page' : 'graph-page with-panel'}>
          <section class="stack" aria-label="Records">
            <p class="quiet"><Shown text={id} />
              {` \u00b7 ${total.toLocaleString('en')} record${total === 1 ? '' : 's'}`}
              {drawn.graph.nodes.length < total && `, drawn as ${drawn.graph.nodes.length} by agent and depth; open a group to see its records`}
              {leftOut > 0 && `. ${leftOut.toLocaleString('en')} are not shown: search them in the ledger`}</p>
            {opened !== '' && (
              <p class="note"><span>One group is open.</span>
                <button type="button" class="small" onClick={() => open('')}>Close it</button></p>)}
            {drawn.graph.nodes.length === 0
              ? <Empty title="Nothing to draw">This workflow has no record that you may see.</Empty>
              : way === 'graph'
                ? <><GraphCanvas drawn={drawn} chosen={chosen} act={act} tidy={tidy} /><Legend /></>
                : <GraphList graph={drawn.graph} chosen={chosen} act={act} />}
          </section>
          {chosen !== '' && (
            <aside class="record-panel" tabIndex={-1} ref={panel} aria-label="The record that was chosen">
              <div class="card-head"><h2>Record</h2>
                <button type="button" class="small" onClick={close}>Close</button></div>
              <RecordById id={chosen} compact />
            </aside>)}
        </div>)}
    </>
  );
}
