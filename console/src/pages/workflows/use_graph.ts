// The graph of a workflow while it is looked at: read, kept fresh as records come, laid out in the worker.
// What is drawn stays where it is; a whole layout comes only at the start, when a group is opened, and when
// somebody asks for it. Ownership: the worker ends with the component.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Problem, asProblem, get, query } from '../../api/client.ts';
import { useOnRecords } from '../../api/on_records.ts';
import { type Graph, MOST_DRAWN, type Workflow, atMost } from '../../graph/graph.ts';
import { Layout } from '../../graph/layout.ts';
import type { Places } from '../../graph/placement.ts';
import { arrowsOf, standingOf, updated } from '../../graph/update.ts';

export interface Drawn {
  workflow: Workflow;
  graph: Graph;
  /** Empty: not laid out yet. */
  places: Places;
  /** How often the whole was laid out. */
  layouts: number;
}

interface GraphState {
  drawn: Drawn | null;
  problem: Problem | null;
  opened: string;
  open: (group: string) => void;
  tidy: () => void;
  reload: () => void;
}

const PERIOD_MS = 2000;

export function useGraph(id: string): GraphState {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [opened, setOpened] = useState('');
  const layout = useRef<Layout | null>(null);
  const last = useRef<Drawn | null>(null);
  const newest = useRef(0);

  const show = (next: Drawn): void => {
    last.current = next;
    setDrawn(next);
  };

  const layOut = useCallback(async (workflow: Workflow, graph: Graph): Promise<void> => {
    layout.current ??= new Layout();
    const layouts = (last.current?.layouts ?? 0) + 1;
    try {
      const places = await layout.current.places(standingOf(graph), arrowsOf(graph));
      if (places !== null) {
        // Records may have come while it was laid out: what was read last is what is drawn.
        const now = last.current !== null && last.current.graph !== graph ? last.current : { workflow, graph };
        show({ ...now, places: updated(places, now.graph)?.places ?? places, layouts });
      }
    } catch (error) {
      setProblem(new Problem(0, 'layout', `The graph could not be laid out: ${String(error)}. The list shows the same.`));
    }
  }, []);

  const read = useCallback(async (expand: string, whole: boolean): Promise<void> => {
    const mine = newest.current += 1;
    try {
      const path = `/api/v1/workflows/${encodeURIComponent(id)}${query({ expand })}`;
      const workflow = await get<Workflow>(path);
      if (mine !== newest.current) {
        return;
      }
      const graph = atMost(workflow.nodes, workflow.edges, MOST_DRAWN, new Set([expand]));
      setProblem(null);
      const before = last.current;
      const update = whole || before === null ? null : updated(before.places, graph);
      if (update === null) {
        // The list needs no places: show it at once.
        show({ workflow, graph, places: before?.places ?? new Map(), layouts: before?.layouts ?? 0 });
        await layOut(workflow, graph);
      } else {
        show({ workflow, graph, places: update.places, layouts: before?.layouts ?? 0 });
      }
    } catch (error) {
      if (mine === newest.current) {
        setProblem(asProblem(error));
      }
    }
  }, [id, layOut]);

  useEffect(() => {
    void read(opened, true);
  }, [read, opened]);
  useEffect(() => () => {
    newest.current += 1;
    layout.current?.close();
  }, []);
  useOnRecords((record) => record.workflow === id, () => read(opened, false), PERIOD_MS);

  const tidy = (): void => {
    if (last.current !== null) {
      void layOut(last.current.workflow, last.current.graph);
    }
  };
  return { drawn, problem, opened, open: setOpened, tidy, reload: () => void read(opened, true) };
}
