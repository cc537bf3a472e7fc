// What rules ask for where they let a call pass: its answer without what is not the caller's, and
// lower limits. An obligation that cannot be met holds the answer back. Threading: the I/O thread.
#include <algorithm>
#include <vector>

#include "base/limit_stat.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/rules/obligation.h"
#include "gateway/call.h"
#include "governance/policy/obliged_calls.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::string_view kLimits = "limits";
constexpr std::size_t kMostNamed = 16;  // rules, in a record

LimitStat rule_open("rule_open");
LimitStat rule_bytes("rule_bytes");
LimitStat rule_seconds("rule_seconds");

using Asked = std::vector<const rules::Obliged::One*>;

// Those that take something out.
Asked redacting(const Verdict& verdict) {
  Asked out;
  if (verdict.obliged != nullptr && plugged(ControlId::kRedaction)) {
    for (const rules::Obliged::One& one : verdict.obliged->all) {
      if (one.what->redaction != nullptr) {
        out.push_back(&one);
      }
    }
  }
  return out;
}

std::vector<const rules::Redaction*> redactions(const Asked& asked) {
  std::vector<const rules::Redaction*> out;
  for (const rules::Obliged::One* one : asked) {
    out.push_back(one->what->redaction.get());
  }
  return out;
}

std::string named(const Asked& asked) {
  std::string out;
  for (const rules::Obliged::One* one : asked) {
    out += (out.empty() ? "\"" : ", \"") + one->rule + "\"";
  }
  return (asked.size() == 1 ? "rule " : "rules ") + out;
}

rules::Answered kind_of(const Action& action, const Answer& answer) {
  return answer.is_error              ? rules::Answered::kError
         : tells_of_task(action.verb) ? rules::Answered::kTask
                                      : rules::Answered::kResult;
}

}  // namespace

// ---- before anything is done ----

bool Call::can_meet_obligations() {
  const auto& obliged = decision_.verdict.obliged;
  if (obliged == nullptr) {
    return true;
  }
  std::optional<Unmet> unmet = unmet_redaction(*obliged, action_.verb);
  std::string_view control = names::kWithheldByRules;
  if (unmet && !plugged(ControlId::kRedaction)) {
    unmet.reset();
  }
  if (!unmet && plugged(ControlId::kLowerLimits)) {
    unmet = unmet_limit(*obliged, action_.params.size());
    control = kLimits;
    if (unmet) {
      rule_bytes.reached();
    }
  }
  if (unmet) {
    denied_ = Refusal{unmet->code, std::string(control), unmet->rule, unmet->reason, false, 0};
  }
  return !unmet;
}

// ---- lower limits ----

// Of everything that it is obliged to, or of nothing.
bool Call::take_shares() {
  const auto& obliged = decision_.verdict.obliged;
  if (obliged == nullptr || !shares_.empty() || !plugged(ControlId::kLowerLimits)) {
    return true;
  }
  for (const rules::Obliged::One& one : obliged->all) {
    const auto& most = one.what->limit.open;
    if (!most) {
      continue;
    }
    if (!owner_.shares().take(action_.caller.agent, one.rule, static_cast<std::size_t>(*most))) {
      rule_open.reached();
      refuse({Code::kOverloaded, std::string(kLimits), one.rule,
              "rule \"" + one.rule + "\" allows this agent " + std::to_string(*most) +
                  " open calls at once; wait for some to end",
              true, 1000});
      return false;
    }
    shares_.push_back(one.rule);
  }
  return true;
}

void Call::give_shares_back() {
  for (const std::string& rule : std::exchange(shares_, {})) {
    owner_.shares().give_back(action_.caller.agent, rule);
  }
}

// From forwarding to the answer; zero: as long as it takes.
std::chrono::microseconds Call::patience() {
  std::chrono::microseconds out = services_.call_timeout(action_);
  if (decision_.verdict.obliged == nullptr || !plugged(ControlId::kLowerLimits)) {
    return out;
  }
  for (const rules::Obliged::One& one : decision_.verdict.obliged->all) {
    const auto& seconds = one.what->limit.seconds;
    if (seconds && (out.count() == 0 || std::chrono::seconds(*seconds) < out)) {
      out = std::chrono::seconds(*seconds);
      hurried_by_ = one.rule;
    }
  }
  return out;
}

std::string Call::out_of_time() const {
  if (hurried_by_.empty()) {
    return "no answer in time";
  }
  rule_seconds.reached();
  return "no answer in the time that rule \"" + hurried_by_ + "\" allows";
}

// ---- the answer ----

// As its caller may have it. False: it may not, and denied_ says why.
bool Call::redact_answer() {
  const Asked asked = redacting(decision_.verdict);
  if (asked.empty()) {
    return true;
  }
  Result<std::string> given =
      rules::redacted(answer_->body, kind_of(action_, *answer_), redactions(asked));
  if (!given) {
    denied_ =
        Refusal{Code::kDenied,
                std::string(names::kWithheldByRules),
                asked.front()->rule,
                "the answer is held back: " + named(asked) +
                    " takes things out of it, and that cannot be done: " + given.error().message,
                false,
                0};
    return false;
  }
  if (*given != answer_->body) {
    answer_->body = *std::move(given);
    const Result<json::SharedParsed> parsed = json::parse_shared(answer_->body);
    answer_->value = answer_->value != nullptr && parsed ? parsed->value : nullptr;
  }
  return true;
}

bool Call::answer_fits() {
  const auto& obliged = decision_.verdict.obliged;
  if (obliged == nullptr || !plugged(ControlId::kLowerLimits)) {
    return true;
  }
  for (const rules::Obliged::One& one : obliged->all) {
    const auto& most = one.what->limit.bytes;
    if (most && answer_->body.size() > static_cast<std::uint64_t>(*most)) {
      rule_bytes.reached();
      denied_ = Refusal{Code::kTooLarge,
                        "limits",
                        one.rule,
                        "the answer is held back: rule \"" + one.rule + "\" allows " +
                            std::to_string(*most) + " bytes, and it has " +
                            std::to_string(answer_->body.size()),
                        false,
                        0};
      return false;
    }
  }
  return true;
}

// Behind the record's digest of what the server said, before anything of it leaves.
void Call::meet_obligations(RecordDraft& draft) {
  if (events_withheld_ > 0) {
    draft.body.number(names::kBodyEventsWithheld, static_cast<std::int64_t>(events_withheld_));
  }
  if (!answer_ || kinds::is_notice(action_.verb)) {
    return;
  }
  Asked asked = redacting(decision_.verdict);
  if (!asked.empty()) {
    asked.resize(std::min(asked.size(), kMostNamed));
    draft.body.list(names::kBodyRedactedBy, asked,
                    [](std::string& out, const auto* one) { json::append_quoted(out, one->rule); });
  }
  if (!answer_fits() || !redact_answer()) {
    draft.body.text(names::kBodyWithheld, denied_->control);
    withheld_ = true;
  } else if (!asked.empty()) {
    draft.given_hash = digest_text(sha256(answer_->body));
  }
}

// ---- beside the answer ----

// What a subscription brings are Actions of their own.
bool Call::may_pass(std::string_view message) {
  const Asked asked = redacting(decision_.verdict);
  if (asked.empty() || action_.verb == kinds::kSubscriptionListen ||
      rules::may_be_shown(message, redactions(asked))) {
    return true;
  }
  ++events_withheld_;
  return false;
}

bool Call::event(std::string_view bytes) {
  if (state_ != State::kForwarding) {
    return false;
  }
  ++events_;
  if (!event_digest_) {
    event_digest_.emplace();
  }
  event_digest_->update(bytes);
  return true;
}

}  // namespace pawl
