// Components for text that agents, servers and other people wrote. Text nodes only, never HTML; nothing that it
// contains can hide, turn or move what stands around it, and everything in it can be looked at.
//
//   <Shown text={name} />                  in a line: names, short values; folded after 200 characters
//   <ShownBlock text={params} />           as a block: exact text with lines, folds, its size and what was found
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { sizeText, utf8Size, visible, warning, type Piece, type Shown as Seen } from './visible.ts';

const PAGE = 4000;          // characters of one step
const ENDS = 1500;          // of a long text, shown of each end

function Run({ piece }: { piece: Extract<Piece, { is: 'run' }> }): JSX.Element {
  const [open, setOpen] = useState(0);
  const bytes = utf8Size(piece.raw);
  const label = `${piece.count.toLocaleString('en')} \u00d7 ${piece.what} \u00b7 ${sizeText(bytes)}`;
  return (
    <span class="run">
      <button type="button" class="fold" aria-expanded={open > 0} onClick={() => setOpen(open ? 0 : PAGE)}>{label}</button>
      {open > 0 && <span class="run-text">{pieces(plain(piece.raw.slice(0, open)))}</span>}
      {open > 0 && open < piece.raw.length && (
        <button type="button" class="fold" onClick={() => setOpen(open + PAGE * 4)}>
          {`${sizeText(utf8Size(piece.raw.slice(open)))} more of the same`}
        </button>)}
    </span>
  );
}

// The pieces of a run, without looking for runs in it again.
function plain(raw: string): Piece[] {
  const out: Piece[] = [];
  for (let at = 0; at < raw.length; at += 31) out.push(...visible(raw.slice(at, at + 31)).pieces);
  return out;
}

function pieces(list: Piece[]): JSX.Element[] {
  return list.map((piece, at) => {
    switch (piece.is) {
      case 'text': return <span key={at}>{piece.raw}</span>;
      case 'left': return <bdi key={at} class="left">{piece.raw}</bdi>;
      case 'break': return <span key={at} class="break"><span class="sign" aria-hidden="true">{'\u21b5'}</span>{'\n'}</span>;
      case 'tab': return <span key={at} class="tab"><span class="sign" aria-hidden="true">{'\u2192'}</span>{'\t'}</span>;
      case 'run': return <Run key={at} piece={piece} />;
      default: return <mark key={at} class={`mark mark-${piece.hazard}`} title={piece.title}>{piece.label}</mark>;
    }
  });
}

const RUN_COST = 40;

/** The pieces that cost at most `most`, and the rest; a text is cut between characters. */
function take(list: Piece[], most: number): { now: Piece[]; rest: Piece[] } {
  let left = most;
  for (let at = 0; at < list.length; at += 1) {
    const piece = list[at]!;
    const cost = piece.is === 'run' ? RUN_COST : piece.raw.length;
    if (cost > left) {
      if (piece.is !== 'text') return { now: list.slice(0, at), rest: list.slice(at) };
      const edge = /[\ud800-\udbff]/.test(piece.raw[left - 1] ?? '') ? left - 1 : left;
      return { now: [...list.slice(0, at), { is: 'text', raw: piece.raw.slice(0, edge) }],
        rest: [{ is: 'text', raw: piece.raw.slice(edge) }, ...list.slice(at + 1)] };
    }
    left -= cost;
  }
  return { now: list, rest: [] };
}

/** A long text in three parts: both ends, and the middle. */
function cut(list: Piece[], first: number, last: number): { head: Piece[]; middle: Piece[]; tail: Piece[] } {
  const { now: head, rest: middle } = take(list, first);
  const tail: Piece[] = [];
  for (let left = last; middle.length > 0;) {
    const piece = middle[middle.length - 1]!;
    const cost = piece.is === 'run' ? RUN_COST : piece.raw.length;
    if (cost > left) {
      if (piece.is === 'text') {
        let edge = piece.raw.length - left;
        if (/[\udc00-\udfff]/.test(piece.raw[edge] ?? '')) edge += 1;
        middle[middle.length - 1] = { is: 'text', raw: piece.raw.slice(0, edge) };
        tail.unshift({ is: 'text', raw: piece.raw.slice(edge) });
      }
      break;
    }
    left -= cost;
    tail.unshift(piece);
    middle.pop();
  }
  return { head, middle, tail };
}

const split = (seen: Seen): { head: Piece[]; middle: Piece[]; tail: Piece[] } =>
  (costOf(seen.pieces) <= ENDS * 2 + PAGE / 4 ? { head: seen.pieces, middle: [], tail: [] } : cut(seen.pieces, ENDS, ENDS));

const rawOf = (list: Piece[]): string => list.map((piece) => piece.raw).join('');

function Body({ seen, onOpened }: { seen: Seen; onOpened?: () => void }): JSX.Element {
  const parts = useMemo(() => split(seen), [seen]);
  const [open, setOpen] = useState(0);
  if (parts.middle.length === 0) return <>{pieces(parts.head)}</>;
  const { now, rest } = take(parts.middle, open);
  const hidden = utf8Size(rawOf(rest));
  return (
    <>
      {pieces(parts.head)}
      {pieces(now)}
      {hidden > 0 && (
        <button type="button" class="fold fold-middle"
          onClick={() => {
            const next = open === 0 ? PAGE : open * 4;
            if (take(parts.middle, next).rest.length === 0) onOpened?.();
            setOpen(next);
          }}>
          {`${sizeText(hidden)} not shown here: show more`}
        </button>)}
      {pieces(parts.tail)}
    </>
  );
}

/** Is there a middle that a reader has to open? */
export const hasMiddle = (text: string): boolean => text.length > ENDS * 2 && split(visible(text)).middle.length > 0;

const LINE = 200, LINE_HEAD = 140, LINE_TAIL = 40;
const costOf = (list: Piece[]): number => list.reduce((sum, piece) => sum + (piece.is === 'run' ? RUN_COST : piece.raw.length), 0);

export function Shown({ text, class: name = '' }: { text: string; class?: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  const seen = useMemo(() => visible(text), [text]);
  const ends = useMemo(() => (costOf(seen.pieces) > LINE ? cut(seen.pieces, LINE_HEAD, LINE_TAIL) : undefined), [seen]);
  if (text === '') return <span class="shown nothing">empty</span>;
  if (!ends || open) return <span class={`shown ${name}`} dir="ltr">{open ? <Body seen={seen} /> : pieces(seen.pieces)}</span>;
  return (
    <span class={`shown ${name}`} dir="ltr">
      {pieces(ends.head)}
      <button type="button" class="fold" onClick={() => setOpen(true)}>{`${sizeText(utf8Size(rawOf(ends.middle)))} more: show`}</button>
      {pieces(ends.tail)}
    </span>
  );
}

export function ShownBlock({ text, label, onOpened }: { text: string; label: string; onOpened?: () => void }): JSX.Element {
  const seen = useMemo(() => visible(text), [text]);
  const warns = warning(seen.found);
  return (
    <div class="shown-block">
      {warns && <p class="shown-warning"><span class="sign" aria-hidden="true">!</span>{` Contains ${warns}. Each is marked.`}</p>}
      <pre class="shown" dir="ltr" tabIndex={0} role="region" aria-label={label}><Body seen={seen} onOpened={onOpened} /></pre>
      <p class="shown-size">{`${seen.characters.toLocaleString('en')} character${seen.characters === 1 ? '' : 's'}, ${sizeText(seen.bytes)}`}</p>
    </div>
  );
}
