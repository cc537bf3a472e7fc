// JSON as it is written: each number keeps its spelling, each member its place, a name twice is an error. Pure.
// JSON.parse would turn 9007199254740993 into another number, and show that one to the person who approves.
export type Exact =
  | { is: 'object'; members: [string, Exact][] }
  | { is: 'array'; items: Exact[] }
  | { is: 'string'; text: string; raw: string }
  | { is: 'number' | 'word'; raw: string };

export class NotJson extends Error {
  at: number;
  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

const MOST_DEEP = 128;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

class Reader {
  at = 0;
  text: string;
  constructor(text: string) { this.text = text; }

  space(): void { SPACE.lastIndex = this.at; SPACE.exec(this.text); this.at = SPACE.lastIndex; }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at = pattern.lastIndex;
    return found[0];
  }

  fail(what: string): never { throw new NotJson(what, this.at); }

  string(): { text: string; raw: string } {
    const raw = this.take(STRING);
    return raw === undefined ? this.fail('expected a string, closed on its line') : { raw, text: JSON.parse(raw) as string };
  }

  value(deep: number): Exact {
    if (deep > MOST_DEEP) this.fail('too deep');
    this.space();
    const first = this.text[this.at];
    if (first === '{') return this.object(deep);
    if (first === '[') return this.array(deep);
    if (first === '"') return { is: 'string', ...this.string() };
    for (const word of ['true', 'false', 'null']) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return { is: 'word', raw: word };
      }
    }
    const number = this.take(NUMBER);
    return number === undefined ? this.fail('expected a value') : { is: 'number', raw: number };
  }

  object(deep: number): Exact {
    const members: [string, Exact][] = [];
    const names = new Set<string>();
    this.at += 1;
    for (this.space(); this.text[this.at] !== '}'; this.space()) {
      if (members.length > 0) {
        if (this.text[this.at] !== ',') this.fail('expected , or }');
        this.at += 1;
        this.space();
      }
      const { text } = this.string();
      if (names.has(text)) this.fail(`the member ${JSON.stringify(text)} stands twice`);
      names.add(text);
      this.space();
      if (this.text[this.at] !== ':') this.fail('expected :');
      this.at += 1;
      members.push([text, this.value(deep + 1)]);
    }
    this.at += 1;
    return { is: 'object', members };
  }

  array(deep: number): Exact {
    const items: Exact[] = [];
    this.at += 1;
    for (this.space(); this.text[this.at] !== ']'; this.space()) {
      if (items.length > 0) {
        if (this.text[this.at] !== ',') this.fail('expected , or ]');
        this.at += 1;
      }
      items.push(this.value(deep + 1));
    }
    this.at += 1;
    return { is: 'array', items };
  }
}

/** Throws NotJson with the place. */
export function readExact(text: string): Exact {
  const reader = new Reader(text);
  const out = reader.value(0);
  reader.space();
  if (reader.at < text.length) reader.fail('something stands behind the end');
  return out;
}

/** Line and column (from 1) of a place, for the message. */
export function lineOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before[before.length - 1]!.length + 1 };
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * The name of a value for people, one for each pointer: `a/b` is b of a, `"a/b"` one member of that name, and `/a` stands
 * beside the arguments, not in them.
 */
export function nameOf(pointer: string): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (part === '' || /[/"]/.test(part) ? JSON.stringify(part) : part));
  if (parts.length === 0) return 'params';
  return parts[0] === 'arguments' ? parts.slice(1).join('/') || 'arguments' : `/${parts.join('/')}`;
}

export interface Leaf { pointer: string; value: Exact }

/** Every value that has no members, in order, with its JSON Pointer (RFC 6901). Empty objects and arrays count. */
export function leaves(value: Exact, pointer = ''): Leaf[] {
  if (value.is === 'object' && value.members.length) {
    return value.members.flatMap(([name, one]) => leaves(one, `${pointer}/${escaped(name)}`));
  }
  if (value.is === 'array' && value.items.length) {
    return value.items.flatMap((one, at) => leaves(one, `${pointer}/${at}`));
  }
  return [{ pointer, value }];
}

/** How a value is written. Objects and arrays: empty ones only, see leaves(). */
export const rawOf = (value: Exact): string => (value.is === 'object' ? '{}' : value.is === 'array' ? '[]' : value.raw);

export interface Change { pointer: string; from?: string; to?: string }

/** What differs, by pointer: added, gone, or written otherwise. */
export function changes(from: Exact, to: Exact): Change[] {
  const before = new Map(leaves(from).map(({ pointer, value }) => [pointer, rawOf(value)]));
  const after = new Map(leaves(to).map(({ pointer, value }) => [pointer, rawOf(value)]));
  const out: Change[] = [];
  for (const [pointer, raw] of before) {
    const now = after.get(pointer);
    if (now !== raw) out.push(now === undefined ? { pointer, from: raw } : { pointer, from: raw, to: now });
  }
  for (const [pointer, raw] of after) {
    if (!before.has(pointer)) out.push({ pointer, to: raw });
  }
  return out;
}
