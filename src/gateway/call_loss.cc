// What the requester is told of a call that ends without its answer. Threading: the I/O thread.
#include "gateway/call.h"

namespace pawl {

void Call::unrecorded(Outcome outcome, const Error& why) {
  const Refusal lost{Code::kEvidenceUnavailable, "ledger", "", why.message, false, 0, forwarded_};
  services_.metrics.refused(lost.control, lost.code);
  told(outcome, &lost);
  exchange_->refuse(lost, RecordRef{});
  end();
}

Refusal Call::refusal_for_loss() const {
  if (!forwarded_) {
    return {Code::kUpstreamUnavailable, "upstream", "", loss_detail_, true, 1000};
  }
  const Code code = loss_ == Loss::kTimeout     ? Code::kDeadlineExceeded
                    : loss_ == Loss::kCancelled ? Code::kCancelled
                    : loss_ == Loss::kStopped   ? Code::kStopped
                                                : Code::kUpstreamFailed;
  return {code,
          "upstream",
          "",
          "the call was sent and its outcome is unknown (" + loss_detail_ +
              "); look before you repeat it",
          action_.idempotent,
          0};
}

}  // namespace pawl
