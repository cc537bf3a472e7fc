// Every page and state of the console that is looked at: by axe in both themes, at 360 pixels, and by people in
// screenshots. To add one: a row here. `before(gateway)` changes what the gateway says; `then(page)` acts on the page.

import { held, hostile_approval, quiet_overview, sha, signed } from './support/scenario.mjs';

/** The person has an enrolled passkey (of nobody: these pages sign nothing). */
const enrolled = (gateway, roles = ['approver']) => {
  gateway.state.who.operator = { name: 'ada', keys: [{ kid: sha('key of ada'), roles, passkey: { credential: 'AAAA', rp: 'localhost' } }] };
  gateway.state.who.passkeys = [{ credential: 'AAAA', kid: sha('key of ada') }, { credential: 'BBBB', kid: sha('another key') }];
};

/** The page of one approval, which is the first of the list. */
const shows = (make) => (gateway) => {
  enrolled(gateway);
  gateway.state.approvals.unshift(make(gateway));
};
const its_page = (gateway) => `/console/approvals/${gateway.state.approvals[0].id}`;
const transfer = (more) => held({ agent: 'billing', on_behalf_of: 'dave', server: 'bank', name: 'transfer',
  params: '{"name":"transfer","arguments":{"to":"DE02 1203 0000 0000 2020 51","amount":"1,250.00","currency":"EUR"}}',
  effect: 'Calls the tool transfer of the server bank. Declared by its operator: moves money; not read-only; cannot be undone.',
  obliged: '1 pattern is taken out of the answer; at most 30 s (cards)', ...more });
const first_signed = (one) => ({ ...one, by: one.by.map((by) => ({ ...by, executed: one.binding.digest, uses: 2, expires: one.expires })) });
const CHANGED = '{"name":"transfer","arguments":{"to":"DE02 1203 0000 0000 2020 51","amount":"125.00","currency":"EUR","note":"first part"}}';

export const PAGES = [
  { name: 'sign_in', path: '/console/', heading: 'Sign in', before: (gateway) => { gateway.state.signed_in = false; } },
  { name: 'sign_in_closed', path: '/console/', heading: 'Nobody can sign in here yet', before: (gateway) => {
    gateway.state.signed_in = false;
    gateway.state.offered = { sign_in: false, accounts: false, oidc: false };
  } },
  { name: 'overview', path: '/console/', heading: 'Overview' },
  { name: 'overview_quiet', path: '/console/', heading: 'Overview', before: (gateway) => { gateway.state.overview = quiet_overview(); gateway.state.approvals = []; } },
  { name: 'overview_of_some', path: '/console/', heading: 'Overview', says: 'Nothing that you may see is stopped', before: (gateway) => {     // whose grants do not cover all
    Object.assign(gateway.state.overview, { rates: null, troubles: [], stops: [] });
  } },
  { name: 'overview_forbidden', path: '/console/', heading: 'Overview', before: (gateway) => {
    gateway.state.answers['GET /api/v1/overview'] = [403, { title: 'forbidden', status: 403, detail: 'ada may not look at this: no role in this scope' }];
  } },
  { name: 'approvals', path: '/console/approvals', heading: 'Approvals' },
  { name: 'approvals_none', path: '/console/approvals', heading: 'Approvals', before: (gateway) => { gateway.state.approvals = []; } },
  { name: 'approval', path: its_page, heading: /wants/, before: (gateway) => { enrolled(gateway); } },
  { name: 'approval_first', path: its_page, heading: /wants/, before: shows(() => transfer({})) },
  { name: 'approval_two', path: its_page, heading: /wants/, before: shows(() => first_signed(transfer({ of: 2, uses: 3, roles: ['approver', 'admin'], escalated: true, by: [signed('bob')] }))) },
  { name: 'approval_changed', path: its_page, heading: /wants/, before: shows(() => transfer({ of: 2, by: [signed('bob', { executed: sha(CHANGED) })],
    changed: { params: CHANGED, differs: [] } })) },
  { name: 'approval_not_compared', path: its_page, heading: /wants/, before: shows(() => transfer({ usual: { calls: 7, first: false, compared: 0 } })) },
  { name: 'approval_as_usual', path: its_page, heading: /wants/, before: shows(() => transfer({ usual: { calls: 7, first: false, compared: 7, differs: [],
    not_compared: 2 } })) },
  { name: 'approval_edit', path: its_page, heading: /wants/, before: shows(() => transfer({})), then: async (page) => {
    await page.getByRole('button', { name: 'Change the arguments first' }).click();
    await page.getByLabel('The exact text that may go out').fill(CHANGED);
  } },
  { name: 'approval_hostile', path: its_page, heading: /wants/, before: shows(hostile_approval) },
  { name: 'approval_not_enrolled', path: its_page, heading: /wants/ },
  { name: 'approval_wrong_digest', path: its_page, heading: /wants/, before: shows(() => ({ ...transfer({}), params: CHANGED })),
    then: (page) => page.getByText('Nothing can be signed').waitFor() },
  { name: 'approval_no_arguments', path: its_page, heading: /wants/, before: shows(() => ({ ...transfer({}), params: undefined,
    arguments_problem: 'the vault is locked' })) },
  { name: 'approval_approved', path: its_page, heading: /wants/, before: shows(() => transfer({ phase: 'approved', by: [signed('ada')], needed: 0, uses: 1,
    until: Math.floor(Date.now() / 1000) + 500 })) },
  { name: 'approval_gone', path: '/console/approvals/019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11', heading: 'Approval' },
  { name: 'account', path: '/console/account', heading: 'Account', before: (gateway) => { enrolled(gateway); } },
  { name: 'account_no_passkey', path: '/console/account', heading: 'Account' },
  { name: 'keys', path: '/console/approvals', heading: 'Approvals', then: (page) => page.keyboard.press('?') },
  { name: 'not_found', path: '/console/no-such-page', heading: 'Not found' },
];
