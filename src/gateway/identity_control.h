// Refuses callers whose identity is not proven, except in development mode (serve --dev); and in
// every mode those whose credential does not hold.
// Threading: the I/O thread.
#pragma once

#include "path/control.h"
#include "path/credential_shown.h"

namespace pawl {

class IdentityControl final : public Control {
 public:
  explicit IdentityControl(bool allow_unverified) : allow_unverified_(allow_unverified) {}
  std::string_view name() const override { return "identity"; }
  Verdict decide(const Action& action, const Moment&) const override {
    Verdict verdict;
    if (action.verb == kCredentialShown) {
      verdict.ruling = Ruling::kDeny;
      verdict.code = Code::kUnauthenticated;
      verdict.rule = json::find_string(*action.arguments, {"rule"}).value_or("identity");
      verdict.reason = json::find_string(*action.arguments, {"reason"}).value_or("");
    } else if (action.caller.agent.empty() ||
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
