// What people did: sign-ins and acts, decisions on held calls, stops, rules, keys. The same records as in
// the ledger, chosen by kind.

import type { JSX } from 'preact';
import { to } from '../../app/router.ts';
import type { PageProps } from '../../app/pages.ts';
import { Empty } from '../../parts/states.tsx';
import { Results } from '../ledger/results.tsx';
import { searchOf } from '../ledger/search.ts';
import { Deeds } from './deeds.tsx';

const PARTS = [
  { part: 'people', kind: 'operator.*', title: 'Sign-ins and acts', empty: 'Nobody has signed in yet', command: 'pawl account list' },
  { part: 'decisions', kind: 'approval.*', title: 'Decisions', empty: 'No call was held yet', command: 'pawl approvals list' },
  { part: 'stops', kind: 'override.*', title: 'Stops', empty: 'Nothing was stopped yet', command: 'pawl stop --help' },
  { part: 'rules', kind: 'policy.*', title: 'Rules', empty: 'No rules came into force yet', command: 'pawl rules check' },
  { part: 'identities', kind: 'identity.*', title: 'Agents and readers', empty: 'Nobody was enrolled yet', command: 'pawl status' },
  { part: 'keys', kind: 'key.*', title: 'Keys', empty: 'No key has changed', command: 'pawl keys --help' },
];

export default function Audit({ query }: PageProps): JSX.Element {
  const chosen = PARTS.find(({ part }) => part === query.get('part')) ?? PARTS[0]!;
  const search = { ...searchOf(new URLSearchParams()), kind: chosen.kind };
  return (
    <>
      <div class="page-head"><h1>Audit</h1><span class="quiet">What people did here</span></div>
      <nav class="tabs" aria-label="What">
        {PARTS.map(({ part, title }) => (
          <a key={part} href={to(`/audit?part=${part}`)} aria-current={part === chosen.part ? 'page' : undefined}>{title}</a>))}
      </nav>
      <Results key={chosen.kind} search={search} table={Deeds} empty={<Empty title={chosen.empty} command={chosen.command} />} />
    </>
  );
}
