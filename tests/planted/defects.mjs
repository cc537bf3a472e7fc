// Defects as people make them. Each is one edit of src/; `tests` is the program and the filter that
// must notice. A defect whose text is no longer in the source fails: move it to where the code went.

/** @type {{kind: string, name: string, file: string, find: string, replace: string,
 *           program: string, filter: string}[]} */
export const defects = [
  {
    kind: 'a dropped sync', name: 'a batch is acknowledged without fdatasync',
    file: 'src/foundation/ledger/log_writer.cc',
    find: 'if (Status synced = segment_.sync(); !synced) {',
    replace: 'if (Status synced = {}; !synced) {',
    program: 'foundation_ledger_test', filter: 'LedgerPowerCut.*',
  },
  {
    kind: 'a dropped sync', name: 'a stop is acknowledged before it is on the disk',
    file: 'src/operators/override/override_journal.cc',
    find: 'Status synced = file_->sync();\n  return',
    replace: 'Status synced = {};\n  return',
    program: 'gateway_test', filter: 'StopDeskTest.*',
  },
  {
    kind: 'a skipped control', name: 'the first row of the table is not asked',
    file: 'src/gateway/control_table.cc',
    find: '    Verdict verdict = row->decide(action, moment);\n',
    replace: '    if (row == rows_.front()) {\n      continue;\n    }\n' +
             '    Verdict verdict = row->decide(action, moment);\n',
    program: 'gateway_test', filter: 'Controls.*:Stop.*',
  },
  {
    kind: 'a skipped control', name: 'a denial by default allows',
    file: 'src/governance/policy/policy_control.cc',
    find: 'verdict.ruling = Ruling::kDeny;',
    replace: 'verdict.ruling = Ruling::kAllow;',
    program: 'gateway_test', filter: 'Controls.*:EveryMethod.*',
  },
  {
    kind: 'a leaked call', name: 'the slot of an ended call is not given to the next',
    file: 'src/gateway/gateway_core.cc',
    find: 'next = bulkhead_.release(agent)) {',
    replace: 'next = std::optional<std::uint64_t>()) {',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'a leaked call', name: 'an open intent has no record after a crash',
    file: 'src/gateway/recovery.cc',
    find: 'for (const ledger::Intent& intent : intents) {',
    replace: 'for (const ledger::Intent& intent : notes) {',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'a response before its record', name: 'the answer is released while the record is written',
    file: 'src/gateway/call.cc',
    find: 'if (!plugged(ControlId::kRecordFirst)) {',
    replace: 'if (plugged(ControlId::kRecordFirst)) {',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'a success that did not happen', name: 'a crash is recorded as confirmed',
    file: 'src/gateway/recovery.cc',
    find: 'draft.put_outcome(Outcome::kUnknown)',
    replace: 'draft.put_outcome(Outcome::kConfirmed)',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'a success that did not happen', name: 'a call that was cut off counts as failed',
    file: 'src/gateway/call.cc',
    find: 'forwarded_ ? Outcome::kUnknown : Outcome::kError',
    replace: 'forwarded_ ? Outcome::kFailed : Outcome::kError',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'an effect twice', name: 'every lost call is sent again',
    file: 'src/gateway/call_resend.cc',
    find: 'return action_.idempotent && forwarded_',
    replace: 'return forwarded_',
    program: 'gateway_test', filter: 'Call.*',
  },
  {
    kind: 'an off-by-one in a proof', name: 'the prover turns left one leaf too late',
    file: 'src/foundation/ledger/merkle.cc',
    find: 'const bool left = index < middle;',
    replace: 'const bool left = index + 1 < middle;',
    program: 'foundation_ledger_test', filter: 'Merkle.*',
  },
  {
    kind: 'an off-by-one in a proof', name: 'the verifier takes an entry behind the tree',
    file: 'src/foundation/ledger/merkle.cc',
    find: 'if (index >= size) {\n    return false;',
    replace: 'if (index > size) {\n    return false;',
    program: 'foundation_ledger_test', filter: 'Merkle.*',
  },
  {
    kind: 'an off-by-one in a proof', name: 'a consistency proof with a hash left over holds',
    file: 'src/foundation/ledger/merkle.cc',
    find: 'return last == 0 && old_hash == old_root && hash == root;',
    replace: 'return old_hash == old_root && hash == root;',
    program: 'foundation_ledger_test', filter: 'Merkle.*',
  },
  {
    kind: 'an input read in two ways', name: 'of two members of one name the last counts',
    file: 'src/base/json_parse.cc',
    find: 'if (find_duplicate_ && !frames_.back().keys.insert(key_).second) {',
    replace: 'if (find_duplicate_ && !frames_.back().keys.insert(key_).second && false) {',
    program: 'base_test', filter: 'Json*',
  },
];
