// The corpus of texts that deceive (tests/vectors/hostile_text.json), for the terminal and for the console.
//
//   {category, name, text, shows, marks}
//     shows: a part that a reader has to see, wherever the text is shown; absent: no gateway takes the text
//     marks: what the console marks, [hazard, code point, how often in a row]; absent where the text is long

import { readFileSync } from 'node:fs';

const { texts } = JSON.parse(readFileSync(new URL('../../vectors/hostile_text.json', import.meta.url), 'utf8'));

export const HOSTILE_TEXTS = texts.map(({ text, parts, ...more }) => ({ ...more,
  text: text ?? parts.map(([part, times]) => part.repeat(times)).join('') }));

const LONG = ['long', 'padding'];

/** Those that are a line or two, and those that are long. */
export const SHORT_TEXTS = HOSTILE_TEXTS.filter(({ category }) => !LONG.includes(category));
export const LONG_TEXTS = HOSTILE_TEXTS.filter(({ category }) => LONG.includes(category));

/** Half a character is no text: what has one is refused. */
export const is_text = ({ text }) => text.isWellFormed();
