// A trust file that the reader brought (docs/formats/trust.md): whose signatures count. Without one a
// record can be compared with the keys that its own server names, which proves nothing about the server.

import { type Bytes, fromBase64 } from './bytes.ts';
import { type Json, type JsonObject, type Jwk, isObject } from './jws.ts';

export interface Trust {
  log: string;
  keys: Jwk[];
  pinned: { size: bigint; root: Bytes } | null;
}

type TrustRead = { trust: Trust; error: null } | { trust: null; error: string };

const MOST_BYTES = 4 << 20;

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The keys of a set that may have signed records; others are skipped. */
export function keysOf(set: Json | undefined): Jwk[] {
  const keys = isObject(set) && Array.isArray(set.keys) ? set.keys : [];
  return keys.filter(isObject).map((key) => {
    const jwk: Jwk = {};
    for (const name of ['kty', 'crv', 'kid', 'x', 'y'] as const) {
      const value = text(key[name]);
      if (value !== undefined) {
        jwk[name] = value;
      }
    }
    return jwk;
  });
}

function pinnedOf(file: JsonObject): Trust['pinned'] | undefined {
  if (file.pinned === undefined) {
    return null;
  }
  const { size, root } = isObject(file.pinned) ? file.pinned : {};
  const hash = fromBase64(text(root) ?? '');
  if (!Number.isSafeInteger(size) || (size as number) < 0 || hash?.length !== 32) {
    return undefined;
  }
  return { size: BigInt(size as number), root: hash };
}

export function readTrust(file: string): TrustRead {
  const refuse = (error: string): TrustRead => ({ trust: null, error });
  let value: Json;
  try {
    value = file.length > MOST_BYTES ? null : JSON.parse(file) as Json;
  } catch {
    return refuse('it is not JSON');
  }
  if (!isObject(value) || value.format !== 'pawl.trust/1') {
    return refuse('it is no trust file (pawl.trust/1)');
  }
  const pinned = pinnedOf(value);
  const keys = keysOf(value.token_keys);
  const log = text(value.log);
  if (log === undefined || keys.length === 0 || pinned === undefined) {
    return refuse('the log, the keys or the pinned head in it do not read');
  }
  return { trust: { log, keys, pinned }, error: null };
}
