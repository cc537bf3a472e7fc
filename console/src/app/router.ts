// Addresses of pages: /console/approvals/ID. The browser's history, no hashes; one listener.
import { useEffect, useState } from 'preact/hooks';

const BASE = '/console';

export interface Place {
  path: string;              // behind /console, for example /approvals/019a...; / is the overview
  query: URLSearchParams;
}

function here(): Place {
  const { pathname, search } = window.location;
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  return { path: path.replace(/\/+$/, '') || '/', query: new URLSearchParams(search) };
}

const listeners = new Set<(place: Place) => void>();
const tell = (): void => { const place = here(); for (const one of listeners) one(place); };
globalThis.addEventListener?.('popstate', tell);

/** The address of a page for a link. */
export const to = (path: string): string => BASE + (path === '/' ? '/' : path);

export function navigate(path: string, { replace = false } = {}): void {
  window.history[replace ? 'replaceState' : 'pushState'](null, '', to(path));
  tell();
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    listeners.add(setPlace);
    setPlace(here());
    return () => void listeners.delete(setPlace);
  }, []);
  return place;
}

/** Links of the page are followed without a load; with a modifier, or to elsewhere, by the browser. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey ||
        event.altKey || link.target || link.hasAttribute('download') || link.origin !== window.location.origin ||
        !link.pathname.startsWith(`${BASE}/`) || link.hash) return;
    event.preventDefault();
    navigate(link.pathname.slice(BASE.length) + link.search);
  });
}
