// Canonical JSON (RFC 8785) of what statements are made of: objects, arrays, strings, whole numbers, booleans. Pure.
export type Plain = string | number | boolean | Plain[] | { [name: string]: Plain };

/** Throws on what a statement never has: fractions, numbers that a double does not hold, half characters. */
export function canonical(value: Plain): string {
  if (typeof value === 'string') {
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) throw new Error('half a character');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error('not a whole number that is held exactly');
    return String(value === 0 ? 0 : value);
  }
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // Code units, as the standard wants it: the default order of sort().
  return `{${Object.keys(value).sort().map((name) => `${canonical(name)}:${canonical(value[name]!)}`).join(',')}}`;
}
