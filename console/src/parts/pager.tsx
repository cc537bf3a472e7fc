// Going through a list that the gateway gives in parts: each answer says where the next one begins.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

export interface Pages {
  /** Where the part that is shown begins; empty: the newest. */
  at: string;
  newer: () => void;
  older: (next: string) => void;
}

export function usePages(): Pages {
  const [before, setBefore] = useState<string[]>([]);
  return { at: before.at(-1) ?? '', newer: () => setBefore(before.slice(0, -1)), older: (next) => setBefore([...before, next]) };
}

/** Also where a part is empty: there may be more behind it. */
export function Pager({ pages, next }: { pages: Pages; next: string | null | undefined }): JSX.Element | null {
  if (pages.at === '' && !next) return null;
  return (
    <div class="pager">
      {pages.at !== '' && <button type="button" onClick={pages.newer}>Newer</button>}
      {next && <button type="button" onClick={() => pages.older(next)}>Older</button>}
    </div>
  );
}
