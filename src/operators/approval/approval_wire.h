// Approvals in records and in the snapshot: print and read, nothing else.
//
// Purpose:    the body of each record (ect_ext["pawl.approval"]) from its event and back, and the
//             fold's part of the snapshot.
// Threading:  pure functions.
// Errors:     kMalformed: a body or a snapshot that does not say what it must.
// Not errors: members of a body that are not known (those who record add theirs).
// Source:     docs/formats/approval.md.
//
// Example:    state_event = read_event(record.kind, record.body); state.apply(*state_event);
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"
#include "operators/approval/approval_state.h"

namespace pawl::approval {

// Of which kind the event's record is; empty: it has none (Spent is ApprovalUse, in the call's own
// intent and the record of its outcome: foundation/records/approval_use.h).
std::string_view record_kind(const Event& event);
// Of an event that has a record.
json::Object print_event(const Event& event);
Result<Event> read_event(std::string_view kind, const json::Value& body);

json::Object print_approval(const Approval& approval);
json::Array print_approvals(const ApprovalState& state);
Result<ApprovalState> read_approvals(const json::Value& value);

}  // namespace pawl::approval
