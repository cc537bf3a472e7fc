// Text made visible: nothing is lost, nothing hidden stays hidden, and harmless text is left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeText, spoken, utf8Size, visible } from '../../console/src/shown/visible.ts';
import { HOSTILE_TEXTS, LONG_TEXTS, SHORT_TEXTS } from '../e2e/support/hostile_text.mjs';

const marks = (text) => visible(text).pieces.filter(({ is }) => is === 'mark').map(({ raw, hazard }) => [hazard, raw.codePointAt(0).toString(16)]);
const joined = (text) => visible(text).pieces.map(({ raw }) => raw).join('');

const PLAIN = ['', 'plain', 'a\tb\nc', 'caf\u00e9 na\u00efve \u00fcber', '\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8', '\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440',
  '\u03b1\u03bb\u03c6\u03ac\u03b2\u03b7\u03c4\u03bf', '\ud83d\ude00 ok', 'x\u00b2 \u00bd', '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35', '{"a":[1,2,{"b":"c"}]}'];

test('harmless text of many scripts has no marks', () => {
  for (const text of PLAIN) assert.deepEqual(marks(text), [], text);
});

test('the pieces are the text, whatever it is', () => {
  const alphabet = ['a', ' ', '\n', '\u202e', '\u0430', '\u0301', '\ud800', '\udc00', '\u{1f600}', '\u200b', '\u05d0', '"', 'ab'.repeat(40), '\u3000', '0'];
  let seed = 7;
  const random = (below) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % below; };
  for (const text of [...PLAIN, ...HOSTILE_TEXTS.map((one) => one.text)]) assert.equal(joined(text), text);
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('');
    assert.equal(joined(text), text, JSON.stringify(text));
  }
});

test('each hostile text is marked where it deceives, as the corpus says', () => {
  for (const { name, text, marks: expected } of SHORT_TEXTS) {
    assert.ok(Array.isArray(expected), `${name} says what is marked`);
    const each = expected.flatMap(([hazard, code, times = 1]) => Array.from({ length: times }, () => [hazard, code]));
    assert.deepEqual(marks(text), each, name);
  }
});

test('of a long text the runs are told, and the part that matters is shown', () => {
  for (const { name, text, shows } of LONG_TEXTS) {
    const { pieces } = visible(text);
    assert.ok(pieces.some(({ is, raw }) => is === 'text' && raw.includes(shows)), name);
  }
});

test('every character that Unicode calls invisible or of control is marked', () => {
  const hidden = /[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}\p{Co}]/u;
  let count = 0;
  for (let code = 0; code <= 0x10ffff; code += code >= 0xf0000 ? 997 : 1) {
    if ((code >= 0xd800 && code < 0xe000) || code === 0x09 || code === 0x0a) continue;
    const one = String.fromCodePoint(code);
    if (!hidden.test(one)) continue;
    count += 1;
    assert.equal(marks(`a${one}b`).length, 1, code.toString(16));
  }
  assert.ok(count > 5000);
});

test('words that run from right to left are set apart, and move nothing else', () => {
  const { pieces } = visible(SHORT_TEXTS.find(({ name }) => name === 'right to left words').text);
  assert.deepEqual(pieces.map(({ is }) => is), ['text', 'left', 'text', 'left', 'text']);
});

test('a megabyte of padding is one piece with its size, and what stands in it is seen', () => {
  const began = performance.now();
  const seen = visible(`${' '.repeat(1 << 20)}rm -rf /home${'\u200b'.repeat(5000)}${'ab'.repeat(3000)}end`);
  assert.ok(performance.now() - began < 3000);
  assert.deepEqual(seen.pieces.map(({ is, raw, count, what }) => [is, count ?? raw, what]), [
    ['run', 1 << 20, 'SPACE'], ['text', 'rm -rf /home', undefined], ['run', 5000, 'U+200B ZERO WIDTH SPACE'], ['run', 3000, '"ab"'],
    ['text', 'end', undefined]]);
  assert.equal(seen.characters, (1 << 20) + 12 + 5000 + 6000 + 3);
  assert.equal(seen.bytes, Buffer.byteLength(seen.pieces.map(({ raw }) => raw).join('')));
});

test('hostile megabytes are read in seconds', () => {
  for (const text of ['a'.repeat(31).concat('b').repeat(32768), '\u202ea'.repeat(524288), '\u0430b'.repeat(524288), '\u0301'.repeat(1 << 20)]) {
    const began = performance.now();
    assert.equal(joined(text), text);
    assert.ok(performance.now() - began < 8000, `${performance.now() - began} ms`);
  }
});

test('what is heard and what is a size', () => {
  assert.equal(spoken('a\u202eb\n'), 'a[U+202E]b[line feed]');
  assert.match(spoken('x'.repeat(31).concat(' ').repeat(100)), /\.\.\. \(3\.1 KiB\)$/);
  assert.equal(sizeText(1), '1 byte');
  assert.equal(sizeText(1 << 20), '1.0 MiB');
  assert.equal(utf8Size('a\u00e9\u20ac\u{1f600}\ud800'), 1 + 2 + 3 + 4 + 3);
});
