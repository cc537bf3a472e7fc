// What people are told of calls that wait for them, and which of it is still owed.
//
// Purpose:    a notice is owed from the record `approval.requested` until the approval is decided,
//             expired or delivered. It is read off the fold over records and has no state of its
//             own: who restarts owes the same.
// Threading:  pure functions.
// Bounds:     one notice of an approval, and one more once it was passed on.
// Rule:       names, digests, an address and times; never an argument. A URI is one: only tools and
//             prompts are named.
// Source:     docs/formats/notice.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/approval/approval_state.h"

namespace pawl::approval {

// The approval's id, and whether it is about its escalation. The same at each attempt and after a
// restart.
struct OwedNotice {
  std::string id;
  Uuid approval;
};
std::string notice_id(const Approval& approval);
// `now`: seconds. In the order of approvals' ids, so the oldest first.
std::vector<OwedNotice> owed_notices(const ApprovalState& state, std::int64_t now);

struct NoticeWords {
  std::string instance;     // spiffe://DOMAIN/pawl/NODE
  std::string address;      // where people decide; empty: by command
  bool has_digests = true;  // false: digests of what calls say stay here
};
// The message's body; the same text for the same notice.
std::string print_notice(const Approval& approval, const NoticeWords& words);
// Of a notice by which an operator tries whether they arrive. `at`: seconds.
std::string print_test_notice(const NoticeWords& words, std::int64_t at);

}  // namespace pawl::approval
