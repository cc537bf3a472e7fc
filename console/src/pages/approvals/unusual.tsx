// What is unusual about a held call, before anything else: how it differs from its agent's calls of the same tool that went through.
import type { JSX } from 'preact';
import type { HeldCall, Unusual } from '../../api/approvals.ts';
import { Icon } from '../../parts/icons.tsx';
import { Shown } from '../../shown/shown.tsx';
import { Meant } from './arguments.tsx';

const counted = (count: number, what = 'call'): string => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** Where a value stands that the eye should find among the arguments; one that often changes is not marked there. */
export const unusualPointers = (call: HeldCall): Set<string> =>
  new Set((call.usual?.differs ?? []).filter((one) => !one.varies).map(({ pointer }) => pointer));

function Usually({ one, compared }: { one: Unusual; compared: number }): JSX.Element {
  if (one.is === 'new_place') return <span class="quiet">not in usual calls</span>;
  return (
    <span class="before-list">
      {one.lowest !== undefined && one.highest !== undefined && (
        <span class="usual-range"><Meant raw={one.lowest} />{one.lowest !== one.highest && <>{' to '}<Meant raw={one.highest} /></>}</span>)}
      {one.values?.map((raw) => <Meant key={raw} raw={raw} />)}
      {one.varies && <span class="quiet">{one.values?.length ? 'and others: it varies' : 'long ones: it varies'}</span>}
      <span class="quiet">{one.seen === compared ? `in all ${counted(one.seen)}` : `in ${one.seen.toLocaleString('en')} of ${counted(compared)}`}</span>
    </span>
  );
}

function Unlike({ list, more, compared }: { list: Unusual[]; more: number; compared: number }): JSX.Element {
  return (
    <div class="diffs">
      {list.map((one, at) => (
        <div class={`diff ${one.varies ? 'diff-varies' : ''}`} key={at}>
          <div class="diff-name"><Shown text={one.pointer.replace(/^\/arguments\//, '') || one.pointer} /></div>
          <div class="diff-to"><span class="diff-word">now</span>{one.now === undefined ? <span class="quiet">missing</span> : <Meant raw={one.now} />}</div>
          <div class="diff-from"><span class="diff-word">usually</span><Usually one={one} compared={compared} /></div>
        </div>))}
      {more > 0 && <p class="quiet">{`${counted(more, 'more value')} differ${more === 1 ? 's' : ''}.`}</p>}
    </div>
  );
}

function NotCompared({ count }: { count: number }): JSX.Element | null {
  return count > 0 ? <p class="quiet">{`${counted(count, 'value')} or more could not be compared: too long, too deep, or beyond what is kept. Look at the arguments themselves.`}</p> : null;
}

export function Usual({ call }: { call: HeldCall }): JSX.Element | null {
  const { usual } = call;
  if (!usual) return null;
  const { calls = 0, first, compared, differs = [], more = 0, not_compared = 0 } = usual;
  if (compared && differs.length > 0) {
    return (
      <section class="card warn stack" aria-labelledby="usual">
        <h2 id="usual">{compared === 1 ? 'Not as in the only call before' : `Not as in the ${counted(compared)} before`}</h2>
        <Unlike list={differs} more={more} compared={compared} /><NotCompared count={not_compared} />
      </section>);
  }
  if (compared) {
    return (
      <div class="stack">
        {not_compared > 0
          ? <p class="note note-info"><span>{`What could be compared is as in the ${counted(compared)} of this kind that went through since the start.`}</span></p>
          : <p class="note note-good"><Icon name="check" /><span>{`As in the ${counted(compared)} of this kind that went through since the start: no value is unusual.`}</span></p>}
        <NotCompared count={not_compared} />
      </div>);
  }
  if (first) {
    return (
      <section class="card warn stack" aria-labelledby="usual"><h2 id="usual">The first of its kind</h2>
        <p>No call of this tool of this server by this agent has gone out before.</p></section>);
  }
  const before = calls > 0 ? ` It made ${counted(calls)} of this kind before; their arguments are not kept.` : '';
  return <p class="note note-info"><span>{`${compared === 0 ? 'No call of this agent to this tool is known since the start: nothing to compare with.' : 'Nothing to compare with.'}${before}`}</span></p>;
}
