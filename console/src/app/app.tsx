// Which page is shown: by session and address.
import { Component, type ComponentChildren, type ComponentType, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connect, disconnect } from '../api/events.ts';
import { readSession, useSession } from '../api/session.ts';
import { Empty, ErrorState, Loading } from '../parts/states.tsx';
import { SignIn, SignInClosed } from '../pages/sign_in/sign_in.tsx';
import { Problem } from '../api/client.ts';
import { Announcers, Frame } from './frame.tsx';
import { pageOf, type Page, type PageProps } from './pages.ts';
import { usePlace } from './router.ts';

/** A page that fails says so, and takes nothing with it. */
class Boundary extends Component<{ at: string; children: ComponentChildren }, { why: string }> {
  state = { why: '' };
  static getDerivedStateFromError(error: unknown): { why: string } {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  /** What failed is left behind with its address. */
  componentDidUpdate(before: { at: string }): void {
    if (before.at !== this.props.at && this.state.why) this.setState({ why: '' });
  }
  render(): ComponentChildren {
    return this.state.why
      ? <><h1>This page failed</h1><ErrorState problem={new Problem(0, 'defect', this.state.why)} again={() => window.location.reload()} /></>
      : this.props.children;
  }
}

const AWAY_MS = 5000;       // how often a gateway that does not answer is asked again
const loaded = new Map<Page, ComponentType<PageProps>>();

function PageBody({ page, rest, query }: { page: Page } & PageProps): JSX.Element {
  const [, setCount] = useState(0);
  const [failed, setFailed] = useState(false);
  const Body = loaded.get(page);
  useEffect(() => {
    if (loaded.has(page)) return;
    page.load().then((file) => { loaded.set(page, file.default); setCount((count) => count + 1); }, () => setFailed(true));
  }, [page]);
  if (failed) {
    return <ErrorState problem={new Problem(0, '', 'The page could not be loaded. If the gateway was upgraded meanwhile, loading it anew helps.')} again={() => window.location.reload()} />;
  }
  return Body ? <Body rest={rest} query={query} /> : <Loading what="the page" />;
}

export function App(): JSX.Element {
  const session = useSession();
  const place = usePlace();
  useEffect(() => { void readSession(); }, []);
  useEffect(() => {
    if (session.is === 'in') connect();
    else disconnect();
    if (session.is !== 'away') return undefined;
    const timer = setInterval(() => void readSession(), AWAY_MS);
    return () => clearInterval(timer);
  }, [session.is]);

  const found = pageOf(place.path);
  let body: JSX.Element;
  switch (session.is) {
    case 'unknown': body = <main class="alone"><Loading what="who is signed in" /></main>; break;
    case 'closed': body = <SignInClosed />; break;
    case 'away':
      body = <main class="alone"><ErrorState problem={new Problem(0, 'network', session.why)} again={() => void readSession()} /></main>;
      break;
    case 'out': body = <SignIn why={session.why} />; break;
    case 'in':
      body = (
        <Frame who={session.who} since={session.since} page={found?.page} rest={found?.rest ?? ''}>
          {found ? <Boundary key={found.page.path} at={place.path}><PageBody page={found.page} rest={found.rest} query={place.query} /></Boundary>
            : <><h1>Not found</h1><Empty title="There is no page at this address">Choose one on the left.</Empty></>}
        </Frame>);
  }
  return <>{body}<Announcers /></>;
}
