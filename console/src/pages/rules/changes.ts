// What differs between two texts, line by line, with a little of what stands around. Pure.

export interface Line {
  is: 'same' | 'added' | 'removed' | 'left';
  text: string;
}

const AROUND = 2;
const MOST = 2000;

/** Lengths of the longest common runs of lines of the ends of both. */
function common(a: string[], b: string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}

function between(a: string[], b: string[]): Line[] {
  if (a.length > MOST || b.length > MOST) {
    return [...a.map((text) => ({ is: 'removed', text }) as Line), ...b.map((text) => ({ is: 'added', text }) as Line)];
  }
  const table = common(a, b);
  const out: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ is: 'same', text: a[i]! });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && table[i + 1]![j]! >= table[i]![j + 1]!)) {
      out.push({ is: 'removed', text: a[i]! });
      i += 1;
    } else {
      out.push({ is: 'added', text: b[j]! });
      j += 1;
    }
  }
  return out;
}

/** The changed lines, each with two around it; what is left out stands as one line. */
export function changesOf(before: string, after: string): Line[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
    tail += 1;
  }
  const same = (texts: string[]): Line[] => texts.map((text) => ({ is: 'same', text }));
  const all = [...same(a.slice(0, head)), ...between(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail))];
  const near = all.map((_, at) => all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ is }) => is !== 'same'));
  const out: Line[] = [];
  for (const [at, line] of all.entries()) {
    if (near[at]) {
      out.push(line);
    } else if (out[out.length - 1]?.is !== 'left') {
      out.push({ is: 'left', text: '...' });
    }
  }
  return out;
}

/** Where a line and column, counted from 1, begin in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let count = 1; count < line; count += 1) {
    const next = text.indexOf('\n', at);
    if (next < 0) {
      break;
    }
    at = next + 1;
  }
  const end = text.indexOf('\n', at);
  return Math.min(at + Math.max(0, column - 1), end < 0 ? text.length : end);
}
