#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "foundation/crypto/sha256.h"
#include "foundation/rules/condition.h"
#include "foundation/rules/differences.h"
#include "foundation/rules/index.h"
#include "foundation/rules/plans.h"
#include "foundation/rules/rule_file.h"
#include "foundation/rules/rules.h"
#include "foundation/rules/warnings.h"

namespace pawl::rules {
namespace {

bool expired(const RuleInfo& rule, std::int64_t now) {
  return rule.expires_at && now >= *rule.expires_at;
}

// Deny rules first, file order within one kind: the first match in this order decides.
std::vector<std::uint32_t> decision_order(const std::vector<RuleInfo>& infos) {
  std::vector<std::uint32_t> order(infos.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::stable_partition(order.begin(), order.end(),
                        [&](std::uint32_t i) { return infos[i].effect == Effect::kDeny; });
  return order;
}

class CompiledSet : public RuleSet {
 public:
  CompiledSet(AtomTable atoms, std::vector<LoadedRule> rules)
      : atoms_(std::move(atoms)),
        infos_(take_infos(rules)),
        conditions_(take_conditions(rules)),
        order_(decision_order(infos_)),
        index_(indexed(), atoms_),
        plans_(order_, infos_, conditions_, atoms_, index_) {}

  Decision decide(const Facts& facts, std::int64_t now) const override;
  bool could_allow(const Facts& facts, std::int64_t now) const override;
  bool could_allow_any(const Facts& without_name, std::int64_t now) const override;
  Nearest nearest(const Facts& facts, std::int64_t now) const override;
  std::vector<Nearest> explain(const Facts& facts, std::int64_t now) const override;
  const std::vector<RuleInfo>& rules() const override { return infos_; }
  std::string digest() const override;
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
      out.push_back({&conditions_[i], infos_[i].effect});
    }
    return out;
  }
  // Calls look(rule) for each rule that may match, in decision order, until it returns false.
  // Returns how many rules were looked at, those that fell by name alone included.
  template <class Look>
  std::size_t walk(const Facts& facts, const Look& look) const;
  Nearest compare(std::uint32_t rule, Evaluation& evaluation, const Facts& facts,
                  std::int64_t now) const;

  const AtomTable atoms_;
  const std::vector<RuleInfo> infos_;        // in file order
  const std::vector<Condition> conditions_;  // likewise
  const std::vector<std::uint32_t> order_;   // position in decision order -> position in file order
  const Index index_;                        // over positions in decision order
  const Plans plans_;                        // likewise
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
  Evaluation evaluation(atoms_, facts, Open::kNothing);
  decision.rules_touched = walk(facts, [&](const Plan& plan) {
    const bool passed_over = plan.mode == Mode::kObserve;
    if (plan.expired(now) || (passed_over && decision.would_deny != nullptr) ||
        !evaluation.matches(plans_.steps(plan), plan.effect)) {
      return true;
    }
    if (passed_over) {
      decision.would_deny = &infos_[plan.rule];
      return true;
    }
    decision.rule = &infos_[plan.rule];
    decision.effect = plan.effect;
    return false;
  });
  decision.atoms = evaluation.held();
  return decision;
}

bool CompiledSet::could_allow(const Facts& facts, std::int64_t now) const {
  bool could = false;
  Evaluation evaluation(atoms_, facts, Open::kArguments);
  walk(facts, [&](const Plan& plan) {
    if (plan.expired(now) || plan.mode == Mode::kObserve) {
      return true;
    }
    const Mask mask = evaluation.of(plans_.steps(plan), plan.effect);
    could = plan.effect == Effect::kAllow && (mask & kMayBeTrue) != 0;
    const bool surely_denied = plan.effect == Effect::kDeny && (mask & kMayBeFalse) == 0;
    return !could && !surely_denied;
  });
  return could;
}

bool CompiledSet::could_allow_any(const Facts& without_name, std::int64_t now) const {
  Evaluation evaluation(atoms_, without_name, Open::kNamesAndArguments);
  for (const std::uint32_t rule : order_) {
    const RuleInfo& info = infos_[rule];
    if (expired(info, now) || info.mode == Mode::kObserve) {
      continue;
    }
    const Mask mask = evaluation.of(conditions_[rule], info.effect);
    if (info.effect == Effect::kDeny && (mask & kMayBeFalse) == 0) {
      return false;
    }
    if (info.effect == Effect::kAllow && (mask & kMayBeTrue) != 0) {
      return true;
    }
  }
  return false;
}

Nearest CompiledSet::compare(std::uint32_t rule, Evaluation& evaluation, const Facts& facts,
                             std::int64_t now) const {
  Nearest out;
  out.rule = &infos_[rule];
  if (!evaluation.matches(conditions_[rule], infos_[rule].effect)) {
    out.differences =
        differences(conditions_[rule], infos_[rule].effect, atoms_, facts, evaluation);
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
    if (infos_[rule].effect != Effect::kAllow) {
      continue;
    }
    Nearest one = compare(rule, evaluation, facts, now);
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
    out.push_back(compare(rule, evaluation, facts, now));
  }
  std::stable_partition(out.begin(), out.end(),
                        [&](const Nearest& one) { return one.rule == decision.rule; });
  return out;
}

std::string CompiledSet::digest() const {
  Sha256 hash;
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const RuleInfo& info = infos_[i];
    json::Array line;
    line.emplace_back(info.id);
    line.emplace_back(info.effect == Effect::kAllow ? "allow" : "deny");
    line.emplace_back(info.mode == Mode::kEnforce ? "enforce" : "observe");
    line.emplace_back(info.reason);
    line.emplace_back(info.owner);
    line.emplace_back(info.expires_at ? json::Value(std::to_string(*info.expires_at))
                                      : json::Value(nullptr));
    line.emplace_back(condition_text(conditions_[i], atoms_));
    hash.update(json::canonical(json::Value(std::move(line))) + "\n");
  }
  return digest_text(hash.finish());
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
  for (const Source& source : sources) {
    if (Status read = read_rules(source, atoms, rules); !read) {
      return fail(read.error());
    }
  }
  if (Status unique = check_ids(rules); !unique) {
    return fail(unique.error());
  }
  return std::make_shared<const CompiledSet>(std::move(atoms), std::move(rules));
}

std::shared_ptr<const RuleSet> RuleSet::empty() {
  return std::make_shared<const CompiledSet>(AtomTable(), std::vector<LoadedRule>());
}

}  // namespace pawl::rules
