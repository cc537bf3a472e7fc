// Keys. `?` shows them; `g` and a letter goes to a page; pages add their own by useKeys().
// They are off while somebody writes, and can be switched off for good (people who speak to their computer): the button
// of the frame shows them in any case.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { PAGES } from './pages.ts';
import { navigate } from './router.ts';
import { keepFlag, readFlag } from './theme.ts';

type Keys = Record<string, { does: string; act: () => void }>;
const added = new Set<Keys>();

/** Keys of a page while it is shown: { j: { does: 'Next', act } }. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const mine: Keys = {};
    for (const key of Object.keys(latest.current)) {
      mine[key] = { does: latest.current[key]!.does, act: () => latest.current[key]?.act() };
    }
    added.add(mine);
    return () => void added.delete(mine);
  }, [Object.keys(keys).join(' ')]);
}

const writes = (target: EventTarget | null): boolean => target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function Shortcuts(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(() => readFlag('keys', true));
  const [open, setOpen] = useState(false);

  useEffect(() => {
    let went = 0;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || document.querySelector('dialog[open]')) return;
      if (!on) return;
      if (event.key === '?') {
        event.preventDefault();
        openHelp();
        return;
      }
      if (Date.now() - went < 1500) {
        went = 0;
        const page = PAGES.find((one) => one.key === event.key);
        if (page) {
          event.preventDefault();
          navigate(page.path);
          return;
        }
      }
      if (event.key === 'g') {
        went = Date.now();
        return;
      }
      for (const keys of added) {
        const one = keys[event.key];
        if (one) {
          event.preventDefault();
          one.act();
          return;
        }
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [on]);

  const openHelp = (): void => {
    setOpen(true);
    dialog.current?.showModal();
  };
  helpOpener = openHelp;

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="keys-title" onClose={() => setOpen(false)}>
      {open && <>
        <h2 id="keys-title">Keys</h2>
        <table class="keys"><tbody>
          <tr><th scope="row"><kbd>?</kbd></th><td>This help</td></tr>
          {PAGES.filter((one) => one.key).map((one) => (
            <tr key={one.path}><th scope="row"><kbd>g</kbd> <kbd>{one.key}</kbd></th><td>{`Go to ${one.title}`}</td></tr>))}
          {[...added].flatMap((keys) => Object.entries(keys)).map(([key, one]) => (
            <tr key={key}><th scope="row"><kbd>{key}</kbd></th><td>{one.does}</td></tr>))}
          <tr><th scope="row"><kbd>Esc</kbd></th><td>Close a dialog</td></tr>
        </tbody></table>
        <label class="check"><input type="checkbox" checked={on}
          onChange={(event) => { setOn(event.currentTarget.checked); keepFlag('keys', event.currentTarget.checked); }} />
          {' Keys are on'}</label>
        <form method="dialog"><button type="submit">Close</button></form>
      </>}
    </dialog>
  );
}

let helpOpener = (): void => {};
export const openKeys = (): void => helpOpener();
