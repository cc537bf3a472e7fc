// What a set of rules would have said to a recorded call: the same, another thing, or nobody knows.
//
// Purpose:    the judgement behind `pawl rules replay`; memory is bounded whatever the log's size.
// Threading:  one thread.
// Ownership:  owns its sets.
// Errors:     none.
// Rule:       what is called kSame or kDiffers is so whatever the record does not hold. A call that
//             this very set decided is never kUndecidable: it said then what it says now.
//
// Example:
//   ReplayedSet replay(*std::move(set), std::move(others));
//   switch (replay.judge(call).verdict) { ... }
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/commands/ruled_call.h"
#include "foundation/rules/narrowing.h"

namespace pawl {

class ReplayedSet {
 public:
  enum class Verdict { kSame, kDiffers, kUndecidable };
  struct Judgement {
    Verdict verdict = Verdict::kUndecidable;
    rules::PossibleRulings now;
    // Where obligations are what differs: as JSON text.
    std::string was_obliged{}, now_obliged{};
  };

  // `others`: sets that may have decided; what their predicates said of a call is then known.
  ReplayedSet(rules::ComparableSet set, std::vector<rules::ComparableSet> others);

  Judgement judge(const RuledCall& call);
  const rules::RuleSet& rules() const { return set_.rules(); }

 private:
  // What both sets ask for where the call is let pass.
  struct Obliged {
    bool is_sure = false;  // of both
    std::string was, now;
  };
  struct Known {
    rules::PossibleRulings now;
    Obliged obliged;
  };
  Known ask(const RuledCall& call) const;
  void compare_obligations(const RuledCall& call, const Obliged& obliged, Judgement& out) const;
  void add_list(const rules::KnownFacts& known, rules::PossibleRulings& said) const;
  std::string key_of(const RuledCall& call) const;

  rules::ComparableSet set_;
  std::string digest_;
  std::map<std::string, rules::ComparableSet> sets_;  // by digest; set_ among them
  std::vector<std::int64_t> ends_;                    // of rules that expire, ascending
  std::unordered_map<std::string, Known> known_;
};

}  // namespace pawl
