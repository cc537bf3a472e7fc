// Digests reckoned in this browser, for components. What was reckoned is of the text that it was asked for: while that of
// another text is under way, there is none.
import { useEffect, useState } from 'preact/hooks';
import { digestOf } from '../../proof/bytes.ts';

/** What `reckon` makes of the text; undefined while it is reckoned, and where there is no text. `key`: what else it depends on. */
function useReckoned<T>(text: string | undefined, key: string, reckon: (text: string) => Promise<T>): T | undefined {
  const [found, setFound] = useState<{ text: string; key: string; value: T }>();
  useEffect(() => {
    let off = false;
    if (text !== undefined) void reckon(text).then((value) => { if (!off) setFound({ text, key, value }); });
    return () => { off = true; };
  }, [text, key]);
  return found && found.text === text && found.key === key ? found.value : undefined;
}

/** Of this text; empty while it is reckoned, and where there is none. */
export const useDigest = (text: string | undefined): string => useReckoned(text, '', digestOf) ?? '';

/** Whether a text is the one of a digest; undefined while it is reckoned. */
export const useFits = (text: string | undefined, fits: (text: string) => Promise<boolean>, key: string): boolean | undefined =>
  useReckoned(text, key, (given) => fits(given).catch(() => false));
