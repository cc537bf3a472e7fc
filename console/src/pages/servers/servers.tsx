// Servers: what lies behind the gateway, whether it is up, and whether there is a way around.

import type { JSX } from 'preact';
import { useLive } from '../../api/live.ts';
import type { ServerRow } from '../../api/reads.ts';
import { ledgerAddress } from '../../app/addresses.ts';
import { dateTime, inWords, useNow } from '../../app/clock.ts';
import { toneOf } from '../../parts/outcome.ts';
import { Badge, Empty, ErrorState, Loading, Stale, type Tone } from '../../parts/states.tsx';
import { Shown } from '../../shown/shown.tsx';

const ROUTES: Record<string, { tone: Tone; sign: string; means: string }> = {
  proven: { tone: 'good', sign: '\u2713', means: 'Pawl is the only way there' },
  'not proven': { tone: 'wait', sign: '?', means: 'nobody has shown that Pawl is the only way there' },
  'by-passable': { tone: 'bad', sign: '!', means: 'there is a way around Pawl' },
};
const KINDS: Record<string, string> = { url: 'Over the network', command: 'A local process', wrapped: 'Wrapped by an agent\u2019s shim' };

function Route({ server }: { server: ServerRow }): JSX.Element {
  const route = ROUTES[server.sole_route] ?? ROUTES['not proven']!;
  return (
    <div class={`route route-${route.tone}`}>
      <p><span class="route-sign" aria-hidden="true">{route.sign}</span><strong>{`Sole route: ${server.sole_route in ROUTES ? server.sole_route : 'not proven'}`}</strong>
        <span class="quiet">{` \u2013 ${route.means}`}</span></p>
      {server.sole_route_why && <p class="route-why">{server.sole_route_why}</p>}
    </div>
  );
}

function Tools({ server }: { server: ServerRow }): JSX.Element {
  if (server.tools.length === 0) {
    return <p class="quiet">None of its tools is declared in pawl.yaml.</p>;
  }
  return (
    <details open={server.tools.length <= 6}>
      <summary>{`${server.tools.length} tool${server.tools.length === 1 ? '' : 's'}`}</summary>
      <ul class="plain tools details-body">
        {server.tools.map((tool) => (
          <li key={tool.name}>
            <a href={ledgerAddress({ server: server.name, ...(tool.name === '*' ? {} : { name: tool.name }) })}><Shown text={tool.name} /></a>{tool.name === '*' && <span class="quiet">all others</span>}
            <span class="row tight">
              {tool.effects.map((effect) => (
                <Badge key={effect} tone={effect.startsWith('writes') ? 'info' : 'quiet'}>{effect}</Badge>))}
              {tool.effects.length === 0 && <Badge tone="wait">effects not declared</Badge>}
              {tool.idempotent && <Badge tone="quiet">idempotent</Badge>}
            </span>
            {tool.description_digest && <span class="quiet digest" title="Digest of its description, as the server gives it">{tool.description_digest}</span>}
          </li>))}
      </ul>
    </details>
  );
}

function Card({ server, now }: { server: ServerRow; now: number }): JSX.Element {
  return (
    <li>
      <article class="card stack server">
        <div class="card-head">
          <h2><Shown text={server.name} /></h2>
          <Badge tone={toneOf(server.state)}>{server.state}</Badge>
        </div>
        <p class="quiet">{KINDS[server.kind] ?? server.kind}
          {server.since && <span title={dateTime(server.since)}>{` \u00b7 ${server.state} for ${inWords(now / 1000 - server.since)}`}</span>}</p>
        {server.error && <p class="note note-bad"><Shown text={server.error} /></p>}
        <Route server={server} />
        <Tools server={server} />
      </article>
    </li>
  );
}

export default function Servers(): JSX.Element {
  const { data, problem, loading, reload } = useLive<{ servers: ServerRow[] }>('/api/v1/servers', [], 15_000);
  const now = useNow(5000);
  return (
    <>
      <div class="page-head"><h1>Servers</h1><span class="quiet">What agents reach through this gateway</span></div>
      {loading && <Loading what="the servers" />}
      {problem && !data && <ErrorState problem={problem} again={reload} />}
      {data && <Stale problem={problem} again={reload} />}
      {data && data.servers.length === 0 && (
        <Empty title="No server is registered" command="pawl config show">
          Servers stand in <code>servers</code> of <code>pawl.yaml</code>; a local one joins with <code>pawl wrap</code>.</Empty>)}
      {data && data.servers.length > 0 && <ul class="plain grid servers">{data.servers.map((server) => <Card key={server.name} server={server} now={now} />)}</ul>}
    </>
  );
}
