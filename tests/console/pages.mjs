// Every page and state of the console that is looked at: by axe in both themes, at 360 pixels, and by people in
// screenshots. To add one: a row here. `before(gateway)` changes what the gateway says; `then(page)` acts on the page.

import { quiet_overview } from './support/scenario.mjs';

const first = (gateway) => gateway.state.approvals[0];

export const PAGES = [
  { name: 'sign_in', path: '/console/', heading: 'Sign in', before: (gateway) => { gateway.state.signed_in = false; } },
  { name: 'sign_in_closed', path: '/console/', heading: 'Nobody can sign in here yet', before: (gateway) => {
    gateway.state.signed_in = false;
    gateway.state.offered = { sign_in: false, accounts: false, oidc: false };
  } },
  { name: 'overview', path: '/console/', heading: 'Overview' },
  { name: 'overview_quiet', path: '/console/', heading: 'Overview', before: (gateway) => { gateway.state.overview = quiet_overview(); gateway.state.approvals = []; } },
  { name: 'overview_forbidden', path: '/console/', heading: 'Overview', before: (gateway) => {
    gateway.state.answers['GET /api/v1/overview'] = [403, { title: 'forbidden', status: 403, detail: 'ada may not look at this: no role in this scope' }];
  } },
  { name: 'approvals', path: '/console/approvals', heading: 'Approvals' },
  { name: 'account', path: '/console/account', heading: 'Account' },
  { name: 'not_found', path: '/console/no-such-page', heading: 'Not found' },
];
void first;
