import type { JSX } from 'preact';
import { Empty } from '../../parts/states.tsx';

export default function Overview(): JSX.Element {
  return <><div class="page-head"><h1>Overview</h1></div><Empty title="Nothing here yet" command="pawl status" /></>;
}
