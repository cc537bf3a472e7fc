// What a call's record says: functions from what happened to a RecordDraft, pure but for `people`,
// who give what stands for a name; null: names stand for themselves. Threading: pure. Source:
// docs/formats/records.md.
#pragma once

#include <string>

#include "gateway/control_table.h"
#include "gateway/person_names.h"
#include "gateway/policy_name.h"
#include "gateway/recorder.h"

namespace pawl {

// A forwarded call, or one that failed before it could be forwarded (kError). `detail`: why there
// is no answer, in our words ("server files: exited with status 1"); never what was in the call.
RecordDraft outcome_record(const Action& action, const TableDecision& decision, Outcome outcome,
                           std::string_view status, const std::string& detail, const Answer* answer,
                           const StreamEvidence& stream, const PolicyName& policy,
                           PersonNames* people);

// A call that a control refused. With `why` detail: every control's answer in order.
// Of a repeat that gets the first call's answer again: nothing was forwarded.
RecordDraft repeat_record(const Action& action, const TableDecision& decision, const Answer& answer,
                          const PolicyName& policy, PersonNames* people);
RecordDraft refusal_record(const Action& action, const TableDecision& decision,
                           const Refusal& refusal, const PolicyName& policy, PersonNames* people);

}  // namespace pawl
