// A call that a control holds: people have to be asked before it goes on.
//
// This file is the one place of the path that says what becomes of a hold; it is asked after every
// decision, the ones behind a wait and at the gate included. Threading: the I/O thread.
#include "base/clock.h"
#include "foundation/records/kinds.h"
#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {
namespace {

std::string waiting_words(const PendingApproval& pending) {
  const std::string id = pending.id.text();
  const std::string where =
      pending.address.empty() ? "by `pawl approvals show " + id + "`" : "at " + pending.address;
  return "waiting for approval " + id + ", which people decide " + where + " until " +
         format_rfc3339(WallTime{pending.expires * 1'000'000}) +
         "; call again with the same arguments after it is decided";
}

}  // namespace

void Call::go_on() {
  if (asks_outside()) {
    return;
  }
  if (decide()) {
    acquire();
  } else if (denied_->pending) {
    wait_for_people();
  } else {
    refuse(*denied_);
  }
}

bool Call::released_from_hold() {
  if (!plugged(ControlId::kHold)) {
    return true;
  }
  const Verdict& verdict = decision_.verdict;
  const auto deny = [&](Code code, const std::string& why) {
    denied_ = Refusal{
        code, std::string(decision_.control), verdict.rule, verdict.reason + "; " + why, false, 0};
    return false;
  };
  // It says how things are now: an approval would come too late.
  if (kinds::is_notice(action_.verb)) {
    return deny(Code::kDenied, "a notice cannot wait, so it is refused");
  }
  if (services_.approvals == nullptr) {
    return deny(Code::kApprovalRequired, "nobody can be asked here, so it is refused");
  }
  if (action_.approval) {  // at a later look
    return services_.approvals->still_fits(action_) ||
           deny(Code::kApprovalRequired, "its approval is over");
  }
  const HeldAnswer answer = services_.approvals->ask(action_, *verdict.hold, asked_);
  switch (answer.kind) {
    case HeldAnswer::Kind::kGranted:
      action_.approval = answer.use;
      return true;
    case HeldAnswer::Kind::kPending:
      asked_ = answer.pending->id;
      (void)deny(Code::kApprovalRequired, waiting_words(*answer.pending));
      denied_->pending = answer.pending;
      denied_->retry_helps = true;
      return false;
    case HeldAnswer::Kind::kRefused:
      break;
  }
  to_tell_ = answer.decided;
  (void)deny(answer.code, answer.reason);
  denied_->retry_helps = answer.code == Code::kApprovalRequired || answer.code == Code::kOverloaded;
  return false;
}

// Without a slot. The first wait's patience is that of all.
void Call::wait_for_people() {
  const bool is_first = state_ != State::kHeld;
  state_ = State::kHeld;
  const std::weak_ptr<Call> call = weak_from_this();
  const bool waits = services_.approvals->wait(action_, ticket_, *asked_, [call] {
    if (const std::shared_ptr<Call> self = call.lock()) {
      self->people_spoke();
    }
  });
  if (!waits) {
    refuse({Code::kOverloaded, "limits", "waiting-holds",
            "too many calls of this agent wait for people", true, 1000});
    return;
  }
  if (is_first) {
    exchange_->held(shared_from_this());
    if (state_ != State::kHeld) {
      return;  // its caller has left
    }
    step_began_ = services_.clock.boot();
    deadline_ = services_.scheduler.after(services_.approvals->patience(), [this] {
      const std::shared_ptr<Call> self = shared_from_this();
      out_of_patience();
    });
  }
}

void Call::people_spoke() {
  if (state_ != State::kHeld) {
    return;
  }
  const BootTime began = step_began_;
  go_on();
  if (state_ != State::kHeld) {
    step_done("hold", began);
  }
}

// The approval stays: its caller, told so, may come again.
void Call::out_of_patience() {
  if (state_ == State::kHeld) {
    step_done("hold", step_began_);
    refuse(*denied_);
  }
}

void Call::give_use_back() {
  if (action_.approval && services_.approvals != nullptr) {
    services_.approvals->give_back(*action_.approval);
    action_.approval.reset();
  }
}

}  // namespace pawl
