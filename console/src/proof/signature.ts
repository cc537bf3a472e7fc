// Signatures by WebCrypto: ES256, and Ed25519 where the browser has it. A browser that cannot is told
// apart from a signature that is wrong: the former is `unknown`, never `good` and never `bad`.

import type { Bytes } from './bytes.ts';
import type { Answer } from './answer.ts';

export async function ed25519Holds(key: Bytes, signature: Bytes, signed: Bytes): Promise<Answer> {
  if (key.length !== 32 || signature.length !== 64) {
    return 'bad';
  }
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    const held = await crypto.subtle.verify('Ed25519', imported, signature, signed);
    return held ? 'good' : 'bad';
  } catch {
    return 'unknown';
  }
}

/** `x`, `y`: the coordinates, 32 bytes each. */
export async function es256Holds(x: Bytes, y: Bytes, signature: Bytes,
                                  signed: Bytes): Promise<Answer> {
  if (x.length !== 32 || y.length !== 32 || signature.length !== 64) {
    return 'bad';
  }
  try {
    const point = new Uint8Array(65) as Bytes;
    point[0] = 4;
    point.set(x, 1);
    point.set(y, 33);
    const imported = await crypto.subtle.importKey('raw', point,
      { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    const held = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature,
      signed);
    return held ? 'good' : 'bad';
  } catch {
    return 'unknown';  // no such curve here, or a key that is no point: either way nothing was shown
  }
}
