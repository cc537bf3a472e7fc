// Which rule set came into force last: a part of the fold. Threading: plain value.
#pragma once

#include <algorithm>
#include <string>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/fold_part.h"
#include "gateway/folded_record.h"
#include "governance/policy/set_activation.h"

namespace pawl {

struct FoldedPolicy {
  SetInForce policy;

  static bool has(std::string_view kind) { return kind == kinds::kPolicyActivated; }
  void apply(const FoldedRecord& record) {
    if (!has(record.kind)) {
      return;
    }
    const auto text = [&](std::initializer_list<std::string_view> path) {
      return std::string(json::find_string(record.body, path).value_or(""));
    };
    policy.digest = text({names::kSetDigest});
    policy.name = text({names::kPolicySet, names::kSetName});
    policy.owner = text({names::kPolicySet, names::kSetOwner});
    if (const json::Value* set = json::find(record.body, {names::kPolicySet})) {
      policy.version = std::max(policy.version, number_in(*set, names::kSetVersion));
    }
    policy.is_signed = !text({"statement"}).empty();
    if (policy.is_signed) {
      policy.signed_digest = policy.digest;
    }
  }
  // "policy":"DIGEST", and once there was a header "policy_set":{"name","owner","version",
  // "signed","signed_digest"}
  void print_to(json::Object& out) const {
    out["policy"] = policy.digest;
    if (policy.version > 0) {
      out["policy_set"] = json::Object{{"name", policy.name},
                                       {"owner", policy.owner},
                                       {"version", policy.version},
                                       {"signed", policy.is_signed},
                                       {"signed_digest", policy.signed_digest}};
    }
  }
  static Result<FoldedPolicy> read(const json::Value& state) {
    FoldedPolicy out;
    out.policy.digest = json::find_string(state, {"policy"}).value_or("");
    if (const json::Value* set = json::find(state, {"policy_set"})) {
      const json::Value* is_signed = json::find(*set, {"signed"});
      out.policy.name = json::find_string(*set, {"name"}).value_or("");
      out.policy.owner = json::find_string(*set, {"owner"}).value_or("");
      out.policy.version = number_in(*set, "version");
      out.policy.is_signed = is_signed != nullptr && is_signed->is_bool() && is_signed->get_bool();
      out.policy.signed_digest = json::find_string(*set, {"signed_digest"}).value_or("");
    }
    return out;
  }
};

}  // namespace pawl
