#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "foundation/rules/condition.h"
#include "foundation/rules/differences.h"
#include "foundation/rules/index.h"
#include "foundation/rules/plans.h"
#include "foundation/rules/rule_file.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/set_digest.h"
#include "foundation/rules/warnings.h"

namespace pawl::rules {
namespace {

bool expired(const RuleInfo& rule, std::int64_t now) {
  return rule.expires_at && now >= *rule.expires_at;
}

// Deny rules first, then holds, then allow rules; file order within one kind.
std::vector<std::uint32_t> decision_order(const std::vector<RuleInfo>& infos) {
  std::vector<std::uint32_t> order(infos.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return infos[a].effect > infos[b].effect;
  });
  return order;
}

// What the holds that were looked at say together.
struct Holds {
  const RuleInfo* first = nullptr;  // in file order, of those that are not false
  bool permits = false;             // one of them is true

  // `matches(effect)`: read as a rule of this effect.
  template <class Match>
  void add(const RuleInfo& hold, const Match& matches) {
    if (permits) {
      return;
    }
    permits = matches(Effect::kAllow);
    if (first == nullptr && (permits || matches(Effect::kHold))) {
      first = &hold;
    }
  }
};

// No deny rule matched. What is permitted is held by the first hold that is not surely false, also
// when it is another rule that permits: doubt about the stricter hold must not choose the laxer.
void settle(Decision& decision, const Holds& enforced, const Holds& observed) {
  const bool permitted = decision.effect == Effect::kAllow || enforced.permits;
  if (permitted && enforced.first != nullptr) {
    decision.effect = Effect::kHold;
    decision.rule = enforced.first;
  }
  if (decision.would == nullptr && (permitted || observed.permits)) {
    decision.would = observed.first;
  }
}

class CompiledSet : public RuleSet {
 public:
  CompiledSet(AtomTable atoms, std::vector<LoadedRule> rules, std::optional<SetHeader> header)
      : header_(std::move(header)),
        atoms_(std::move(atoms)),
        infos_(take_infos(rules)),
        conditions_(take_conditions(rules)),
        order_(decision_order(infos_)),
        index_(indexed(), atoms_),
        plans_(order_, infos_, conditions_, atoms_, index_),
        obliges_(std::any_of(infos_.begin(), infos_.end(),
                             [](const RuleInfo& info) { return info.obliges != nullptr; })) {}

  Decision decide(const Facts& facts, std::int64_t now) const override;
  bool could_permit(const Facts& facts, std::int64_t now) const override;
  bool could_permit_any(const Facts& without_name, std::int64_t now) const override;
  bool could_hold(const Facts& facts, std::int64_t now) const override;
  std::vector<const RuleInfo*> could_oblige(const Facts& facts, bool any_name) const override;
  Nearest nearest(const Facts& facts, std::int64_t now) const override;
  std::vector<Nearest> explain(const Facts& facts, std::int64_t now) const override;
  const std::vector<RuleInfo>& rules() const override { return infos_; }
  std::string digest() const override { return set_digest(infos_, conditions_, atoms_); }
  const SetHeader* header() const override { return header_ ? &*header_ : nullptr; }
  std::string atom_text(std::uint32_t atom) const override {
    return atom < atoms_.size() ? atoms_[atom].text() : "";
  }
  std::vector<std::string> warnings(std::optional<std::int64_t> now) const override {
    return rules::warnings(infos_, conditions_, atoms_, now);
  }

 private:
  static std::vector<RuleInfo> take_infos(std::vector<LoadedRule>& rules) {
    std::vector<RuleInfo> out;
    out.reserve(rules.size());
    for (LoadedRule& rule : rules) {
      out.push_back(std::move(rule.info));
    }
    return out;
  }
  static std::vector<Condition> take_conditions(std::vector<LoadedRule>& rules) {
    std::vector<Condition> out;
    out.reserve(rules.size());
    for (LoadedRule& rule : rules) {
      out.push_back(std::move(rule.when));
    }
    return out;
  }
  std::vector<Indexed> indexed() const {
    std::vector<Indexed> out;
    out.reserve(order_.size());
    for (const std::uint32_t i : order_) {
      // Obligations count in doubt, too, as what a hold restricts does.
      const bool obliges = infos_[i].effect == Effect::kAllow && infos_[i].obliges != nullptr;
      out.push_back({&conditions_[i], obliges ? Effect::kHold : infos_[i].effect});
    }
    return out;
  }
  // Calls look(rule) for each rule that may match, in decision order, until it returns false.
  // Returns how many rules were looked at, those that fell by name alone included.
  template <class Look>
  std::size_t walk(const Facts& facts, const Look& look) const;
  // `reading`: as a rule of this effect.
  Nearest compare(std::uint32_t rule, Effect reading, Evaluation& evaluation, const Facts& facts,
                  std::int64_t now) const;

  const std::optional<SetHeader> header_;
  const AtomTable atoms_;
  const std::vector<RuleInfo> infos_;        // in file order
  const std::vector<Condition> conditions_;  // likewise
  const std::vector<std::uint32_t> order_;   // position in decision order -> position in file order
  const Index index_;                        // over positions in decision order
  const Plans plans_;                        // likewise
  const bool obliges_;                       // some rule has obligations
};

template <class Look>
std::size_t CompiledSet::walk(const Facts& facts, const Look& look) const {
  thread_local std::vector<RuleIndex> found;
  const std::size_t by_key = index_.candidates(facts, found);
  const std::vector<RuleIndex>& scanned = index_.scanned();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < found.size() || j < scanned.size()) {
    const bool from_found = j == scanned.size() || (i < found.size() && found[i] < scanned[j]);
    if (!look(plans_[from_found ? found[i++] : scanned[j++]])) {
      break;
    }
  }
  return by_key + j;
}

Decision CompiledSet::decide(const Facts& facts, std::int64_t now) const {
  Decision decision;
  Holds enforced;
  Holds observed;
  Evaluation evaluation(atoms_, facts, Open::kNothing);
  decision.rules_touched = walk(facts, [&](const Plan& plan) {
    const bool passed_over = plan.mode == Mode::kObserve;
    if (plan.expired(now) || (passed_over && decision.would != nullptr)) {
      return true;
    }
    const auto matches = [&](Effect effect) {
      return evaluation.matches(plans_.steps(plan), effect);
    };
    if (plan.obliges && matches(Effect::kHold)) {
      decision.obliged.push_back(&infos_[plan.rule]);
    }
    if (decision.rule != nullptr || enforced.permits) {
      return true;  // decided: only obligations are looked for
    }
    if (plan.effect == Effect::kHold) {
      (passed_over ? observed : enforced).add(infos_[plan.rule], matches);
      return obliges_ || !enforced.permits;
    }
    if (!matches(plan.effect)) {
      return true;
    }
    if (passed_over) {
      decision.would = &infos_[plan.rule];
      return true;
    }
    decision.rule = &infos_[plan.rule];
    decision.effect = plan.effect;
    return obliges_ && plan.effect == Effect::kAllow;
  });
  if (decision.rule == nullptr || decision.effect == Effect::kAllow) {
    settle(decision, enforced, observed);
  }
  if (decision.effect == Effect::kDeny) {
    decision.obliged.clear();
  }
  decision.atoms = evaluation.held();
  return decision;
}

std::vector<const RuleInfo*> CompiledSet::could_oblige(const Facts& facts, bool any_name) const {
  std::vector<const RuleInfo*> out;
  if (!obliges_) {
    return out;
  }
  Evaluation evaluation(atoms_, facts, any_name ? Open::kNamesAndArguments : Open::kArguments);
  for (std::size_t rule = 0; rule < infos_.size(); ++rule) {
    const RuleInfo& info = infos_[rule];
    if (info.obliges != nullptr && info.mode == Mode::kEnforce &&
        evaluation.of(conditions_[rule], Effect::kHold) != kMayBeFalse) {
      out.push_back(&info);
    }
  }
  return out;
}

bool CompiledSet::could_permit(const Facts& facts, std::int64_t now) const {
  bool could = false;
  Evaluation evaluation(atoms_, facts, Open::kArguments);
  walk(facts, [&](const Plan& plan) {
    if (plan.expired(now) || plan.mode == Mode::kObserve) {
      return true;
    }
    if (plan.effect == Effect::kDeny) {
      return (evaluation.of(plans_.steps(plan), Effect::kDeny) & kMayBeFalse) != 0;
    }
    could = (evaluation.of(plans_.steps(plan), Effect::kAllow) & kMayBeTrue) != 0;
    return !could;
  });
  return could;
}

bool CompiledSet::could_permit_any(const Facts& without_name, std::int64_t now) const {
  Evaluation evaluation(atoms_, without_name, Open::kNamesAndArguments);
  for (const std::uint32_t rule : order_) {
    const RuleInfo& info = infos_[rule];
    if (expired(info, now) || info.mode == Mode::kObserve) {
      continue;
    }
    const bool denies = info.effect == Effect::kDeny;
    const Mask mask = evaluation.of(conditions_[rule], denies ? Effect::kDeny : Effect::kAllow);
    if (denies && (mask & kMayBeFalse) == 0) {
      return false;
    }
    if (!denies && (mask & kMayBeTrue) != 0) {
      return true;
    }
  }
  return false;
}

bool CompiledSet::could_hold(const Facts& facts, std::int64_t now) const {
  bool waits_for_permission = false;  // a hold may be anything but false
  bool could = false;
  Evaluation evaluation(atoms_, facts, Open::kArguments);
  walk(facts, [&](const Plan& plan) {
    if (plan.expired(now) || plan.mode == Mode::kObserve) {
      return true;
    }
    const auto mask = [&](Effect effect) { return evaluation.of(plans_.steps(plan), effect); };
    if (plan.effect == Effect::kDeny) {
      return (mask(Effect::kDeny) & kMayBeFalse) != 0;
    }
    if (plan.effect == Effect::kAllow && !waits_for_permission) {
      return false;
    }
    could = (mask(Effect::kAllow) & kMayBeTrue) != 0;
    waits_for_permission = waits_for_permission || mask(Effect::kHold) != kMayBeFalse;
    return !could;
  });
  return could;
}

Nearest CompiledSet::compare(std::uint32_t rule, Effect reading, Evaluation& evaluation,
                             const Facts& facts, std::int64_t now) const {
  Nearest out;
  out.rule = &infos_[rule];
  if (!evaluation.matches(conditions_[rule], reading)) {
    out.differences = differences(conditions_[rule], reading, atoms_, facts, evaluation);
  }
  if (expired(infos_[rule], now)) {
    out.differences.push_back(
        {"expires", "a time before " + std::to_string(*out.rule->expires_at), std::to_string(now)});
  }
  return out;
}

Nearest CompiledSet::nearest(const Facts& facts, std::int64_t now) const {
  Nearest best;
  Evaluation evaluation(atoms_, facts, Open::kNothing);
  for (std::uint32_t rule = 0; rule < infos_.size(); ++rule) {
    if (infos_[rule].effect == Effect::kDeny || infos_[rule].mode == Mode::kObserve) {
      continue;
    }
    Nearest one = compare(rule, Effect::kAllow, evaluation, facts, now);
    if (best.rule == nullptr || one.differences.size() < best.differences.size()) {
      best = std::move(one);
    }
  }
  return best;
}

std::vector<Nearest> CompiledSet::explain(const Facts& facts, std::int64_t now) const {
  const Decision decision = decide(facts, now);
  std::vector<Nearest> out;
  out.reserve(infos_.size());
  Evaluation evaluation(atoms_, facts, Open::kNothing);
  for (std::uint32_t rule = 0; rule < infos_.size(); ++rule) {
    const Effect effect = infos_[rule].effect;
    out.push_back(compare(rule, effect, evaluation, facts, now));
    out.back().in_doubt = effect == Effect::kHold && out.back().differences.empty() &&
                          !evaluation.matches(conditions_[rule], Effect::kAllow);
  }
  std::stable_partition(out.begin(), out.end(),
                        [&](const Nearest& one) { return one.rule == decision.rule; });
  return out;
}

Status check_ids(const std::vector<LoadedRule>& rules) {
  std::map<std::string_view, const RuleInfo*> seen;
  for (const LoadedRule& rule : rules) {
    const auto [at, is_new] = seen.emplace(rule.info.id, &rule.info);
    if (!is_new) {
      const Location& here = rule.info.at;
      const Location& first = at->second->at;
      return fail(Code::kMalformed, here.file + ":" + std::to_string(here.line) + ":" +
                                        std::to_string(here.column) + ": id \"" + rule.info.id +
                                        "\" stands already at " + first.file + ":" +
                                        std::to_string(first.line));
    }
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const RuleSet>> RuleSet::load(const std::vector<Source>& sources) {
  AtomTable atoms;
  std::vector<LoadedRule> rules;
  std::optional<SetHeader> header;
  for (const Source& source : sources) {
    if (Status read = read_rules(source, atoms, rules, header); !read) {
      return fail(read.error());
    }
  }
  if (Status unique = check_ids(rules); !unique) {
    return fail(unique.error());
  }
  return std::make_shared<const CompiledSet>(std::move(atoms), std::move(rules), std::move(header));
}

std::shared_ptr<const RuleSet> RuleSet::empty() {
  return std::make_shared<const CompiledSet>(AtomTable(), std::vector<LoadedRule>(), std::nullopt);
}

}  // namespace pawl::rules
