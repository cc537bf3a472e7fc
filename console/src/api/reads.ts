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

export interface RecordList {
  records: RecordRow[];
  next: string | number | null;
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
  last_at: number;
  stopped: boolean;
}

export interface ServerTool {
  name: string;
  effects: string;
  idempotent: boolean;
  description_digest: string;
}

export interface ServerRow {
  name: string;
  kind: string;
  state: string;
  since: number;
  error?: string;
  sole_route: string;
  sole_route_why: string;
  tools: ServerTool[];
}

export interface RuleFile {
  path: string;
  text: string;
}

export interface Rules {
  set: { name?: string; owner?: string; version?: number; digest: string; signed_by?: string };
  files: RuleFile[];
}

export interface RuleCheck {
  problems: { path: string; line: number; column: number; message: string; severity: string }[];
  digest: string;
}

export interface RuleTest {
  decision: string;
  rule: string;
  reason: string;
  atoms: { text: string; value: string }[];
}

export interface Proposal {
  id: string;
  at: number;
  by: string;
  text: string;
  reason: string;
}
