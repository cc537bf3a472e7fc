// What the gateway answers to those who look: the forms of docs/formats/console_api.md. Members that this
// page does not know are passed over; what agents and servers wrote is plain text, shown by <Shown>.

export interface RecordRow {
  index: number;
  id: string;
  kind: string;
  at: number;
  agent: string;
  server: string;
  name: string;
  outcome: string;
  workflow: string;
  verb?: string;
  log?: number;
}

/** docs/formats/console_api.md, "Records". */
export interface RecordList {
  records: RecordRow[];
  next: string | null;
  /** A log whose records could not be searched. */
  incomplete?: boolean;
}

export interface WorkflowRow {
  id: string;
  began: number;
  last: number;
  records: number;
  agents: string[];
  agents_left_out?: number;
  outcome_counts: Record<string, number>;
}

export interface WorkflowList {
  workflows: WorkflowRow[];
  next: string | null;
}

export interface AgentRow {
  id: string;
  groups: string[];
  owner?: string;
  calls: number;
  refused: number;
  open: number;
  /** null: nothing since the start of the gateway. */
  last_at: number | null;
  stopped: boolean;
}

interface ServerTool {
  name: string;
  /** In the operator's words; empty: nothing was declared. */
  effects: string[];
  idempotent: boolean;
  description_digest: string | null;
}

export interface ServerRow {
  name: string;
  kind: string;
  state: string;
  since: number | null;
  error?: string | null;
  sole_route: string;
  sole_route_why: string;
  tools: ServerTool[];
}

export interface RuleFile {
  path: string;
  text: string;
}

export interface Rules {
  set: { name: string | null; owner: string | null; version: number | null; digest: string; signed_by: string | null };
  /** `text` is null where all of it would be too much. */
  files: { path: string; text: string | null }[];
  /** Why the files on the disk did not take force. */
  held_back?: string | null;
}

export interface RuleCheck {
  problems: { path: string; line: number; column: number; message: string; severity: string }[];
  /** null: they do not load. */
  digest: string | null;
}

export interface RuleTest {
  decision: string;
  rule: string;
  reason: string;
  would?: string;
  atoms: { text: string; value: boolean | string; found?: string; rule?: string }[];
}

export interface Proposal {
  id: string;
  at: number;
  by: string;
  text: string;
  reason: string;
}
