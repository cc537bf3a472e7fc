#include "gateway/call.h"

#include <utility>

#include "base/assert.h"
#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/call_gates.h"
#include "gateway/call_record.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// What a server tells without being asked, and without an effect of its own.
bool is_mere_news(const Action& action) {
  return action.direction == Direction::kToClient && kinds::is_notice(action.verb) &&
         action.verb != kinds::kElicitationCompleted;
}

LimitStat call_timeout("call_timeout_s");

}  // namespace

Call::Call(Services& services, CallOwner& owner, std::uint64_t ticket, Action&& action,
           std::unique_ptr<Exchange> exchange)
    : services_(services),
      owner_(owner),
      ticket_(ticket),
      action_(std::move(action)),
      exchange_(std::move(exchange)) {}

Call::~Call() = default;

// ---- decide ----

void Call::start() {
  trace_ = CallTrace::begin(services_.spans, action_, services_.clock);
  action_.inp_hash = digest_text(sha256(action_.params));
  if (refused_by_ledger() || refused_for_a_name()) {
    return;
  }
  take_tokens();
}

void Call::judge(WallTime now) {
  action_.workflow_is_verified = action_.workflow.has_value();
  if (!action_.workflow) {
    action_.workflow = services_.causality.workflow_of(action_, services_.recorder.new_id(now));
  }
  touches_ = services_.touches ? services_.touches(action_) : Touches{};
  for (const Cause& cause : services_.causality.implicit_causes(action_, touches_)) {
    if (action_.causes.size() < ect::kMaxParents) {
      action_.causes.push_back(cause);
    }
  }
  go_on();
}

// Reads too: what is read must be recorded.
bool Call::refused_by_ledger() {
  const std::string why = services_.recorder.closed_because();
  if (why.empty() || !plugged(ControlId::kLedgerWritable)) {
    return false;
  }
  refuse({Code::kEvidenceUnavailable, "ledger", "",
          "the ledger cannot record: " + why +
              "; nothing governed happens until this is over, or an operator has looked",
          true, 5000});
  return true;
}

// The epochs are read first: a change while deciding is seen by the gate.
bool Call::decide() {
  const BootTime began = services_.clock.boot();
  denied_.reset();  // what was said at an earlier look
  seen_ = services_.gate.epochs();
  decision_ = services_.controls.decide(action_, Moment{services_.recorder.now()});
  step_done("decide", began);
  if (decision_.verdict.policy) {
    action_.policy_use = *decision_.verdict.policy;
  }
  if (decision_.ruling != Ruling::kDeny && !can_meet_obligations()) {
    return false;
  }
  if (decision_.ruling == Ruling::kHold) {
    return released_from_hold();
  }
  const Verdict& verdict = decision_.verdict;
  if (decision_.ruling == Ruling::kAllow) {
    if (!verdict.would.empty()) {
      services_.metrics.observed_denial();
    }
    return true;
  }
  denied_ =
      Refusal{verdict.code,        std::string(decision_.control), verdict.rule, verdict.reason,
              verdict.retry_helps, verdict.retry_after_ms};
  return false;
}

// ---- acquire ----

void Call::acquire() {
  switch (owner_.acquire_slot(*this)) {
    case CallOwner::Slot::kGranted:
      holds_slot_ = true;
      write_intent();
      return;
    case CallOwner::Slot::kWaiting:
      state_ = State::kWaiting;
      step_began_ = services_.clock.boot();
      return;
    case CallOwner::Slot::kRefused:
      refuse({Code::kOverloaded, "limits", "open-calls",
              "this agent has too many open calls; wait for some to end", true, 1000});
      return;
  }
}

void Call::slot_granted() {
  if (state_ != State::kWaiting) {
    return;  // it was refused meanwhile
  }
  step_done("acquire", step_began_);
  if (decide()) {
    write_intent();
  } else {
    refuse(*denied_);
  }
}

void Call::write_intent() {
  keep_tokens();
  if (action_.repeat_of) {
    answer_repeat();
    return;
  }
  if (!take_shares()) {
    return;
  }
  state_ = State::kIntent;
  summed_ = is_mere_news(action_) && !owner_.own_notice_record(action_);
  if (summed_ || !plugged(ControlId::kIntentFirst)) {
    forward();
    return;
  }
  if (action_.read_only && !action_.approval) {
    if (refused_by_ledger()) {  // it may have waited for a slot
      return;
    }
    note_ = services_.recorder.note(action_, services_.policy().digest);
    if (note_) {
      forward();
      return;
    }
  }
  step_began_ = services_.clock.boot();
  services_.recorder.intent(
      action_, services_.policy().digest, [self = shared_from_this()](Status durable) {
        self->step_done("intent", self->step_began_);
        self->intent_durable_ = durable.has_value();
        if (self->state_ != State::kIntent) {
          return;
        }
        if (!durable) {
          self->refuse(
              {Code::kEvidenceUnavailable, "ledger", "", durable.error().message, true, 5000});
        } else if (self->denied_) {
          self->refuse(*self->denied_);
        } else {
          self->forward();
        }
      });
}

// ---- forward ----

void Call::forward() {
  PAWL_CHECK(intent_durable_ || note_ || summed_ || !plugged(ControlId::kIntentFirst),
             "no effect without a durable intent, or a note of a read");
  state_ = State::kForwarding;
  step_began_ = services_.clock.boot();
  const std::chrono::microseconds patience = this->patience();
  if (patience.count() > 0) {
    deadline_ = services_.scheduler.after(patience, [this] {  // never runs without deadline_
      const std::shared_ptr<Call> self = shared_from_this();
      if (hurried_by_.empty()) {
        call_timeout.reached();
      }
      exchange_->abandon(Loss::kTimeout);
      lost(Loss::kTimeout, out_of_time());
    });
  }
  hand_over();
}

void Call::hand_over() {
  exchange_->forward(std::make_shared<ForwardGate>(shared_from_this()), shared_from_this());
}

void Call::answered(Answer answer) {
  if (state_ != State::kForwarding) {
    services_.metrics.late_answer();
    return;
  }
  const Outcome outcome = answer.success ? Outcome::kConfirmed : Outcome::kFailed;
  conclude(outcome, "", std::move(answer));
}

void Call::lost(Loss loss, std::string detail) {
  if (state_ != State::kForwarding) {
    return;
  }
  // Once the gate let a byte out, the adapter's word that nothing left is not believed.
  loss_ = forwarded_ && loss == Loss::kNotSent ? Loss::kConnection : loss;
  loss_detail_ = std::move(detail);
  if (!forwarded_ && denied_) {
    refuse(*denied_);  // the gate refused before the first byte
    return;
  }
  if (may_send_again()) {
    send_again();
    return;
  }
  conclude(forwarded_ ? Outcome::kUnknown : Outcome::kError, loss_status(), std::nullopt);
}

void Call::withdrawn(std::string detail) {
  switch (state_) {
    case State::kNew:
    case State::kFetching:
    case State::kOutside:
    case State::kHeld:
    case State::kWaiting:
    case State::kIntent:
      refuse({Code::kCancelled, "caller", "", detail, false, 0});
      return;
    case State::kForwarding:
      exchange_->abandon(Loss::kCancelled);
      lost(Loss::kCancelled, std::move(detail));
      return;
    case State::kRecording:
    case State::kEnded:
      return;
  }
}

void Call::shut_down() {
  if (state_ == State::kForwarding) {
    exchange_->abandon(Loss::kShutdown);
    lost(Loss::kShutdown, "the gateway is shutting down");
  } else if (state_ == State::kHeld) {
    out_of_patience();
  } else if (state_ == State::kFetching || state_ == State::kOutside || state_ == State::kWaiting ||
             state_ == State::kIntent) {
    refuse({Code::kEvidenceUnavailable, "gateway", "", "the gateway is shutting down", true, 1000});
  }
}

std::shared_ptr<WriteGate> Call::release_gate() {
  return std::make_shared<ReleaseGate>(shared_from_this());
}

// ---- evidence ----

// Whether anything was sent or not, what the intent consumed is spent.
void Call::close_intent(RecordDraft& draft, bool begun) const {
  draft.closes_intent = begun;
  if (begun && action_.approval) {
    draft.put_approval(print_approval_use(*action_.approval));
  }
}

void Call::refuse(Refusal refusal) {
  if (state_ == State::kRecording || state_ == State::kEnded) {
    return;
  }
  const bool wanted_intent = state_ == State::kIntent;
  state_ = State::kRecording;
  deadline_.reset();
  if (!wanted_intent && !intent_durable_) {
    give_use_back();
  }
  services_.metrics.refused(refusal.control, refusal.code);
  denied_ = std::move(refusal);
  step_began_ = services_.clock.boot();
  told(Outcome::kDenied, &*denied_);
  const bool summed =
      !intent_durable_ && !wanted_intent && !owner_.own_refusal_record(action_, *denied_);
  if (summed || denied_->code == Code::kEvidenceUnavailable) {
    exchange_->refuse(*denied_, RecordRef{});
    end();
    return;
  }
  keep_tokens();
  RecordDraft draft =
      refusal_record(action_, decision_, *denied_, services_.policy(), services_.people);
  close_intent(draft, intent_durable_ || wanted_intent);
  services_.recorder.record(
      std::move(draft), [self = shared_from_this()](const Result<RecordRef>& record) {
        const Outcome outcome =
            self->denied_->code == Code::kCancelled ? Outcome::kError : Outcome::kDenied;
        self->finish(outcome, record);
      });
}

void Call::conclude(Outcome outcome, std::string_view status, std::optional<Answer> answer) {
  state_ = State::kRecording;
  deadline_.reset();
  resend_.reset();
  step_began_ = step_done("upstream", step_began_);
  answer_ = std::move(answer);
  if (summed_) {
    end();
    return;
  }
  StreamEvidence stream{events_, event_digest_ ? event_digest_->finish() : Digest{}};
  RecordDraft draft =
      outcome_record(action_, decision_, outcome, status, answer_ ? std::string() : loss_detail_,
                     answer_ ? &*answer_ : nullptr, stream, services_.policy(), services_.people);
  close_intent(draft, intent_durable_);
  meet_obligations(draft);
  withhold(draft);
  draft.body.flag("intent", intent_durable_);
  if (sends_ > 1) {
    draft.body.number("sends", sends_);
  }
  if (!plugged(ControlId::kRecordFirst)) {
    services_.recorder.record(std::move(draft), [](const Result<RecordRef>&) {});
    finish(outcome, RecordRef{action_.id, 0, ""});
    return;
  }
  services_.recorder.record(std::move(draft),
                            [self = shared_from_this(), outcome](const Result<RecordRef>& record) {
                              self->finish(outcome, record);
                            });
}

void Call::finish(Outcome outcome, const Result<RecordRef>& record) {
  if (state_ != State::kRecording) {
    return;
  }
  step_done("record", step_began_);
  services_.metrics.action(action_.verb, outcome);
  if (record && note_) {
    services_.recorder.forget(*std::exchange(note_, std::nullopt));
  }
  if (!record) {
    unrecorded(outcome, record.error());
    return;
  }
  if (outcome == Outcome::kConfirmed || outcome == Outcome::kFailed) {
    give_answer(outcome, *record);
  } else {
    owner_.keep_outcome(action_, *record, outcome);
    Refusal refusal = denied_ ? *denied_ : refusal_for_loss();
    refusal.was_sent = outcome == Outcome::kUnknown;
    if (!denied_) {
      services_.metrics.refused(refusal.control, refusal.code);
    }
    told(outcome, &refusal);
    exchange_->refuse(refusal, *record);
  }
  end();
}

void Call::end() {
  state_ = State::kEnded;
  give_shares_back();
  fetch_.reset();
  if (note_ && !forwarded_) {
    services_.recorder.forget(*note_);
  }
  deadline_.reset();
  resend_.reset();
  if (trace_) {
    trace_->end(action_, services_.clock.boot());
  }
  const std::shared_ptr<Call> self = shared_from_this();
  if (services_.approvals != nullptr) {
    services_.approvals->leave(ticket_);
    if (const std::optional<Uuid> told = action_.approval ? action_.approval->id : to_tell_) {
      services_.approvals->delivered(*told);
    }
  }
  owner_.ended(*this);
}

}  // namespace pawl
