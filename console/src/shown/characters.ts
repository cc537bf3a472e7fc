// What a character does to the text around it, and to the eye. Pure; no DOM.
// Source: Unicode 15, Bidi_Control, Default_Ignorable_Code_Point, General_Category, Script; UTS 39 for the idea of
// mixed scripts. The list of look-alikes is our own and short: letters that no font tells apart.

export type Hazard =
  | 'bidi'        // turns the order of what follows
  | 'invisible'   // is there and not seen
  | 'control'     // C0, C1, escapes
  | 'space'       // looks like a space, or like nothing, and is another character
  | 'lookalike'   // looks like an ASCII character and is none
  | 'stacked'     // marks heaped on one letter
  | 'broken';     // half a character, or one that means nothing

const NAMES: Record<number, string> = {
  0x00: 'NULL', 0x07: 'BELL', 0x08: 'BACKSPACE', 0x09: 'TAB', 0x0a: 'LINE FEED', 0x0b: 'VERTICAL TAB', 0x0c: 'FORM FEED',
  0x0d: 'CARRIAGE RETURN', 0x1b: 'ESCAPE', 0x20: 'SPACE', 0x7f: 'DELETE', 0x85: 'NEXT LINE', 0x9b: 'CONTROL SEQUENCE INTRODUCER',
  0xa0: 'NO-BREAK SPACE', 0xad: 'SOFT HYPHEN', 0x034f: 'COMBINING GRAPHEME JOINER', 0x061c: 'ARABIC LETTER MARK',
  0x115f: 'HANGUL CHOSEONG FILLER', 0x1160: 'HANGUL JUNGSEONG FILLER', 0x180e: 'MONGOLIAN VOWEL SEPARATOR',
  0x200b: 'ZERO WIDTH SPACE', 0x200c: 'ZERO WIDTH NON-JOINER', 0x200d: 'ZERO WIDTH JOINER', 0x200e: 'LEFT-TO-RIGHT MARK',
  0x200f: 'RIGHT-TO-LEFT MARK', 0x2028: 'LINE SEPARATOR', 0x2029: 'PARAGRAPH SEPARATOR', 0x202a: 'LEFT-TO-RIGHT EMBEDDING',
  0x202b: 'RIGHT-TO-LEFT EMBEDDING', 0x202c: 'POP DIRECTIONAL FORMATTING', 0x202d: 'LEFT-TO-RIGHT OVERRIDE',
  0x202e: 'RIGHT-TO-LEFT OVERRIDE', 0x202f: 'NARROW NO-BREAK SPACE', 0x205f: 'MEDIUM MATHEMATICAL SPACE', 0x2060: 'WORD JOINER',
  0x2066: 'LEFT-TO-RIGHT ISOLATE', 0x2067: 'RIGHT-TO-LEFT ISOLATE', 0x2068: 'FIRST STRONG ISOLATE', 0x2069: 'POP DIRECTIONAL ISOLATE',
  0x2800: 'BRAILLE PATTERN BLANK', 0x3000: 'IDEOGRAPHIC SPACE', 0x3164: 'HANGUL FILLER', 0xfe0f: 'VARIATION SELECTOR-16',
  0xfeff: 'ZERO WIDTH NO-BREAK SPACE', 0xffa0: 'HALFWIDTH HANGUL FILLER', 0xfffc: 'OBJECT REPLACEMENT CHARACTER',
  0xfffd: 'REPLACEMENT CHARACTER',
};

const HAZARDS: Record<Hazard, string> = {
  bidi: 'turns the direction of text', invisible: 'invisible', control: 'control character', space: 'not a plain space',
  lookalike: 'looks like another character', stacked: 'stacked marks', broken: 'not a whole character',
};
export const hazardText = (hazard: Hazard): string => HAZARDS[hazard];

export const codeName = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;

export function describe(code: number): string {
  const name = NAMES[code] ?? (code >= 0xe0000 && code <= 0xe007f ? 'TAG CHARACTER' : '');
  return name ? `${codeName(code)} ${name}` : codeName(code);
}

const BIDI = /\p{Bidi_Control}/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const SPACE = /[\p{Zs}\p{Zl}\p{Zp}]/u;
const BROKEN = /[\p{Cs}\p{Co}\p{Cn}]/u;
const BLANK = new Set([0x2800, 0x3164, 0xffa0, 0x115f, 0x1160, 0x180e, 0x1d159]);
const ASCII = /^[\x20-\x7e]+$/;
// Punctuation that no compatibility form gives away.
const PUNCTUATION = new Map<number, string>([...'\u2215/\u2044/\u29f8/\u2571/\u2216\\\u29f5\\\u2010-\u2011-\u2012-\u2212-\u02d7-\u06d4-' +
  '\u2236:\ua789:\u02d0:\u0589:\u05c3:\u201a,\u02bc\'\u2032\'\u02b9\'\u037e;\u204e*\u2217*\u223c~\u02dc~\u01c3!\u2758|\u2223|\u01c0|\u0660.\u06f0.\u0701.\u0702.'
].reduce<[number, string][]>((out, character, at, all) =>
    (at % 2 === 0 ? [...out, [character.codePointAt(0)!, all[at + 1]!]] : out), []));

/** The hazard of one character alone, or undefined. Tab and line feed have none: they are shown as such. */
export function hazardOf(code: number): Hazard | undefined {
  if (code >= 0x20 && code < 0x7f) return undefined;
  if (code < 0x20) return code === 0x09 || code === 0x0a ? undefined : 'control';
  if (code <= 0x9f) return 'control';
  const character = String.fromCodePoint(code);
  if (BIDI.test(character)) return 'bidi';
  if (BLANK.has(code)) return 'space';
  if (IGNORABLE.test(character)) return 'invisible';
  if (SPACE.test(character)) return 'space';
  if (BROKEN.test(character) || code === 0xfffc || code === 0xfffd || (code >= 0xfff9 && code <= 0xfffb)) return 'broken';
  return looksLike(code) === undefined ? undefined : 'lookalike';
}

/** The ASCII text that a character is drawn like, whatever its script: full width, mathematical, slashes. */
export function looksLike(code: number): string | undefined {
  if (code < 0x80) return undefined;
  const listed = PUNCTUATION.get(code);
  if (listed) return listed;
  // Not what people write on purpose: superscripts, fractions and the like stay as they are.
  const wide = (code >= 0xff01 && code <= 0xff5e) || (code >= 0x1d400 && code <= 0x1d7ff) || code === 0x212a ||
    code === 0x2024 || (code >= 0x2100 && code <= 0x214f) || (code >= 0x2160 && code <= 0x217f);
  if (!wide) return undefined;
  const plain = String.fromCodePoint(code).normalize('NFKC');
  return ASCII.test(plain) ? plain : undefined;
}

// Letters of other scripts that are drawn as ASCII ones. Left: theirs; right: what the eye reads.
const TWINS_TEXT: [string, string][] = [
  ['\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u04cf\u0433', 'aeopcyxijsdqwhlr'],
  ['\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405\u0423\u04ae', 'ABEKMHOPCTXIJSYY'],
  ['\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c5\u03c7\u03b3\u03f2\u03f3', 'oavpikuxycj'],
  ['\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7', 'ABEZHIKMNOPTYX'],
  ['\u0585\u057d\u0578\u0570\u0581\u0566\u0261\u0251\u0131', 'ounhgqgai'],
];
const TWINS = new Map<number, string>(TWINS_TEXT.flatMap(([theirs, ours]) =>
  [...theirs].map((letter, at): [number, string] => [letter.codePointAt(0)!, ours[at]!])));

export const twinOf = (code: number): string | undefined => TWINS.get(code);

const SCRIPTS: [string, RegExp][] = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Georgian', 'Hebrew',
  'Arabic', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Devanagari'].map((name) =>
  [name, new RegExp(`\\p{Script=${name}}`, 'u')]);
const LETTER = /\p{L}/u;
export const isLetter = (character: string): boolean => LETTER.test(character);

export function scriptOf(character: string): string {
  if (/[A-Za-z]/.test(character)) return 'Latin';
  return SCRIPTS.find(([, test]) => test.test(character))?.[0] ?? 'another';
}

const RTL = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u0800-\u08ff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Does it run from right to left, and so move what stands beside it? */
export const runsLeft = (character: string): boolean => RTL.test(character) && !/\p{M}/u.test(character);
export const isMark = (character: string): boolean => /\p{M}/u.test(character);
