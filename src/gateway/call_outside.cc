// A call that decision points outside are asked about: after the table allowed or held it, and
// before people or a server hear of it. While they are asked the world goes on, so the table is
// asked anew behind it. Threading: the I/O thread.
#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {

// Also of a call that has waited for people: their answer took as long as it took. A notice of a
// server says how things are now, and is not asked about.
bool Call::asks_outside() {
  if (!services_.outside.ask || std::exchange(outside_passed_, false) ||
      kinds::is_notice(action_.verb) || !plugged(ControlId::kOutsideDecision)) {
    return false;
  }
  TableDecision first = services_.controls.decide(action_, Moment{services_.recorder.now()});
  if (first.ruling == Ruling::kDeny) {
    return false;  // decide() says so
  }
  decision_ = std::move(first);
  before_outside_ = std::exchange(state_, State::kOutside);
  held_since_ = step_began_;
  step_began_ = services_.clock.boot();
  const std::weak_ptr<Call> call = weak_from_this();
  services_.outside.ask(action_, [call](const OutsideAnswer& answer) {
    if (const std::shared_ptr<Call> self = call.lock()) {
      self->outside_answered(answer);
    }
  });
  return true;
}

void Call::outside_answered(const OutsideAnswer& answer) {
  if (state_ != State::kOutside) {
    return;  // it was refused meanwhile
  }
  const BootTime now = step_done("outside", step_began_);
  if (!answer.passes) {
    const bool helps = answer.code != Code::kDenied;
    refuse({answer.code, "outside", answer.point, answer.reason, helps, helps ? 1000 : 0});
    return;
  }
  state_ = before_outside_;
  step_began_ = held_since_;
  outside_passed_ = true;
  if (state_ == State::kHeld) {  // its patience ran on
    const std::chrono::microseconds waited(now.us - held_since_.us);
    deadline_ = services_.scheduler.after(
        std::max(services_.approvals->patience() - waited, std::chrono::microseconds(0)), [this] {
          const std::shared_ptr<Call> self = shared_from_this();
          out_of_patience();
        });
  }
  go_on();
}

}  // namespace pawl
