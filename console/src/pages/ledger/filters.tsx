// The form of the search. Nothing is asked for before somebody says so.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { MEMBERS, OUTCOMES, type Search } from './search.ts';

const KINDS = ['tool.call', 'tool.*', 'resource.*', 'prompt.*', 'task.*', 'approval.*', 'operator.*', 'override.*',
  'policy.*', 'identity.*', 'key.*', 'process.*', 'ledger.*'];
const EMPTY = Object.fromEntries(MEMBERS.map((member) => [member, ''])) as unknown as Search;

const trimmed = (search: Search): Search =>
  Object.fromEntries(MEMBERS.map((member) => [member, search[member].trim()])) as unknown as Search;

export function Filters({ search, find }: { search: Search; find: (search: Search) => void }): JSX.Element {
  const [now, setNow] = useState(search);
  const used = MEMBERS.filter((member) => search[member] !== '').length;
  const set = (member: keyof Search, value: string): void => setNow({ ...now, [member]: value });
  const field = (member: keyof Search, label: string): JSX.Element => (
    <div class="field"><label for={`search-${member}`}>{label}</label>
      <input id={`search-${member}`} value={now[member]} autoComplete="off" spellcheck={false}
        onInput={(event) => set(member, event.currentTarget.value)} /></div>);
  const time = (member: 'from' | 'to', label: string): JSX.Element => (
    <div class="field"><label for={`search-${member}`}>{label}</label>
      <input id={`search-${member}`} type="datetime-local" value={now[member]}
        onInput={(event) => set(member, event.currentTarget.value)} /></div>);
  return (
    <details class="card filters" open={used > 0 || window.innerWidth >= 760}>
      <summary>{used === 0 ? 'Search' : `Search: ${used} filter${used === 1 ? '' : 's'}`}</summary>
      <form class="details-body" onSubmit={(event) => { event.preventDefault(); find(trimmed(now)); }}>
        <div class="filter-fields">
          {field('agent', 'Agent')}
          {field('server', 'Server')}
          {field('name', 'Tool or resource')}
          <div class="field"><label for="search-kind">Kind</label>
            <input id="search-kind" list="record-kinds" placeholder="tool.call, approval.*" value={now.kind} autoComplete="off" spellcheck={false}
              onInput={(event) => set('kind', event.currentTarget.value)} /></div>
          <div class="field"><label for="search-outcome">Outcome</label>
            <select id="search-outcome" value={now.outcome} onChange={(event) => setNow({ ...now, outcome: event.currentTarget.value })}>
              <option value="">any</option>
              {OUTCOMES.map((outcome) => <option key={outcome} value={outcome}>{outcome}</option>)}
            </select></div>
          {field('workflow', 'Workflow')}
          {time('from', 'From')}
          {time('to', 'Until')}
        </div>
        <datalist id="record-kinds">{KINDS.map((kind) => <option key={kind} value={kind} />)}</datalist>
        <div class="actions">
          <button type="submit" class="primary">Search</button>
          <button type="button" onClick={() => { setNow(EMPTY); find(EMPTY); }}>Clear</button>
        </div>
      </form>
    </details>
  );
}
