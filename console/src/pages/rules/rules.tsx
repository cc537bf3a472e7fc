// Rules: the set in force, an editor with check and tester, proposals. Nothing here takes force: what the
// editor makes is text for review, and the commands that check and sign it.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useLive } from '../../api/live.ts';
import type { RuleFile, Rules as RulesAnswer } from '../../api/reads.ts';
import { navigate, to } from '../../app/router.ts';
import type { PageProps } from '../../app/pages.ts';
import { Badge, Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { Shown, ShownBlock } from '../../shown/shown.tsx';
import { Editor } from './editor.tsx';
import { Proposals } from './proposals.tsx';
import { Tester } from './tester.tsx';

const PARTS = [['', 'In force'], ['edit', 'Edit'], ['test', 'Test'], ['proposals', 'Proposals']] as const;

function InForce({ rules }: { rules: RulesAnswer }): JSX.Element {
  const { set } = rules;
  return (
    <div class="stack">
      <section class="card">
        <div class="card-head"><h2>{set.name ? <Shown text={set.name} /> : 'A set without a header'}</h2>
          {set.signed_by ? <Badge tone="good">signed</Badge> : <Badge tone="wait">signed by nobody</Badge>}</div>
        <dl class="facts">
          {set.version !== null && <><dt>Version</dt><dd>{set.version}</dd></>}
          {set.owner && <><dt>Owner</dt><dd><Shown text={set.owner} /></dd></>}
          {set.signed_by && <><dt>Signed by</dt><dd><Shown text={set.signed_by} /></dd></>}
          <dt>Digest</dt><dd><Shown text={set.digest} /></dd>
        </dl>
      </section>
      {rules.held_back && <p class="note note-warn"><span>The files on the disk did not take force: <Shown text={rules.held_back} /></span></p>}
      {rules.files.length === 0 && (
        <Empty title="No rule file is in force" command="pawl rules check">Without rules every call is denied.</Empty>)}
      {rules.files.map((file) => (
        <section class="card" key={file.path}>
          <div class="card-head"><h2><Shown text={file.path} /></h2></div>
          {file.text === null ? <p class="quiet">Too long to be shown here; it stands in this file.</p>
            : <ShownBlock text={file.text} label={`Rules of ${file.path}`} />}
        </section>))}
    </div>
  );
}

export default function Rules({ rest }: PageProps): JSX.Element {
  const { data, problem, loading, reload } = useLive<RulesAnswer>('/api/v1/rules', [], 60_000);
  const [edited, setEdited] = useState<RuleFile[] | null>(null);
  const whole = useMemo(() => (data?.files ?? []).filter((file): file is RuleFile => file.text !== null), [data]);
  const files = edited ?? whole;
  const part = PARTS.some(([one]) => one === rest) ? rest : '';
  const [first, ...others] = files;
  const take = first && ((text: string): void => {
    setEdited([{ ...first, text: `${first.text.trimEnd()}\n\n${text.trimEnd()}\n` }, ...others]);
    navigate('/rules/edit');
  });
  return (
    <>
      <div class="page-head"><h1>Rules</h1>
        {data && <span class="quiet">{data.set.name ? <><Shown text={`${data.set.name}${data.set.version === null ? '' : `/${data.set.version}`}`} class="words" />{' is in force'}</> : 'What is allowed, held and denied'}</span>}</div>
      <nav class="tabs" aria-label="Rules">
        {PARTS.map(([one, title]) => (
          <a key={one} href={to(one ? `/rules/${one}` : '/rules')} aria-current={part === one ? 'page' : undefined}>
            {title}{one === 'edit' && edited ? <span role="img" aria-label="changed">{' \u2022'}</span> : ''}</a>))}
      </nav>
      {loading && <Loading what="the rules" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && part === '' && <InForce rules={data} />}
      {data && part === 'edit' && <Editor force={whole} files={files} change={setEdited} />}
      {data && part === 'test' && <Tester edited={edited} />}
      {data && part === 'proposals' && <Proposals take={take} />}
    </>
  );
}
