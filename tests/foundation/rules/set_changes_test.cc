#include "foundation/rules/set_changes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pawl::rules {
namespace {

ComparableSet set(const std::string& rules) {
  const auto loaded = ComparableSet::load({{"f", rules}});
  EXPECT_TRUE(loaded) << loaded.error().message;
  return *loaded;
}
std::string one(const std::string& body) {
  return "rules:\n  - {id: a, " + body + "}\n";
}

TEST(SetChanges, SaysOfEachRuleWhetherItWidens) {
  struct {
    const char* name;
    std::string before, after;
    Drift drift;  // of the one rule
    const char* member;
  } const cases[] = {
      {"allow of less", "when: {tool: [x, y]}, then: allow", "when: {tool: x}, then: allow",
       Drift::kNarrows, "when"},
      {"allow of more", "when: {tool: x}, then: allow", "when: {tool: [x, y]}, then: allow",
       Drift::kWidens, "when"},
      {"allow of another", "when: {tool: x}, then: allow", "when: {tool: y}, then: allow",
       Drift::kUnknown, "when"},
      {"deny of more", "when: {tool: x}, then: deny, reason: r",
       "when: {tool: [x, y]}, then: deny, reason: r", Drift::kNarrows, "when"},
      {"deny of less", "when: {tool: [x, y]}, then: deny, reason: r",
       "when: {tool: x}, then: deny, reason: r", Drift::kWidens, "when"},
      {"allow to deny", "when: {tool: x}, then: allow, reason: r",
       "when: {tool: x}, then: deny, reason: r", Drift::kNarrows, "then"},
      {"hold to allow", "when: {tool: x}, then: hold", "when: {tool: x}, then: allow",
       Drift::kWidens, "then"},
      {"more people", "when: {tool: x}, then: hold", "when: {tool: x}, then: {hold: {of: 2}}",
       Drift::kNarrows, "then"},
      {"an obligation", "when: {tool: x}, then: allow",
       "when: {tool: x}, then: {allow: {redact: [/a]}}", Drift::kNarrows, "then"},
      {"no obligation any more", "when: {tool: x}, then: {allow: {redact: [/a]}}",
       "when: {tool: x}, then: allow", Drift::kWidens, "then"},
      {"only words", "when: {tool: x}, then: allow, reason: r",
       "when: {tool: x}, then: allow, reason: q", Drift::kSame, "reason"},
      {"an end", "when: {tool: x}, then: allow",
       "when: {tool: x}, then: allow, expires: 2031-01-01", Drift::kNarrows, "expires"},
      {"on trial", "when: {tool: x}, then: deny, reason: r",
       "when: {tool: x}, then: deny, reason: r, mode: observe", Drift::kWidens, "mode"},
  };
  for (const auto& c : cases) {
    const SetChanges changes = set_changes(set(one(c.before)), set(one(c.after)));
    ASSERT_EQ(changes.rules.size(), 1u) << c.name;
    const RuleChange& change = changes.rules.front();
    EXPECT_EQ(change.kind, RuleChange::Kind::kChanged) << c.name;
    EXPECT_EQ(change.drift, c.drift) << c.name;
    ASSERT_EQ(change.members.size(), 1u) << c.name;
    EXPECT_EQ(change.members.front().member, c.member) << c.name;
    EXPECT_NE(change.members.front().was, change.members.front().now) << c.name;
  }
}

TEST(SetChanges, NamesWhatCameAndWentAndMoved) {
  const std::string head = "set: {name: main, owner: o, version: ";
  const ComparableSet before = set(head + "1}\n" + R"(
rules:
  - {id: a, when: {tool: x}, then: allow}
  - {id: b, when: {tool: y}, then: allow}
  - {id: gone, when: {tool: z}, then: deny, reason: r}
)");
  const ComparableSet after = set(head + "2}\n" + R"(
rules:
  - {id: b, when: {tool: y}, then: allow}
  - {id: new, when: {tool: w}, then: allow}
  - {id: a, when: {tool: x}, then: allow}
)");
  const SetChanges changes = set_changes(before, after);
  ASSERT_EQ(changes.header.size(), 1u);
  EXPECT_EQ(changes.header[0].member, "version");
  EXPECT_EQ(changes.header[0].was, "1");
  EXPECT_EQ(changes.header[0].now, "2");
  EXPECT_TRUE(changes.order);
  ASSERT_EQ(changes.rules.size(), 2u);
  EXPECT_EQ(changes.rules[0].id, "new");
  EXPECT_EQ(changes.rules[0].kind, RuleChange::Kind::kAdded);
  EXPECT_EQ(changes.rules[0].drift, Drift::kWidens);
  EXPECT_EQ(changes.rules[1].id, "gone");
  EXPECT_EQ(changes.rules[1].kind, RuleChange::Kind::kRemoved);
  EXPECT_EQ(changes.rules[1].drift, Drift::kWidens);
  EXPECT_EQ(changes.drift, Drift::kWidens);
  const SetChanges none = set_changes(before, before);
  EXPECT_EQ(none.drift, Drift::kSame);
  EXPECT_TRUE(none.rules.empty() && none.header.empty() && !none.order);
}

}  // namespace
}  // namespace pawl::rules
