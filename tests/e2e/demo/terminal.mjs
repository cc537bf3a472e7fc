// What the story prints: titles, paragraphs, commands and their output, at most 100 columns wide.
// Colors appear on a terminal only, and not when NO_COLOR is set.

const WIDTH = 100;
const TAB = 8;
const colored = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code) => (text) => colored ? `\x1b[${code}m${text}\x1b[0m` : text;
const bold = paint('1');
const dim = paint('2');
const cyan = paint('36');
const green = paint('32');
const red = paint('31');

// One line as several of at most `width`; broken at a blank where there is one.
function broken(line, width) {
  const out = [];
  let rest = line.trimEnd();
  const indent = /^ */.exec(rest)[0] + (rest.startsWith(' ') ? '' : '  ');
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const at = blank > width / 2 ? blank : width;
    out.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...out, rest];
}

let last = '';  // what kind of thing was printed last: calls stand together, all else apart

function print(text, { indent = 0, style = (line) => line } = {}) {
  const margin = ' '.repeat(indent);
  for (const line of text.replaceAll('\t', ' '.repeat(TAB)).replace(/\n+$/, '').split('\n')) {
    for (const part of broken(line, WIDTH - indent)) {
      process.stdout.write(part === '' ? '\n' : `${margin}${style(part)}\n`);
    }
  }
}

/** The head of a chapter. */
export function title(text) {
  last = 'title';
  print(`\n${'-'.repeat(WIDTH)}\n${text}`, { style: bold });
}

/** A paragraph; line ends inside of it do not count. */
export function say(text) {
  last = 'text';
  const words = text.trim().split(/\s+/);
  const lines = [''];
  for (const word of words) {
    const line = lines.at(-1);
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
  }
  print(`\n${lines.join('\n')}`);
}

/** A command as a person types it. @param {string[]} words */
export function command(...words) {
  last = 'command';
  const quoted = words.map((word) => /^[\w./:@=$&~%+<-]+$/.test(word) ? word : `"${word}"`);
  print(`\n$ ${quoted.join(' ')}`, { indent: 2, style: cyan });
}

/** What a command printed, or a file's text. */
export function output(text) {
  print(text, { indent: 4, style: dim });
}

/** A line in the place of the one before, where that was of this kind, too: for a terminal only. */
export function renewed(text) {
  if (last === 'renewed') {
    process.stdout.write('\x1b[1A\x1b[2K');
  }
  last = 'renewed';
  print(text, { indent: 4, style: bold });
}

const MARKS = { ok: green, refused: red, waits: cyan };

/** What an agent asked for and got. @param {keyof MARKS} mark */
export function call(agent, what, mark, answer) {
  print(`${last === 'call' ? '' : '\n'}${agent.padEnd(8)}${what}`, { indent: 2 });
  last = 'call';
  const lines = answer.trimEnd().split('\n');
  print(lines.map((line, n) => (n === 0 ? mark : '').padEnd(9) + line).join('\n'),
    { indent: 10, style: MARKS[mark] });
}

/** Rows under a head, columns as wide as needed. @param {string[][]} rows */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  print(`\n${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '))
    .join('\n')}`, { indent: 2 });
}

/** The story broke. */
export function failed(text) {
  print(`\n${text}`, { style: red });
}
