// Signing in: a password and a one-time code, or a password and a passkey; or at the provider, where there is one.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post, Problem } from '../../api/client.ts';
import { readOffered, readSession, signIn, type Offered } from '../../api/session.ts';
import { Icon } from '../../parts/icons.tsx';
import { Command } from '../../parts/states.tsx';
import { assert, canUsePasskeys, challengeOf, PasskeyProblem } from '../../proof/passkey.ts';
import { Shown } from '../../shown/shown.tsx';

function Card({ children, title }: { children: preact.ComponentChildren; title: string }): JSX.Element {
  return (
    <main class="alone">
      <div class="card sign-in">
        <p class="brand"><span class="brand-sign" aria-hidden="true"><Icon name="approvals" /></span>Pawl</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function SignInClosed(): JSX.Element {
  return (
    <Card title="Nobody can sign in here yet">
      <p>{'Add '}<code>{'sign_in: {}'}</code>{' to '}<code>pawl.yaml</code>, make an account, start the gateway anew and come back.</p>
      <Command text="printf 'a long password of yours\n' > password.txt" />
      <Command text="pawl account add ada --grant admin --grant approver < password.txt" />
      <p class="quiet">If it has both: open this page at the address under <code>sign_in</code> (by default <code>http://localhost:7701</code>, not 127.0.0.1).</p>
      <button type="button" onClick={() => void readSession()}>Try again</button>
    </Card>
  );
}

function wordsOf(error: unknown): string {
  if (error instanceof PasskeyProblem) return error.message;
  if (!(error instanceof Problem)) return String(error);
  if (error.code === 'network') return 'The gateway does not answer. Is it running? (pawl status)';
  if (error.status === 401) return 'Not signed in: name, password and code or passkey do not fit together. Each code counts once; wait for the next one.';
  if (error.status === 429) return `${error.message}. After several failures the next attempt has to wait.`;
  return error.message;
}

/** What this gateway offers; the program says it beside the page itself. */
function useOffered(): Offered {
  const [offered, setOffered] = useState<Offered>({ sign_in: true, accounts: true, oidc: false });
  useEffect(() => { readOffered().then(setOffered); }, []);
  return offered;
}

export function SignIn({ why }: { why: string | undefined }): JSX.Element {
  const offered = useOffered();
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.title = 'Sign in \u00b7 Pawl'; form.current?.querySelector('input')?.focus(); }, []);

  const submit = async (kind: 'code' | 'passkey'): Promise<void> => {
    const fields = new FormData(form.current!);
    const user = String(fields.get('user') ?? ''), password = String(fields.get('password') ?? '');
    setProblem('');
    if (!user || !password) {
      setProblem('Fill in your name and your password first.');
      return;
    }
    setBusy(true);
    try {
      if (kind === 'code') {
        await signIn(user, password, { code: String(fields.get('code') ?? '').replaceAll(/\s/g, '') });
      } else {
        const { challenge, rp } = await post<{ challenge: string; rp: string }>('/api/v1/session/challenge', {});
        await signIn(user, password, { passkey: { challenge, ...await assert(challengeOf(challenge), { rp }) } });
      }
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Card title="Sign in">
      {why && <p class="note" role="status">{why}</p>}
      {offered.accounts && (
        <form ref={form} onSubmit={(event) => { event.preventDefault(); void submit('code'); }}>
          <label for="user">Name</label>
          <input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={64} />
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" />
          <label for="code">One-time code</label>
          <input id="code" name="code" inputMode="numeric" autocomplete="one-time-code" maxLength={12} placeholder="123456" />
          {problem && <p class="note note-bad" role="alert"><Icon name="warn" /><Shown text={problem} /></p>}
          <button type="submit" class="primary" disabled={busy}>Sign in with the code</button>
          <button type="button" disabled={busy || !canUsePasskeys()} onClick={() => void submit('passkey')}><Icon name="key" />Use a passkey instead</button>
          {!canUsePasskeys() && <p class="quiet">Passkeys need this page to be opened by a name, such as localhost.</p>}
        </form>)}
      {offered.oidc && (
        <p class="or"><a class="button" href="/api/v1/session/oidc">Sign in at your provider</a></p>)}
      <p class="quiet">A session is for looking. Each decision has a signature of its own.</p>
    </Card>
  );
}
