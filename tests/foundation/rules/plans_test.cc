// A plan is a shorter way to the same answer: the verdict, the rule that is named and the atoms are
// those of the condition's tree.
#include "foundation/rules/plans.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "foundation/rules/rule_file.h"

namespace pawl::rules {
namespace {

class Texts {
 public:
  explicit Texts(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  std::string word() { return std::string("w") + "abc"[below(3)] + "xy"[below(2)]; }

  std::string names() {
    std::string name = below(4) == 0   ? "w" + std::string(1, "abc"[below(3)]) + "*"
                       : below(6) == 0 ? "*" + std::string(1, "xy"[below(2)])
                       : below(9) == 0 ? std::array{"*b*", "*wa*", "*bx*", "**w*"}[below(4)]
                                       : word();
    return below(5) == 0 ? "[\"" + name + "\", " + word() + "]" : "\"" + name + "\"";
  }

  std::string leaf() {
    const char* const fields[] = {"agent", "server", "verb", "tool", "group"};
    switch (below(6)) {
      case 0:
        return "{arguments: {n: {range: {gt: " + std::to_string(below(3)) + "}}}}";
      case 1:
        return "{arguments: {q: {matches: \".*" + std::string(1, "abc"[below(3)]) + ".\"}}}";
      default:
        return std::string("{") + fields[below(5)] + ": " + names() + "}";
    }
  }

  std::string condition(int depth) {
    const std::size_t kind = depth == 0 ? 0 : below(6);
    if (kind == 0) {
      return leaf();
    }
    if (kind == 1) {
      return "{not: " + condition(depth - 1) + "}";
    }
    std::string out = kind == 2 ? "{any: [" : "{all: [";
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      out += condition(depth - 1) + (n > 1 ? ", " : "");
    }
    return out + "]}";
  }

  std::string rules() {
    std::string out = "rules:\n";
    for (std::size_t i = 0, n = 1 + below(30); i < n; ++i) {
      const std::string then = std::array{"allow", "deny, reason: r", "hold"}[below(3)];
      const bool observable = then != "allow";
      out += "  - {id: r" + std::to_string(i) + ", when: " + condition(3) + ", then: " + then +
             (observable && below(3) == 0 ? ", mode: observe" : "") +
             (below(6) == 0 ? ", expires: 2001-01-01" : "") + "}\n";
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

struct Read {
  AtomTable atoms;
  std::vector<LoadedRule> rules;
  std::vector<std::uint32_t> order;
  std::vector<Indexed> indexed;
};

void read(const std::string& text, Read& out) {
  std::optional<SetHeader> header;
  ASSERT_TRUE(read_rules({"f", text}, out.atoms, out.rules, header));
  for (const Effect effect : {Effect::kDeny, Effect::kHold, Effect::kAllow}) {
    for (std::uint32_t i = 0; i < out.rules.size(); ++i) {
      if (out.rules[i].info.effect == effect) {
        out.order.push_back(i);
        out.indexed.push_back({&out.rules[i].when, effect});
      }
    }
  }
}

struct Answer {
  std::string rule = "none";
  std::string would = "none";
  bool denied = false;  // by a rule
  std::vector<std::uint32_t> atoms;
};

// The candidates of the index, each by its tree. Holds that match, but permit nothing by
// themselves, wait in `waiting` for what permits.
Answer by_trees(const Read& set, const Index& index, const Facts& facts, std::int64_t now) {
  std::vector<RuleIndex> looked_at;
  index.candidates(facts, looked_at);
  looked_at.insert(looked_at.end(), index.scanned().begin(), index.scanned().end());
  std::sort(looked_at.begin(), looked_at.end());
  Answer out;
  std::array<std::string, 2> waiting;  // enforced, observed
  std::array<bool, 2> permits{};
  Evaluation evaluation(set.atoms, facts, Open::kNothing);
  for (const RuleIndex at : looked_at) {
    const LoadedRule& rule = set.rules[set.order[at]];
    const bool observed = rule.info.mode == Mode::kObserve;
    if ((rule.info.expires_at && now >= *rule.info.expires_at) ||
        (observed && out.would != "none")) {
      continue;
    }
    if (rule.info.effect == Effect::kHold) {
      if (permits[observed]) {
        continue;
      }
      permits[observed] = evaluation.matches(rule.when, Effect::kAllow);
      if (waiting[observed].empty() &&
          (permits[observed] || evaluation.matches(rule.when, Effect::kHold))) {
        waiting[observed] = rule.info.id;
      }
      if (permits[0]) {
        break;
      }
    } else if (evaluation.matches(rule.when, rule.info.effect)) {
      (observed ? out.would : out.rule) = rule.info.id;
      out.denied = !observed && rule.info.effect == Effect::kDeny;
      if (!observed) {
        break;
      }
    }
  }
  const bool permitted = permits[0] || (out.rule != "none" && !out.denied);
  if (permitted && !waiting[0].empty()) {
    out.rule = waiting[0];
  }
  if (!out.denied && out.would == "none" && (permitted || permits[1]) && !waiting[1].empty()) {
    out.would = waiting[1];
  }
  out.atoms = evaluation.held();
  return out;
}

TEST(Plans, AnswerAsTheTreesDoAtomByAtom) {
  const unsigned seed = 1812;
  Texts random(seed);
  std::size_t with_rule = 0;
  std::size_t with_would = 0;
  std::size_t with_atoms = 0;
  for (int round = 0; round < 500; ++round) {
    const std::string text = random.rules();
    Read plain;
    read(text, plain);
    ASSERT_FALSE(HasFatalFailure()) << text;
    const Index index(plain.indexed, plain.atoms);
    const auto set = RuleSet::load({{"f", text}});
    ASSERT_TRUE(set);
    for (int i = 0; i < 30; ++i) {
      const auto maybe = [&] { return random.below(6) == 0 ? std::string() : random.word(); };
      const std::string agent = maybe(), server = maybe(), verb = maybe();
      const std::string tool = random.below(12) == 0 ? "wa/../wb" : maybe();
      const std::vector<std::string> groups(random.below(3), random.word());
      json::Object object;
      object["n"] = random.below(4);
      object["q"] = random.word();
      const json::Value arguments(std::move(object));
      Facts facts{agent, &groups, {}, server,
                  verb,  tool,    {}, random.below(3) ? &arguments : nullptr};
      const std::int64_t now = random.below(2) ? 0 : 1'800'000'000;
      const Answer expected = by_trees(plain, index, facts, now);
      const Decision decision = (*set)->decide(facts, now);
      const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round) +
                                "." + std::to_string(i) + "\n" + text;
      ASSERT_EQ(decision.rule ? decision.rule->id : "none", expected.rule) << where;
      ASSERT_EQ(decision.would ? decision.would->id : "none", expected.would) << where;
      ASSERT_EQ(decision.atoms, expected.atoms) << where;
      with_rule += decision.rule ? 1 : 0;
      with_would += decision.would ? 1 : 0;
      with_atoms += decision.atoms.size() > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(with_rule, 1000u);
  EXPECT_GT(with_would, 500u);
  EXPECT_GT(with_atoms, 1000u);
}

}  // namespace
}  // namespace pawl::rules
