#include "foundation/rules/shadowed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "tests/foundation/rules/small_world.h"

namespace pawl::rules {
namespace {

using small_world::Generator;
using small_world::World;

RuleFindings find(const std::string& text, std::vector<std::string>* told = nullptr) {
  const Result<ComparableSet> set = ComparableSet::load({{"f", text}});
  EXPECT_TRUE(set) << set.error().message;
  RuleFindings out = find_shadowed(*set);
  for (const RuleFinding& one : out.found) {
    if (told != nullptr) {
      told->push_back(describe(one, set->rules()));
    }
  }
  return out;
}

TEST(Shadowed, NamesWhatIsSo) {
  struct Case {
    const char* name;
    const char* rules;
    std::vector<std::string> told;
  };
  const std::vector<Case> cases = {
      {"a denial covers by names",
       R"(
  - {id: drop, when: {tool: drop, server: db, arguments: {a: 1}}, then: allow}
  - {id: no, when: {tool: "d*"}, then: deny, reason: r})",
       {"f:2:5: rule drop: is never reached: rule no denies all of it"}},
      {"by arguments",
       R"(
  - {id: small, when: {tool: pay, arguments: {n: {range: {gt: 1, lt: 5}}}}, then: allow}
  - {id: no, when: {arguments: {n: {range: {gt: 0}}}}, then: deny, reason: r})",
       {"f:2:5: rule small: is never reached: rule no denies all of it"}},
      {"an earlier rule says it already",
       R"(
  - {id: all, when: {tool: "**"}, then: allow}
  - {id: one, when: {tool: read}, then: allow})",
       {"f:3:5: rule one: is never reached: rule all allows all of it"}},
      {"a later one does not",
       R"(
  - {id: one, when: {tool: read}, then: allow}
  - {id: all, when: {tool: "**"}, then: allow})",
       {}},
      {"a hold asks for all that is allowed",
       R"(
  - {id: ok, when: {tool: pay, server: a}, then: allow}
  - {id: ask, when: {tool: pay}, then: hold})",
       {"f:2:5: rule ok: is never reached: rule ask holds all of it"}},
      {"several together",
       R"(
  - {id: ok, when: {tool: [pay, buy], any: [{server: a}, {server: b}]}, then: allow}
  - {id: no-a, when: {server: a}, then: deny, reason: r}
  - {id: no-b, when: {server: b}, then: deny, reason: r})",
       {"f:2:5: rule ok: is never reached: rules no-a, no-b and what stands with them decide all "
        "of it"}},
      {"one that ends earlier does not cover",
       R"(
  - {id: ok, when: {tool: pay}, then: allow}
  - {id: no, when: {tool: pay}, then: deny, reason: r, expires: 2031-01-01})",
       {}},
      {"one that observes does not cover",
       R"(
  - {id: ok, when: {tool: pay}, then: allow}
  - {id: no, when: {tool: pay}, then: deny, reason: r, mode: observe})",
       {}},
      {"nothing fits",
       R"(
  - {id: odd, when: {all: [{tool: a}, {tool: b}]}, then: allow})",
       {"f:2:5: rule odd: no request fits its condition"}},
      {"notices",
       R"(
  - {id: ask, when: {verb: [log.message, task.status], server: a}, then: hold}
  - {id: also, when: {verb: [log.message, tool.call]}, then: hold})",
       {"f:2:5: rule ask: holds nothing but notices: nobody waits for one, so it is refused"}},
      {"a contradiction",
       R"(
  - {id: a, when: {server: a}, then: allow}
  - {id: drop, when: {tool: drop}, then: deny, reason: r})",
       {"f:2:5: rule a: meets rule drop, neither is a special case of the other, and drop decides "
        "(deny); for example {\"server\":\"a\",\"verb\":\"tool.call\",\"tool\":\"drop\"}"}},
      {"an exception is none",
       R"(
  - {id: a, when: {server: a}, then: allow}
  - {id: drop, when: {server: a, tool: drop}, then: deny, reason: r})",
       {}},
      {"apart",
       R"(
  - {id: a, when: {server: a, tool: x}, then: allow}
  - {id: drop, when: {server: b, group: g}, then: deny, reason: r})",
       {}},
      {"the laxer hold stands first",
       R"(
  - {id: one, when: {server: a}, then: hold}
  - {id: two, when: {tool: pay}, then: {hold: {of: 2}}})",
       {"f:2:5: rule one: meets rule two, neither is a special case of the other, and the terms of "
        "one count, for it stands first; for example "
        "{\"server\":\"a\",\"verb\":\"tool.call\",\"tool\":\"pay\"}"}},
      {"the stricter one does",
       R"(
  - {id: two, when: {tool: pay}, then: {hold: {of: 2}}}
  - {id: one, when: {server: a}, then: hold})",
       {}},
  };
  for (const Case& one : cases) {
    std::vector<std::string> told;
    const RuleFindings found = find("rules:" + std::string(one.rules) + "\n", &told);
    EXPECT_EQ(told, one.told) << one.name;
    EXPECT_TRUE(found.undecided.empty()) << one.name;
  }
}

TEST(Shadowed, SaysWhatItDidNotDecide) {
  std::string any;
  for (int i = 0; i < 600; ++i) {
    any += (i ? ", " : "") + std::string("{tool: t") + std::to_string(i) + "}";
  }
  const RuleFindings found = find("rules:\n  - {id: many, when: {any: [" + any +
                                  "]}, then: allow}\n  - {id: no, when: {server: a}, then: deny, "
                                  "reason: r}\n");
  EXPECT_EQ(found.undecided, std::vector<std::size_t>{0});
  EXPECT_EQ(found.pairs_undecided, 1u);
  EXPECT_TRUE(found.found.empty());
}

TEST(Shadowed, EndsInTimeOnALargeSet) {
  std::string text = "rules:\n";
  for (int i = 0; i < 3000; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", when: {tool: \"t" + std::to_string(i % 97) +
            "*\", server: s" + std::to_string(i % 89) +
            "}, then: " + (i % 3 ? "allow" : "deny, reason: r") + "}\n";
  }
  const RuleFindings found = find(text);
  EXPECT_FALSE(found.undecided.empty());
}

// Which rules fit which worlds, by sets of one rule each.
class Fits {
 public:
  explicit Fits(const std::vector<Generator::Rule>& rules) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      Generator::Rule alone = rules[i];
      alone.observe = false;
      // A hold is seen where something permits.
      const auto set = RuleSet::load(
          {{"f", "rules:\n" + small_world::line_of(alone, i) +
                     (alone.then.starts_with("{hold") ? "  - {id: all, when: {verb: \"**\"}, "
                                                        "then: allow}\n"
                                                      : "")}});
      EXPECT_TRUE(set) << set.error().message;
      sets_.push_back(*set);
    }
  }
  bool fits(std::size_t rule, const World& world) const {
    const Decision said = sets_[rule]->decide(world.facts(), world.now);
    return said.rule != nullptr && said.rule->id == "r" + std::to_string(rule);
  }

 private:
  std::vector<std::shared_ptr<const RuleSet>> sets_;
};

World world_of(const json::Object& example) {
  const json::Value value(example);
  const auto name = [&](std::string_view field) {
    return std::string(json::find_string(value, {field}).value_or(""));
  };
  World out{name("tool"), name("server"), name("verb"), {}, nullptr, false, 0};
  if (const json::Value* groups = json::find(value, {"group"})) {
    for (const json::Value& group : groups->get_array()) {
      out.groups.emplace_back(group.get_string());
    }
  }
  if (const json::Value* arguments = json::find(value, {"arguments"})) {
    out.arguments = *arguments;
    out.has_arguments = true;
  }
  return out;
}

TEST(Shadowed, IsSoWhateverIsAsked) {
  const std::vector<World> worlds = small_world::all_worlds();
  Generator random(4545);
  std::size_t unreachable = 0, shadowed = 0, conflicts = 0, notices = 0, silent = 0;
  for (int round = 0; round < 250; ++round) {
    const std::vector<Generator::Rule> rules = random.rules(5);
    const std::string text = small_world::yaml(rules);
    const Result<ComparableSet> set = ComparableSet::load({{"f", text}});
    ASSERT_TRUE(set) << set.error().message << text;
    const Fits alone(rules);
    std::vector<bool> decides(rules.size()), matches(rules.size()), beyond_notices(rules.size());
    for (const World& world : worlds) {
      const Decision said = set->rules().decide(world.facts(), world.now);
      std::vector<bool> fits(rules.size());
      for (std::size_t i = 0; i < rules.size(); ++i) {
        fits[i] = alone.fits(i, world);
        const RuleInfo* info = &set->rules().rules()[i];
        decides[i] = decides[i] || said.rule == info || said.would == info;
        matches[i] = matches[i] || fits[i];
        beyond_notices[i] = beyond_notices[i] || (fits[i] && world.verb != "log.message");
      }
    }
    std::vector<bool> named(rules.size());
    for (const RuleFinding& one : find_shadowed(*set).found) {
      const std::string what = describe(one, set->rules()) + "\n" + text;
      switch (one.kind) {
        case RuleFinding::Kind::kUnreachable:
          ++unreachable;
          ASSERT_FALSE(matches[one.rule]) << what;
          break;
        case RuleFinding::Kind::kShadowed:
          ++shadowed;
          ASSERT_FALSE(decides[one.rule]) << what;
          break;
        case RuleFinding::Kind::kOnlyNotices:
          ++notices;
          ASSERT_FALSE(beyond_notices[one.rule]) << what;
          break;
        case RuleFinding::Kind::kConflict:
          ++conflicts;
          ASSERT_NE(rules[one.rule].then, rules[one.by.front()].then) << what;
          ASSERT_TRUE(alone.fits(one.rule, world_of(one.example))) << what;
          ASSERT_TRUE(alone.fits(one.by.front(), world_of(one.example))) << what;
          break;
      }
      named[one.rule] = named[one.rule] || one.kind == RuleFinding::Kind::kUnreachable ||
                        one.kind == RuleFinding::Kind::kShadowed;
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      silent += decides[i] || named[i] ? 0 : 1;
    }
  }
  std::printf(
      "%zu unreachable, %zu shadowed, %zu conflicts, %zu only notices; %zu that decide "
      "nothing here were not named\n",
      unreachable, shadowed, conflicts, notices, silent);
  EXPECT_GT(unreachable, 10u);
  EXPECT_GT(shadowed, 100u);
  EXPECT_GT(conflicts, 60u);
  EXPECT_GT(notices, 5u);
}

}  // namespace
}  // namespace pawl::rules
