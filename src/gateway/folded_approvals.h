// Which calls wait for people, and what people granted: a part of the fold.
//
// Threading:  plain value.
// Bounds:     ApprovalState::kMost.
// Not errors: a record that fits no approval (it changes nothing).
// Source:     docs/formats/approval.md, "In the ledger".
#pragma once

#include "gateway/fold_part.h"
#include "operators/approval/approval_state.h"

namespace pawl {

struct FoldedApprovals {
  approval::ApprovalState approvals;

  static bool has(std::string_view kind);
  // Records of approvals, and those that repeat what an intent spent (ApprovalUse).
  void apply(const FoldedRecord& record);
  // "approvals":[...]; left out where there are none
  void print_to(json::Object& out) const;
  static Result<FoldedApprovals> read(const json::Value& state);
};

}  // namespace pawl
