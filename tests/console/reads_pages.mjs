// Pages that look (workflows, agents, servers, rules, ledger, audit) and their states: what pages.mjs is for the
// others, before a played gateway whose records are really signed.

import { LARGE } from './played/gateway.mjs';

const forbidden = [403, { title: 'forbidden', status: 403, detail: 'alice may not look at this: no role in this scope' }];
const node_of = (page, gateway, tool) => page.locator(`[data-key="${gateway.record_of(tool).id}"]`);
const show_graph = async (page) => {
  await page.getByRole('button', { name: 'Graph', exact: true }).click();
  await page.locator('.graph-nodes [data-key]').first().waitFor();
};

export const READS = [
  { name: 'workflows', path: '/console/workflows', heading: 'Workflows' },
  { name: 'workflows_none', path: '/console/workflows', heading: 'Workflows', says: 'No workflow yet',
    before: (gateway) => gateway.instead.set('workflows', [200, { workflows: [], next: null }]) },
  { name: 'workflow', path: (gateway) => `/console/workflows/${gateway.workflows[0]}`, heading: 'Workflow', then: show_graph },
  { name: 'workflow_list', path: (gateway) => `/console/workflows/${gateway.workflows[0]}`, heading: 'Workflow',
    then: (page) => page.getByRole('button', { name: 'List', exact: true }).click() },
  { name: 'workflow_record', path: (gateway) => `/console/workflows/${gateway.workflows[0]}`, heading: 'Workflow',
    then: async (page, gateway) => {
      await show_graph(page);
      await node_of(page, gateway, 'refund').click();
      await page.locator('[data-verdict="consistent"]').waitFor();
    } },
  { name: 'workflow_chain', path: (gateway) => `/console/workflows/${gateway.workflows[1]}`, heading: 'Workflow', then: show_graph },
  { name: 'workflow_large', path: `/console/workflows/${LARGE}`, heading: 'Workflow', then: show_graph },
  { name: 'workflow_missing', path: '/console/workflows/019ab000-0000-7000-8000-0000000000ff', heading: 'Workflow',
    says: 'There is no such thing here' },
  { name: 'agents', path: '/console/agents', heading: 'Agents',
    then: (page) => page.getByRole('button', { name: 'Stop triage: how' }).click() },
  { name: 'agents_none', path: '/console/agents', heading: 'Agents', says: 'No agent is known',
    before: (gateway) => gateway.instead.set('agents', [200, { agents: [] }]) },
  { name: 'agents_forbidden', path: '/console/agents', heading: 'Agents', says: 'Your roles do not cover this',
    before: (gateway) => gateway.instead.set('agents', forbidden) },
  { name: 'servers', path: '/console/servers', heading: 'Servers' },
  { name: 'servers_none', path: '/console/servers', heading: 'Servers', says: 'No server is registered',
    before: (gateway) => gateway.instead.set('servers', [200, { servers: [] }]) },
  { name: 'rules', path: '/console/rules', heading: 'Rules' },
  { name: 'rules_edit', path: '/console/rules/edit', heading: 'Rules', then: async (page) => {
    await page.getByLabel('Text of rules.yaml').evaluate((field) => {
      field.value = field.value.replace('tool: refund', 'tol: refund').replace('version: 7', 'version: 8');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('did you mean').waitFor();
  } },
  { name: 'rules_test', path: '/console/rules/test', heading: 'Rules', then: async (page) => {
    await page.getByLabel('Agent').fill('billing');
    await page.getByLabel('Tool or resource').fill('refund');
    await page.getByLabel('Arguments').fill('{"amount": 70}');
    await page.getByRole('button', { name: 'What do the rules say?' }).click();
    await page.getByText('What was looked at').waitFor();
  } },
  { name: 'rules_proposals', path: '/console/rules/proposals', heading: 'Rules' },
  { name: 'rules_unavailable', path: '/console/rules', heading: 'Rules', says: 'cannot do this now',
    before: (gateway) => gateway.instead.set('rules', [503, { title: 'unavailable', status: 503, detail: 'starting' }]) },
  { name: 'ledger', path: '/console/ledger', heading: 'Ledger' },
  { name: 'ledger_none', path: '/console/ledger?agent=nobody', heading: 'Ledger', says: 'Nothing fits' },
  { name: 'record', path: (gateway) => `/console/ledger/${gateway.record_of('send').id}`, heading: 'Record',
    then: (page) => page.locator('[data-verdict="consistent"]').waitFor() },
  { name: 'record_denied', path: (gateway) => `/console/ledger/${gateway.record_of('read_text_file').id}`, heading: 'Record',
    then: (page) => page.locator('[data-verdict="consistent"]').waitFor() },
  { name: 'record_bad', path: (gateway) => `/console/ledger/${gateway.record_of('refund').id}`, heading: 'Record',
    before: (gateway) => {
      const detail = gateway.log.detail(gateway.record_of('refund'));
      detail.claims = structuredClone(detail.claims);
      detail.claims.ect_ext['pawl.tool'].agent = 'triage';
      gateway.instead.set(`records/${detail.id}`, [200, detail]);
    },
    then: (page) => page.locator('[data-verdict="bad"]').waitFor() },
  { name: 'audit', path: '/console/audit', heading: 'Audit' },
  { name: 'audit_none', path: '/console/audit?part=keys', heading: 'Audit', says: 'No key has changed' },
];
