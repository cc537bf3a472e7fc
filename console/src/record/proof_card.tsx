// Whether the record holds: checked here, step by step, by the browser itself. Success looks like success
// only when the keys are the reader's own; what could not be checked never does.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/icons.tsx';
import { Badge, Command, type Tone } from '../parts/states.tsx';
import { Shown } from '../shown/shown.tsx';
import type { Answer } from '../proof/answer.ts';
import { type Checked, type ProvenRecord, type Step, type Verdict, checkRecord, verifyCommands }
  from '../proof/check.ts';
import { bringTrust, dropTrust, useTrust } from './own_trust.ts';

const VERDICTS: Record<Verdict, { tone: Tone; word: string; says: string }> = {
  proven: { tone: 'good', word: 'Proven',
    says: 'Everything was checked in this browser, with the keys of your trust file.' },
  consistent: { tone: 'info', word: 'Consistent',
    says: 'Everything fits, by the keys that this server itself names. That shows no forgery by others; to '
      + 'rule out the server, too, bring your own trust file.' },
  undecided: { tone: 'wait', word: 'Not checked',
    says: 'Nothing is wrong, but something could not be checked here.' },
  bad: { tone: 'bad', word: 'Does not hold',
    says: 'Do not rely on this record. Keep this page and verify on a machine that you trust.' },
};

const NAMES: Record<Step['name'], string> = {
  words: 'What it says', signature: 'Signature of the record', entry: 'Entry of the log',
  place: 'Place in the log', checkpoint: 'Signature of the log', keys: 'Whose keys',
};

const SIGNS: Record<Answer, { sign: string; word: string }> = {
  good: { sign: '\u2713', word: 'holds' }, bad: { sign: '\u2715', word: 'wrong' },
  unknown: { sign: '?', word: 'not checked' },
};

export function useChecked(record: ProvenRecord): Checked | null {
  const trust = useTrust();
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let current = true;
    setChecked(null);
    void checkRecord(record, trust).then((found) => current && setChecked(found));
    return () => { current = false; };
  }, [record, trust]);
  return checked;
}

function TrustFile(): JSX.Element {
  const trust = useTrust();
  const [error, setError] = useState('');
  const choose = (input: HTMLInputElement): void => {
    const file = input.files?.[0];
    input.value = '';
    if (file) {
      void file.text().then(bringTrust).then((why) => setError(why ?? ''));
    }
  };
  return (
    <div class="row">
      <label class="button small" for="trust-file">{trust ? 'Another trust file' : 'Bring your trust file'}
        <input id="trust-file" class="heard" type="file" accept=".trust,.json,application/json"
          onChange={(event) => choose(event.currentTarget)} />
      </label>
      {trust && <button type="button" class="small" onClick={dropTrust}>Forget it</button>}
      <span class="quiet">{trust ? <>Log: <Shown text={trust.log.split('+')[0] ?? ''} /></>
        : <>From <code>pawl trust pin --print</code>, on the machine that you trust. It stays in this browser.</>}
      </span>
      {error && <span class="proof-error" role="alert">{`Not taken: ${error}.`}</span>}
    </div>
  );
}

export function ProofCard({ id, checked }: { id: string; checked: Checked | null }): JSX.Element {
  const verdict = checked && VERDICTS[checked.verdict];
  return (
    <section class="card stack" aria-labelledby="proof-title" data-verdict={checked?.verdict ?? 'checking'}>
      <div class="card-head">
        <h2 id="proof-title">Proof</h2>
        <span role="status">{verdict ? <Badge tone={verdict.tone}>{verdict.word}</Badge> : 'Checking ...'}</span>
      </div>
      {verdict && <p>{verdict.says}</p>}
      <ol class="steps">
        {checked?.steps.map((step) => (
          <li key={step.name} class={`step step-${step.answer}`}>
            <span class="step-sign" aria-hidden="true">{SIGNS[step.answer].sign}</span>
            <span><strong>{NAMES[step.name]}</strong>
              <span class="heard">{`: ${SIGNS[step.answer].word}. `}</span>
              <span class="step-why"><Shown text={step.why} class="words" /></span></span>
          </li>))}
      </ol>
      <TrustFile />
      <details>
        <summary><Icon name="key" /> Without this page</summary>
        <div class="stack details-body">
          <p class="quiet">A browser shows what it was given. On a machine that you trust:</p>
          {verifyCommands(id).map((command) => <Command key={command} text={command} />)}
          <p class="quiet">Not checked here: whether the key was valid when it signed, and whether everybody is
            shown the same log.</p>
        </div>
      </details>
    </section>
  );
}
