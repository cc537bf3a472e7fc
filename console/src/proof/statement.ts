// What a person signs when they decide on a held call. Pure but for SHA-256. Source: docs/formats/approval.md.
//
// Contract: composed here, from what is shown here. What the gateway says about digests is checked, never taken.
import { canonical, type Plain } from './canonical.ts';
import { digestOf } from './bytes.ts';

export interface Binding {
  agent: string;
  on_behalf_of: string;
  server: string;
  verb: string;
  name: string;
  digest: string;
  policy: string;
  workflow?: string;
  token?: string;
}

const MEMBERS = ['agent', 'on_behalf_of', 'server', 'verb', 'name', 'digest', 'policy'] as const;
const OPTIONAL = ['workflow', 'token'] as const;

/** Exactly the members of a binding; throws on others, which this page would sign without showing them. */
export function readBinding(value: unknown): Binding {
  if (typeof value !== 'object' || value === null) throw new Error('the binding is not an object');
  const given = value as Record<string, unknown>;
  for (const name of MEMBERS) {
    if (typeof given[name] !== 'string') throw new Error(`the binding has no ${name}`);
  }
  for (const name of Object.keys(given)) {
    if (!(MEMBERS as readonly string[]).includes(name) && !(OPTIONAL as readonly string[]).includes(name)) {
      throw new Error(`the binding has a member that this console does not know: ${name}`);
    }
    if (typeof given[name] !== 'string') throw new Error(`the binding's ${name} is not text`);
  }
  return given as unknown as Binding;
}

/** The terms of a hold. */
export interface Terms {
  roles: string[];
  of: number;
  uses: number;
  within_s: number;
  escalate_to: string[];
}

const TERMS = ['roles', 'of', 'uses', 'within_s', 'escalate_to'] as const;

/** Exactly the members of the terms; throws on others, which this page would sign without showing them. */
export function readTerms(value: unknown): Terms {
  if (typeof value !== 'object' || value === null) throw new Error('the terms are not an object');
  const given = value as Record<string, unknown>;
  for (const name of ['of', 'uses', 'within_s']) {
    if (!Number.isSafeInteger(given[name])) throw new Error(`the terms have no ${name}`);
  }
  for (const name of ['roles', 'escalate_to']) {
    const texts = given[name];
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw new Error(`the terms have no ${name}`);
  }
  for (const name of Object.keys(given)) {
    if (!(TERMS as readonly string[]).includes(name)) throw new Error(`the terms have a member that this console does not know: ${name}`);
  }
  return given as unknown as Terms;
}

export interface Said {
  instance: string;
  approval: string;
  binding: Binding;
  terms: Terms;
  owner: string;        // of the agent; empty: nobody
  nonce: string;
  decision: 'approve' | 'deny';
  executed: string;     // digest of the params that may go out
  uses: number;
  expires: number;      // seconds
  operator: string;
  role: string;
  key: string;
}

/** The text of which `binding_digest` is. */
export const bindingText = (binding: Binding): string => canonical({ ...readBinding(binding) } as unknown as { [name: string]: Plain });

/** The text of which `terms_digest` is. */
export const termsText = (terms: Terms, owner: string): string => canonical({ owner, terms: { ...readTerms(terms) } });

/** The text whose SHA-256 is signed. A denial grants nothing, whatever `uses`, `expires` and `executed` say. */
export async function statementOf(said: Said): Promise<string> {
  const denies = said.decision === 'deny';
  const binding = { ...said.binding } as unknown as { [name: string]: Plain };
  return canonical({
    instance: said.instance, approval: said.approval, binding, binding_digest: await digestOf(bindingText(said.binding)),
    terms_digest: await digestOf(termsText(said.terms, said.owner)), requested: said.binding.digest,
    executed: denies ? said.binding.digest : said.executed, decision: said.decision,
    uses: denies ? 0 : said.uses, expires: denies ? 0 : said.expires, nonce: said.nonce,
    operator: said.operator, role: said.role, key: said.key,
  });
}

/** Is the text shown the one that the approval is about? */
export const isOf = async (params: string, binding: Binding): Promise<boolean> => await digestOf(params) === binding.digest;
