#include "operators/override/override_control.h"

namespace pawl {

Verdict verdict_of(const override_::Stop& stop) {
  Verdict verdict;
  verdict.ruling = Ruling::kDeny;
  verdict.code = Code::kStopped;
  verdict.rule = "stop:" + stop.id.text();
  verdict.reason = stop.scope.text() + " is stopped" +
                   (stop.reason.empty() ? "" : ": " + stop.reason) +
                   "; an operator can let it go on with `pawl resume " + stop.scope.text() + "`";
  return verdict;
}

Verdict OverrideControl::decide(const Action& action, const Moment&) const {
  const std::shared_ptr<const override_::StopSet> stops = board_.snapshot();
  const override_::Stop* stop = stops->covering(action, domain_);
  return stop == nullptr ? Verdict{} : verdict_of(*stop);
}

}  // namespace pawl
