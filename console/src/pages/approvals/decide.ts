// One decision: composes the statement from what was shown, signs it with a passkey, sends it. Needs a browser.
// Errors: PasskeyProblem (nothing was sent), Problem (the gateway refused).
import type { HeldCall } from '../../api/approvals.ts';
import { post } from '../../api/client.ts';
import type { OperatorKey } from '../../api/session.ts';
import { digestOf, sha256, utf8 } from '../../proof/bytes.ts';
import { coveredOf, differences, type Covered } from '../../proof/covered.ts';
import { assert, PasskeyProblem } from '../../proof/passkey.ts';
import { isOf, readBinding, readTerms, statementOf } from '../../proof/statement.ts';

interface Choice {
  decision: 'approve' | 'deny';
  params: string | undefined;     // the text shown that may go out; a denial needs none
  uses: number;
  expires: number;
  role: string;
  key: OperatorKey;
  operator: string;
  instance: string | undefined;   // that the session says
  approval: string;               // of the page's address
  shown: Covered;                 // what the person looked at
}

export interface Decided { approval: string; record: string; phase: string; needed: number }

export async function decide(call: HeldCall, choice: Choice): Promise<Decided> {
  const { passkey, kid } = choice.key;
  if (!passkey) throw new PasskeyProblem('This key is no passkey: use it on the command line.');
  if (choice.instance !== undefined && choice.instance !== call.instance) {
    throw new PasskeyProblem('Not signed: the approval is of another instance than the one you are signed in to.');
  }
  if (call.id !== choice.approval || differences(choice.shown, coveredOf(call)).length > 0) {
    throw new PasskeyProblem('Not signed: the approval is not the one that was shown.');
  }
  const binding = readBinding(call.binding);
  let executed = binding.digest;
  if (choice.decision === 'approve') {
    if (call.params === undefined || choice.params === undefined || !await isOf(call.params, binding)) {
      throw new PasskeyProblem('Not signed: the arguments shown are not those of this approval.');
    }
    executed = await digestOf(choice.params);
  }
  const statement = await statementOf({
    instance: call.instance, approval: call.id, binding, terms: readTerms(call.terms), owner: call.owner, nonce: call.nonce, decision: choice.decision, executed, uses: choice.uses,
    expires: choice.expires, operator: choice.operator, role: choice.role, key: kid,
  });
  const signed = await assert(await sha256(utf8(statement)), { rp: passkey.rp, credentials: [passkey.credential] });
  if (signed.credential !== passkey.credential) throw new PasskeyProblem('Not sent: another passkey signed than the one that was asked.');
  const { authenticator_data, client_data, signature } = signed;
  return post<Decided>('/api/v1/approvals/decide', {
    passkey: { statement, authenticator_data, client_data, signature },
    ...(executed === binding.digest ? {} : { params: choice.params }),
  });
}
