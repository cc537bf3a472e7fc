// The one case in which a call is sent a second time.
#include "foundation/records/outcome.h"
#include "gateway/call.h"

namespace pawl {
namespace {

// A child that died may be started again after 250 ms (upstream/back_off.h).
constexpr std::chrono::milliseconds kResendAfter{500};

}  // namespace

// After the first byte may have left nothing is sent again, but for what the operator declared
// idempotent: once, and only where the connection was lost. What the client saw of the first answer
// already would come twice, so then not either.
bool Call::may_send_again() const {
  return action_.idempotent && forwarded_ && !resent_ && loss_ == Loss::kConnection &&
         events_ == 0 && !denied_;
}

// The wait is part of the call: its deadline, a stop and a withdrawal end it as before.
void Call::send_again() {
  resent_ = true;
  resend_ = services_.scheduler.after(kResendAfter, [weak = weak_from_this()] {
    const std::shared_ptr<Call> call = weak.lock();
    if (!call || call->state_ != State::kForwarding) {
      return;
    }
    const TableDecision first = call->decision_;
    if (call->decide()) {
      call->services_.metrics.sent_again();
      call->hand_over();
      return;
    }
    call->decision_ = first;  // the record says what let the call pass
    call->conclude(Outcome::kUnknown, loss_name(call->loss_), std::nullopt);
  });
}

}  // namespace pawl
