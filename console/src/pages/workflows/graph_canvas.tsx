// The drawn graph with what moves it. The view draws by the DOM; Preact leaves what is below alone.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiNode } from '../../graph/graph.ts';
import { GraphView } from '../../graph/view.ts';
import { spoken } from '../../shown/visible.ts';
import type { Drawn } from './use_graph.ts';
import { wordsOf } from './words.ts';

const READABLE = 0.85;

interface Props {
  drawn: Drawn;
  chosen: string;
  act: (node: ApiNode) => void;
  tidy: () => void;
}

export function GraphCanvas({ drawn, chosen, act, tidy }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<GraphView | null>(null);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    view.current = new GraphView(host.current as HTMLDivElement,
      { open: (node) => latest.current(node), shown: (text) => spoken(text, 80), words: wordsOf });
    return () => view.current?.close();
  }, []);
  useEffect(() => {
    if (drawn.places.size > 0) {
      view.current?.show(drawn.graph, drawn.places);
    }
  }, [drawn.graph, drawn.places]);
  useEffect(() => {
    view.current?.fit();
    view.current?.zoom(Math.max(READABLE, view.current.scale));
    view.current?.home();
  }, [drawn.layouts]);
  useEffect(() => view.current?.mark(chosen), [chosen, drawn.graph]);
  const zoom = (by: number): void => view.current?.zoom(view.current.scale * by);
  return (
    <div class="graph-frame">
      <div class="graph-tools" role="group" aria-label="Graph">
        <button type="button" class="small" aria-label="Smaller" onClick={() => zoom(1 / 1.25)}>{'\u2212'}</button>
        <button type="button" class="small" aria-label="Larger" onClick={() => zoom(1.25)}>+</button>
        <button type="button" class="small" onClick={() => view.current?.fit()}>Fit</button>
        <button type="button" class="small" onClick={tidy}>Tidy up</button>
        <span class="quiet graph-hint">Arrow keys move, Enter opens</span>
      </div>
      <div class="graph-host" ref={host} />
      {drawn.places.size === 0 && <p class="quiet graph-wait" role="status">Laying out ...</p>}
    </div>
  );
}
