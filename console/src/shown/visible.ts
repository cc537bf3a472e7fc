// Text that somebody else wrote, as pieces that can be shown without hiding or turning anything. Pure; no DOM.
//
// Contract: the pieces' `raw` one behind the other are the text, always (a test holds it to that).
// Not errors: any text at all, also half characters and a megabyte of the same letter.
// Example:  visible('a\u202eb').pieces -> text "a", mark U+202E, text "b"
import { codeName, describe, hazardOf, hazardText, isLetter, isMark, looksLike, runsLeft, scriptOf, twinOf, type Hazard }
  from './characters.ts';

export type Piece =
  | { is: 'text'; raw: string }
  | { is: 'left'; raw: string }                                        // runs from right to left: set apart
  | { is: 'mark'; raw: string; hazard: Hazard; label: string; title: string }
  | { is: 'break'; raw: string }                                       // line feed
  | { is: 'tab'; raw: string }
  | { is: 'run'; raw: string; count: number; what: string };           // the same, many times

export interface Shown {
  pieces: Piece[];
  characters: number;
  bytes: number;                                                       // UTF-8
  found: Partial<Record<Hazard | 'run', number>>;
}

const FEWEST_OF_RUN = 32, LONGEST_PERIOD = 8, MOST_MARKS = 2;

export function utf8Size(text: string): number {
  let size = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) size += 1;
    else if (unit < 0x800) size += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) { size += 4; at += 1; }
    else size += 3;
  }
  return size;
}

/** 1048576 -> "1.0 MiB". */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** How long the text repeats its first `period` units from `at` on, in units. */
function repeats(text: string, at: number, period: number): number {
  let end = at + period;
  while (end < text.length && text.charCodeAt(end) === text.charCodeAt(end - period)) end += 1;
  return end - at - ((end - at) % period);
}

/** A run of one pattern that begins here: its length in units and its pattern, or undefined. */
function runAt(text: string, at: number): { length: number; pattern: string } | undefined {
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    // A quick look first: most text repeats nothing.
    if (text.charCodeAt(at) !== text.charCodeAt(at + period)) continue;
    const length = repeats(text, at, period);
    if (length / period < FEWEST_OF_RUN) continue;
    const pattern = text.slice(at, at + period);
    const halves = /^[\udc00-\udfff]|[\ud800-\udbff]$/.test(pattern);
    if (!halves || period === 1) return { length, pattern };
  }
  return undefined;
}

function patternText(pattern: string): string {
  const names = [...pattern].map((one) => {
    const code = one.codePointAt(0)!;
    return code > 0x20 && code < 0x7f ? one : describe(code).replace(/^U\+0020 /, '');
  });
  return names.length === 1 ? (names[0]!.length === 1 ? `"${names[0]}"` : names[0]!)
    : names.every((one) => one.length === 1) ? `"${names.join('')}"` : names.join(', ');
}

function mark(raw: string, hazard: Hazard, more = ''): Piece {
  const code = raw.codePointAt(0)!;
  return { is: 'mark', raw, hazard, label: more ? `${raw} ${codeName(code)}` : codeName(code),
    title: `${describe(code)}: ${more || hazardText(hazard)}` };
}

const WORD = /[\p{L}\p{M}\p{N}_]/u;

/** Where letters of a word deceive: other scripts among Latin ones, or a whole word drawn as if it were Latin. */
function deceiving(word: string[]): Map<number, string> {
  const out = new Map<number, string>();
  const letters = word.map((one, at) => ({ one, at })).filter(({ one }) => isLetter(one));
  const foreign = letters.filter(({ one }) => scriptOf(one) !== 'Latin');
  if (foreign.length === 0) return out;
  const scripts = new Set(letters.map(({ one }) => scriptOf(one)));
  const asian = [...scripts].every((name) => ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Latin'].includes(name));
  const twins = foreign.filter(({ one }) => twinOf(one.codePointAt(0)!) !== undefined);
  const whole = foreign.length === letters.length && twins.length === letters.length && letters.length > 1;
  const mixed = scripts.size > 1 && !asian;
  if (!whole && !mixed) return out;
  for (const { one, at } of mixed && scripts.has('Latin') ? foreign : whole ? letters : foreign.filter(({ one: letter }) =>
    twinOf(letter.codePointAt(0)!) !== undefined)) {
    const twin = twinOf(one.codePointAt(0)!);
    out.set(at, `${scriptOf(one)} letter${twin ? ` drawn like "${twin}"` : ' among others'}`);
  }
  return out;
}

class Builder {
  pieces: Piece[] = [];
  found: Shown['found'] = {};
  private plain: string[] = [];

  push(piece: Piece): void { this.flush(); this.pieces.push(piece); }
  text(character: string): void { this.plain.push(character); }
  count(what: Hazard | 'run'): void { this.found[what] = (this.found[what] ?? 0) + 1; }
  flush(): void {
    if (this.plain.length === 0) return;
    this.pieces.push({ is: 'text', raw: this.plain.join('') });
    this.plain = [];
  }
}

function pushWord(out: Builder, word: string[]): void {
  const lies = word.every((one) => one < '\u0080') ? undefined : deceiving(word);
  let marks = 0, left: string[] = [];
  const endLeft = (): void => { if (left.length) out.push({ is: 'left', raw: left.join('') }); left = []; };
  word.forEach((one, at) => {
    const code = one.codePointAt(0)!;
    const lie = lies?.get(at);
    marks = isMark(one) ? marks + 1 : 0;
    if (lie) {
      endLeft();
      out.count('lookalike');
      out.push(mark(one, 'lookalike', lie));
    } else if (marks > MOST_MARKS) {
      endLeft();
      out.count('stacked');
      out.push(mark(one, 'stacked'));
    } else if (code > 0x7f && hazardOf(code)) {
      endLeft();
      pushHazard(out, one, hazardOf(code)!);
    } else if (runsLeft(one) || (left.length && isMark(one))) {
      left.push(one);
    } else {
      endLeft();
      out.text(one);
    }
  });
  endLeft();
}

function pushHazard(out: Builder, one: string, hazard: Hazard): void {
  const like = hazard === 'lookalike' ? looksLike(one.codePointAt(0)!) : undefined;
  out.count(hazard);
  out.push(mark(one, hazard, like ? `drawn like "${like}"` : ''));
}

export function visible(text: string): Shown {
  const out = new Builder();
  let characters = 0;
  let word: string[] = [];
  const endWord = (): void => { if (word.length) pushWord(out, word); word = []; };
  for (let at = 0; at < text.length;) {
    const run = runAt(text, at);
    if (run) {
      endWord();
      out.count('run');
      out.push({ is: 'run', raw: text.slice(at, at + run.length), count: run.length / run.pattern.length,
        what: patternText(run.pattern) });
      characters += [...run.pattern].length * (run.length / run.pattern.length);
      at += run.length;
      continue;
    }
    const code = text.codePointAt(at)!;
    const one = String.fromCodePoint(code);
    at += one.length;
    characters += 1;
    if (WORD.test(one)) { word.push(one); continue; }
    endWord();
    const hazard = hazardOf(code);
    if (code === 0x0a) out.push({ is: 'break', raw: one });
    else if (code === 0x09) out.push({ is: 'tab', raw: one });
    else if (hazard) pushHazard(out, one, hazard);
    else out.text(one);
  }
  endWord();
  out.flush();
  return { pieces: out.pieces, characters, bytes: utf8Size(text), found: out.found };
}

/** One line of plain text with the same marks in words: for titles, labels and what is heard. */
export function spoken(text: string, longest = 200): string {
  const whole = visible(text.slice(0, longest * 4)).pieces.map((piece) =>
    piece.is === 'mark' ? `[${piece.label}]` : piece.is === 'break' ? '[line feed]' : piece.is === 'tab' ? '[tab]'
      : piece.is === 'run' ? `[${piece.count} times ${piece.what}]` : piece.raw).join('');
  return whole.length > longest || text.length > longest * 4 ? `${whole.slice(0, longest)}... (${sizeText(utf8Size(text))})` : whole;
}

/** What was found, as a sentence for people; empty: nothing. */
export function warning(found: Shown['found']): string {
  const words: [keyof Shown['found'], string][] = [
    ['bidi', 'characters that turn the direction of text'], ['invisible', 'invisible characters'],
    ['control', 'control characters'], ['space', 'unusual spaces'], ['lookalike', 'look-alike letters'],
    ['stacked', 'stacked marks'], ['broken', 'broken characters'], ['run', 'long repetitions']];
  const parts = words.filter(([what]) => found[what]).map(([what, name]) => {
    const count = found[what]!;
    return `${count.toLocaleString('en')} ${count === 1 ? name.replace(/s( |$)/, '$1').replace('that turn ', 'that turns ') : name}`;
  });
  return parts.join(', ');
}
