// Calls that are cut off, and what the requester is told of a call that ends without its answer.
// Threading: the I/O thread.
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/call.h"
#include "gateway/call_gates.h"
#include "operators/override/revocation_control.h"
#include "path/plugged.h"

namespace pawl {

// What a stop or a revocation says to this call now, in denied_; false: neither covers it.
bool Call::held_back() {
  Verdict space;
  const Verdict* held =
      services_.controls.release_denied(action_, Moment{services_.recorder.now()}, space);
  if (held != nullptr) {
    denied_ = Refusal{
        held->code, std::string(control_of_held(*held)), held->rule, held->reason, false, 0};
  }
  return held != nullptr;
}

// The answer is there, and what took force while it was under way covers the call: the record says
// so. What takes force from here on closes the gate of the answer. The answer that names a task
// goes to its gate in any case: whoever follows the task begins there.
void Call::withhold(RecordDraft& draft) {
  const bool is_answered = answer_ && !withheld_ && !kinds::is_notice(action_.verb);
  if (is_answered && plugged(ControlId::kReleaseGate) && held_back()) {
    draft.body.text(names::kBodyWithheld, denied_->control);
    withheld_ = answer_->followed.empty();
  }
}

void Call::give_answer(Outcome outcome, const RecordRef& record) {
  told(outcome, withheld_ ? &*denied_ : nullptr);
  // Before the answer: the next call on the same connection may begin within release().
  services_.causality.recorded(action_, touches_, *answer_);
  owner_.keep_outcome(action_, record, outcome);
  if (!withheld_) {
    exchange_->release(std::make_shared<AnswerGate>(shared_from_this(), record.id), *answer_,
                       record);
    return;
  }
  Refusal refusal = *denied_;
  refusal.was_done = true;
  services_.metrics.refused(refusal.control, refusal.code);
  exchange_->refuse(refusal, record);
}

void Call::recheck() {
  if (state_ == State::kRecording || state_ == State::kEnded || state_ == State::kNew ||
      !held_back()) {
    return;
  }
  if (state_ == State::kForwarding) {
    exchange_->abandon(Loss::kStopped);
    lost(Loss::kStopped, denied_->reason);
  } else {
    refuse(*denied_);
  }
}

// As records name it. The adapter knows that a gate closed, and not who closed it.
std::string_view Call::loss_status() {
  const bool known = loss_ == Loss::kStopped && (denied_ || held_back());
  return known && denied_->control == "revocations" ? "revoked" : loss_name(loss_);
}

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
