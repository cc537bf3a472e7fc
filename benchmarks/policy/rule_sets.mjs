// One generator of rule sets and requests, for pawl and for those beside it.
//
// 10 rules a tool: 6 exact names (one of them a deny), 1 prefix and 1 glob on the tool, 1 numeric
// or `in`, 1 RE2 expression on a 200-byte argument. Requests: as many hits (a rule decides) as
// misses (the tool has rules, none fits) as default denies (no rule is about the tool).

const RULES_A_TOOL = 10;
const NOTE_BYTES = 200;
const DIGITS = 4;

/** @typedef {{agent: string, tool: string, kind: string, allow: boolean, value: string}} Rule
 *  @typedef {{kind: 'hit' | 'miss' | 'default', agent: string, tool: string,
 *             arguments: {amount: number, currency: string, note: string}, ref: string}} Request */

const name = (i) => `t${String(i).padStart(DIGITS, '0')}`;
const tool_of = (i) => `srv_${name(i)}_get`;

const KINDS = ['exact', 'exact', 'exact', 'exact', 'exact', 'exact', 'prefix', 'suffix', 'number',
               'regex'];
const DENY = 5;

/** @param {number} count @returns {Rule[]} */
export function rules(count) {
  return Array.from({ length: count }, (_, i) => {
    const tool = Math.floor(i / RULES_A_TOOL);
    const place = i % RULES_A_TOOL;
    const kind = KINDS[place] === 'number' && tool % 2 === 1 ? 'in' : KINDS[place];
    return { agent: `agent-${place}`, tool: tool_of(tool), name: name(tool), kind,
      allow: place !== DENY };
  });
}

/** Every rule stands under a wildcard at both ends: nothing can be found by a key. */
export function wildcard_rules(count) {
  return rules(count).map((rule) => ({ ...rule, kind: 'contains' }));
}

function note(ref) {
  const text = `please look at ref-123456-${ref}, it is late; `;
  return text.repeat(Math.ceil(NOTE_BYTES / text.length)).slice(0, NOTE_BYTES);
}

/** @param {number} rule_count @param {number} count a multiple of three @returns {Request[]} */
export function requests(rule_count, count) {
  const made = [];
  const per_tool = Math.min(rule_count, RULES_A_TOOL);
  const tools = Math.max(1, Math.floor(rule_count / RULES_A_TOOL));
  for (let i = 0; made.length < count; ++i) {
    const index = (i * 7919) % tools;  // a prime: neighbours are not asked one after the other
    const place = i % per_tool;
    const good = { amount: 12, currency: 'EUR', note: note(name(index)) };
    const bad = { amount: 80, currency: 'GBP', note: note('nothing') };
    const base = { tool: tool_of(index), ref: name(index) };
    made.push({ ...base, kind: 'hit', agent: `agent-${place}`, arguments: good });
    made.push(place < RULES_A_TOOL - 2
      ? { ...base, kind: 'miss', agent: `agent-1${place}`, arguments: good }
      : { ...base, kind: 'miss', agent: `agent-${place}`, arguments: bad, ref: 'nothing' });
    made.push({ kind: 'default', agent: `agent-${place}`, tool: `srv_x${index}_get`,
      arguments: good, ref: name(index) });
  }
  return made.slice(0, count);
}

const ARGUMENTS = {
  number: () => ({ amount: { range: { lte: 50 } } }),
  in: () => ({ currency: { in: ['EUR', 'USD'] } }),
  regex: (rule) => ({ note: { matches: `.*ref-[0-9]{6}-${rule.name}.*` } }),
};

const TOOL_GLOBS = {
  prefix: (rule) => `srv_${rule.name}_*`,
  suffix: (rule) => `*_${rule.name}_get`,
  contains: (rule) => `*${rule.name}*`,
};

/** pawl's rules. @param {Rule[]} set */
export function as_pawl(set) {
  return { rules: set.map((rule, i) => ({ id: `r${i}`, when: {
    agent: rule.agent, server: 'up', verb: 'tool.call',
    tool: TOOL_GLOBS[rule.kind]?.(rule) ?? rule.tool,
    ...ARGUMENTS[rule.kind] && { arguments: ARGUMENTS[rule.kind](rule) } },
    then: rule.allow ? 'allow' : 'deny', reason: 'generated' })) };
}

const CEDAR = {
  exact: (rule) => `context.tool == "${rule.tool}"`,
  prefix: (rule) => `context.tool like "${TOOL_GLOBS.prefix(rule)}"`,
  suffix: (rule) => `context.tool like "${TOOL_GLOBS.suffix(rule)}"`,
  contains: (rule) => `context.tool like "${TOOL_GLOBS.contains(rule)}"`,
  number: (rule) => `context.tool == "${rule.tool}" && context.amount <= 50`,
  in: (rule) => `context.tool == "${rule.tool}" && ["EUR", "USD"].contains(context.currency)`,
  // Cedar has no regular expressions: a glob that decides the same for these requests.
  regex: (rule) => `context.tool == "${rule.tool}" && context.note like "*ref-*-${rule.name}*"`,
};

/** Cedar policies. A rule about one agent names it in its head. @param {Rule[]} set */
export function as_cedar(set) {
  return set.map((rule) => `${rule.allow ? 'permit' : 'forbid'} (principal == `
    + `Agent::"${rule.agent}", action == Action::"tool.call", resource == Server::"up") `
    + `when { ${CEDAR[rule.kind](rule)} };`).join('\n');
}

const AGT = {
  exact: (rule) => `tool == '${rule.tool}'`,
  // No globs and no regular expressions: the names that the glob fits, and the reference of the
  // note as a member of its own. Both decide the same for these requests and cost less.
  prefix: (rule) => `tool in ['${rule.tool}', 'srv_${rule.name}_put']`,
  suffix: (rule) => `tool in ['${rule.tool}', 'old_${rule.name}_get']`,
  contains: (rule) => `tool in ['${rule.tool}', 'old_${rule.name}_put']`,
  number: (rule) => `tool == '${rule.tool}' and amount <= 50`,
  in: (rule) => `tool == '${rule.tool}' and currency in ['EUR', 'USD']`,
  regex: (rule) => `tool == '${rule.tool}' and ref == '${rule.name}'`,
};

/** A policy document of the agent governance SDK. @param {Rule[]} set */
export function as_agt(set) {
  return { apiVersion: 'governance.toolkit/v1', name: 'generated', scope: 'global',
    default_action: 'deny', rules: set.map((rule, i) => ({ name: `r${i}`, priority: 0,
      condition: `agent == '${rule.agent}' and ${AGT[rule.kind](rule)}`,
      ruleAction: rule.allow ? 'allow' : 'deny' })) };
}
