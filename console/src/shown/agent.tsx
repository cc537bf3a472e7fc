import type { JSX } from 'preact';
import { Shown } from './shown.tsx';
import { nameParts } from './spiffe.ts';

/** An agent's name: whole, with the part that tells it apart first for the eye. */
export function AgentName({ name }: { name: string }): JSX.Element {
  const [path, last] = nameParts(name);
  return <span class="agent">{path && <span class="agent-path"><Shown text={path} /></span>}<Shown text={last} class="agent-last" /></span>;
}
