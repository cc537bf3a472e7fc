// "Always allow": a change of the rules that somebody proposes on an approval, for review.
//
// Purpose:    finds the rule that holds the call now, prints what to change, and records it
//             (`policy.proposed`). Nothing takes force: who owns the rules writes, tests and signs.
// Threading:  the I/O thread. `done` after the record is durable.
// Errors:     kConflict (no rule holds this call now), kInvalidParams (a reason that is none),
//             kTooLarge.
// Source:     docs/formats/console_api.md, docs/formats/records.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config/config.h"
#include "foundation/rules/rules.h"
#include "gateway/recorder.h"
#include "operators/approval/approval.h"

namespace pawl {

class RuleProposals {
 public:
  using Done = std::function<void(Result<json::Object>)>;
  struct Asked {
    const approval::Approval& approval;
    std::string params;  // exact text
    std::string by;      // a person; empty: who has the control token
    std::string reason;
  };
  static constexpr std::size_t kMaxReason = 500;  // bytes

  RuleProposals(const Config& config, Recorder& recorder,
                std::function<std::shared_ptr<const rules::RuleSet>()> rules)
      : config_(config), recorder_(recorder), rules_(std::move(rules)) {}

  // The answer: id (of the record), text, rule.
  void propose(const Asked& asked, Done done);

 private:
  std::string why_unnamed(const approval::Binding& binding) const;
  const Config& config_;
  Recorder& recorder_;
  const std::function<std::shared_ptr<const rules::RuleSet>()> rules_;
};

}  // namespace pawl
