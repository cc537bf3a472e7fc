// Rule files, and decisions on them: the index decides as one reading every rule would.
// Input: YAML, then facts as JSON:
// {"agent":...,"server":...,"verb":...,"tool":...,"arguments":...}.
#include "foundation/rules/rules.h"

#include "foundation/rules/test_cases.h"
#include "fuzz/support/fuzz.h"

namespace pawl::rules {
namespace {

constexpr std::int64_t kNow = 1'772'064'150;

std::string_view text_of(const json::Value& facts, std::string_view key) {
  return json::find_string(facts, {key}).value_or("");
}

// Every rule in file order, one by one: what a decision means.
void check_as_reference(const RuleSet& set, const Facts& facts, const Decision& decision) {
  const RuleInfo* deny = nullptr;
  const RuleInfo* allow = nullptr;
  const RuleInfo* hold = nullptr;
  const RuleInfo* observed_deny = nullptr;
  bool permitted = false;
  const std::vector<Nearest> all = set.explain(facts, kNow);
  FUZZ_CHECK(all.size() == set.rules().size(), "every rule is explained");
  for (const RuleInfo& rule : set.rules()) {
    const auto explained =
        std::find_if(all.begin(), all.end(), [&](const Nearest& one) { return one.rule == &rule; });
    FUZZ_CHECK(explained != all.end(), "every rule is explained");
    FUZZ_CHECK((rule.effect == Effect::kHold) == (rule.hold != nullptr), "a hold has terms");
    const bool observes = rule.mode == Mode::kObserve;
    if (!explained->differences.empty() || (observes && rule.effect == Effect::kHold)) {
      continue;
    }
    permitted = permitted || (rule.effect != Effect::kDeny && !explained->in_doubt);
    const RuleInfo*& first = rule.effect == Effect::kAllow  ? allow
                             : rule.effect == Effect::kHold ? hold
                             : observes                     ? observed_deny
                                                            : deny;
    first = first == nullptr ? &rule : first;
  }
  const RuleInfo* permits = !permitted ? nullptr : hold != nullptr ? hold : allow;
  const RuleInfo* expected = deny != nullptr ? deny : permits;
  FUZZ_CHECK(decision.rule == expected, "the index finds the rule that decides");
  FUZZ_CHECK(decision.effect == (expected == nullptr ? Effect::kDeny : expected->effect),
             "deny beats hold beats allow, and nothing is deny");
  FUZZ_CHECK(decision.hold() == (expected == nullptr ? nullptr : expected->hold.get()),
             "a held decision has the terms of its rule");
  FUZZ_CHECK(observed_deny == nullptr || decision.would == observed_deny || deny != nullptr,
             "an observed denial is told");
}

void check_decision(const RuleSet& set, const Facts& facts) {
  const Decision decision = set.decide(facts, kNow);
  check_as_reference(set, facts, decision);
  FUZZ_CHECK(decision.atoms == set.decide(facts, kNow).atoms, "the same facts, the same atoms");
  for (const std::uint32_t atom : decision.atoms) {
    FUZZ_CHECK(!set.atom_text(atom).empty(), "an atom has a text");
  }
  FUZZ_CHECK(decision.effect == Effect::kDeny || set.could_permit(facts, kNow),
             "what is permitted is listed");
  FUZZ_CHECK(decision.effect != Effect::kHold || set.could_hold(facts, kNow),
             "what is held could be held");
  const Nearest nearest = set.nearest(facts, kNow);
  FUZZ_CHECK(nearest.rule == nullptr || nearest.rule->effect != Effect::kDeny,
             "the nearest rule is one that permits");
  set.could_permit_any(facts, kNow);
}

}  // namespace
}  // namespace pawl::rules

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::rules;
  const auto [yaml, facts_text] = fuzz::parts<2>(fuzz::view(data, size));
  const Source source{"f.yaml", std::string(yaml)};
  const auto set = RuleSet::load({source});
  if (!set) {
    FUZZ_CHECK(set.error().message.find("f.yaml") != std::string::npos, "an error says where");
    FUZZ_CHECK(set.error().code != Code::kInternal, "a bad file is not our defect");
    return 0;
  }
  FUZZ_CHECK((*RuleSet::load({source}))->digest() == (*set)->digest(), "a set has one digest");
  (*set)->warnings(kNow);
  run_tests(**set, source, kNow);
  for (const RuleInfo& rule : (*set)->rules()) {
    FUZZ_CHECK(!rule.id.empty() && rule.at.line > 0, "a rule has an id and a place");
  }
  const Result<json::Parsed> parsed = json::parse(facts_text);
  const json::Value value = parsed ? parsed->value : json::Value(json::Object{});
  std::vector<std::string> groups;
  if (const auto group = json::find_string(value, {"group"})) {
    groups.emplace_back(*group);
  }
  Facts facts{text_of(value, "agent"),        &groups,
              text_of(value, "on_behalf_of"), text_of(value, "server"),
              text_of(value, "verb"),         text_of(value, "tool"),
              text_of(value, "resource"),     json::find(value, {"arguments"})};
  check_decision(**set, facts);
  FUZZ_CHECK(RuleSet::empty()->decide(facts, kNow).effect == Effect::kDeny, "empty is deny");
  return 0;
}
