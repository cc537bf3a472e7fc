// Digests reckoned in this browser, for components.
import { useEffect, useState } from 'preact/hooks';
import { digestOf } from '../../proof/bytes.ts';

/** Of this text; empty while it is reckoned, and where there is none. */
export function useDigest(text: string | undefined): string {
  const [digest, setDigest] = useState('');
  useEffect(() => {
    let off = false;
    if (text === undefined) setDigest('');
    else void digestOf(text).then((one) => { if (!off) setDigest(one); });
    return () => { off = true; };
  }, [text]);
  return digest;
}

/** Whether a text is the one of a digest; undefined while it is reckoned. */
export function useFits(text: string | undefined, fits: (text: string) => Promise<boolean>, key: string): boolean | undefined {
  const [good, setGood] = useState<boolean>();
  useEffect(() => {
    let off = false;
    setGood(undefined);
    if (text !== undefined) void fits(text).then((one) => { if (!off) setGood(one); }, () => { if (!off) setGood(false); });
    return () => { off = true; };
  }, [text, key]);
  return good;
}
