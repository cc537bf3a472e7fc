// What is searched for: in the address of the page, so that it can be kept and sent. Pure.

import { query as queryOf } from '../../api/client.ts';
import type { RecordEvent } from '../../api/on_records.ts';
import type { RecordRow } from '../../api/reads.ts';

export interface Search {
  agent: string;
  server: string;
  name: string;
  kind: string;
  outcome: string;
  workflow: string;
  /** As typed: 2026-11-27T12:00, in the zone of this device. */
  from: string;
  to: string;
}

export const MEMBERS = ['agent', 'server', 'name', 'kind', 'outcome', 'workflow', 'from', 'to'] as const;
export const OUTCOMES = ['confirmed', 'failed', 'unknown', 'denied', 'held', 'error'];

export function searchOf(query: URLSearchParams): Search {
  return Object.fromEntries(MEMBERS.map((member) => [member, query.get(member) ?? ''])) as unknown as Search;
}

export function addressOf(path: string, search: Partial<Search>): string {
  return path + queryOf({ ...search });
}

function seconds(time: string): number | undefined {
  const at = time === '' ? NaN : new Date(time).getTime();
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}

/** The path of the API. `before`: the `next` of the answer before. */
export function apiPath(search: Search, before: string, limit: number): string {
  return `/api/v1/records${queryOf({ ...search, from: seconds(search.from), to: seconds(search.to), before, limit })}`;
}

/** Is `a` of a later time? In the order of the log, also across its shards, where the index begins anew. */
function isLater(a: RecordRow, b: RecordRow): boolean {
  return a.at > b.at || (a.at === b.at && a.index > b.index);
}

/** The records that came and those that were read, newest first, each once. What was read later has what came before. */
export function inOrder(came: RecordRow[], read: RecordRow[]): RecordRow[] {
  const newest = read[0];
  return [...came.filter((row) => newest === undefined || isLater(row, newest)).sort((a, b) => (isLater(a, b) ? -1 : 1)), ...read];
}

/** Whether a record that just came is one of those that are searched for. */
export function fitsSearch(search: Search, record: RecordEvent): boolean {
  const kind = search.kind.endsWith('.*') ? record.kind.startsWith(search.kind.slice(0, -1))
    : search.kind === '' || record.kind === search.kind;
  const [from, until] = [seconds(search.from), seconds(search.to)];
  return kind && (from === undefined || record.at >= from) && (until === undefined || record.at < until)
    && (['agent', 'server', 'name', 'outcome', 'workflow'] as const)
      .every((member) => search[member] === '' || search[member] === record[member]);
}
