#include "app/commands/rules_command.h"

#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

constexpr const char* kRules = R"(rules:
  - id: triage-reads
    when: { agent: triage, server: files, verb: tool.call, tool: read,
            arguments: { path: { glob: "/srv/**" } } }
    then: allow
  - id: vendor-limits
    when: { group: vendor-a, server: files, tool: write }
    then: deny
    reason: vendors do not write
)";

class RulesCommand : public CommandRig {
 protected:
  void SetUp() override {
    CommandRig::SetUp();
    write("rules.yaml", kRules);
    write("pawl.yaml",
          "agents:\n  triage: { key: \"${TRIAGE_KEY}\", groups: [vendor-a] }\n"
          "rules: [rules.yaml]\n");
  }
};

TEST_F(RulesCommand, ChecksWithoutSecrets) {
  const Ran ran = run({"rules", "check"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.err;
  EXPECT_NE(ran.out.find("2 rules in 1 files"), std::string::npos) << ran.out;
  write("bad.yaml", "rules:\n  - id: a\n    whem: {}\n");
  const Ran bad = run({"rules", "check", "bad.yaml"});
  EXPECT_EQ(bad.exit, kExitBad);
  EXPECT_TRUE(is_one_line(bad.err)) << bad.err;
  EXPECT_NE(bad.err.find("bad.yaml:3"), std::string::npos) << bad.err;
  EXPECT_EQ(run({"rules", "check", "missing.yaml"}).exit, kExitUnclear);
}

TEST_F(RulesCommand, ExplainsTheDecidingRuleFirst) {
  const Ran allowed = run({"rules", "explain", "--agent", "triage", "--server", "files", "--tool",
                           "read", "--arg", "path=/srv/a"});
  EXPECT_EQ(allowed.exit, kExitGood) << allowed.err;
  EXPECT_EQ(allowed.out.find("allow by rule triage-reads (./rules.yaml:2)"), 0u) << allowed.out;
  EXPECT_NE(allowed.out.find("vendor-limits"), std::string::npos);

  const Ran elsewhere = run({"rules", "explain", "--agent", "triage", "--server", "files", "--tool",
                             "read", "--arg", "path=/etc/a"});
  EXPECT_EQ(elsewhere.out.find("deny: no rule allows it"), 0u) << elsewhere.out;
  EXPECT_NE(elsewhere.out.find("arguments.path"), std::string::npos) << elsewhere.out;

  // The agent's groups come from the configuration.
  const Ran denied = run(
      {"rules", "explain", "--agent", "triage", "--server", "files", "--tool", "write", "--json"});
  const auto parsed = json::parse(denied.out);
  ASSERT_TRUE(parsed.has_value()) << denied.out;
  EXPECT_EQ(json::find_string(parsed->value, {"decision"}), "deny");
  EXPECT_EQ(json::find_string(parsed->value, {"rule"}), "vendor-limits");
  EXPECT_EQ(json::find(parsed->value, {"rules"})->as_array().size(), 2u);
}

TEST_F(RulesCommand, ArgumentsAreJsonOrText) {
  write("typed.yaml",
        "rules:\n  - id: a\n    when: { arguments: { order.id: 7, order.note: x, flag: true } }\n"
        "    then: allow\n");
  const Ran ran = run({"rules", "explain", "--rules", "typed.yaml", "--arg", "order.id=7", "--arg",
                       "order.note=x", "--arg", "flag=true"});
  EXPECT_EQ(ran.out.find("allow by rule a"), 0u) << ran.out << ran.err;
  const Ran whole = run({"rules", "explain", "--rules", "typed.yaml", "--arguments",
                         R"({"order":{"id":7,"note":"x"},"flag":true})"});
  EXPECT_EQ(whole.out.find("allow by rule a"), 0u) << whole.out << whole.err;
}

TEST_F(RulesCommand, BadInputIsOneLineAndExitsTwo) {
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    const char* told;
  };
  const Case cases[] = {
      {"an argument without a value", {"rules", "explain", "--arg", "path"}, "PATH=VALUE"},
      {"an argument without a path", {"rules", "explain", "--arg", "=7"}, "PATH=VALUE"},
      {"arguments that are no object", {"rules", "explain", "--arguments", "[1]"}, "JSON object"},
      {"arguments that are no JSON", {"rules", "explain", "--arguments", "{"}, "JSON object"},
      {"a misspelt verb", {"rules", "explain", "--verb", "tool.cal"}, "tool.call"},
      {"no tests", {"rules", "test"}, "no `tests`"},
      {"a missing file", {"rules", "test", "missing.yaml"}, "missing.yaml"},
  };
  for (const Case& c : cases) {
    const Ran ran = run(c.arguments);
    EXPECT_EQ(ran.exit, kExitUnclear) << c.name;
    EXPECT_TRUE(is_one_line(ran.err)) << c.name << ran.err;
    EXPECT_NE(ran.err.find(c.told), std::string::npos) << c.name << ran.err;
  }
  std::filesystem::remove(folder_ + "/pawl.yaml");
  EXPECT_NE(run({"rules", "check"}).err.find("--config"), std::string::npos);
}

TEST_F(RulesCommand, TestsHoldOrFail) {
  const std::string test =
      "tests:\n  - name: a read\n    agent: triage\n    server: files\n    verb: tool.call\n"
      "    tool: read\n    arguments: { path: /srv/a }\n    expect: ";
  write("good.yaml", std::string(kRules) + test + "allow\n");
  write("wrong.yaml", std::string(kRules) + test + "deny\n");
  const Ran good = run({"rules", "test", "good.yaml"});
  EXPECT_EQ(good.exit, kExitGood) << good.err;
  EXPECT_NE(good.out.find("1 of 1 tests hold"), std::string::npos);
  const Ran wrong = run({"rules", "test", "wrong.yaml"});
  EXPECT_EQ(wrong.exit, kExitBad);
  EXPECT_NE(wrong.out.find("FAIL  a read (wrong.yaml:"), std::string::npos) << wrong.out;
}

}  // namespace
}  // namespace pawl
