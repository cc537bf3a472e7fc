#include "foundation/rules/test_cases.h"
#include "tests/support/source_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace pawl::rules {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

TEST(TestCases, SayWhatWasFoundAndExpected) {
  const Source source{"f", R"(
rules:
  - {id: a, when: {agent: x, group: g, arguments: {n: 1}}, then: allow, expires: 2027-06-01}
  - {id: h, when: {tool: t}, then: hold}
tests:
  - {name: fits, agent: x, groups: [g], arguments: {n: 1}, expect: allow, rule: a}
  - {name: expired, agent: x, groups: [g], arguments: {n: 1}, now: 2028-01-01, expect: allow}
  - {name: other rule, agent: x, groups: [g], arguments: {n: 1}, expect: allow, rule: b}
  - {name: default, expect: deny}
  - {name: held, tool: t, expect: hold, rule: h}
  - {name: not allowed, tool: t, expect: allow}
)"};
  const auto set = RuleSet::load({source});
  ASSERT_TRUE(set) << set.error().message;
  const auto results = run_tests(**set, source, kNow);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 6u);
  struct {
    bool passed;
    const char* found;
  } const expected[] = {
      {true, "allow by rule a"},
      {false, "deny by default; expected allow"},
      {false, "allow by rule a; expected allow by rule b"},
      {true, "deny by default"},
      {true, "hold by rule h"},
      {false, "hold by rule h; expected allow"},
  };
  for (std::size_t i = 0; i < results->size(); ++i) {
    EXPECT_EQ((*results)[i].passed, expected[i].passed) << (*results)[i].name;
    EXPECT_EQ((*results)[i].found, expected[i].found) << (*results)[i].name;
    EXPECT_EQ((*results)[i].at.line, static_cast<int>(6 + i));
  }
}

TEST(TestCases, RefuseWhatTheyDoNotKnow) {
  struct {
    const char* text;
    const char* message;
  } const cases[] = {
      {"tests: []\n", "f:1:8: expected a list of at least one test"},
      {"tests:\n  - a\n", "f:2:5: expected a test"},
      {"tests:\n  - {expect: deny}\n", "f:2:5: test without \"name\""},
      {"tests:\n  - {name: a}\n", "f:2:5: expected expect: allow, hold or deny"},
      {"tests:\n  - {name: a, expect: ask}\n", "f:2:23: expected expect: allow, hold or deny"},
      {"tests:\n  - {nam: a}\n", "f:2:6: unknown key \"nam\"; did you mean \"name\"?"},
      {"tests:\n  - {groups: a}\n", "f:2:14: expected a list of groups"},
      {"tests:\n  - {now: soon}\n", "f:2:11: expected a date"},
      {"tests: [\n", "f:2:1: YAML"},
  };
  for (const auto& c : cases) {
    const auto results = run_tests(*RuleSet::empty(), {"f", c.text}, kNow);
    ASSERT_FALSE(results) << c.text;
    EXPECT_TRUE(results.error().message.starts_with(c.message)) << results.error().message;
  }
  EXPECT_TRUE(run_tests(*RuleSet::empty(), {"f", "rules: []\n"}, kNow)->empty());
}

// Every example of the page loads, and its tests pass.
TEST(TestCases, ThePageTellsTheTruth) {
  std::ifstream in(source_dir() + "/docs/formats/rules.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  int tests = 0;
  std::size_t at = 0;
  const std::string fence = "```yaml rules\n";
  while ((at = page.find(fence, at)) != std::string::npos) {
    at += fence.size();
    const Source source{"rules.md", page.substr(at, page.find("```", at) - at)};
    const auto set = RuleSet::load({source});
    ASSERT_TRUE(set) << set.error().message << "\n" << source.text;
    EXPECT_TRUE((*set)->warnings().empty()) << (*set)->warnings().front();
    const auto results = run_tests(**set, source, kNow);
    ASSERT_TRUE(results) << results.error().message;
    for (const TestResult& result : *results) {
      EXPECT_TRUE(result.passed) << result.name << ": " << result.found;
      ++tests;
    }
  }
  EXPECT_EQ(tests, 15);
}

}  // namespace
}  // namespace pawl::rules
