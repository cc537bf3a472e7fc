// Which rule set came into force last: a part of the fold. Threading: plain value.
#pragma once

#include <string>

#include "foundation/records/kinds.h"
#include "gateway/fold_part.h"

namespace pawl {

struct FoldedPolicy {
  std::string policy_digest;  // empty: none was recorded

  static bool has(std::string_view kind) { return kind == kinds::kPolicyActivated; }
  void apply(const FoldedRecord& record) {
    if (has(record.kind)) {
      policy_digest = json::find_string(record.body, {"digest"}).value_or("");
    }
  }
  // "policy":"DIGEST"
  void print_to(json::Object& out) const { out["policy"] = policy_digest; }
  static Result<FoldedPolicy> read(const json::Value& state) {
    return FoldedPolicy{std::string(json::find_string(state, {"policy"}).value_or(""))};
  }
};

}  // namespace pawl
