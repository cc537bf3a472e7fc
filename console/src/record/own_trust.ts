// The reader's trust file, kept in this browser: public keys only. Read anew at each start; one that does
// not read counts as none.

import { useEffect, useState } from 'preact/hooks';
import { type Trust, readTrust } from '../proof/trust.ts';

const KEY = 'pawl.trust';
const listeners = new Set<(trust: Trust | null) => void>();

function kept(): Trust | null {
  try {
    const text = localStorage.getItem(KEY);
    return text === null ? null : readTrust(text).trust;
  } catch {
    return null;
  }
}

let trust: Trust | null | undefined;     // undefined: not looked for yet

function set(next: Trust | null): void {
  trust = next;
  for (const one of listeners) {
    one(next);
  }
}

/** null: it counts from now on; else why not. */
export function bringTrust(text: string): string | null {
  const read = readTrust(text);
  if (read.error !== null) {
    return read.error;
  }
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // A browser that keeps nothing: it counts until the page is closed.
  }
  set(read.trust);
  return null;
}

export function dropTrust(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
  set(null);
}

export function useTrust(): Trust | null {
  if (trust === undefined) trust = kept();
  const [now, setNow] = useState<Trust | null>(trust);
  useEffect(() => {
    listeners.add(setNow);
    return () => void listeners.delete(setNow);
  }, []);
  return now;
}
