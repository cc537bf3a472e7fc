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

// Its arguments are part of the tree that the Exchange counts.
std::size_t own_bytes(const Action& action) {
  std::size_t bytes = action.params.capacity();
  bytes += action.policy != nullptr ? action.policy->memory : 0;
  for (const auto* texts : {&action.lossy_numbers, &action.parent_tokens, &action.policy_tokens}) {
    for (const std::string& text : *texts) {
      bytes += sizeof(text) + text.capacity();
    }
  }
  return bytes;
}

}  // namespace

void Call::go_on() {
  if (asks_outside()) {
    return;
  }
  const bool was_changed = !action_.requested.empty();
  if (decide()) {
    const bool is_changed_now = !was_changed && !action_.requested.empty();
    if (is_changed_now && asks_outside()) {  // what people made of it is another call
      return;
    }
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
    return services_.approvals->still_fits(action_, *verdict.hold) ||
           deny(Code::kApprovalRequired, "its approval is over");
  }
  const HeldAnswer answer = services_.approvals->ask(action_, *verdict.hold, asked_);
  switch (answer.kind) {
    case HeldAnswer::Kind::kGranted:
      action_.approval = answer.use;
      return !answer.changed || take_changed(*answer.changed);
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

// What people put in the place of the arguments is judged as if the caller had sent it.
bool Call::take_changed(const std::string& params) {
  action_.requested = action_.inp_hash;
  if (const Status taken = exchange_->change(action_, params); !taken) {
    denied_ = Refusal{taken.error().code,
                      std::string(decision_.control),
                      decision_.verdict.rule,
                      "people approved it with other arguments: " + taken.error().message,
                      false,
                      0};
    return false;
  }
  action_.inp_hash = digest_text(sha256(action_.params));
  touches_ = services_.touches ? services_.touches(action_) : Touches{};
  return !plugged(ControlId::kChangedAnew) || decide();
}

// Without a slot. The first wait's patience is that of all.
void Call::wait_for_people() {
  const bool is_first = state_ != State::kHeld;
  state_ = State::kHeld;
  const std::weak_ptr<Call> call = weak_from_this();
  const HeldCalls::Caller caller{action_.caller.agent,
                                 own_bytes(action_) + exchange_->kept_bytes()};
  const bool waits = services_.approvals->wait(caller, ticket_, *asked_, [call] {
    if (const std::shared_ptr<Call> self = call.lock()) {
      self->people_spoke();
    }
  });
  if (!waits) {
    refuse({Code::kOverloaded, "limits", "waiting-holds",
            "too many calls of this agent wait for people, or too large ones", true, 1000});
    return;
  }
  if (is_first) {
    exchange_->held(shared_from_this(), *denied_->pending);
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

// Or the gateway ends. The approval stays: its caller, told so, may come again.
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
