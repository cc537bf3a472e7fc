// Bytes and their spellings. Purpose: read base64 and base64url exactly as docs/formats ask (one text
// for one value: no white space, no loose trailing bits), compare, concatenate, digest. Pure but for WebCrypto.
// Errors: what is not of the form gives null, never a shortened value.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export type Bytes = Uint8Array<ArrayBuffer>;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

/** The text of bytes that are valid UTF-8, else null. */
export function textOf(bytes: Bytes): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function encode(bytes: Bytes): string {
  let binary = '';
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}

function decode(text: string): Bytes | null {
  for (const letter of text.replace(/=+$/, '')) {
    if (!ALPHABET.includes(letter)) {
      return null;
    }
  }
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) as Bytes;
    return encode(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** Standard base64 with padding. */
export function fromBase64(text: string): Bytes | null {
  return decode(text);
}

/** base64url without padding. */
export function fromBase64url(text: string): Bytes | null {
  if (/[+/=]/.test(text)) {
    return null;
  }
  const padded = text + '==='.slice(0, (4 - (text.length % 4)) % 4);
  return decode(padded.replaceAll('-', '+').replaceAll('_', '/'));
}

export function toBase64url(bytes: Bytes): string {
  return encode(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function concat(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0)) as Bytes;
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) as Bytes;
}

/** The SHA-256 of a text, as it stands in statements, bindings and records. */
export async function digestOf(text: string): Promise<string> {
  return toBase64url(await sha256(utf8(text)));
}
