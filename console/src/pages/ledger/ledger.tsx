// The ledger: search, live tail, one record.

import type { JSX } from 'preact';
import { navigate, to } from '../../app/router.ts';
import type { PageProps } from '../../app/pages.ts';
import { RecordById } from '../../record/record_view.tsx';
import { Filters } from './filters.tsx';
import { Results } from './results.tsx';
import { type Search, addressOf, searchOf } from './search.ts';

export default function Ledger({ rest, query }: PageProps): JSX.Element {
  if (rest !== '') {
    return (
      <>
        <a class="back" href={to('/ledger')}>All records</a>
        <div class="page-head"><h1>Record</h1></div>
        <RecordById key={rest} id={rest} />
      </>);
  }
  const search = searchOf(query);
  const find = (next: Search): void => navigate(addressOf('/ledger', next));
  const key = addressOf('', search);
  return (
    <>
      <div class="page-head"><h1>Ledger</h1><span class="quiet">Every record, signed and in order</span></div>
      <Filters key={key} search={search} find={find} />
      <Results key={`results ${key}`} search={search} />
    </>
  );
}
