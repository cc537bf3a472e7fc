// Who I am, what I may, my passkeys: making one, and how it comes to count for approvals.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post, Problem, remove } from '../../api/client.ts';
import { notEnrolled, readSession, useSession, type Who } from '../../api/session.ts';
import { announce } from '../../app/announce.ts';
import { inWords } from '../../app/clock.ts';
import { Icon } from '../../parts/icons.tsx';
import { Badge, Command, Empty, isShellSafe } from '../../parts/states.tsx';
import { type Bytes, sha256, utf8 } from '../../proof/bytes.ts';
import { canUsePasskeys, challengeOf, PasskeyProblem, register } from '../../proof/passkey.ts';
import { Shown } from '../../shown/shown.tsx';

/** Whose passkey it is, for the device: a name alone could be somebody else's, too. */
async function handleOf({ user, provider }: Who): Promise<Bytes> {
  return provider ? sha256(utf8(JSON.stringify([provider.issuer, provider.subject]))) : utf8(user);
}

const KID = /^[\w-]+$/;      // may begin with a minus: it stands behind its option

function Passkeys({ who }: { who: Who }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const enrolled = new Map((who.operator?.keys ?? []).map((key) => [key.kid, key]));
  const waiting = notEnrolled(who);
  const change = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await act();
      await readSession();
    } catch (error) {
      setProblem(error instanceof PasskeyProblem || error instanceof Problem ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const add = (): Promise<void> => change(async () => {
    const { challenge, rp } = await post<{ challenge: string; rp: string }>('/api/v1/session/challenge', {});
    const handle = await handleOf(who);
    const made = await register(challengeOf(challenge), { rp, user: who.user, handle, known: (who.passkeys ?? []).map(({ credential }) => credential) });
    await post('/api/v1/session/passkeys', { challenge, ...made });
    announce('The passkey is yours now. An admin has to enroll it before it approves anything.');
  });
  const drop = (kid: string): Promise<void> => change(async () => {
    await remove(`/api/v1/session/passkeys/${kid}`);
    announce('The passkey is not yours any more. Delete it on your device, too.');
  });
  return (
    <section class="card stack" aria-labelledby="passkeys">
      <div class="card-head"><h2 id="passkeys">Passkeys</h2></div>
      <p class="quiet">{who.provider ? 'A passkey signs your decisions, once an admin has enrolled it; you sign in at your provider.'
        : 'A passkey signs you in with your password, and, once an admin has enrolled it, signs your decisions.'}{' It never leaves your device.'}</p>
      {(who.passkeys ?? []).length === 0 ? <p>You have none yet.</p> : (
        <div class="scroll"><table>
          <thead><tr><th>Key</th><th>Signs in</th><th>Decides as</th><th><span class="heard">Remove</span></th></tr></thead>
          <tbody>{(who.passkeys ?? []).map((one) => (
            <tr key={one.credential}>
              <td><Shown text={one.kid} /></td>
              <td>{who.provider ? <Badge tone="info">no</Badge> : <Badge tone="good">yes</Badge>}</td>
              <td>{enrolled.has(one.kid) ? <Badge tone="good">{enrolled.get(one.kid)!.roles.join(', ')}</Badge> : <Badge tone="wait">not enrolled</Badge>}</td>
              <td>{!enrolled.has(one.kid) && KID.test(one.kid)
                && <button type="button" disabled={busy} aria-label={`Remove the passkey ${one.kid}`} onClick={() => void drop(one.kid)}>Remove</button>}</td>
            </tr>))}
          </tbody>
        </table></div>)}
      {waiting.length > 0 && (
        <div class="note note-info enroll"><Icon name="key" />
          <div class="stack">
            <p>{waiting.length === 1 ? 'One passkey is not enrolled yet' : `${waiting.length} passkeys are not enrolled yet`}. Ask an admin to run this where the gateway runs, with a key of theirs:</p>
            {waiting.map(({ kid }) => (KID.test(kid) && isShellSafe(who.user)
              ? <Command key={kid} text={`pawl operators enroll ${who.user} --roles approver --passkey ${kid} --by-key admin.pem`} />
              : <p key={kid}><code>pawl operators enroll NAME --roles approver --passkey KID --by-key admin.pem</code>, with your name quoted, and the key <Shown text={kid} /></p>))}
            <p>Compare the key with them by voice: it says whose hand signs.</p>
          </div>
        </div>)}
      {problem && <p class="note note-bad" role="alert"><Icon name="warn" /><Shown text={problem} class="words" /></p>}
      <div><button type="button" class="primary" disabled={busy || !canUsePasskeys()} onClick={() => void add()}>
        <Icon name="key" />{busy ? 'Waiting for your device ...' : 'Make a passkey on this device'}</button></div>
      {!canUsePasskeys() && <p class="quiet">{'This browser has no passkeys at this address. Open the console by a name: '}<code>http://localhost:7701/console/</code>.</p>}
    </section>
  );
}

export default function Account(): JSX.Element {
  const session = useSession();
  if (session.is !== 'in') return <Empty title="You are signed out" />;
  const { who } = session;
  return (
    <>
      <div class="page-head"><h1>Account</h1></div>
      <div class="stack narrow">
        <section class="card" aria-labelledby="who">
          <h2 id="who">You</h2>
          <dl class="facts">
            <dt>Name</dt><dd><Shown text={who.user} /></dd>
            <dt>Signed in by</dt><dd><Shown text={who.method} class="words" /></dd>
            {who.provider && <><dt>Provider</dt><dd><Shown text={who.provider.issuer} /></dd>
              <dt>You are there</dt><dd><Shown text={who.provider.subject} /></dd></>}
            <dt>May</dt><dd class="row">{who.grants.length ? who.grants.map((grant) => <Badge key={grant} tone="info"><Shown text={grant} class="words" /></Badge>) : 'look at nothing'}</dd>
            <dt>Signed out after</dt><dd>{`${inWords(who.idle_s)} without doing anything, ${inWords(who.longest_s)} in all`}</dd>
            {who.instance && <><dt>Instance</dt><dd><Shown text={who.instance} /></dd></>}
          </dl>
        </section>
        <Passkeys who={who} />
      </div>
    </>
  );
}
