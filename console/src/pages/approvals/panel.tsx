// Deciding: who signed, who is still needed, what exactly would be signed now, and the two buttons.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { lastGrant, latestEnd, proposedEnd, rolesOf, type HeldCall } from '../../api/approvals.ts';
import { Problem } from '../../api/client.ts';
import type { OperatorKey, Who } from '../../api/session.ts';
import { announce } from '../../app/announce.ts';
import { clockTime, countdown, dateTime, inWords } from '../../app/clock.ts';
import { to } from '../../app/router.ts';
import { Icon } from '../../parts/icons.tsx';
import { Badge, Command } from '../../parts/states.tsx';
import type { Covered } from '../../proof/covered.ts';
import { PasskeyProblem } from '../../proof/passkey.ts';
import { Shown } from '../../shown/shown.tsx';
import { decide, type Decided } from './decide.ts';
import { useDigest } from './digests.ts';
import { PhaseBadge, phaseWord, sameGrant, termsWords, usesText } from './words.tsx';

interface PanelProps {
  call: HeldCall;
  who: Who;
  now: number;                    // ms
  params: string | undefined;     // what would go out
  good: boolean | undefined;      // the text fits the digest; undefined: not checked yet
  unseen: boolean;                // some of it is folded and was not opened
  moved: boolean;                 // it was changed by somebody else since it was looked at
  altered: string;                // why nothing at all may be signed; empty: it may
  approval: string;               // of the page's address
  shown: Covered;                 // what the person looked at
  look: number;                   // how often: what was chosen before is forgotten
  onDecided: () => void;
  onEdit: () => void;
  editing: boolean;
}

interface Able { key: OperatorKey; roles: string[] }

/** The keys of this person that may decide, each with the roles that count here. */
function ableKeys(call: HeldCall, who: Who): Able[] {
  const asked = rolesOf(call);
  return (who.operator?.keys ?? []).filter(({ passkey }) => passkey)
    .map((key) => ({ key, roles: asked.filter((role) => key.roles.includes(role)) })).filter(({ roles }) => roles.length > 0);
}

function Signatures({ call }: { call: HeldCall }): JSX.Element {
  const { of } = call.terms;
  return (
    <div class="signatures">
      {of > 1 && (
        <div class="slots" aria-hidden="true">
          {Array.from({ length: Math.min(of, 12) }, (_, at) => <span key={at} class={`slot ${at < of - call.needed && call.phase !== 'denied' ? 'slot-full' : ''}`} />)}
        </div>)}
      <p>{call.phase === 'pending'
        ? `Needs ${termsWords(call.terms, rolesOf(call))}; ${call.needed === 1 ? '1 is' : `${call.needed} are`} still missing.`
        : `Needed ${termsWords(call.terms, rolesOf(call))}.`}</p>
      {call.phase === 'pending' && !call.escalated && call.terms.escalate_to.length > 0
        && <p class="quiet">{`If they do not decide in time: ${termsWords(call.terms, call.terms.escalate_to)}.`}</p>}
      {call.owner && <p class="quiet">{'The agent belongs to '}<Shown text={call.owner} />{', who cannot approve it.'}</p>}
      {call.escalated && <p class="quiet">Nobody decided in time, so others may now, too.</p>}
      <ul class="plain lines">
        {call.by.map((one) => (
          <li key={`${one.at}${one.key ?? one.rule}`} class="row">
            <Badge tone={one.decision === 'deny' ? 'bad' : 'good'}>{one.decision === 'deny' ? 'denied' : 'approved'}</Badge>
            <span><Shown text={one.operator ?? one.rule ?? ''} />{one.by === 'rule' && ' (a rule: counts for nothing)'}
              <span class="quiet">{` ${one.role ? `as ${one.role}, ` : ''}${clockTime(one.at)}${one.uses && one.uses > 1 ? `, ${usesText(one.uses)}` : ''}`}
                {one.executed && one.executed !== call.binding.digest && one.decision === 'approve' && ', changed arguments'}</span></span>
          </li>))}
      </ul>
    </div>
  );
}

function Cannot({ call, who }: { call: HeldCall; who: Who }): JSX.Element {
  const mine = who.operator?.keys.filter(({ passkey }) => passkey) ?? [];
  if (mine.length === 0) {
    return (
      <div class="note note-info"><Icon name="key" /><span>{'You have no enrolled passkey, so this page cannot sign for you. '}
        <a href={to('/account')}>Make one and have it enrolled</a>{', or decide on the command line:'}</span></div>);
  }
  const roles = [...new Set(mine.flatMap((key) => key.roles))];
  return <p class="note note-info"><Icon name="key" /><span>{`Your passkey is enrolled as ${roles.join(', ')}; this call needs ${rolesOf(call).join(' or ') || 'a role that nobody has'}.`}</span></p>;
}

function wordsOf(error: unknown): string {
  if (error instanceof PasskeyProblem) return error.message;
  if (error instanceof Problem) {
    return error.code === 'network' ? 'The gateway did not answer. Whether it counted shows itself when it does; signing twice counts once.' : `The gateway refused: ${error.message.replace(/^approval: /, '')}`;
  }
  return String(error instanceof Error ? error.message : error);
}

/** The hour alone where it is today. */
const shortTime = (seconds: number, now: number): string => {
  const text = dateTime(seconds).slice(0, 16);
  return text.slice(0, 10) === dateTime(now / 1000).slice(0, 10) ? text.slice(11) : text.slice(5);
};

function Ends({ call, now, value, busy, onChange }: { call: HeldCall; now: number; value: number; busy: boolean; onChange: (next: number) => void }): JSX.Element {
  const latest = latestEnd(call);
  const proposed = proposedEnd(call, now / 1000);
  const soon = Math.floor(now / 1000);
  const list = [...new Set([value, proposed, call.expires, soon - (soon % 60) + 3600, soon - (soon % 60) + 8 * 3600, latest])]
    .filter((one) => one > soon && one <= latest).sort((a, b) => a - b);
  return (
    <select id="ends" value={String(value)} disabled={busy} onChange={(event) => onChange(Number(event.currentTarget.value))}>
      {list.map((one) => <option key={one} value={String(one)}>{`${shortTime(one, now)}${one === call.expires ? ', as asked' : one === latest ? ', latest' : one === proposed && !lastGrant(call) ? ', also if others are asked' : ''}`}</option>)}
    </select>
  );
}

function Deciding(props: PanelProps & { able: Able[] }): JSX.Element {
  const { call, who, now, params, good, unseen, moved, altered, able, onDecided, onEdit, editing } = props;
  const last = lastGrant(call);
  const executed = useDigest(params);
  const [uses, setUses] = useState(last?.uses || 1);
  const [expires, setExpires] = useState(() => proposedEnd(call, now / 1000));
  const [which, setWhich] = useState(0);
  const [role, setRole] = useState(able[0]!.roles[0]!);
  const [busy, setBusy] = useState<'' | 'approve' | 'deny'>('');
  const [problem, setProblem] = useState('');
  const [seenText, setSeenText] = useState<string>();
  const seen = seenText !== undefined && seenText === params;
  const chosen = able[which] ?? able[0]!;
  const operator = who.operator!.name;
  const changed = params !== call.params;
  const own = [call.binding.on_behalf_of, call.owner, call.binding.agent].includes(operator);
  const anew = last !== undefined && executed !== '' && !sameGrant(last, { executed, uses, expires });
  const signedIt = last !== undefined && !anew && call.by.some((one) => one.operator === operator && one.decision === 'approve' &&
    sameGrant(one, { executed, uses, expires }));
  const over = call.expires <= now / 1000;
  const blocked = altered ? altered : own ? 'It is your own call, or your own agent\u2019s: somebody else has to approve it.'
    : good === false ? 'The arguments shown are not those of this approval. Nothing can be signed.'
      : good === undefined ? 'The arguments are being checked.' : moved ? 'The arguments were changed while you looked: look at them first.'
        : signedIt ? 'You have signed this.' : expires <= now / 1000 ? 'The end that stands under Until is past: choose a later one.' : '';

  const act = async (decision: 'approve' | 'deny'): Promise<void> => {
    setBusy(decision);
    setProblem('');
    try {
      const done: Decided = await decide(call, { decision, params, uses, expires, role, key: chosen.key, operator, instance: who.instance,
        approval: props.approval, shown: props.shown });
      announce(decision === 'deny' ? 'Denied.' : done.needed > 0 ? `Signed. ${done.needed} more needed.` : 'Approved.', 'assertive');
      onDecided();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy('');
    }
  };

  return (
    <div class="stack">
      {able.length > 1 && (
        <div class="field"><label for="key">Passkey</label>
          <select id="key" value={String(which)} disabled={busy !== ''} onChange={(event) => { const at = Number(event.currentTarget.value); setWhich(at); setRole(able[at]!.roles[0]!); }}>
            {able.map(({ key, roles }, at) => <option key={key.kid} value={String(at)}>{`${key.kid.slice(0, 12)} (${roles.join(', ')})`}</option>)}
          </select></div>)}
      {chosen.roles.length > 1 && (
        <div class="field"><label for="role">In the role</label>
          <select id="role" value={role} disabled={busy !== ''} onChange={(event) => setRole(event.currentTarget.value)}>{chosen.roles.map((one) => <option key={one}>{one}</option>)}</select></div>)}
      <div class="pair">
        <div class="field"><label for="uses">Uses</label>
          <input id="uses" type="number" min={1} max={call.terms.uses} value={uses} disabled={call.terms.uses === 1 || busy !== ''}
            onInput={(event) => setUses(Math.min(call.terms.uses, Math.max(1, Math.floor(Number(event.currentTarget.value) || 1))))} /></div>
        <div class="field"><label for="ends">Until</label><Ends call={call} now={now} value={expires} busy={busy !== ''} onChange={setExpires} /></div>
      </div>
      <p class="quiet signs">{'You sign: '}<strong>{changed ? 'the changed arguments' : 'exactly these arguments'}</strong>{`, ${usesText(uses)} until ${dateTime(expires).slice(0, 16)}, as `}
        <Shown text={operator} />{` (${role}), with the key `}<code class="digest">{chosen.key.kid.slice(0, 12)}</code>.{executed && <>{' Digest '}<code class="digest">{executed.slice(0, 12)}</code></>}</p>
      {anew && <p class="note note-info" role="status"><span>{`This is not what ${last?.operator ?? 'others'} signed: the count starts anew.`}</span></p>}
      {unseen && (
        <label class="check"><input type="checkbox" checked={seen} onChange={(event) => setSeenText(event.currentTarget.checked ? params : undefined)} />
          {' Some of the arguments are folded and not opened. I decide without having read them.'}</label>)}
      {blocked && <p class="note note-info" role="status"><span>{blocked}</span></p>}
      {problem && <p class="note note-bad" role="alert"><Icon name="warn" /><span><Shown text={problem} class="words" /></span></p>}
      <div class="decide">
        <button type="button" class="primary" disabled={busy !== '' || blocked !== '' || over || editing || (unseen && !seen)} onClick={() => void act('approve')}>
          <Icon name="key" />{busy === 'approve' ? 'Waiting for your passkey ...' : changed ? 'Approve the change with passkey' : 'Approve with passkey'}</button>
        <button type="button" class="danger" disabled={busy !== '' || altered !== '' || over} onClick={() => void act('deny')}>
          {busy === 'deny' ? 'Waiting for your passkey ...' : 'Deny with passkey'}</button>
      </div>
      {good && !own && <button type="button" class="small" disabled={busy !== '' || altered !== '' || over || editing} onClick={onEdit}>{changed ? 'Change the arguments further' : 'Change the arguments first'}</button>}
    </div>
  );
}

function Countdown({ call, now }: { call: HeldCall; now: number }): JSX.Element {
  const left = call.expires - now / 1000;
  // A minute before the end it is said aloud, and at the end; not to who comes later.
  const stage = left <= 0 ? 0 : left <= 60 ? 60 : Infinity;
  const said = useRef(stage);
  useEffect(() => {
    if (stage < said.current) announce(stage ? `This call ends in ${inWords(left)}.` : 'This call is over.', 'assertive');
    said.current = stage;
  }, [stage]);
  const whole = Math.max(1, call.expires - call.at);
  return (
    <div class={`countdown ${left < 120 ? 'soon' : ''}`}>
      <span class="countdown-time">{left > 0 ? countdown(left) : 'over'}</span>
      <span class="quiet">{left > 0 ? `until ${clockTime(call.expires)}` : `since ${clockTime(call.expires)}`}</span>
      <progress max={whole} value={Math.max(0, Math.min(whole, left))} aria-label="Time left">{inWords(left)}</progress>
    </div>
  );
}

export function Panel(props: PanelProps): JSX.Element {
  const { call, who, now } = props;
  const able = ableKeys(call, who);
  return (
    <section class="card panel" aria-labelledby="deciding">
      <div class="card-head"><h2 id="deciding" tabIndex={-1}>{call.phase === 'pending' ? 'Decide' : 'Decided'}</h2><PhaseBadge phase={call.phase} /></div>
      {call.phase === 'pending' && <Countdown call={call} now={now} />}
      <Signatures call={call} />
      {call.phase !== 'pending' && (
        <p class="note note-info" role="status"><span>{call.phase === 'approved'
          ? `It goes through: ${call.spent} of ${usesText(call.uses)} spent, until ${dateTime(call.until).slice(0, 16)}.`
          : call.phase === 'denied' ? 'It does not go through.' : call.phase === 'expired' ? `It is over (${call.ending}). The agent has to ask again.` : `It is ${phaseWord(call.phase)}.`}</span></p>)}
      {call.phase === 'pending' && (able.length > 0 ? <Deciding key={props.look} {...props} able={able} /> : <Cannot call={call} who={who} />)}
      {call.phase === 'pending' && able.length === 0 && <Command text={`pawl approvals approve ${call.id}`} />}
    </section>
  );
}
