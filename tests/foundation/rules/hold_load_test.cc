// The terms of a hold: what they may say, and where the message points.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

std::string rule(const std::string& then) {
  return "rules:\n  - id: a\n    when: {tool: x}\n    then: " + then + "\n";
}

TEST(HoldLoad, ReadsTheTerms) {
  struct {
    const char* then;
    HoldTerms terms;
  } const cases[] = {
      {"hold", {{"approver"}, 1, 1, 900, {}}},
      {"{hold: {of: 16}}", {{"approver"}, 16, 1, 900, {}}},
      {"{hold: {uses: 1000}}", {{"approver"}, 1, 1000, 900, {}}},
      {"{hold: {within: 1s}}", {{"approver"}, 1, 1, 1, {}}},
      {"{hold: {within: 90m}}", {{"approver"}, 1, 1, 5400, {}}},
      {"{hold: {within: 8h}}", {{"approver"}, 1, 1, 28'800, {}}},
      {"{hold: {within: 7d}}", {{"approver"}, 1, 1, 604'800, {}}},
      {"{hold: {roles: []}}", {{}, 1, 1, 900, {}}},
      {"{hold: {roles: [lead, audit], of: 2, within: 15m, uses: 3, escalate_to: [admin]}}",
       {{"audit", "lead"}, 2, 3, 900, {"admin"}}},
  };
  for (const auto& c : cases) {
    const auto set = RuleSet::load({{"f", rule(c.then)}});
    ASSERT_TRUE(set) << c.then << ": " << set.error().message;
    const RuleInfo& info = (*set)->rules().front();
    EXPECT_EQ(info.effect, Effect::kHold) << c.then;
    ASSERT_NE(info.hold, nullptr) << c.then;
    EXPECT_EQ(*info.hold, c.terms) << c.then;
  }
  const auto allow = RuleSet::load({{"f", rule("allow")}});
  EXPECT_EQ((*allow)->rules().front().hold, nullptr);
}

TEST(HoldLoad, NamesFileLineColumnAndWhatWasExpected) {
  std::string many = "[r0";
  for (int i = 1; i < 17; ++i) {
    many += ", r" + std::to_string(i);
  }
  const std::string too_many = "{hold: {roles: " + many + "]}}";
  struct {
    std::string then;
    const char* message;
  } const cases[] = {
      {"hld", "f:4:11: expected allow, hold or deny; did you mean \"hold\"?"},
      {"{}", "f:4:11: expected allow, hold, deny, { hold: { ... } }"},
      {"{deny: {}}", "f:4:11: expected allow, hold, deny, { hold: { ... } }"},
      {"{hold: {of: 2}, deny: {}}", "f:4:11: expected allow, hold, deny, { hold: { ... } }"},
      {"{hold: {of: 2}, allow: {}}", "f:4:34: expected at least one of redact, limit"},
      {"[hold]", "f:4:11: expected allow, hold or deny"},
      {"{hold: }", "f:4:12: expected at least one of roles, of, within, uses, escalate_to"},
      {"{hold: {}}", "f:4:18: expected at least one of roles, of, within, uses, escalate_to"},
      {"{hold: [approver]}", "f:4:18: expected at least one of roles"},
      {"{hold: approver}", "f:4:18: expected at least one of roles"},
      {"{hold: {role: [a]}}", "f:4:19: unknown key \"role\"; did you mean \"roles\"?"},
      {"{hold: {until: 5m}}", "f:4:19: unknown key \"until\"; expected one of roles, of"},
      {"{hold: {of: 1, of: 2}}", "f:4:26: key \"of\" stands twice"},
      {"{hold: {of: 0}}", "f:4:23: expected a number of people from 1 to 16"},
      {"{hold: {of: 17}}", "f:4:23: expected a number of people from 1 to 16"},
      {"{hold: {of: -1}}", "f:4:23: expected a number of people"},
      {"{hold: {of: 1.0}}", "f:4:23: expected a number of people"},
      {"{hold: {of: \"1\"}}", "f:4:23: expected a number of people"},
      {"{hold: {of: [1]}}", "f:4:23: expected a number of people"},
      {"{hold: {uses: 0}}", "f:4:25: expected a number of uses from 1 to 1000"},
      {"{hold: {uses: 1001}}", "f:4:25: expected a number of uses from 1 to 1000"},
      {"{hold: {uses: 4294967297}}", "f:4:25: expected a number of uses"},
      {"{hold: {uses: unlimited}}", "f:4:25: expected a number of uses"},
      {"{hold: {within: 0s}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: 8d}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: 604801s}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: 15}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: m}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: 1w}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: -1s}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: 99999999999999999999d}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {within: \"\"}}", "f:4:27: expected a time from 1s to 7d"},
      {"{hold: {roles: approver}}", "f:4:26: expected a list of at most 16 roles"},
      {"{hold: {roles: {a: b}}}", "f:4:26: expected a list of at most 16 roles"},
      {"{hold: {roles: }}", "f:4:19: expected a list of at most 16 roles"},
      {too_many, "f:4:26: expected a list of at most 16 roles"},
      {"{hold: {roles: [Approver]}}", "f:4:27: expected a role of 1 to 64 of a-z"},
      {"{hold: {roles: [\"\"]}}", "f:4:27: expected a role"},
      {"{hold: {roles: [[a]]}}", "f:4:27: expected a role"},
      {"{hold: {roles: [a, b, a]}}", "f:4:33: role \"a\" stands twice"},
      {"{hold: {escalate_to: [a, a]}}", "f:4:36: role \"a\" stands twice"},
  };
  for (const auto& c : cases) {
    const auto loaded = RuleSet::load({{"f", rule(c.then)}});
    ASSERT_FALSE(loaded) << c.then;
    EXPECT_EQ(loaded.error().code, Code::kMalformed) << c.then;
    EXPECT_TRUE(loaded.error().message.starts_with(c.message))
        << c.then << ": " << loaded.error().message << "\n  expected " << c.message;
  }
}

}  // namespace
}  // namespace pawl::rules
