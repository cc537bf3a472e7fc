#include "operators/override/override_control.h"

namespace pawl {

Verdict OverrideControl::decide(const Action& action, const Moment&) const {
  const std::shared_ptr<const override_::StopSet> stops = board_.snapshot();
  const override_::Stop* stop = stops->covering(action, domain_);
  Verdict verdict;
  if (stop == nullptr) {
    return verdict;
  }
  verdict.ruling = Ruling::kDeny;
  verdict.code = Code::kStopped;
  verdict.rule = "stop:" + stop->id.text();
  verdict.reason = stop->scope.text() + " is stopped" +
                   (stop->reason.empty() ? "" : ": " + stop->reason) +
                   "; an operator can let it go on with `pawl resume " + stop->scope.text() + "`";
  return verdict;
}

}  // namespace pawl
