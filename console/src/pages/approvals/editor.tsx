// Changing the arguments before they are approved. What is written here goes out byte for byte, if enough people sign it.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { changes, lineOf, rawOf, type Exact } from '../../proof/exact_json.ts';
import { ShownBlock } from '../../shown/shown.tsx';
import { visible, warning } from '../../shown/visible.ts';
import { Differences, parsed } from './arguments.tsx';

const member = (value: Exact, name: string): Exact | undefined =>
  (value.is === 'object' ? value.members.find(([one]) => one === name)?.[1] : undefined);

/** Why this text cannot go out in place of the other; empty: it can. */
function wrongWith(before: string, text: string): string {
  const was = parsed(before), now = parsed(text);
  if ('wrong' in now) {
    const { line, column } = lineOf(text, now.wrong.at);
    return `Line ${line}, column ${column}: ${now.wrong.message}.`;
  }
  if (now.value.is !== 'object') return 'It has to be an object.';
  if ('value' in was) {
    for (const name of ['name', 'uri']) {
      const [a, b] = [member(was.value, name), member(now.value, name)];
      if ((a && rawOf(a)) !== (b && rawOf(b))) return `"${name}" cannot be changed: that would be another call.`;
    }
  }
  return '';
}

export function Editor({ requested, start, onUse, onCancel }: { requested: string; start: string; onUse: (text: string) => void; onCancel: () => void }): JSX.Element {
  const [text, setText] = useState(start);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  const wrong = useMemo(() => wrongWith(requested, text), [requested, text]);
  const differs = useMemo(() => {
    const was = parsed(requested), now = parsed(text);
    return 'value' in was && 'value' in now ? changes(was.value, now.value) : [];
  }, [requested, text]);
  const hides = useMemo(() => warning(visible(text).found), [text]);
  return (
    <div class="editor stack">
      <label for="editor">The exact text that may go out</label>
      <textarea id="editor" ref={area} dir="ltr" rows={Math.min(18, 4 + text.split('\n').length)} spellcheck={false} value={text}
        aria-invalid={wrong !== ''} aria-describedby="editor-wrong" onInput={(event) => setText(event.currentTarget.value)} />
      <p id="editor-wrong" class={wrong ? 'note note-bad' : 'quiet'} role="status">
        {wrong || (text === requested ? 'Nothing is changed yet.' : 'This can be signed. Whoever signed before has to sign again.')}</p>
      {hides && <ShownBlock text={text} label="The changed text, made visible" />}
      {!wrong && text !== requested && <Differences list={differs} from="asked" to="yours" />}
      <div class="actions">
        <button type="button" class="primary" disabled={wrong !== '' || text === requested} onClick={() => onUse(text)}>Use these arguments</button>
        <button type="button" onClick={onCancel}>Leave them as they were asked</button>
      </div>
    </div>
  );
}
