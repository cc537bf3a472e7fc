// What a hold means beside denials and permissions, and what it must not do.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

std::shared_ptr<const RuleSet> load(const std::string& text) {
  auto set = RuleSet::load({{"f", text}});
  EXPECT_TRUE(set) << (set ? "" : set.error().message) << "\n" << text;
  return set ? *set : RuleSet::empty();
}

// How the one condition of a rule stands: `range: {gt: 5}` over an argument of the rule's own.
enum Standing { kNoRule, kTrue, kFalse, kAbsent, kUndecidable };
constexpr std::array kStandings = {kNoRule, kTrue, kFalse, kAbsent, kUndecidable};

struct Rule {
  std::string name;  // the argument's, and the rule's
  std::string then;
  Standing standing;
  bool negated;  // the condition stands under `not`, and its standing is that of the whole
};

std::string yaml(const Rule& rule) {
  const std::string asks = "{arguments: {" + rule.name + ": {range: {gt: 5}}}}";
  return "  - {id: " + rule.name + ", when: " + (rule.negated ? "{not: " + asks + "}" : asks) +
         ", then: " + rule.then + "}\n";
}

void lay(const Rule& rule, json::Object& arguments) {
  if (rule.standing == kUndecidable) {
    arguments[rule.name] = "many";
  } else if (rule.standing == kTrue || rule.standing == kFalse) {
    arguments[rule.name] = (rule.standing == kTrue) != rule.negated ? 9 : 1;
  }
}

struct Answered {
  char letter;  // D, H or A
  std::string rule;
};

// What three rules say together; written in the order allow, hold, deny, so that order gives
// nothing.
Answered answer(const std::vector<Rule>& rules) {
  std::string text;
  json::Object object;
  for (const Rule& rule : rules) {
    if (rule.standing != kNoRule) {
      text += yaml(rule);
      lay(rule, object);
    }
  }
  const auto set = load(text.empty() ? "rules: []\n" : "rules:\n" + text);
  const json::Value arguments(std::move(object));
  Facts facts;
  facts.tool = "t";
  facts.arguments = &arguments;
  const Decision decision = set->decide(facts, 0);
  const bool held = decision.effect == Effect::kHold;
  EXPECT_EQ(decision.hold() != nullptr, held) << text;
  EXPECT_TRUE(!held || set->could_hold(facts, 0)) << text;
  EXPECT_TRUE(decision.effect == Effect::kDeny || set->could_permit(facts, 0)) << text;
  const char letter = held ? 'H' : decision.effect == Effect::kAllow ? 'A' : 'D';
  return {letter, decision.rule ? decision.rule->id : ""};
}

TEST(Hold, TheTruthTable) {
  // Columns: the allow rule is not there, true, false, absent, undecidable.
  struct {
    Standing hold;
    const char* plain;
    const char* negated;  // absence: true to restrict, unknown to permit
  } const rows[] = {
      {kNoRule, "DADDD", "DADDD"}, {kTrue, "HHHHH", "HHHHH"},        {kFalse, "DADDD", "DADDD"},
      {kAbsent, "DADDD", "DHDDD"}, {kUndecidable, "DHDDD", "DHDDD"},
  };
  for (const auto& row : rows) {
    for (const bool negated : {false, true}) {
      for (const Standing allow : kStandings) {
        for (const Standing deny : kStandings) {
          for (const bool deny_negated : {false, true}) {
            const bool denied =
                deny == kTrue || deny == kUndecidable || (deny == kAbsent && deny_negated);
            const char expected =
                denied ? 'D' : (negated ? row.negated : row.plain)[static_cast<std::size_t>(allow)];
            const Answered found = answer({{"allows", "allow", allow, false},
                                           {"holds", "hold", row.hold, negated},
                                           {"denies", "deny, reason: r", deny, deny_negated}});
            const std::string where = "hold " + std::to_string(row.hold) +
                                      (negated ? " under not" : "") + ", allow " +
                                      std::to_string(allow) + ", deny " + std::to_string(deny) +
                                      (deny_negated ? " under not" : "");
            ASSERT_EQ(found.letter, expected) << where;
            ASSERT_EQ(found.rule, denied            ? "denies"
                                  : expected == 'H' ? "holds"
                                  : expected == 'A' ? "allows"
                                                    : "")
                << where;
          }
        }
      }
    }
  }
}

TEST(Hold, TheTermsAreThoseOfTheFirstThatIsNotFalse) {
  const auto set = load(R"(
rules:
  - id: two-for-etc
    when: {tool: write, arguments: {path: {glob: "/etc/**"}}}
    then: {hold: {roles: [lead], of: 2}}
  - {id: one-for-writes, when: {tool: write}, then: hold}
  - {id: other, when: {tool: [write, read]}, then: {hold: {roles: [other]}}}
)");
  const auto held_by = [&](const char* path) {
    json::Object object{{"path", path}};
    const json::Value arguments(std::move(object));
    Facts facts;
    facts.tool = "write";
    facts.arguments = &arguments;
    const Decision decision = set->decide(facts, 0);
    EXPECT_EQ(decision.effect, Effect::kHold);
    EXPECT_EQ(decision.hold(), decision.rule->hold.get());
    return decision.rule->id + " " + std::to_string(decision.hold()->of);
  };
  EXPECT_EQ(held_by("/etc/passwd"), "two-for-etc 2");
  EXPECT_EQ(held_by("/srv/a"), "one-for-writes 1");
  // Doubt about the stricter hold must not choose the laxer one.
  EXPECT_EQ(held_by("/srv/../etc/passwd"), "two-for-etc 2");
}

TEST(Hold, ADeviousNameReachesEveryGlobHold) {
  const auto set = load(R"(
rules:
  - {id: read, when: {verb: resource.read}, then: allow}
  - {id: etc, when: {resource: "file:///etc/**"}, then: hold}
)");
  Facts facts;
  facts.verb = "resource.read";
  facts.resource = "file:///srv/a";
  EXPECT_EQ(set->decide(facts, 0).effect, Effect::kAllow);
  for (const char* uri : {"file:///srv/../etc/passwd", "file:///srv/%2e%2e/etc/passwd"}) {
    facts.resource = uri;
    EXPECT_EQ(set->decide(facts, 0).effect, Effect::kHold) << uri;
  }
}

TEST(Hold, OneThatObservesPassesOverAndIsTold) {
  const auto set = load(R"(
rules:
  - {id: reads, when: {tool: [read, both]}, then: allow}
  - {id: watch, when: {tool: [read, alone]}, then: hold, mode: observe}
  - {id: doubt, when: {not: {arguments: {a: 1}}, tool: [both, maybe]}, then: hold, mode: observe}
  - {id: no, when: {tool: both}, then: deny, reason: r, mode: observe}
)");
  struct {
    const char* tool;
    Effect effect;
    const char* would;
  } const cases[] = {
      {"read", Effect::kAllow, "hold watch"},
      {"alone", Effect::kDeny, "hold watch"},  // enforced, it would have held
      {"both", Effect::kAllow, "deny no"},     // a denial is told before a hold
      {"maybe", Effect::kDeny, ""},            // enforced, it would have changed nothing
      {"other", Effect::kDeny, ""},
  };
  for (const auto& c : cases) {
    Facts facts;
    facts.tool = c.tool;
    const Decision decision = set->decide(facts, 0);
    EXPECT_EQ(decision.effect, c.effect) << c.tool;
    EXPECT_EQ(decision.hold(), nullptr) << c.tool;
    EXPECT_EQ(decision.would
                  ? std::string(effect_name(decision.would->effect)) + " " + decision.would->id
                  : "",
              c.would)
        << c.tool;
    EXPECT_FALSE(set->could_hold(facts, 0)) << c.tool;
  }
}

TEST(Hold, ExpiryEndsIt) {
  const auto set = load(R"(
rules:
  - {id: a, when: {tool: t}, then: allow}
  - {id: h, when: {tool: t}, then: hold, expires: 1970-01-02}
)");
  Facts facts;
  facts.tool = "t";
  EXPECT_EQ(set->decide(facts, 86399).effect, Effect::kHold);
  EXPECT_TRUE(set->could_hold(facts, 86399));
  EXPECT_EQ(set->decide(facts, 86400).effect, Effect::kAllow);
  EXPECT_FALSE(set->could_hold(facts, 86400));
}

TEST(Hold, WhatCouldBeHeldIsListed) {
  const auto set = load(R"(
rules:
  - {id: held, when: {server: s, tool: held, arguments: {n: {range: {gt: 5}}}}, then: hold}
  - {id: allowed, when: {server: s, tool: [allowed, some, never]}, then: allow}
  - {id: some, when: {server: s, tool: some, not: {arguments: {a: 1}}}, then: hold}
  - {id: denied, when: {server: s, tool: denied}, then: hold}
  - {id: no, when: {tool: denied}, then: deny, reason: r}
  - {id: only-held, when: {server: h, tool: x}, then: hold}
  - {id: never, when: {server: s, tool: never, not: {tool: never}}, then: hold}
)");
  struct {
    const char* tool;
    bool permitted;
    bool held;
  } const cases[] = {{"held", true, true},     {"allowed", true, false}, {"some", true, true},
                     {"denied", false, false}, {"never", true, false},   {"other", false, false}};
  Facts facts;
  facts.server = "s";
  for (const auto& c : cases) {
    facts.tool = c.tool;
    EXPECT_EQ(set->could_permit(facts, 0), c.permitted) << c.tool;
    EXPECT_EQ(set->could_hold(facts, 0), c.held) << c.tool;
  }
  facts.tool = {};
  facts.server = "h";
  EXPECT_TRUE(set->could_permit_any(facts, 0));
  facts.server = "other";
  EXPECT_FALSE(set->could_permit_any(facts, 0));
}

TEST(Hold, TheNearestAndTheExplained) {
  const auto set = load(R"(
rules:
  - {id: far, when: {agent: a, server: s, tool: t}, then: allow}
  - {id: near, when: {tool: t}, then: hold}
  - {id: watch, when: {server: none}, then: hold, mode: observe}
  - {id: doubt, when: {not: {arguments: {a: 1}}}, then: hold}
)");
  Facts facts;
  facts.tool = "u";
  const Nearest nearest = set->nearest(facts, 0);
  ASSERT_NE(nearest.rule, nullptr);
  EXPECT_EQ(nearest.rule->id, "near");
  facts.tool = "t";
  const std::vector<Nearest> all = set->explain(facts, 0);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].rule->id, "near");  // it decides
  EXPECT_TRUE(all[0].differences.empty());
  EXPECT_FALSE(all[0].in_doubt);
  EXPECT_EQ(all[3].rule->id, "doubt");
  EXPECT_TRUE(all[3].differences.empty());
  EXPECT_TRUE(all[3].in_doubt);
}

TEST(Hold, TheDigestFollowsTheTerms) {
  const auto digest = [](const std::string& then) {
    return load("rules: [{id: a, when: {tool: x}, then: " + then + "}]")->digest();
  };
  const std::string bare = digest("hold");
  EXPECT_NE(bare, digest("allow"));
  EXPECT_EQ(bare, digest("{hold: {roles: [approver], of: 1, uses: 1, within: 15m}}"));
  EXPECT_EQ(bare, digest("{hold: {within: 900s, escalate_to: []}}"));
  EXPECT_EQ(digest("{hold: {roles: [a, b]}}"), digest("{hold: {roles: [b, a]}}"));
  for (const char* terms :
       {"roles: []", "roles: [lead]", "of: 2", "uses: 2", "within: 14m", "escalate_to: [lead]"}) {
    EXPECT_NE(bare, digest(std::string("{hold: {") + terms + "}}")) << terms;
  }
  // A set without holds keeps the digest that older versions recorded for it.
  EXPECT_EQ(digest("allow"), "wKh0L05Cx81oN-9wRkFaf3gKzwAlzKfALWgS4XFZvgA");
}

TEST(Hold, WarnsOfWhatCannotBeMeant) {
  const auto set = load(R"(
rules:
  - {id: nobody, when: {tool: a}, then: {hold: {roles: []}}}
  - {id: covered, when: {tool: drop}, then: hold}
  - {id: no, when: {tool: "d*"}, then: deny, reason: r}
  - {id: fine, when: {tool: "e*"}, then: hold}
)");
  const auto warnings = set->warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0],
            "f:3:5: rule nobody: nobody may approve (roles: []): whatever it holds is denied");
}

}  // namespace
}  // namespace pawl::rules
