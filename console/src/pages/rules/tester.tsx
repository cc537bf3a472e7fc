// What the rules say to one call, and why: the rules in force, or those of the editor.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Problem, asProblem, post } from '../../api/client.ts';
import type { RuleFile, RuleTest } from '../../api/reads.ts';
import { announce } from '../../app/announce.ts';
import { toneOf } from '../../parts/outcome.ts';
import { Badge, ErrorState } from '../../parts/states.tsx';
import { readExact } from '../../proof/exact_json.ts';
import { Shown } from '../../shown/shown.tsx';

const FIELDS = [['agent', 'Agent'], ['on_behalf_of', 'On behalf of'], ['server', 'Server'], ['verb', 'Verb'],
  ['name', 'Tool or resource']] as const;
type Field = (typeof FIELDS)[number][0];
type Call = Record<Field, string> & { arguments: string };

const VALUES: Record<string, { sign: string; says: string }> = {
  true: { sign: '\u2713', says: 'holds' }, false: { sign: '\u2715', says: 'does not hold' },
  absent: { sign: '\u2013', says: 'is not there' }, undecidable: { sign: '?', says: 'cannot be decided' },
};

/** What is sent; null: the arguments do not read. */
function callOf(call: Call): Record<string, unknown> | null {
  const out: Record<string, unknown> = {};
  for (const [field] of FIELDS) {
    if (call[field] !== '') {
      out[field] = call[field];
    }
  }
  if (call.arguments.trim() !== '') {
    try {
      readExact(call.arguments);     // refuses a member that stands twice, as the gateway does
      out['arguments'] = JSON.parse(call.arguments) as unknown;
    } catch {
      return null;
    }
  }
  return out;
}

function Answer({ answer }: { answer: RuleTest }): JSX.Element {
  return (
    <section class="card stack" aria-label="Answer">
      <div class="card-head"><h2>Answer</h2><Badge tone={toneOf(answer.decision)}>{answer.decision}</Badge></div>
      <dl class="facts">
        <dt>By the rule</dt><dd>{answer.rule && answer.rule !== 'default' ? <Shown text={answer.rule} /> : <span class="quiet">none: what no rule allows is denied</span>}</dd>
        {answer.would && <><dt>Would have been</dt><dd><Shown text={answer.would} /></dd></>}
        {answer.reason && <><dt>Reason</dt><dd><Shown text={answer.reason} /></dd></>}
      </dl>
      {answer.atoms.length > 0 && (
        <div><h3>What was looked at</h3>
          <ul class="plain atoms">
            {answer.atoms.map((atom, at) => {
              const value = VALUES[String(atom.value)] ?? VALUES['undecidable']!;
              return (
                <li key={at} class={`atom atom-${String(atom.value)}`}><span class="step-sign" aria-hidden="true">{value.sign}</span>
                  <span><Shown text={atom.text} /> <span class="quiet">{value.says}{atom.found !== undefined && <>, found <Shown text={String(atom.found)} /></>}
                    {atom.rule && <> (<Shown text={atom.rule} />)</>}</span></span></li>);
            })}
          </ul></div>)}
    </section>
  );
}

export function Tester({ edited }: { edited: RuleFile[] | null }): JSX.Element {
  const [call, setCall] = useState<Call>({ agent: '', on_behalf_of: '', server: '', verb: 'tool.call', name: '', arguments: '' });
  const [mine, setMine] = useState(edited !== null);
  const [answer, setAnswer] = useState<RuleTest | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = callOf(call);
  // An answer stands beside the call that it is of, or not at all.
  const questions = useRef(0);
  const another = (): void => {
    questions.current += 1;
    setAnswer(null);
    setProblem(null);
  };
  const change = (part: Partial<Call>): void => {
    another();
    setCall({ ...call, ...part });
  };
  const ask = async (): Promise<void> => {
    const question = questions.current += 1;
    try {
      const found = await post<RuleTest>('/api/v1/rules/test',
        { ...(mine && edited ? { files: edited } : {}), call: asked });
      if (question !== questions.current) return;
      setAnswer(found);
      setProblem(null);
      announce(`${found.decision} by ${found.rule || 'no rule'}.`);
    } catch (error) {
      if (question !== questions.current) return;
      setAnswer(null);
      setProblem(asProblem(error));
    }
  };
  return (
    <div class="two">
      <form class="card stack" onSubmit={(event) => { event.preventDefault(); void ask(); }}>
        <h2>A call</h2>
        {FIELDS.map(([field, label]) => (
          <div class="field" key={field}><label for={`test-${field}`}>{label}</label>
            <input id={`test-${field}`} value={call[field]} autoComplete="off" spellcheck={false}
              onInput={(event) => change({ [field]: event.currentTarget.value })} /></div>))}
        <div class="field"><label for="test-arguments">Arguments, as JSON; empty: none</label>
          <textarea id="test-arguments" rows={4} spellcheck={false} value={call.arguments} aria-invalid={asked === null}
            onInput={(event) => change({ arguments: event.currentTarget.value })} />
          {asked === null && <span class="proof-error">This is not JSON yet.</span>}</div>
        {edited && <label class="check-line"><input type="checkbox" checked={mine} onChange={(event) => { another(); setMine(event.currentTarget.checked); }} /> By the rules of the editor, not those in force</label>}
        <div class="row"><button type="submit" class="primary" disabled={asked === null}>What do the rules say?</button></div>
      </form>
      <div class="stack">
        {problem && <ErrorState problem={problem} again={() => void ask()} />}
        {answer ? <Answer answer={answer} /> : !problem && <p class="quiet">Fill in what you know of a call. What is left out is absent, and an absent argument never makes a call allowed.</p>}
      </div>
    </div>
  );
}
