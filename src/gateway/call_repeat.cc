// A call that names an earlier one as the one it repeats: answered from what is known of that one,
// under every control and with a record of its own, and never forwarded. Threading: the I/O thread.
#include <algorithm>

#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "gateway/call.h"
#include "gateway/call_record.h"
#include "operators/override/revocation_control.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// By protocol, too: an answer means what the revision says that it was given in.
bool is_same_call(const KeptAnswer& kept, const Action& action, DigestSalts* salts) {
  return kept.verb == action.verb && kept.server == action.server &&
         kept.tool == bounded_name(action.tool) && kept.protocol == action.protocol &&
         (kept.inp_hash.empty()
              ? is_salted_input(salts, kept.record, kept.salted_input, action.inp_hash)
              : kept.inp_hash == action.inp_hash);
}

// The caller said so itself, and the record is its own: declared, whatever was guessed before.
void name_first(std::vector<Cause>& causes, const Uuid& first) {
  std::erase_if(causes, [&](const Cause& cause) { return cause.parent == first; });
  causes.insert(causes.begin(), Cause{first, Basis::kDeclared});
  if (causes.size() > ect::kMaxParents) {
    causes.pop_back();
  }
}

// Of a call whose answer is not kept.
std::string what_became_of(Outcome outcome) {
  const bool answered = outcome == Outcome::kConfirmed || outcome == Outcome::kFailed;
  return "it was made before, and " +
         std::string(answered ? "the server answered it; the answer is not kept"
                     : outcome == Outcome::kUnknown
                         ? "it was sent, and whether it took effect is not known: look there first"
                         : "it was not sent") +
         " (recorded outcome: " + std::string(outcome_name(outcome)) + ")";
}

}  // namespace

void Call::answer_repeat() {
  const std::unique_ptr<KeptAnswer> kept = owner_.kept_for(action_);
  if (!kept || (!is_same_call(*kept, action_, services_.recorder.salts()) &&
                plugged(ControlId::kRepeatSameCall))) {
    refuse({Code::kNotFound, "repeat", "",
            "no such call of this agent has the id " + action_.repeat_of->text() +
                ", so nothing was done",
            false, 0});
    return;
  }
  // A stop of the workflow in which it was made holds its answer back, wherever it is asked for.
  Action made = action_;
  made.workflow = kept->workflow;
  Verdict space;
  const Verdict* stop =
      services_.controls.release_denied(made, Moment{services_.recorder.now()}, space);
  if (stop != nullptr && plugged(ControlId::kRepeatStopped)) {
    refuse({stop->code, std::string(control_of_held(*stop)), stop->rule, stop->reason, false, 0});
    return;
  }
  if (kept->workflow == action_.workflow) {  // no cause is of another workflow
    name_first(action_.causes, *action_.repeat_of);
  }
  if (kept->answer.empty()) {
    refuse({Code::kConflict, "repeat", "", what_became_of(kept->outcome), false, 0});
    return;
  }
  // What is kept is what was given; the rules may have changed since.
  answer_ = Answer{kept->success, kept->answer};
  if (!answer_fits() || !redact_answer()) {
    answer_.reset();
    refuse(*std::exchange(denied_, std::nullopt));
    return;
  }
  state_ = State::kRecording;
  step_began_ = services_.clock.boot();
  RecordDraft draft =
      repeat_record(action_, decision_, *answer_, services_.policy(), services_.people);
  if (!plugged(ControlId::kRecordFirst)) {
    services_.recorder.record(std::move(draft), [](const Result<RecordRef>&) {});
    release_repeat(RecordRef{action_.id, 0, ""});
    return;
  }
  services_.recorder.record(std::move(draft),
                            [self = shared_from_this()](const Result<RecordRef>& record) {
                              self->release_repeat(record);
                            });
}

void Call::release_repeat(const Result<RecordRef>& record) {
  if (state_ != State::kRecording) {
    return;
  }
  step_done("record", step_began_);
  const Outcome outcome = answer_->success ? Outcome::kConfirmed : Outcome::kFailed;
  if (!record) {
    unrecorded(outcome, record.error());
    return;
  }
  services_.metrics.repeat_answered();
  told(outcome, nullptr);
  exchange_->release(release_gate(), *answer_, *record);
  end();
}

}  // namespace pawl
