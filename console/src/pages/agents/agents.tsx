// Agents: who calls, how much, what is refused, and who is stopped.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLive } from '../../api/live.ts';
import type { AgentRow } from '../../api/reads.ts';
import { ledgerAddress } from '../../app/addresses.ts';
import { ago, dateTime, useNow } from '../../app/clock.ts';
import { Badge, Command, Empty, ErrorState, isShellSafe, Loading, Stale } from '../../parts/states.tsx';
import { AgentName } from '../../shown/agent.tsx';
import { Shown } from '../../shown/shown.tsx';
import { spoken } from '../../shown/visible.ts';

function Row({ agent, now }: { agent: AgentRow; now: number }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td data-label="Agent"><a href={ledgerAddress({ agent: agent.id })}><AgentName name={agent.id} /></a>{' '}
          {agent.stopped && <Badge tone="bad">stopped</Badge>}</td>
        <td data-label="Groups">{agent.groups.length === 0 ? <span class="quiet">none</span>
          : <ul class="plain row tight">{agent.groups.map((group) => <li key={group} class="chip"><Shown text={group} /></li>)}</ul>}</td>
        <td data-label="Owner">{agent.owner ? <Shown text={agent.owner} /> : <span class="quiet">not said</span>}</td>
        <td data-label="Calls" class="number">{agent.calls.toLocaleString('en')}</td>
        <td data-label="Refused" class="number">{agent.refused > 0
          ? <a href={ledgerAddress({ agent: agent.id, outcome: 'denied' })}>{agent.refused.toLocaleString('en')}</a> : 0}</td>
        <td data-label="Open" class="number">{agent.open}</td>
        <td data-label="Last call">{agent.last_at
          ? <span title={dateTime(agent.last_at)}>{ago(agent.last_at, now)}</span> : <span class="quiet">never</span>}</td>
        <td class="row-act"><button type="button" class="small" aria-expanded={open}
          aria-label={`${agent.stopped ? 'Resume' : 'Stop'} ${spoken(agent.id, 60)}: how`} onClick={() => setOpen(!open)}>
          {agent.stopped ? 'Resume' : 'Stop'}</button></td>
      </tr>
      {open && (
        <tr class="more"><td colSpan={8}>
          <p class="quiet">{agent.stopped ? 'A resume is signed with an operator\u2019s key:' : 'In force at once, for calls that are under way, too:'}</p>
          {isShellSafe(agent.id) ? <Command text={`pawl ${agent.stopped ? 'resume' : 'stop'} agent:${agent.id}`} />
            : <p class="quiet">The name has characters that a shell reads otherwise; quote it yourself.</p>}
        </td></tr>)}
    </>
  );
}

export default function Agents(): JSX.Element {
  const { data, problem, loading, reload } = useLive<{ agents: AgentRow[]; left_out?: number }>('/api/v1/agents', ['stop'], 5000);
  const now = useNow(5000);
  return (
    <>
      <div class="page-head"><h1>Agents</h1><span class="quiet">Who calls through this gateway</span></div>
      {loading && <Loading what="the agents" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && data.agents.length === 0 && (
        <Empty title="No agent is known" command="pawl config show">
          Agents stand in <code>agents</code> of <code>pawl.yaml</code>, or come from an issuer of identities.</Empty>)}
      {data && data.agents.length > 0 && (
        <section class="card" aria-label="Agents">
          <table class="records stacked">
            <thead><tr><th>Agent</th><th>Groups</th><th>Owner</th><th class="number">Calls</th><th class="number">Refused</th>
              <th class="number">Open</th><th>Last call</th><th><span class="heard">What can be done</span></th></tr></thead>
            <tbody>{data.agents.map((agent) => <Row key={agent.id} agent={agent} now={now} />)}</tbody>
          </table>
          <p class="quiet foot">{`Counted since the gateway started.${data.left_out ? ` ${data.left_out} more agents are not listed.` : ''}`}</p>
        </section>)}
    </>
  );
}
