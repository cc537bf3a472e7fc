// Rules that somebody proposed. Taking one puts its text into the editor, and nowhere else.

import type { JSX } from 'preact';
import { useLive } from '../../api/live.ts';
import type { Proposal } from '../../api/reads.ts';
import { recordAddress } from '../../app/addresses.ts';
import { dateTime } from '../../app/clock.ts';
import { Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { Shown, ShownBlock } from '../../shown/shown.tsx';

export function Proposals({ take }: { take: ((text: string) => void) | undefined }): JSX.Element {
  const { data, problem, loading, reload } = useLive<{ proposals: Proposal[] }>('/api/v1/rules/proposals', [], 15_000);
  return (
    <>
      {loading && <Loading what="the proposals" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && data.proposals.length === 0 && (
        <Empty title="Nobody has proposed a rule">Who approves the same call again and again can propose a rule for it.</Empty>)}
      <ul class="plain stack">
        {data?.proposals.map((one) => (
          <li key={one.id}>
            <article class="card stack">
              <div class="card-head"><h2>Proposed by <Shown text={one.by} /></h2><span class="quiet">{dateTime(one.at)}</span></div>
              {one.reason && <p><Shown text={one.reason} /></p>}
              <ShownBlock text={one.text} label="The proposed rule" />
              <div class="row">
                {take ? <button type="button" onClick={() => take(one.text)}>Put it into the editor</button>
                  : <span class="quiet">There is no rule file to put it into: name one under <code>rules</code> in pawl.yaml.</span>}
                <a href={recordAddress(one.id)}>Its record</a>
              </div>
            </article>
          </li>))}
      </ul>
    </>
  );
}
