// What a terminal is given: which of its bytes would be acted on, or would not be seen.
// Source: Unicode 15, by the properties that the JavaScript engine knows; nothing of Pawl's own lists.

const CONTROL = /[\p{Cc}]/u;
const HIDDEN = /[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const BLANK = /[\p{Zs}\u2800\u{1d159}]/u;               // drawn as nothing, and no space of ASCII
const STACKED = /\p{M}{3}/u;                            // what the console marks, too

const LOOKS = { control: CONTROL, hidden: HIDDEN, blank: BLANK };
const place = (text, at) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 20));

/**
 * @param {string} bytes one a character ('latin1')
 * @returns {{text: string, faults: {is: string, code: string, where: string}[]}}
 */
export function seen(bytes) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return { text: '', faults: [{ is: 'not UTF-8', code: '', where: bytes.slice(0, 80) }] };
  }
  const faults = [];
  let at = 0;
  for (const one of text) {
    const code = one.codePointAt(0);
    if (one !== '\n' && one !== ' ' && (code < 0x20 || code > 0x7e)) {
      const is = Object.keys(LOOKS).find((name) => LOOKS[name].test(one));
      if (is !== undefined) faults.push({ is, code: code.toString(16), where: place(text, at) });
    }
    at += one.length;
  }
  const heap = STACKED.exec(text);
  if (heap) faults.push({ is: 'stacked', code: heap[0].codePointAt(2)?.toString(16), where: place(text, heap.index) });
  return { text, faults };
}

/** Lines that a text would add to what it stands in, where its line ends were not escaped. */
export const forged_lines = (text) => text.split(/[\n\r\u2028\u2029\u0085]+/).slice(1).filter((line) => line.trim().length > 2);
