// The frame around every page: navigation, who is signed in, whether the page is live, what cannot wait.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { lastAnswered } from '../api/client.ts';
import { idleFor, mayRefresh, onEvent, useStream } from '../api/events.ts';
import { useLive } from '../api/live.ts';
import { lookForEnrollment, notEnrolled, readSession, signOut, type Who } from '../api/session.ts';
import { Icon } from '../parts/icons.tsx';
import { Shown } from '../shown/shown.tsx';
import { spoken } from '../shown/visible.ts';
import { announce, announcer } from './announce.ts';
import { countdown, useNow } from './clock.ts';
import { PAGES, type Page } from './pages.ts';
import { to } from './router.ts';
import { openKeys, Shortcuts } from './shortcuts.tsx';
import { useTheme, type Theme } from './theme.ts';

function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useTheme();
  const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
  const names: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };
  return (
    <button type="button" class="plain" onClick={() => setTheme(next[theme])} title={`Colors: ${names[theme]}`}
      aria-label={`Colors: ${names[theme]}. Change to ${names[next[theme]]}`}>
      <Icon name={theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}

function LiveSign(): JSX.Element {
  const stream = useStream();
  const words = { live: 'Live', connecting: 'Connecting', off: 'Not live' }[stream];
  const title = { live: 'Changes appear as they happen.', connecting: 'The stream of events is being opened.',
    off: 'There is no stream of events; pages are read anew every few seconds.' }[stream];
  return <span class={`live live-${stream}`} title={title}><span class="dot" aria-hidden="true" />{words}</span>;
}

/** Says before the session ends (once aloud: the seconds are for the eye), and ends it here when it has ended there. */
function SessionTime({ who, since }: { who: Who; since: number }): JSX.Element | null {
  useNow(1000);
  // Of the gateway, and of the person: what the page reads by itself keeps nobody signed in for longer.
  const idle = who.idle_s - Math.max(Date.now() - lastAnswered(), idleFor()) / 1000;
  const whole = who.longest_s - (Date.now() - since) / 1000;
  const left = Math.min(idle, whole);
  const soon = left < 90;
  const ended = left <= 0;
  useEffect(() => { if (soon && !ended) announce('Your session ends soon.', 'assertive'); }, [soon]);
  useEffect(() => {
    if (ended) void signOut(whole <= 0 ? 'Your session has reached its longest time.' : 'You were signed out: nothing was done for a while.');
  }, [ended]);
  // Somebody is here and only reads: their session goes on.
  useEffect(() => {
    if (!ended && idle < who.idle_s / 2 && idleFor() < 60_000) void readSession();
  }, [Math.floor(idle / 30)]);
  if (!soon) return null;
  return (
    <div class="banner">
      <span>{`Your session ends in ${countdown(left)}.`}</span>
      {whole > idle
        ? <button type="button" class="small" onClick={() => void readSession()}>Stay signed in</button>
        : <span>It has reached its longest time: sign in again afterwards.</span>}
    </div>
  );
}

const ENROLLMENT_MS = 5000;

/** Who has just made a passkey waits for an admin: nobody should have to reload the page. */
function useEnrollment(who: Who): void {
  const waits = notEnrolled(who).length > 0;
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => {
      if (mayRefresh()) void lookForEnrollment().then((isNew) => { if (isNew) announce('Your passkey is enrolled: it decides now.'); });
    }, ENROLLMENT_MS);
    return () => clearInterval(timer);
  }, [waits]);
}

/** How many approvals wait, for the navigation; new ones are said aloud. */
function usePending(): number {
  const { data } = useLive<{ approvals: { id: string; phase: string }[] }>('/api/v1/approvals', ['approval'], 30_000);
  const known = useRef(new Set<string>());
  for (const { id } of data?.approvals ?? []) known.current.add(id);
  useEffect(() => onEvent(({ name, data: what }) => {
    const id = String(what['approval'] ?? '');
    if (name === 'approval' && what['phase'] === 'pending' && !known.current.has(id)) {
      known.current.add(id);
      const text = (member: string): string => spoken(String(what[member] ?? ''), 60);
      announce(`New approval: ${text('agent')} wants ${text('name') || text('server')} of ${text('server')}.`);
    }
  }), []);
  return data?.approvals.filter(({ phase }) => phase === 'pending').length ?? 0;
}

interface FrameProps {
  who: Who;
  since: number;
  page: Page | undefined;
  rest: string;
  children: JSX.Element;
}

export function Frame({ who, since, page, rest, children }: FrameProps): JSX.Element {
  const pending = usePending();
  useEnrollment(who);
  const main = useRef<HTMLElement>(null);
  const links = useRef<HTMLUListElement>(null);
  useEffect(() => { document.title = `${pending ? `(${pending}) ` : ''}${page?.title ?? 'Not found'} \u00b7 Pawl`; }, [page?.path, pending]);
  // After a change of page, or of what it shows, the reader starts at its heading; who chose a tab stays at the tabs.
  const shown = useRef({ path: page?.path, rest });
  useEffect(() => {
    const before = shown.current;
    shown.current = { path: page?.path, rest };
    if (before.path === page?.path && before.rest === rest) return;
    if (before.path !== page?.path || document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [page?.path, rest]);
  // On a phone the row of pages is wider than the screen: the one that is open is seen.
  useEffect(() => links.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [page?.path]);
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the page</a>
      <header class="side">
        <a class="brand" href={to('/')}><span class="brand-sign" aria-hidden="true"><Icon name="approvals" /></span>Pawl</a>
        <nav aria-label="Pages">
          <ul ref={links}>
            {PAGES.filter((one) => one.icon).map((one) => (
              <li key={one.path}>
                <a href={to(one.path)} aria-current={page?.path === one.path ? 'page' : undefined}>
                  <Icon name={one.icon!} /><span>{one.title}</span>
                  {one.path === '/approvals' && pending > 0 && <span class="count" aria-label={`${pending} waiting`}>{pending}</span>}
                </a>
              </li>))}
          </ul>
        </nav>
        <div class="side-foot">
          <LiveSign />
          <span class="me" title={who.grants.join(', ')}><Shown text={who.user} /></span>
          <span class="side-buttons">
            <ThemeSwitch />
            <button type="button" class="plain" onClick={openKeys} aria-label="Keys" title="Keys (?)"><Icon name="help" /></button>
            <button type="button" class="plain" onClick={() => void signOut()} aria-label="Sign out" title="Sign out"><Icon name="out" /></button>
          </span>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <SessionTime who={who} since={since} />
        {children}
      </main>
      <Shortcuts />
    </div>
  );
}

/** The live regions stand outside of everything that is replaced. */
export function Announcers(): JSX.Element {
  return (
    <>
      <div class="heard" role="status" aria-live="polite" ref={announcer('polite')} />
      <div class="heard" role="alert" aria-live="assertive" ref={announcer('assertive')} />
    </>
  );
}
