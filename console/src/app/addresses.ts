// Addresses of things that several pages lead to.
import { query } from '../api/client.ts';
import { to } from './router.ts';

export const approvalAddress = (id: string): string => to(`/approvals/${encodeURIComponent(id)}`);
export const recordAddress = (id: string): string => to(`/ledger/${encodeURIComponent(id)}`);
export const workflowAddress = (id: string): string => to(`/workflows/${encodeURIComponent(id)}`);
/** The ledger, with what is searched for. */
export const ledgerAddress = (search: Record<string, string>): string => to(`/ledger${query(search)}`);
