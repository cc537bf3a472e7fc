#include "foundation/rules/narrowing.h"

#include <algorithm>
#include <utility>

#include "foundation/rules/narrowing_proof.h"
#include "foundation/rules/rule_file.h"

namespace pawl::rules {
namespace {

bool all_in(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  });
}

}  // namespace

Result<ComparableSet> ComparableSet::load(const std::vector<Source>& sources) {
  Result<std::shared_ptr<const RuleSet>> set = RuleSet::load(sources);
  if (!set) {
    return fail(set.error());
  }
  auto parts = std::make_shared<Parts>();
  std::vector<LoadedRule> rules;
  std::optional<SetHeader> header;
  for (const Source& source : sources) {
    if (Status read = read_rules(source, parts->atoms, rules, header); !read) {
      return fail(read.error());
    }
  }
  for (LoadedRule& rule : rules) {
    parts->rules.push_back({.effect = rule.info.effect,
                            .is_observed = rule.info.mode == Mode::kObserve,
                            .expires_at = rule.info.expires_at,
                            .when = std::move(rule.when),
                            .terms = rule.info.hold ? std::optional(*rule.info.hold) : std::nullopt,
                            .obliges = rule.info.obliges});
  }
  return ComparableSet(*std::move(set), std::move(parts));
}

Narrower is_narrower(const ComparableSet& child, const ComparableSet& parent) {
  if (child.rules().digest() == parent.rules().digest() ||
      prove_narrower({child.parts().atoms, child.parts().rules},
                     {parent.parts().atoms, parent.parts().rules}) == Narrower::kYes) {
    return Narrower::kYes;
  }
  return finds_wider_request(child, parent) ? Narrower::kNo : Narrower::kUnknown;
}

bool no_weaker(const HoldTerms& child, const HoldTerms& parent) {
  return all_in(child.roles, parent.roles) && child.of >= parent.of && child.uses <= parent.uses &&
         child.within_s <= parent.within_s && all_in(child.escalate_to, parent.escalate_to);
}

}  // namespace pawl::rules
