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

// The kinds of the records, until they are taken from foundation/records/kinds.h.
inline constexpr std::string_view kRecordRequested = "approval.requested";
inline constexpr std::string_view kRecordDecided = "approval.decided";
inline constexpr std::string_view kRecordExpired = "approval.expired";
inline constexpr std::string_view kRecordDelivered = "approval.delivered";

bool is_approval_record(std::string_view kind);

// Of which kind the event's record is; empty: it has none (Spent is the call's own intent).
std::string_view record_kind(const Event& event);
json::Object print_event(const Event& event);
Result<Event> read_event(std::string_view kind, const json::Value& body);

// What an intent that spends a use says, and the record of its outcome repeats: the member
// "approval": {"id":UUID,"use":N}.
json::Object print_spent(const Spent& spent);
Result<Spent> read_spent(const json::Value& value);

json::Array print_approvals(const ApprovalState& state);
Result<ApprovalState> read_approvals(const json::Value& value);

}  // namespace pawl::approval
