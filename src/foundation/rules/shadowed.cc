#include "foundation/rules/shadowed.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/rules/narrowing_proof.h"
#include "foundation/rules/obligation.h"
#include "foundation/rules/sample_request.h"

namespace pawl::rules {
namespace {

using Alternatives = std::vector<Given>;

constexpr std::size_t kMaxSteps = 400'000;     // of proofs, each a handful of predicates
constexpr std::size_t kMaxTries = 200'000;     // of pairs of alternatives, for conflicts
constexpr std::size_t kMaxLooks = 40'000'000;  // at pairs of rules, however quickly they fall
constexpr std::size_t kMaxConflicts = 200;
constexpr std::array kUsualVerbs = {kinds::kToolCall, kinds::kResourceRead, kinds::kPromptGet,
                                    kinds::kToolList, kinds::kLogMessage};

// How a rule is read where the question is whether it matches at all.
const Reading& reading_of(Effect effect) {
  return effect == Effect::kAllow ? kPermits : kBars;
}

std::int64_t end_of(const ComparedRule& rule) {
  return rule.expires_at.value_or(std::numeric_limits<std::int64_t>::max());
}

// Wherever both match, `wide` decides or is named and `narrow` is not. `before`: in the file.
bool gets_ahead(const ComparedRule& wide, const ComparedRule& narrow, bool before) {
  // What it obliges to counts whoever decides, but where the call is denied.
  if (wide.effect != Effect::kDeny && !no_laxer(wide.obliges.get(), narrow.obliges.get())) {
    return false;
  }
  if (narrow.is_observed) {
    // It is named in `would`, unless another one is before it, or a denial ends the search.
    return wide.effect == Effect::kDeny ? before || narrow.effect == Effect::kHold
                                        : before && wide.effect == Effect::kHold &&
                                              wide.is_observed && narrow.effect == Effect::kHold;
  }
  return !wide.is_observed &&
         (wide.effect > narrow.effect || (wide.effect == narrow.effect && before));
}

Truths truth_set(Truth truth) {
  constexpr std::array<Truths, 4> kSets = {kIsFalse, kIsTrue, kIsAbsent, kIsUndecidable};
  return kSets.at(static_cast<std::size_t>(truth));
}

// Verbs that the facts leave open: the answers of each predicate over the verb are those given.
bool leaves_open(const Given& given, std::string_view verb) {
  Facts facts;
  facts.verb = verb;
  return std::all_of(given.begin(), given.end(), [&](const Fact& fact) {
    return fact.atom->field != Field::kVerb || (truth_set(fact.atom->on(facts)) & fact.answers);
  });
}

bool only_notices(const Alternatives& alternatives) {
  bool some = false;
  for (const Given& given : alternatives) {
    for (const std::string_view verb : kinds::kAll) {
      if (leaves_open(given, verb)) {
        some = true;
        if (!kinds::is_notice(verb)) {
          return false;
        }
      }
    }
  }
  return some;
}

class Search {
 public:
  explicit Search(const ComparableSet::Parts& parts) : parts_(parts), rules_(parts.rules) {
    for (const ComparedRule& rule : rules_) {
      // Obligations count in doubt, too.
      matches_.push_back(possible(rule, rule.obliges != nullptr ? kBars : reading_of(rule.effect)));
    }
  }

  RuleFindings run() {
    std::vector<bool> settled(rules_.size());  // it decides nothing, so it conflicts with nothing
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      settled[i] = look_at(i);
    }
    look_for_conflicts(settled);
    std::stable_sort(out_.found.begin(), out_.found.end(),
                     [](const auto& a, const auto& b) { return a.rule < b.rule; });
    return std::move(out_);
  }

 private:
  // Alternatives that do not contradict themselves; nullopt: too many.
  std::optional<Alternatives> possible(const ComparedRule& rule, const Reading& reading) const {
    std::optional<Alternatives> found = alternatives(rule.when, parts_.atoms, reading);
    if (found) {
      std::erase_if(*found, [](const Given& given) { return contradict(given); });
    }
    return found;
  }

  // Whether it decides nothing.
  bool look_at(std::size_t i) {
    if (!matches_[i]) {
      out_.undecided.push_back(i);
      return false;
    }
    if (matches_[i]->empty()) {
      out_.found.push_back({RuleFinding::Kind::kUnreachable, i, {}, {}});
      return true;
    }
    std::vector<std::size_t> by;
    for (const Given& given : *matches_[i]) {
      const std::optional<std::size_t> cover = cover_of(i, given);
      if (!cover) {
        by.clear();
        break;
      }
      if (std::find(by.begin(), by.end(), *cover) == by.end()) {
        by.push_back(*cover);
      }
    }
    if (!by.empty()) {
      by.resize(std::min(by.size(), kNamedCovers));
      out_.found.push_back({RuleFinding::Kind::kShadowed, i, std::move(by), {}});
      return true;
    }
    if (is_tired()) {
      out_.undecided.push_back(i);
    }
    if (rules_[i].effect == Effect::kHold && only_notices(*matches_[i])) {
      out_.found.push_back({RuleFinding::Kind::kOnlyNotices, i, {}, {}});
    }
    return false;
  }

  std::optional<std::size_t> cover_of(std::size_t i, const Given& given) {
    for (std::size_t j = 0; j < rules_.size() && !is_tired(); ++j) {
      ++looks_;
      const bool may = j != i && gets_ahead(rules_[j], rules_[i], j < i) &&
                       end_of(rules_[j]) >= end_of(rules_[i]);
      if (may && ++steps_ <= kMaxSteps &&
          imply(given, rules_[j].when, parts_.atoms, reading_of(rules_[j].effect))) {
        return j;
      }
    }
    return std::nullopt;
  }

  bool is_tired() const { return steps_ > kMaxSteps || looks_ > kMaxLooks; }

  void look_for_conflicts(const std::vector<bool>& settled) {
    looks_ = 0;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      for (std::size_t j = i + 1; j < rules_.size(); ++j) {
        if (++looks_ > kMaxLooks) {
          out_.pairs_undecided += rules_.size() - j;  // of this rule
          break;
        }
        const bool asked = !settled[i] && !settled[j] && are_contrary(rules_[i], rules_[j]);
        if (asked && !is_settled_pair(i, j)) {
          ++out_.pairs_undecided;
        }
      }
    }
  }

  static bool are_contrary(const ComparedRule& one, const ComparedRule& other) {
    if (one.is_observed || other.is_observed) {
      return false;
    }
    const bool both_hold = one.effect == Effect::kHold && other.effect == Effect::kHold;
    return both_hold ? one.terms && other.terms && !no_weaker(*one.terms, *other.terms)
                     : one.effect != other.effect;
  }

  // False: nobody knows whether they meet.
  bool is_settled_pair(std::size_t i, std::size_t j) {
    if (!matches_[i] || !matches_[j] || tries_ > kMaxTries ||
        out_.found.size() > rules_.size() + kMaxConflicts) {
      return false;
    }
    bool apart = true;
    for (const Given& one : *matches_[i]) {
      for (const Given& other : *matches_[j]) {
        if (++tries_ > kMaxTries) {
          return false;
        }
        Given both = one;
        both.insert(both.end(), other.begin(), other.end());
        if (contradict(both)) {
          continue;
        }
        apart = false;
        if (std::optional<json::Object> example = met_by(i, j, both)) {
          note_conflict(i, j, *std::move(example));
          return true;
        }
      }
    }
    return apart;
  }

  // Every request has a verb that exists, so the example has one, too.
  std::optional<json::Object> met_by(std::size_t i, std::size_t j, const Given& both) const {
    for (std::size_t choice = 0; choice < kSampleChoices; ++choice) {
      SampleRequest request(both, choice);
      if (kinds::is_known(request.facts().verb) && both_fit(i, j, request.facts())) {
        return request.shown();
      }
      for (const std::string_view verb : kUsualVerbs) {
        request.set_verb(verb);
        if (both_fit(i, j, request.facts())) {
          return request.shown();
        }
      }
    }
    return std::nullopt;
  }

  bool both_fit(std::size_t i, std::size_t j, const Facts& facts) const {
    Evaluation evaluation(parts_.atoms, facts, Open::kNothing);
    return evaluation.matches(rules_[i].when, rules_[i].effect) &&
           evaluation.matches(rules_[j].when, rules_[j].effect);
  }

  // An exception from a rule is no contradiction.
  void note_conflict(std::size_t i, std::size_t j, json::Object example) {
    if (!is_within(i, j) && !is_within(j, i)) {
      out_.found.push_back({RuleFinding::Kind::kConflict, i, {j}, std::move(example)});
    }
  }

  // Whenever the one is true, the other is.
  bool is_within(std::size_t narrow, std::size_t wide) const {
    const std::optional<Alternatives> found = possible(rules_[narrow], kPermits);
    return found && std::all_of(found->begin(), found->end(), [&](const Given& given) {
             return imply(given, rules_[wide].when, parts_.atoms, kPermits);
           });
  }

  const ComparableSet::Parts& parts_;
  const std::vector<ComparedRule>& rules_;
  std::vector<std::optional<Alternatives>> matches_;
  RuleFindings out_;
  std::size_t steps_ = 0;
  std::size_t looks_ = 0;
  std::size_t tries_ = 0;
};

std::string where(const RuleInfo& info) {
  return info.at.file + ":" + std::to_string(info.at.line) + ":" + std::to_string(info.at.column) +
         ": rule " + info.id + ": ";
}

std::string does(const RuleInfo& rule) {
  if (rule.mode == Mode::kObserve) {
    return "is named for";
  }
  return rule.effect == Effect::kDeny   ? "denies"
         : rule.effect == Effect::kHold ? "holds"
                                        : "allows";
}

std::string shadowed_text(const RuleFinding& finding, const std::vector<RuleInfo>& rules) {
  std::string names;
  for (const std::size_t by : finding.by) {
    names += (names.empty() ? "" : ", ") + rules[by].id;
  }
  if (finding.by.size() == 1) {
    return "is never reached: rule " + names + " " + does(rules[finding.by.front()]) + " all of it";
  }
  return "is never reached: rules " + names + " and what stands with them decide all of it";
}

}  // namespace

RuleFindings find_shadowed(const ComparableSet& set) {
  return Search(set.parts()).run();
}

std::string describe(const RuleFinding& finding, const RuleSet& set) {
  const std::vector<RuleInfo>& rules = set.rules();
  const RuleInfo& rule = rules[finding.rule];
  switch (finding.kind) {
    case RuleFinding::Kind::kUnreachable:
      return where(rule) + "no request fits its condition";
    case RuleFinding::Kind::kShadowed:
      return where(rule) + shadowed_text(finding, rules);
    case RuleFinding::Kind::kOnlyNotices:
      return where(rule) + "holds nothing but notices: nobody waits for one, so it is refused";
    case RuleFinding::Kind::kConflict:
      break;
  }
  const RuleInfo& other = rules[finding.by.front()];
  const bool both_hold = rule.effect == Effect::kHold && other.effect == Effect::kHold;
  const bool other_wins = other.effect > rule.effect;
  return where(rule) + "meets rule " + other.id + ", neither is a special case of the other, and " +
         (both_hold ? "the terms of " + rule.id + " count, for it stands first"
                    : (other_wins ? other.id : rule.id) + " decides (" +
                          std::string(effect_name(other_wins ? other.effect : rule.effect)) + ")") +
         "; for example " + json::print(finding.example);
}

}  // namespace pawl::rules
