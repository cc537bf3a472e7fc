#include "gateway/call_gates.h"

#include "base/limit_stat.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr int kMaxTurns = 8;  // epochs that move faster than a decision close the gate

LimitStat decide_turns("decide_turns");

}  // namespace

bool Call::ForwardGate::pass(FunctionRef<void()> write) {
  if (!plugged(ControlId::kForwardGate)) {
    call_->forwarded_ = true;
    write();
    return true;
  }
  // What waited for a reader while its call was withdrawn or ran out of time: the record says that
  // nothing left. A line that has begun goes on.
  closed_ = closed_ || (!passed_ && call_->state_ != State::kForwarding);
  for (int turn = 0; !closed_ && turn < kMaxTurns; ++turn) {
    const bool passed = call_->services_.gate.pass(call_->seen_, [&] {
      call_->forwarded_ = true;
      call_->sends_ += passed_ ? 0 : 1;
      passed_ = true;
      write();
    });
    if (passed) {
      return true;
    }
    closed_ = !call_->decide();
    if (turn + 1 == kMaxTurns) {
      decide_turns.reached();
    }
  }
  closed_ = true;
  return false;
}

bool Call::ReleaseGate::pass(FunctionRef<void()> write) {
  if (!plugged(ControlId::kReleaseGate)) {
    write();
    return true;
  }
  for (int turn = 0; !closed_ && turn < kMaxTurns; ++turn) {
    Services& services = call_->services_;
    const Epochs seen = services.gate.epochs();
    Verdict space;
    if (services.controls.release_denied(call_->action_, Moment{services.recorder.now()}, space) !=
        nullptr) {
      break;
    }
    if (services.gate.pass(seen, write)) {
      return true;
    }
  }
  closed_ = true;
  return false;
}

bool Call::AnswerGate::pass(FunctionRef<void()> write) {
  const bool passed = ReleaseGate::pass(write);
  const std::optional<Answer>& answer = call_->answer_;
  if (passed && !kept_ && answer && answer->repeatable) {
    kept_ = true;
    call_->owner_.keep_answer(record_, *answer);
  }
  return passed;
}

}  // namespace pawl
