// What signs and lines of the graph mean.

import type { JSX } from 'preact';
import { BASES, OUTCOMES, outline } from '../../graph/looks.ts';

export function Legend(): JSX.Element {
  return (
    <details class="legend" open={window.innerWidth >= 1000}>
      <summary>What signs and lines mean</summary>
      <div class="legend-body">
        <ul class="plain row" aria-label="Outcomes">
          {OUTCOMES.map((look) => (
            <li key={look.name} class={`legend-item graph-node graph-${look.name}`}>
              <svg viewBox="-25 -13 50 26" width="38" height="20" aria-hidden="true">
                <path d={outline(look.outline, 48, 24)} class="graph-box" />
                <path d={look.sign} class="graph-sign" transform="translate(-8 -8)" />
              </svg>{look.word}
            </li>))}
        </ul>
        <ul class="plain row" aria-label="Lines">
          {BASES.map((look) => (
            <li key={look.basis} class="legend-item">
              <svg viewBox="0 0 40 10" width="40" height="10" aria-hidden="true">
                <path d="M0 5H40" class="graph-edge" stroke-dasharray={look.dashes || 'none'} />
              </svg>{`${look.basis}: ${look.means}`}
            </li>))}
        </ul>
      </div>
    </details>
  );
}
