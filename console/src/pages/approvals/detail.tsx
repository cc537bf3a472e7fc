// One held call: what is unusual first, the exact arguments, what the agent did before, and the decision beside it.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lastGrant, type HeldCall } from '../../api/approvals.ts';
import { useLive } from '../../api/live.ts';
import { useSession } from '../../api/session.ts';
import { ago, dateTime, useNow } from '../../app/clock.ts';
import { to } from '../../app/router.ts';
import { Icon } from '../../parts/icons.tsx';
import { toneOf } from '../../parts/outcome.ts';
import { Badge, Command, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { digestOf } from '../../proof/bytes.ts';
import { coveredOf, differences } from '../../proof/covered.ts';
import { changes } from '../../proof/exact_json.ts';
import { isOf } from '../../proof/statement.ts';
import { AgentName } from '../../shown/agent.tsx';
import { hasMiddle, Shown } from '../../shown/shown.tsx';
import { Arguments, Differences, parsed } from './arguments.tsx';
import { Altered, Asked, Facts } from './covered.tsx';
import { useFits } from './digests.ts';
import { Editor } from './editor.tsx';
import { Panel } from './panel.tsx';
import { unusualPointers, Usual } from './unusual.tsx';

function Before({ call, now }: { call: HeldCall; now: number }): JSX.Element {
  const list = call.before;
  return (
    <section class="card" aria-labelledby="before">
      <h2 id="before">What this agent did before</h2>
      {!list ? <p class="quiet">The gateway does not say; the ledger has its records.</p>
        : list.length === 0 ? <p class="quiet">Nothing that is recorded here.</p> : (
        <div class="scroll"><table>
          <thead><tr><th>When</th><th>What</th><th>Outcome</th></tr></thead>
          <tbody>{list.map((one) => (
            <tr key={one.id}>
              <td class="quiet"><time title={dateTime(one.at)}>{ago(one.at, now)}</time></td>
              <td><Shown text={one.name || one.kind} />{one.server && <>{' of '}<Shown text={one.server} /></>}</td>
              <td><Badge tone={toneOf(one.outcome)}>{one.outcome}</Badge></td>
            </tr>))}
          </tbody>
        </table></div>)}
    </section>
  );
}

/** What goes out: the changed text of who signed last, if it is the one they signed; else what was asked. */
function useChanged(call: HeldCall): { text: string | undefined; settled: boolean } {
  const last = lastGrant(call);
  const goes = ['pending', 'approved', 'spent'].includes(call.phase);
  const wanted = goes && last && last.executed !== call.binding.digest && call.changed ? last.executed : undefined;
  const good = useFits(wanted ? call.changed?.params : undefined, async (text) => await digestOf(text) === wanted, wanted ?? '');
  return { text: wanted && good ? call.changed?.params : undefined, settled: !wanted || good !== undefined };
}

function Body({ id, call, now, reload }: { id: string; call: HeldCall; now: number; reload: () => void }): JSX.Element {
  const session = useSession();
  const { text: theirs, settled } = useChanged(call);
  const [mine, setMine] = useState<string>();
  const [editing, setEditing] = useState(false);
  const [opened, setOpened] = useState<string>();
  const aside = useRef<HTMLDivElement>(null);
  const params = mine ?? theirs ?? call.params;
  const good = useFits(call.params, (text) => isOf(text, call.binding), call.binding.digest);
  // Somebody else may change the arguments while this person reads: what moved is said, and looked at before it is signed.
  const [looked, setLooked] = useState<string>();
  // So is what never changes by right: whatever else a signature covers.
  const [shown, setShown] = useState(() => coveredOf(call));
  const [look, setLook] = useState(0);
  const altered = differences(shown, coveredOf(call));
  const ready = settled && good !== undefined;
  useEffect(() => { if (ready && looked === undefined) setLooked(theirs ?? call.params); }, [ready]);
  const pending = call.phase === 'pending';
  const moved = pending && altered.length === 0 && ready && looked !== undefined && mine === undefined && params !== looked;
  const unusual = useMemo(() => unusualPointers(call), [call.usual]);
  const differs = useMemo(() => {
    if (params === undefined || call.params === undefined || params === call.params) return undefined;
    const was = parsed(call.params), is = parsed(params);
    return 'value' in was && 'value' in is ? changes(was.value, is.value) : [];
  }, [params, call.params]);
  const isLong = useMemo(() => params !== undefined && hasMiddle(params), [params]);
  const unseen = isLong && opened !== params;
  const decided = (): void => {
    setLooked(params);      // what was just signed was looked at
    setMine(undefined);
    reload();
    aside.current?.querySelector<HTMLElement>('#deciding')?.focus();
  };
  const lookedAgain = (): void => {
    setShown(coveredOf(call));
    setLooked(theirs ?? call.params);
    if (shown.binding.digest !== call.binding.digest) {    // what was written is a change of other arguments
      setMine(undefined);
      setEditing(false);
    }
    setLook(look + 1);
    aside.current?.querySelector<HTMLElement>('#deciding')?.focus();
  };
  const why = call.id !== id ? 'This is another approval than the one of the address: nothing can be signed here.'
    : altered.length > 0 ? 'What is asked changed while you looked: look at it again first.' : '';
  return (
    <div class="detail">
      <div class="stack detail-main">
        {call.effect && <p class="effect"><Shown text={call.effect} class="words" /></p>}
        {altered.length > 0 && <Altered list={altered} onLooked={lookedAgain} />}
        {call.id !== id && (
          <p class="note note-bad" role="alert"><Icon name="warn" /><span>The gateway answered with another approval than the one that was asked for. Tell whoever runs this gateway.</span></p>)}
        <Asked call={call} obliged={mine === undefined ? call.obliged : undefined} />
        <Usual call={call} />
        {good === false && (
          <p class="note note-bad" role="alert"><Icon name="warn" /><span>The arguments that the gateway sent are not those of this approval: their digest is another one. Nothing can be approved here. Tell whoever runs this gateway.</span></p>)}
        {moved && (
          <p class="note note-bad" role="alert"><Icon name="warn" /><span>Somebody else signed other arguments while you looked. </span>
            <button type="button" class="small" onClick={() => setLooked(params)}>I look at them now</button></p>)}
        {differs && !editing && (
          <section class="card changed" aria-labelledby="changed">
            <div class="card-head"><h2 id="changed">{mine !== undefined ? 'Your change, not signed yet' : pending ? 'Changed by who signed before' : 'Changed by who approved it'}</h2>
              {mine !== undefined && <button type="button" class="small" onClick={() => setMine(undefined)}>Undo the change</button>}</div>
            <Differences list={differs} from="asked" to="goes out" />
          </section>)}
        <section class="card" aria-labelledby="arguments">
          <div class="card-head"><h2 id="arguments">{!differs || editing ? 'Arguments' : pending ? 'What would go out' : call.phase === 'spent' ? 'What went out' : 'What goes out'}</h2>
            {good && !differs && <span class="checked"><Icon name="check" />digest checked here</span>}</div>
          {editing && params !== undefined && call.params !== undefined
            ? <Editor requested={call.params} start={params} onUse={(text) => { setMine(text); setEditing(false); }} onCancel={() => { setMine(undefined); setEditing(false); }} />
            : params === undefined && !pending && call.phase !== 'approved'
              ? <p class="note note-info"><span>Arguments are kept until a call has ended. Its records have their digest.</span></p>
            : params === undefined
              ? <><p class="note note-info"><span>{'Not shown: '}<Shown text={call.arguments_problem ?? 'the gateway does not show them to you'} class="words" />.</span></p>
                <p class="quiet">Without them this page approves nothing. Arguments are shown to the roles approver, auditor and admin.</p></>
              : <Arguments key={params} text={params} name={call.binding.name} unusual={unusual} label="Arguments" onOpened={() => setOpened(params)} />}
        </section>
        <Before call={call} now={now} />
        <Facts call={call} />
      </div>
      <div class="detail-side" ref={aside}>
        {session.is === 'in' && (
          <Panel call={call} who={session.who} now={now} params={params} good={good} unseen={unseen} moved={moved} editing={editing}
            altered={why} approval={id} shown={shown} look={look}
            onDecided={decided} onEdit={() => setEditing(true)} />)}
      </div>
    </div>
  );
}

export function Detail({ id }: { id: string }): JSX.Element {
  const { data, problem, loading, reload } = useLive<HeldCall>(`/api/v1/approvals/${encodeURIComponent(id)}`, ['approval'], 10_000);
  const now = useNow();
  return (
    <>
      <a class="back" href={to('/approvals')}>{'\u2190 All approvals'}</a>
      {!data && <div class="page-head"><h1>Approval</h1></div>}
      {loading && <Loading what="the call" />}
      {!loading && !data && problem && (problem.status === 404
        ? <div class="empty"><h2>There is no such approval</h2><p>It ended long ago, or belongs to another instance. Its record is in the ledger.</p><Command text="pawl approvals list" /></div>
        : <ErrorState problem={problem} again={reload} />)}
      {data && (
        <>
          <div class="page-head"><h1 class="call-title"><AgentName name={data.binding.agent} />{' wants '}<Shown text={data.binding.name || data.binding.verb} />{' of '}<Shown text={data.binding.server} /></h1></div>
          <Stale problem={problem} again={reload} />
          <Body id={id} call={data} now={now} reload={reload} />
        </>)}
    </>
  );
}
