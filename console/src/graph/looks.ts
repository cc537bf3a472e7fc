// How outcomes and bases look. Never by color alone: an outcome has a word, a sign and a border of its
// own; a basis has a line pattern and a word. Pure.

export interface Look {
  /** Names a CSS class: graph-OUTCOME. */
  name: string;
  word: string;
  /** The sign, a path in a square of 16. */
  sign: string;
  /** How the outline's corners are cut: rounded, square, cut off, pointed sides. */
  outline: 'round' | 'square' | 'cut' | 'pointed';
}

const LOOKS: { [outcome: string]: Look } = {
  confirmed: { name: 'confirmed', word: 'confirmed', outline: 'round', sign: 'M3 8.5 6.5 12 13 4.5' },
  failed: { name: 'failed', word: 'failed', outline: 'cut', sign: 'M4 4 12 12M12 4 4 12' },
  denied: { name: 'denied', word: 'denied', outline: 'pointed',
    sign: 'M8 2.5A5.5 5.5 0 1 0 8 13.5 5.5 5.5 0 1 0 8 2.5M4.2 11.8 11.8 4.2' },
  error: { name: 'error', word: 'error', outline: 'cut', sign: 'M8 3V9.5M8 12.2V13' },
  held: { name: 'held', word: 'held', outline: 'pointed', sign: 'M5.5 3.5V12.5M10.5 3.5V12.5' },
  unknown: { name: 'unknown', word: 'unknown', outline: 'square',
    sign: 'M5 6A3 3 0 1 1 9.3 8.6C8.4 9.1 8 9.6 8 10.4M8 12.7V13.2' },
};

const STATE: Look = { name: 'state', word: '', outline: 'square', sign: 'M3.5 8H12.5' };

/** An outcome that nobody knows looks as `unknown`; a record without one is a change of state. */
export function lookOf(outcome: string): Look {
  return outcome === '' ? STATE : Object.hasOwn(LOOKS, outcome) ? LOOKS[outcome] as Look
    : LOOKS.unknown as Look;
}

export const OUTCOMES: readonly Look[] = [...Object.values(LOOKS), { ...STATE, word: 'no call' }];

interface BasisLook {
  basis: string;
  means: string;
  dashes: string;
}

export const BASES: readonly BasisLook[] = [
  { basis: 'declared', means: 'a token said so', dashes: '' },
  { basis: 'traced', means: 'the trace says so', dashes: '9 4' },
  { basis: 'data', means: 'an output came back in an input', dashes: '9 3 2 3' },
  { basis: 'resource', means: 'read after a write of the same', dashes: '5 4' },
  { basis: 'inferred', means: 'by order only', dashes: '1.5 4' },
];

export function dashesOf(basis: string): string {
  return (BASES.find((look) => look.basis === basis) ?? BASES[BASES.length - 1] as BasisLook).dashes;
}

const CUT = 11;

/** The outline of a box of this size around the origin. */
export function outline(look: Look['outline'], width: number, height: number): string {
  const [x, y] = [width / 2, height / 2];
  switch (look) {
    case 'cut':
      return `M${-x + CUT} ${-y}H${x - CUT}L${x} ${-y + CUT}V${y - CUT}L${x - CUT} ${y}H${-x + CUT}`
        + `L${-x} ${y - CUT}V${-y + CUT}Z`;
    case 'pointed':
      return `M${-x + CUT} ${-y}H${x - CUT}L${x} 0L${x - CUT} ${y}H${-x + CUT}L${-x} 0Z`;
    case 'round':
      return `M${-x + CUT} ${-y}H${x - CUT}Q${x} ${-y} ${x} ${-y + CUT}V${y - CUT}Q${x} ${y} `
        + `${x - CUT} ${y}H${-x + CUT}Q${-x} ${y} ${-x} ${y - CUT}V${-y + CUT}Q${-x} ${-y} `
        + `${-x + CUT} ${-y}Z`;
    default:
      return `M${-x} ${-y}H${x}V${y}H${-x}Z`;
  }
}
