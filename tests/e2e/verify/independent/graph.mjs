// Graphs of tokens that are presented with one call (ect.md: DAG, Levels). Messages begin with that
// page's reasons. A token is { iss, jti, iat, pred, wid?, level?, decision?, compensation?,
// recorded_level? }, a recorded task { jti, iat, wid?, level?, approved? }.
import { bad } from './verdict.mjs';

const MOST_ANCESTORS = 10000;
const MOST_MISSING = 16;
const is_approved = ({ decision = 'approved' }) => decision === 'approved';
const weakest = (levels) => ['L1', 'L2', 'L3'].find((level) => levels.includes(level)) ?? 'L3';

// { missing, level } of the whole.
export function check_graph({ presented, recorded, rules = {} }, own_issuer) {
  const ledger = new Map(recorded.map(({ approved = true, ...task }) =>
    [task.jti, { ...task, decision: approved ? 'approved' : 'rejected', is_recorded: true }]));
  const missing = new Set();
  for (const token of presented.filter(({ iss }) => iss !== own_issuer)) {
    const known = known_beside(token, presented, ledger, own_issuer);
    check_rules(token, known, rules);
    if (rules.refuse_unapproved && !token.compensation) check_approval(token.pred, known);
    for (const id of token.pred.filter((id) => !known.has(id))) {
      if (rules.parents === 'refuse') bad(`parent_unknown: ${id}`);
      if (missing.size < MOST_MISSING) missing.add(id);
    }
  }
  if (rules.refuse_unapproved) check_causes(presented);
  return { missing: [...missing],
           level: weakest(presented.map((token) => level_of(token, ledger, own_issuer))) };
}

// What is at hand for one token: the others, and what is recorded, which wins over a copy.
function known_beside(token, presented, ledger, own_issuer) {
  const others = presented.filter((other) => other !== token)
    .map((other) => [other.jti, { ...other, is_recorded: other.iss === own_issuer }]);
  return new Map([...others, ...ledger]);
}

function check_rules(token, known, { cross_workflow = false }) {
  if (known.has(token.jti)) bad(`duplicate_task: ${token.jti}`);
  const parents = token.pred.filter((id) => known.has(id)).map((id) => known.get(id));
  for (const parent of parents) {
    if (parent.iat > token.iat + 30) bad(`parent_newer: ${parent.jti}`);
  }
  check_cycle(token, known);
  for (const { jti, wid } of parents) {
    const differs = wid !== undefined && token.wid !== undefined && wid !== token.wid;
    if (differs && !cross_workflow) bad(`workflow_mismatch: ${jti}`);
  }
}

function check_cycle(token, known) {
  const seen = new Set();
  const open = [...token.pred];
  while (open.length > 0) {
    const id = open.pop();
    if (id === token.jti) bad('cycle');
    if (seen.has(id)) continue;
    if (seen.add(id).size > MOST_ANCESTORS) bad('too_many_ancestors');
    const found = known.get(id);
    if (found !== undefined && !found.is_recorded) open.push(...found.pred);
  }
}

function check_approval(ids, known) {
  for (const id of ids) {
    if (known.has(id) && !is_approved(known.get(id))) bad(`parent_refused: ${id}`);
  }
}

// The call itself follows what no other token that came with it follows.
function check_causes(presented) {
  for (const token of presented) {
    const is_followed = presented.some(({ pred }) => pred.includes(token.jti));
    if (!is_followed && !is_approved(token)) bad(`parent_refused: ${token.jti}`);
  }
}

function level_of({ iss, pred, level = 'L2', recorded_level = 'L3' }, ledger, own_issuer) {
  if (iss === own_issuer) return recorded_level;
  const parents = pred.filter((id) => ledger.has(id)).map((id) => ledger.get(id).level ?? 'L3');
  return weakest([level, ...parents]);
}
