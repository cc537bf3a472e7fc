import type { JSX } from 'preact';
import { Empty } from '../../parts/states.tsx';

export default function Approvals(): JSX.Element {
  return <><div class="page-head"><h1>Approvals</h1></div><Empty title="Nothing here yet" command="pawl status" /></>;
}
