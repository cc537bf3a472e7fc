// The exact arguments, twice: value by value as they are meant, and the text byte for byte as it is signed.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Badge } from '../../parts/states.tsx';
import { leaves, nameOf, NotJson, rawOf, readExact, type Change, type Exact, type Leaf } from '../../proof/exact_json.ts';
import { Shown, ShownBlock } from '../../shown/shown.tsx';

/** `text`, or why it is no JSON. */
export function parsed(text: string): { value: Exact } | { wrong: NotJson } {
  try {
    return { value: readExact(text) };
  } catch (error) {
    return { wrong: error instanceof NotJson ? error : new NotJson(String(error), 0) };
  }
}

/** A value of JSON text as it is meant: strings without their quotes and escapes. */
export function Meant({ raw }: { raw: string }): JSX.Element {
  if (raw.startsWith('"')) {
    try {
      return <Shown text={JSON.parse(raw) as string} />;
    } catch { /* Shown as it is. */ }
  }
  return <Shown text={raw} class="literal" />;
}

function Value({ value }: { value: Exact }): JSX.Element {
  switch (value.is) {
    case 'string': return <Shown text={value.text} />;
    case 'object': return <span class="quiet">no members</span>;
    case 'array': return <span class="quiet">no items</span>;
    default: return <Shown text={value.raw} class="literal" />;
  }
}

/** The arguments first, then what stands beside them; not the name that the page's title has. */
function rowsOf(read: { value: Exact } | { wrong: NotJson }, name: string): Leaf[] {
  const all = 'value' in read ? leaves(read.value) : [];
  const isArgument = ({ pointer }: Leaf): boolean => /^(\/arguments(\/|$)|$)/.test(pointer);
  return [...all.filter(isArgument),
    ...all.filter((one) => !isArgument(one) && !(one.pointer === '/name' && rawOf(one.value) === JSON.stringify(name)))];
}

export function Arguments({ text, name, unusual, label, onOpened }: { text: string; name: string; unusual: Set<string>; label: string; onOpened: () => void }): JSX.Element {
  const read = useMemo(() => parsed(text), [text]);
  const rows = useMemo(() => rowsOf(read, name), [read, name]);
  return (
    <div class="stack">
      {'wrong' in read && <p class="note note-bad" role="alert">These are not arguments in JSON: look at the text below.</p>}
      {rows.length > 0 && (
        <div class="values" role="table" aria-label={`${label}, value by value`}>
          {rows.map(({ pointer, value }) => (
            <div class={`value ${unusual.has(pointer) ? 'value-unusual' : ''}`} role="row" key={pointer}>
              <div role="rowheader" class="value-name"><Shown text={nameOf(pointer)} />{unusual.has(pointer) && <Badge tone="wait">unusual</Badge>}</div>
              <div role="cell" class="value-text"><Value value={value} /></div>
            </div>))}
        </div>)}
      <details class="exact" open={'wrong' in read || text.length < 400}>
        <summary>The exact text, as it is signed</summary>
        <ShownBlock text={text} label={label} onOpened={onOpened} />
      </details>
    </div>
  );
}

export function Differences({ list, from, to }: { list: Change[]; from: string; to: string }): JSX.Element {
  if (list.length === 0) return <p class="quiet">No value differs; only how the text is spelled.</p>;
  return (
    <div class="diffs">
      {list.map((one) => (
        <div class="diff" key={one.pointer}>
          <div class="diff-name"><Shown text={nameOf(one.pointer)} /></div>
          <div class="diff-from"><span class="diff-word">{from}</span>{one.from === undefined ? <span class="quiet">not there</span> : <Meant raw={one.from} />}</div>
          <div class="diff-to"><span class="diff-word">{to}</span>{one.to === undefined ? <span class="quiet">taken out</span> : <Meant raw={one.to} />}</div>
        </div>))}
    </div>
  );
}
