// The editor of rules. Its product is text: to be reviewed, checked and signed elsewhere.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, asProblem, post } from '../../api/client.ts';
import type { RuleCheck, RuleFile } from '../../api/reads.ts';
import { announce } from '../../app/announce.ts';
import { saveText } from '../../parts/save.ts';
import { Badge, Command, ErrorState, isShellSafe } from '../../parts/states.tsx';
import { Shown } from '../../shown/shown.tsx';
import { spoken } from '../../shown/visible.ts';
import { type Line, changesOf, offsetOf } from './changes.ts';

interface Props {
  force: RuleFile[];
  files: RuleFile[];
  change: (files: RuleFile[] | null) => void;
}

function Found({ check, several, go }: { check: RuleCheck; several: boolean; go: (path: string, line: number, column: number) => void }): JSX.Element {
  const errors = check.problems.filter(({ severity }) => severity === 'error').length;
  return (
    <section class="card stack" aria-label="What the check found">
      <div class="card-head"><h2>Check</h2>
        {errors > 0 ? <Badge tone="bad">{`${errors} error${errors === 1 ? '' : 's'}`}</Badge> : <Badge tone="good">it loads</Badge>}</div>
      {check.problems.length === 0 && <p>Nothing to say about these rules.</p>}
      <ul class="plain problems">
        {check.problems.map((one, at) => (
          <li key={at} class={`problem-${one.severity}`}>
            <Badge tone={one.severity === 'error' ? 'bad' : one.severity === 'warning' ? 'wait' : 'quiet'}>{one.severity}</Badge>
            <button type="button" class="link" onClick={() => go(one.path, one.line, one.column)}>{several && <><Shown text={one.path} />{', '}</>}{`line ${one.line}, column ${one.column}`}</button>
            <Shown text={one.message} />
          </li>))}
      </ul>
      {check.digest && <p class="quiet">Digest of this set: <Shown text={check.digest} /></p>}
    </section>
  );
}

function Review({ changed, file }: { changed: Line[]; file: RuleFile }): JSX.Element {
  const name = isShellSafe(file.path) ? file.path : 'rules.yaml';
  return (
    <section class="card stack">
      <h2>For review</h2>
      <pre class="changes" tabIndex={0} role="region" aria-label="What changed">
        {changed.map((line, at) => (
          <span key={at} class={`changes-${line.is}`}>{`${{ same: ' ', added: '+', removed: '\u2212', left: ' ' }[line.is]} `}{line.text !== '' && <Shown text={line.text} />}{'\n'}</span>))}
      </pre>
      <p>This page puts nothing into force. Put the text into the rule file, then, where your operator key is:</p>
      <Command text={`pawl rules check ${name}`} />
      <Command text={`pawl rules replay ${name}`} />
      <Command text={`pawl rules sign ${name}`} />
      <p class="quiet">Raise <code>version</code> in the header first; after signing, <code>pawl rules reload</code> puts them into force.</p>
    </section>
  );
}

export function Editor({ force, files, change }: Props): JSX.Element {
  const [at, setAt] = useState(0);
  const [check, setCheck] = useState<RuleCheck | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  const file = files[at] ?? files[0];
  useEffect(() => setCheck(null), [files]);
  if (file === undefined) {
    return <p class="note">There is no rule file to edit. Name one under <code>rules</code> in pawl.yaml.</p>;
  }
  const before = force.find(({ path }) => path === file.path)?.text ?? '';
  const edit = (text: string): void => change(files.map((one) => (one === file ? { ...one, text } : one)));
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const found = await post<RuleCheck>('/api/v1/rules/check', { files });
      setCheck(found);
      setProblem(null);
      announce(found.problems.length === 0 ? 'Nothing to say about these rules.' : `${found.problems.length} found.`);
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  const go = (path: string, line: number, column: number): void => {
    const index = files.findIndex((one) => one.path === path);
    if (index < 0) return;
    setAt(index);
    setTimeout(() => {
      const field = area.current;
      if (field) {
        const place = offsetOf(field.value, line, column);
        field.focus();
        field.setSelectionRange(place, place);
        field.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(field).lineHeight));
      }
    });
  };
  const lines = file.text.split('\n').length;
  return (
    <div class="stack">
      <section class="card stack">
        <div class="card-head">
          {files.length > 1
            ? <div class="switch" role="group" aria-label="File">{files.map((one, index) => (
              <button type="button" class="small" key={one.path} aria-pressed={one === file} onClick={() => setAt(index)}><Shown text={one.path} /></button>))}</div>
            : <h2><Shown text={file.path} /></h2>}
          <span class="quiet">{file.text === before ? 'as in force' : 'changed here, not in force'}</span>
        </div>
        <div class="rule-editor">
          <div class="line-numbers" aria-hidden="true" ref={numbers}>{Array.from({ length: lines }, (_, n) => `${n + 1}`).join('\n')}</div>
          <textarea ref={area} value={file.text} rows={Math.min(30, Math.max(14, lines + 1))} spellcheck={false} wrap="off" aria-label={`Text of ${spoken(file.path)}`}
            onInput={(event) => edit(event.currentTarget.value)}
            onScroll={(event) => { if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop; }} />
        </div>
        <div class="row">
          <button type="button" class="primary" disabled={busy} onClick={() => void run()}>{busy ? 'Checking ...' : 'Check'}</button>
          <button type="button" onClick={() => saveText(file.path.split('/').pop() || 'rules.yaml', 'text/yaml', file.text)}>Save as a file</button>
          <button type="button" disabled={file.text === before} onClick={() => change(null)}>Back to what is in force</button>
        </div>
      </section>
      {problem && <ErrorState problem={problem} again={() => void run()} />}
      {check && <Found check={check} several={files.length > 1} go={go} />}
      {file.text !== before && <Review changed={changesOf(before, file.text)} file={file} />}
    </div>
  );
}
