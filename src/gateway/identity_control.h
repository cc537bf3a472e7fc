// Refuses callers whose identity is not proven, except in development mode (serve --dev).
// Threading: the I/O thread.
#pragma once

#include "path/control.h"

namespace pawl {

class IdentityControl final : public Control {
 public:
  explicit IdentityControl(bool allow_unverified) : allow_unverified_(allow_unverified) {}
  std::string_view name() const override { return "identity"; }
  Verdict decide(const Action& action, const Moment&) const override {
    Verdict verdict;
    if (action.caller.agent.empty() ||
        (action.caller.proof == Caller::Proof::kNone && !allow_unverified_)) {
      verdict.ruling = Ruling::kDeny;
      verdict.code = Code::kUnauthenticated;
      verdict.rule = "identity";
      verdict.reason = "the caller has no proven identity";
    }
    return verdict;
  }

 private:
  bool allow_unverified_;
};

}  // namespace pawl
