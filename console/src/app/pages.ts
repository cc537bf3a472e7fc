// Every page of the console. To add one: a component in src/pages/NAME/, a line here, a test and a
// screenshot in tests/console/pages.mjs.
import type { ComponentType } from 'preact';

export interface PageProps {
  rest: string;              // what follows the page's path: an id, or empty
  query: URLSearchParams;
}

export interface Page {
  path: string;
  title: string;
  icon?: IconName;           // with an icon it stands in the navigation
  key?: string;              // `g` and this letter go there
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export type IconName = 'overview' | 'approvals' | 'workflows' | 'agents' | 'servers' | 'rules' | 'ledger' | 'audit' |
  'account';

export const PAGES: Page[] = [
  { path: '/', title: 'Overview', icon: 'overview', key: 'o', load: () => import('../pages/overview/overview.tsx') },
  { path: '/approvals', title: 'Approvals', icon: 'approvals', key: 'a', load: () => import('../pages/approvals/approvals.tsx') },
  { path: '/workflows', title: 'Workflows', icon: 'workflows', key: 'w', load: () => import('../pages/workflows/workflows.tsx') },
  { path: '/agents', title: 'Agents', icon: 'agents', key: 'n', load: () => import('../pages/agents/agents.tsx') },
  { path: '/servers', title: 'Servers', icon: 'servers', key: 's', load: () => import('../pages/servers/servers.tsx') },
  { path: '/rules', title: 'Rules', icon: 'rules', key: 'r', load: () => import('../pages/rules/rules.tsx') },
  { path: '/ledger', title: 'Ledger', icon: 'ledger', key: 'l', load: () => import('../pages/ledger/ledger.tsx') },
  { path: '/audit', title: 'Audit', icon: 'audit', key: 'u', load: () => import('../pages/audit/audit.tsx') },
  { path: '/account', title: 'Account', icon: 'account', key: 'c', load: () => import('../pages/account/account.tsx') },
];

/** Undefined: what follows a % is no character. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The page of a path, and what follows its own path. */
export function pageOf(path: string): { page: Page; rest: string } | undefined {
  const fits = PAGES.filter((one) => one.path === path || (one.path !== '/' && path.startsWith(`${one.path}/`)))
    .sort((a, b) => b.path.length - a.path.length)[0];
  const rest = fits && decoded(path.slice(fits.path.length + 1));
  return fits && rest !== undefined ? { page: fits, rest } : undefined;
}
