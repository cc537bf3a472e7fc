import type { JSX } from 'preact';

const WIDE = 120, HIGH = 28, MOST = 60;

/** The last values as a line. For the eye only: the number beside it says the same. */
export function Spark({ points }: { points: number[] }): JSX.Element {
  const top = Math.max(...points, 0.001);
  const first = MOST - points.length;
  const at = (value: number, index: number): string =>
    `${(((first + index) / (MOST - 1)) * WIDE).toFixed(1)},${(HIGH - 2 - (value / top) * (HIGH - 4)).toFixed(1)}`;
  const line = points.map(at).join(' ');
  return (
    <svg class="spark" viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true">
      <line x1="0" y1={HIGH - 1} x2={WIDE} y2={HIGH - 1} class="spark-base" />
      {points.length > 1 && <polyline points={line} class="spark-line" />}
    </svg>
  );
}
