// What a signature covers of a held call whatever a person chooses, and what of it differs between two answers. Pure.
// Source: docs/formats/approval.md. Not here, since it changes by right: phase, who signed, who is needed, the end, uses spent.
import type { Binding, Terms } from './statement.ts';

export interface Covered {
  id: string;
  instance: string;
  binding: Binding;
  terms: Terms;
  owner: string;
  nonce: string;
}

/** `name` as in `binding.server`. */
interface Member { name: string; value: unknown }

/** A member of which one of the two is undefined is not there. */
export interface Difference { name: string; from: unknown; to: unknown }

export const coveredOf = ({ id, instance, binding, terms, owner, nonce }: Covered): Covered => ({ id, instance, binding, terms, owner, nonce });

/** Every member of it, also those that no statement would be made of: what is unknown must not change unseen either. */
export function membersOf(one: Covered): Member[] {
  const below = (area: string, given: object): Member[] => Object.entries(given).map(([name, value]) => ({ name: `${area}.${name}`, value: value as unknown }));
  return [...below('binding', one.binding), ...below('terms', one.terms),
    ...(['owner', 'nonce', 'id', 'instance'] as const).map((name) => ({ name, value: one[name] }))];
}

export function differences(from: Covered, to: Covered): Difference[] {
  const was = new Map(membersOf(from).map(({ name, value }) => [name, value]));
  const is = new Map(membersOf(to).map(({ name, value }) => [name, value]));
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => ({ name, from: was.get(name), to: is.get(name) }))
    .filter((one) => JSON.stringify(one.from) !== JSON.stringify(one.to));
}
