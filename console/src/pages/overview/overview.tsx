// What goes on now: rates, who waits for people, what is stopped, what is wrong and what to do about it.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Approval } from '../../api/approvals.ts';
import { gatewayTime } from '../../api/gateway_time.ts';
import { useLive, type Live } from '../../api/live.ts';
import { approvalAddress } from '../../app/addresses.ts';
import { ago, clockTime, countdown, dateTime, useNow } from '../../app/clock.ts';
import { to } from '../../app/router.ts';
import { Icon } from '../../parts/icons.tsx';
import { toneOf } from '../../parts/outcome.ts';
import { Badge, Command, Empty, ErrorState, Loading, Stale } from '../../parts/states.tsx';
import { AgentName } from '../../shown/agent.tsx';
import { Shown } from '../../shown/shown.tsx';
import { Spark } from './spark.tsx';

interface OpenCall {
  id: string; agent: string; server: string; verb: string; tool?: string; resource?: string; on_behalf_of?: string; stage: string; age_s: number;
}
interface Overview {
  rates: { calls_per_s: number; refusals_per_s: number; held: number } | null;   // null: this person does not see all
  pending: number;
  open: OpenCall[];
  agents: { id: string; calls: number; refused: number; held: number; stopped: boolean }[];
  stops: { scope: string; since: number; by: string; reason: string }[];
  troubles: { id: string; what: string; do: string }[];
}

const MOST_POINTS = 60;
const MOST_OPEN = 20;      // the gateway names no more open calls
const rate = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));

/** The last minutes, as long as this page is open: the gateway keeps no history of rates. */
function useHistory(value: number | undefined, at: number): number[] {
  const points = useRef<number[]>([]);
  const seen = useRef(0);
  if (value !== undefined && at !== seen.current) {
    seen.current = at;
    points.current = [...points.current, value].slice(-MOST_POINTS);
  }
  return points.current;
}

function Tile({ title, value, unit, tone, points, href }: { title: string; value: string; unit?: string; tone?: string; points?: number[]; href?: string }): JSX.Element {
  const body = (
    <>
      <span class="tile-title">{title}</span>
      <span class="tile-value">{value}{unit && <span class="tile-unit">{unit}</span>}</span>
      {points && <Spark points={points} />}
    </>
  );
  const name = `card tile ${tone ? `tile-${tone}` : ''}`;
  return href ? <a class={name} href={href}>{body}</a> : <div class={name}>{body}</div>;
}

function Stops({ list, now }: { list: Overview['stops']; now: number }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <section class="card alarm" aria-labelledby="stops">
      <h2 id="stops">{`${list.length} stop${list.length === 1 ? '' : 's'} in force`}</h2>
      <ul class="plain lines">
        {list.map((stop) => (
          <li key={stop.scope}>
            <span class="strong"><Shown text={stop.scope} /></span>
            <span><Shown text={stop.reason} class="words" /></span>
            <span class="quiet">{'by '}<Shown text={stop.by} />{', '}<time title={dateTime(stop.since)}>{ago(stop.since, now)}</time></span>
          </li>))}
      </ul>
      <p class="quiet">Lifting is an operator's signed statement:</p>
      <Command text="pawl resume --help" />
    </section>
  );
}

function Troubles({ list }: { list: Overview['troubles'] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <section class="card warn" aria-labelledby="troubles">
      <h2 id="troubles">Needs attention</h2>
      <ul class="plain lines">
        {list.map((one) => (
          <li key={one.id}>
            <span><Shown text={one.what} class="words" /></span>
            {/^pawl [\w ./:=@-]+$/.test(one.do) ? <Command text={one.do} /> : one.do && <span class="quiet"><Shown text={one.do} class="words" /></span>}
          </li>))}
      </ul>
    </section>
  );
}

function Waiting({ approvals, now }: { approvals: Live<{ approvals: Approval[] }>; now: number }): JSX.Element {
  const { data, problem, reload } = approvals;
  const soonest = (data?.approvals ?? []).filter(({ phase }) => phase === 'pending').sort((a, b) => a.expires - b.expires);
  return (
    <section class="card" aria-labelledby="waiting">
      <div class="card-head"><h2 id="waiting">Waiting for people</h2>{soonest.length > 0 && <a href={to('/approvals')}>{`All ${soonest.length}`}</a>}</div>
      {data && <Stale problem={problem} again={reload} />}
      {!data ? <p class="quiet" role="status">{problem ? 'What waits could not be read; it is tried again.' : 'Reading what waits ...'}</p>
        : soonest.length === 0 ? <p class="quiet">No call waits for anybody.</p> : (
        <ul class="plain lines">
          {soonest.slice(0, 4).map((one) => {
            const left = one.expires - now / 1000;
            return (
              <li key={one.id} class="line-row">
                <a class="line-main" href={approvalAddress(one.id)}><AgentName name={one.binding.agent} />{' wants '}<Shown text={one.binding.name || one.binding.verb} />{' of '}<Shown text={one.binding.server} /></a>
                <span class={`left-time ${left < 120 ? 'soon' : ''}`}>{countdown(left)}</span>
              </li>);
          })}
        </ul>)}
    </section>
  );
}

function OpenCalls({ list }: { list: OpenCall[] }): JSX.Element {
  return (
    <section class="card" aria-labelledby="open">
      <h2 id="open">Open calls</h2>
      {list.length === 0 ? <p class="quiet">None at this moment.</p> : (
        <div class="scroll"><table>
          <thead><tr><th>Agent</th><th>Wants</th><th>Stage</th><th class="number">Since</th></tr></thead>
          <tbody>{list.map((call) => (
            <tr key={call.id}>
              <td><AgentName name={call.agent} /></td>
              <td><Shown text={call.tool ?? call.resource ?? call.verb} />{' of '}<Shown text={call.server} /></td>
              <td><Badge tone={toneOf(call.stage)}>{call.stage}</Badge></td>
              <td class="number">{countdown(call.age_s)}</td>
            </tr>))}
          </tbody>
        </table></div>)}
    </section>
  );
}

function Agents({ list }: { list: Overview['agents'] }): JSX.Element {
  return (
    <section class="card wide" aria-labelledby="agents">
      <h2 id="agents">Agents</h2>
      {list.length === 0 ? (
        <Empty title="No agent has called yet" command="pawl demo">Give an agent a key and the address of this gateway; or try the demo.</Empty>
      ) : (
        <div class="scroll"><table>
          <thead><tr><th>Agent</th><th class="number">Calls</th><th class="number">Refused</th><th class="number">Held</th><th>State</th></tr></thead>
          <tbody>{list.map((agent) => (
            <tr key={agent.id}>
              <td><AgentName name={agent.id} /></td>
              <td class="number">{agent.calls.toLocaleString('en')}</td>
              <td class={`number ${agent.refused ? 'some-bad' : ''}`}>{agent.refused.toLocaleString('en')}</td>
              <td class={`number ${agent.held ? 'some-wait' : ''}`}>{agent.held.toLocaleString('en')}</td>
              <td>{agent.stopped ? <Badge tone="bad">stopped</Badge> : <Badge tone="good">may call</Badge>}</td>
            </tr>))}
          </tbody>
        </table></div>)}
    </section>
  );
}

export default function OverviewPage(): JSX.Element {
  const { data, problem, loading, readAt, reload } = useLive<Overview>('/api/v1/overview', ['record', 'approval', 'stop'], 5000);
  const approvals = useLive<{ approvals: Approval[] }>('/api/v1/approvals', ['approval']);
  const now = useNow();
  const calls = useHistory(data?.rates?.calls_per_s, readAt);
  const refusals = useHistory(data?.rates?.refusals_per_s, readAt);
  const head = <div class="page-head"><h1>Overview</h1>{readAt > 0 && <span class="quiet">{`as of ${clockTime(gatewayTime(readAt) / 1000)}`}</span>}</div>;
  if (loading) return <>{head}<Loading what="what goes on" /></>;
  if (!data) return <>{head}<ErrorState problem={problem!} again={reload} /></>;
  const { rates } = data;
  return (
    <>
      {head}
      <Stale problem={problem} again={reload} />
      <div class="tiles">
        {rates && <Tile title="Calls" value={rate(rates.calls_per_s)} unit="a second" points={calls} />}
        {rates && <Tile title="Refused" value={rate(rates.refusals_per_s)} unit="a second" points={refusals} tone={rates.refusals_per_s >= 1 ? 'bad' : ''} />}
        <Tile title="Waiting for people" value={String(data.pending)} tone={data.pending ? 'wait' : ''} href={to('/approvals')} />
        <Tile title="Open calls" value={data.open.length < MOST_OPEN ? String(data.open.length) : `${MOST_OPEN}+`} />
      </div>
      {(data.stops.length > 0 || data.troubles.length > 0) && (
        <div class="grid top"><Stops list={data.stops} now={now} /><Troubles list={data.troubles} /></div>)}
      {data.stops.length === 0 && data.troubles.length === 0 && (
        rates ? <p class="note note-good top"><Icon name="check" /><span>Nothing is stopped, and nothing needs attention.</span></p>
          : <p class="note note-info top"><span>Nothing that you may see is stopped. Rates and troubles of the whole gateway are shown to who may see all of it.</span></p>)}
      <div class="grid top">
        <Waiting approvals={approvals} now={now} />
        <OpenCalls list={data.open} />
      </div>
      <div class="top"><Agents list={data.agents} /></div>
    </>
  );
}
