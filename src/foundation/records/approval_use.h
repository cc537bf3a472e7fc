// Which use of which approval a call consumes: one member of its intent, and of the record that
// closes that intent, so that records alone tell what was spent.
//
// Threading:  plain value, pure functions.
// Errors:     read: kMalformed.
// Source:     docs/formats/records.md (`approval`).
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

struct ApprovalUse {
  Uuid id;                // of the approval
  std::uint32_t use = 1;  // 1..HoldTerms::kMostUses

  friend bool operator==(const ApprovalUse&, const ApprovalUse&) = default;
};

// {"id":UUID,"use":N}
std::string print_approval_use(const ApprovalUse& use);
Result<ApprovalUse> read_approval_use(const json::Value& value);

}  // namespace pawl
