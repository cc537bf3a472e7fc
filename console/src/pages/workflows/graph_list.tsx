// The same as the graph, as a list: for those who hear the page, for phones, and for reading.

import type { JSX } from 'preact';
import { type ApiNode, type Edge, type Graph, isGroup, keyOf } from '../../graph/graph.ts';
import { lookOf } from '../../graph/looks.ts';
import { toneOf } from '../../parts/outcome.ts';
import { Badge } from '../../parts/states.tsx';
import { AgentName } from '../../shown/agent.tsx';
import { Shown } from '../../shown/shown.tsx';

interface Props {
  graph: Graph;
  chosen: string;
  act: (node: ApiNode) => void;
}

function order(a: ApiNode, b: ApiNode): number {
  return a.depth - b.depth || (isGroup(a) ? -1 : a.index) - (isGroup(b) ? -1 : b.index);
}

function nameOf(node: ApiNode | undefined): string {
  return node === undefined ? 'a record that is not here'
    : isGroup(node) ? `${node.count} records of ${node.agent || 'no agent'}` : `${node.name || node.kind} (${node.index})`;
}

function After({ edges, nodes }: { edges: Edge[]; nodes: ReadonlyMap<string, ApiNode> }): JSX.Element {
  return edges.length === 0 ? <span class="quiet">the beginning</span> : (
    <ul class="plain">
      {edges.slice(0, 4).map((edge) => (
        <li key={edge.from + edge.basis}><Shown text={nameOf(nodes.get(edge.from))} /> <span class="quiet">{edge.basis}</span></li>))}
      {edges.length > 4 && <li class="quiet">{`and ${edges.length - 4} more`}</li>}
    </ul>);
}

export function GraphList({ graph, chosen, act }: Props): JSX.Element {
  const nodes = new Map(graph.nodes.map((node) => [keyOf(node), node]));
  const into = new Map<string, Edge[]>();
  for (const edge of graph.edges) {
    into.set(edge.to, [...into.get(edge.to) ?? [], edge]);
  }
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label="List of the records">
      <table class="records stacked">
        <thead><tr><th>Step</th><th>What</th><th>Who</th><th>Outcome</th><th>After</th></tr></thead>
        <tbody>
          {[...graph.nodes].sort(order).map((node) => {
            const key = keyOf(node);
            const group = isGroup(node);
            return (
              <tr key={key} aria-current={key === chosen ? 'true' : undefined}>
                <td data-label="Step" class="step-number">{node.depth}</td>
                <td data-label="What"><span><button type="button" class="link" onClick={() => act(node)}>
                  {group ? `${node.count} records` : <Shown text={node.name || node.kind} />}</button>
                  {!group && node.server && <span class="quiet"> at <Shown text={node.server} /></span>}</span></td>
                <td data-label="Who">{node.agent ? <AgentName name={node.agent} /> : <span class="quiet">Pawl</span>}</td>
                <td data-label="Outcome">{!group && node.outcome !== ''
                  ? <Badge tone={toneOf(node.outcome)}>{lookOf(node.outcome).word}</Badge> : <span class="quiet">{'\u2013'}</span>}</td>
                <td data-label="After"><After edges={into.get(key) ?? []} nodes={nodes} /></td>
              </tr>);
          })}
        </tbody>
      </table>
    </div>
  );
}
