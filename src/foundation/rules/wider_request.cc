// Tries a few requests that fit what the child permits: one that the parent does not permit shows
// that the child is not narrower.
#include "foundation/rules/narrowing_proof.h"
#include "foundation/rules/sample_request.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxTries = 2000;

bool is_wider(const ComparableSet& child, const ComparableSet& parent, const Given& given) {
  for (std::size_t choice = 0; choice < kSampleChoices; ++choice) {
    const SampleRequest request(given, choice);
    const Effect by_child = child.rules().decide(request.facts(), 0).effect;
    const Effect by_parent = parent.rules().decide(request.facts(), 0).effect;
    if (by_child != by_parent && (by_child == Effect::kAllow || by_parent == Effect::kDeny)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool finds_wider_request(const ComparableSet& child, const ComparableSet& parent) {
  std::vector<Given> barred;
  for (const ComparedRule& rule : parent.parts().rules) {
    if (rule.effect != Effect::kAllow) {
      const auto found = alternatives(rule.when, parent.parts().atoms, kBars);
      for (const Given& given : found.value_or(std::vector<Given>())) {
        barred.push_back(given);
      }
    }
  }
  std::size_t tries = 0;
  for (const ComparedRule& rule : child.parts().rules) {
    const auto found = rule.effect != Effect::kDeny
                           ? alternatives(rule.when, child.parts().atoms, kPermits)
                           : std::nullopt;
    for (const Given& given : found.value_or(std::vector<Given>())) {
      if (is_wider(child, parent, given)) {
        return true;
      }
      for (const Given& barrier : barred) {
        Given both = barrier;
        both.insert(both.end(), given.begin(), given.end());
        if (++tries > kMaxTries) {
          return false;
        }
        if (is_wider(child, parent, both)) {
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace pawl::rules
