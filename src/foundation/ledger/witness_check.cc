#include "foundation/ledger/witness_check.h"

#include "foundation/ledger/checkpoint.h"

namespace pawl::ledger {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// Nothing is missing from whom no one asks.
std::string unmet(const WitnessPolicy& policy, const WitnessCheck& check) {
  return "the witness policy's quorum '" + policy.quorum() +
         "' is not met on the checkpoint of size " + std::to_string(check.size) +
         ": no cosignature by " + listed(check.answer.missing);
}

}  // namespace

WitnessCheck check_witnesses(const Report& report, const Trust* trust,
                             const WitnessPolicy& policy) {
  WitnessCheck check;
  const Result<VerifierKey> log = trust != nullptr ? VerifierKey::parse(trust->log_vkey)
                                                   : fail(Code::kNotFound, "no trust root");
  const bool is_other_log = log && !policy.accepts(*log);
  if (report.checkpoint.empty()) {
    const bool is_met = policy.is_met_by(std::vector<bool>(policy.witnesses().size()));
    check.answer.is_met = is_met;
    check.verdict = is_met && !is_other_log ? Verdict::kGood : Verdict::kUnknown;
    check.reason = is_met ? "" : "no checkpoint is published that a witness could have seen";
  } else {
    const Result<Note> note = parse_note(report.checkpoint);
    const Result<TreeHead> head = note ? parse_head(note->text) : fail(note.error());
    Result<WitnessPolicy::Answer> answer = head ? policy.judge(*note) : fail(head.error());
    if (!answer) {
      const bool is_bad = answer.error().code != Code::kUndecidable;
      check.verdict = is_bad ? Verdict::kBad : Verdict::kUnknown;
      check.reason = answer.error().message;
      return check;
    }
    check.size = head->size;
    check.answer = *std::move(answer);
    const bool asks = policy.quorum() != "none";
    if (!check.answer.is_met) {
      check.reason = unmet(policy, check);
    } else if (asks && check.size < report.size) {
      check.reason = "witnesses saw the log up to size " + std::to_string(check.size) +
                     ", and it has " + std::to_string(report.size) +
                     " entries: verify an export of it";
    } else {
      check.verdict = is_other_log ? Verdict::kUnknown : Verdict::kGood;
    }
  }
  if (is_other_log && check.reason.empty()) {
    check.reason = "the witness policy does not list the log " + log->name;
  }
  return check;
}

}  // namespace pawl::ledger
