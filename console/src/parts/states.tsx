// What a page says when it has nothing to show, or cannot: always with what to do next.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client.ts';
import { announce } from '../app/announce.ts';
import { Shown } from '../shown/shown.tsx';
import { Icon } from './icons.tsx';

/** May a command to paste have this name in it? Neither a shell nor an option reads it otherwise. */
export const isShellSafe = (name: string): boolean => /^\w[\w.:/@-]*$/.test(name);

/** A command to paste. Only our own words go in here, or names that are shell-safe. */
export function Command({ text }: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);    // there is no clipboard at an address without TLS
      setCopied(true);
      announce('Copied.');
      setTimeout(() => setCopied(false), 2000);
    } catch {
      announce('The browser did not let the page copy.');
    }
  };
  return (
    <div class="command">
      <code tabIndex={0} role="group" aria-label="Command">{text}</code>
      <button type="button" class="plain" onClick={() => void copy()} aria-label={`Copy: ${text}`}>
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </div>
  );
}

export function Empty({ title, children, command }: { title: string; children?: ComponentChildren; command?: string }): JSX.Element {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {command && <Command text={command} />}
    </div>
  );
}

interface Advice { title: string; text: string; command?: string }

function adviceFor(problem: Problem): Advice {
  if (problem.code === 'network') {
    return { title: 'The gateway does not answer', text: 'Look whether it runs, then try again.', command: 'pawl status' };
  }
  switch (problem.status) {
    case 401: return { title: 'You are signed out', text: 'Sign in again to go on.' };
    case 403: return { title: 'Your roles do not cover this', text: 'An admin can grant more. What you have stands under Account.', command: 'pawl account list' };
    case 404: return { title: 'There is no such thing here', text: 'It may have ended, or this gateway is older than this page.', command: 'pawl --version' };
    case 429: return { title: 'Too many requests', text: 'Wait a little, then try again.' };
    case 503: return { title: 'The gateway cannot do this now', text: 'It says why below; its state says more.', command: 'pawl status' };
    default: return { title: 'This did not work', text: 'What the gateway said stands below.', command: 'pawl status' };
  }
}

export function ErrorState({ problem, again }: { problem: Problem; again?: () => void }): JSX.Element {
  const advice = adviceFor(problem);
  return (
    <div class="empty error" role="alert">
      <h2><Icon name="warn" />{advice.title}</h2>
      <p>{advice.text}</p>
      {problem.code !== 'network' && <p class="quiet"><Shown text={problem.message} />{problem.status ? ` (${problem.status})` : ''}</p>}
      {advice.command && <Command text={advice.command} />}
      {again && <button type="button" onClick={again}>Try again</button>}
    </div>
  );
}

/** A line above data that could not be read anew: what stands below is older. */
export function Stale({ problem, again }: { problem: Problem | undefined; again: () => void }): JSX.Element | null {
  if (!problem) return null;
  return (
    <p class="note note-warn" role="status">
      <Icon name="warn" /><span>{problem.code === 'network' ? 'The gateway does not answer; what you see may be old.' : 'Not read anew; what you see may be old.'}</span>
      <button type="button" class="small" onClick={again}>Try again</button>
    </p>
  );
}

export function Loading({ what }: { what: string }): JSX.Element {
  return <p class="loading" role="status"><span class="spinner" aria-hidden="true" />{`Reading ${what} ...`}</p>;
}

export type Tone = 'good' | 'wait' | 'bad' | 'quiet' | 'info';
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}
