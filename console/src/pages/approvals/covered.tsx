// What a signature covers: the part that everybody reads, the whole of it in a fold, and what changed while somebody read.
import { Fragment, type JSX } from 'preact';
import type { HeldCall } from '../../api/approvals.ts';
import { dateTime, inFull } from '../../app/clock.ts';
import { Icon } from '../../parts/icons.tsx';
import { membersOf, type Difference } from '../../proof/covered.ts';
import { bindingText, termsText } from '../../proof/statement.ts';
import { Shown } from '../../shown/shown.tsx';
import { useDigest } from './digests.ts';
import { termsWords, usesText } from './words.tsx';

const LABELS: Record<string, string> = {
  'binding.agent': 'Agent', 'binding.on_behalf_of': 'On behalf of', 'binding.server': 'Server', 'binding.verb': 'Action',
  'binding.name': 'Name', 'binding.workflow': 'Workflow', 'binding.token': 'Policy token', 'binding.policy': 'Rule set',
  'binding.digest': 'Arguments', 'terms.roles': 'Roles that decide', 'terms.of': 'People needed', 'terms.uses': 'Uses at most',
  'terms.within_s': 'Time to decide', 'terms.escalate_to': 'Afterwards also', owner: 'Owner of the agent', nonce: 'Nonce',
  id: 'Approval', instance: 'Instance',
};
const ORDER = Object.keys(LABELS);
const rank = (name: string): number => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);   // unknown ones last

const Label = ({ name }: { name: string }): JSX.Element => (LABELS[name] ? <>{LABELS[name]}</> : <Shown text={name} />);

function Value({ name, value }: { name: string; value: unknown }): JSX.Element {
  if (value === undefined) return <span class="quiet">not there</span>;
  if (value === '') return <span class="quiet">{name === 'binding.name' ? 'none' : 'nobody'}</span>;
  if (name === 'terms.within_s' && Number.isSafeInteger(value)) return <span>{inFull(value as number)}</span>;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
    if (value.length === 0) return <span class="quiet">nobody</span>;
    return <span>{(value as string[]).map((one, at) => <Fragment key={at}>{at > 0 && ', '}<Shown text={one} /></Fragment>)}</span>;
  }
  return <Shown text={typeof value === 'string' ? value : JSON.stringify(value)} />;
}

/** For whom, whose agent, on which terms, and what rules ask of the call if it goes on. */
export function Asked({ call, obliged }: { call: HeldCall; obliged: string | undefined }): JSX.Element {
  const { terms } = call;
  return (
    <dl class="facts asked">
      <dt>On behalf of</dt><dd><Value name="binding.on_behalf_of" value={call.binding.on_behalf_of} /></dd>
      <dt>Owner of the agent</dt><dd><Value name="owner" value={call.owner} /></dd>
      <dt>Terms</dt>
      <dd>{`${termsWords(terms, terms.roles)}, within ${inFull(terms.within_s)}, for at most ${usesText(terms.uses)}`}
        {terms.escalate_to.length > 0 && <>{`; then for the same time again also `}<Value name="terms.escalate_to" value={terms.escalate_to} /></>}</dd>
      {obliged && <><dt>Obliged to</dt><dd><Shown text={obliged} class="words" /></dd></>}
      <dt>Asked</dt><dd>{dateTime(call.at)}</dd>
    </dl>
  );
}

/** A text of a statement, where the gateway's answer can be made one. */
function made(make: () => string): string | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

export function Facts({ call }: { call: HeldCall }): JSX.Element {
  const rows = membersOf(call).sort((a, b) => rank(a.name) - rank(b.name));
  const terms = useDigest(made(() => termsText(call.terms, call.owner)));
  const binding = useDigest(made(() => bindingText(call.binding)));
  return (
    <details class="card facts-card">
      <summary>Everything that a signature covers</summary>
      <dl class="facts">
        {rows.map(({ name, value }) => <Fragment key={name}><dt><Label name={name} /></dt><dd><Value name={name} value={value} /></dd></Fragment>)}
        <dt>Digest of terms and owner</dt><dd>{terms ? <Shown text={terms} /> : <span class="quiet">not reckoned</span>}</dd>
        <dt>Digest of the binding</dt><dd>{binding ? <Shown text={binding} /> : <span class="quiet">not reckoned</span>}</dd>
      </dl>
      <p class="quiet">And what whoever signs chooses: the decision, the arguments that go out, the uses and their end, in which role, with which key.</p>
    </details>
  );
}

/** What of it the gateway says otherwise than when it was shown. */
export function Altered({ list, onLooked }: { list: Difference[]; onLooked: () => void }): JSX.Element {
  return (
    <section class="card changed stack" aria-labelledby="altered">
      <h2 id="altered">What is asked changed while you looked</h2>
      <p class="note note-bad" role="alert"><Icon name="warn" />
        <span>The gateway now says otherwise what a signature covers. That never changes in an approval: ask whoever runs this gateway. Nothing is signed before you look again.</span></p>
      <div class="diffs">
        {[...list].sort((a, b) => rank(a.name) - rank(b.name)).map(({ name, from, to }) => (
          <div class="diff" key={name}>
            <div class="diff-name"><Label name={name} /></div>
            <div class="diff-from"><span class="diff-word">before</span><Value name={name} value={from} /></div>
            <div class="diff-to"><span class="diff-word">now</span><Value name={name} value={to} /></div>
          </div>))}
      </div>
      <div class="actions"><button type="button" onClick={onLooked}>I have looked at it again</button></div>
    </section>
  );
}
