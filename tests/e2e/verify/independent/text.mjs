// Strict readings of text: UTF-8, the two forms of base64, decimal numbers, UUIDs, JSON objects.
// Each returns null for what is not in its form; the caller knows what that means.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decode_utf8(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

// Encoding again gives the same text only for the one spelling: padding and trailing bits included.
function decode_exactly(text, encoding) {
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : null;
}

export const decode_base64 = (text) => decode_exactly(text, 'base64');
export const decode_base64url = (text) => decode_exactly(text, 'base64url');

// A BigInt below 2^63.
export function decode_decimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) return null;
  const number = BigInt(text);
  return number < 1n << 63n ? number : null;
}

// The 32 hex digits in lower case, so that two spellings of one id are equal.
export function decode_uuid(text) {
  if (typeof text !== 'string') return null;
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return form.test(text) ? text.toLowerCase().replaceAll('-', '') : null;
}

// One JSON object and nothing around it, no key twice in any object of it, at most `depth` deep.
export function decode_json_object(bytes, depth = 32) {
  const text = decode_utf8(bytes);
  if (text === null) return null;
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!is_object(value) || !keys_are_unique(text, depth)) return null;
  return value;
}

export function is_object(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// `text` is valid JSON, so a walk over its tokens is enough: a string is a key when the innermost
// open bracket is an object and a colon follows.
function keys_are_unique(text, depth) {
  const open = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (const [found, colon] of text.matchAll(token)) {
    if (found === '{' || found === '[') {
      if (open.push(new Set()) > depth) return false;
    } else if (found === '}' || found === ']') {
      open.pop();
    } else if (colon !== undefined) {
      const key = JSON.parse(found.slice(0, -colon.length));
      if (open.at(-1).has(key)) return false;
      open.at(-1).add(key);
    }
  }
  return true;
}
