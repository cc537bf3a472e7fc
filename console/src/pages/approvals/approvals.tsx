// Held calls: the list, and one of them (/approvals/ID).
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { grouped, type Approval, type Group } from '../../api/approvals.ts';
import { useLive } from '../../api/live.ts';
import { approvalAddress } from '../../app/addresses.ts';
import { ago, countdown, dateTime, useNow } from '../../app/clock.ts';
import type { PageProps } from '../../app/pages.ts';
import { useKeys } from '../../app/shortcuts.tsx';
import { Badge, Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { AgentName } from '../../shown/agent.tsx';
import { Shown } from '../../shown/shown.tsx';
import { Detail } from './detail.tsx';
import { PhaseBadge, signedWords } from './words.tsx';

function Row({ one, now }: { one: Approval; now: number }): JSX.Element {
  const left = one.expires - now / 1000;
  const pending = one.phase === 'pending';
  const signed = one.by.filter(({ by, decision }) => by === 'person' && decision === 'approve').length;
  return (
    <li>
      <a class="call" href={approvalAddress(one.id)}>
        <span class="call-who">
          {one.binding.on_behalf_of ? <>{'for '}<Shown text={one.binding.on_behalf_of} /></> : <span class="quiet">on nobody's behalf</span>}
          <span class="quiet">{' \u00b7 asked '}<time title={dateTime(one.at)}>{ago(one.at, now)}</time></span>
        </span>
        <span class="call-state">
          {pending && one.terms.of > 1 && <Badge tone={signed ? 'info' : 'quiet'}>{`${Math.max(0, one.terms.of - one.needed)} of ${one.terms.of} signed`}</Badge>}
          {pending
            ? <span class={`left-time ${left < 120 ? 'soon' : ''}`} title={dateTime(one.expires)}>{left > 0 ? countdown(left) : 'over'}</span>
            : <><span class="quiet">{signedWords(one)}</span><PhaseBadge phase={one.phase} /></>}
        </span>
      </a>
    </li>
  );
}

function GroupCard({ group, now }: { group: Group; now: number }): JSX.Element {
  const { agent, name, verb, server } = group.binding;
  return (
    <section class="card group">
      <h3 class="group-head">
        <span><AgentName name={agent} />{' wants '}<Shown text={name || verb} class="tool" />{' of '}<Shown text={server} /></span>
        {group.calls.length > 1 && <span class="quiet">{`${group.calls.length} like calls, each decided alone`}</span>}
      </h3>
      <ul class="plain calls">{group.calls.map((one) => <Row key={one.id} one={one} now={now} />)}</ul>
    </section>
  );
}

function Lists({ list, now }: { list: Approval[]; now: number }): JSX.Element {
  const pending = list.filter(({ phase }) => phase === 'pending');
  const ended = list.filter(({ phase }) => phase !== 'pending').sort((a, b) => b.at - a.at).slice(0, 50);
  return (
    <div class="stack">
      <section aria-labelledby="waiting" class="stack">
        <div class="list-head"><h2 id="waiting">{pending.length === 0 ? 'Nothing waits' : `${pending.length} waiting`}</h2>
          {pending.length > 1 && <span class="quiet">what ends first is first</span>}</div>
        {pending.length === 0 && (
          <div class="card"><Empty title="No call waits for people" command="pawl rules explain --help">
            {'A call waits when a rule says '}<code>then: hold</code>. This page shows it at once, and says so aloud.
          </Empty></div>)}
        {grouped(pending).map((group) => <GroupCard key={group.key} group={group} now={now} />)}
      </section>
      {ended.length > 0 && (
        <section aria-labelledby="ended" class="stack">
          <h2 id="ended">Decided or over</h2>
          {grouped(ended).map((group) => <GroupCard key={group.key} group={group} now={now} />)}
        </section>)}
    </div>
  );
}

function List(): JSX.Element {
  const { data, problem, loading, reload } = useLive<{ approvals: Approval[] }>('/api/v1/approvals', ['approval'], 10_000);
  const now = useNow();
  const root = useRef<HTMLDivElement>(null);
  const step = (by: number): void => {
    const links = [...root.current?.querySelectorAll<HTMLAnchorElement>('a.call') ?? []];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useKeys({
    j: { does: 'Next call', act: () => step(1) },
    k: { does: 'Call before', act: () => step(-1) },
    o: { does: 'Open the first call', act: () => root.current?.querySelector<HTMLAnchorElement>('a.call')?.click() },
  });
  return (
    <div ref={root}>
      <div class="page-head"><h1>Approvals</h1></div>
      {loading && <Loading what="what waits" />}
      {!loading && !data && <ErrorState problem={problem!} again={reload} />}
      {data && <><Stale problem={problem} again={reload} /><Lists list={data.approvals} now={now} /></>}
    </div>
  );
}

export default function Approvals({ rest }: PageProps): JSX.Element {
  return rest ? <Detail key={rest} id={rest} /> : <List />;
}
