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
  EXPECT_NE(ran.out.find("2 rules in 1 file,"), std::string::npos) << ran.out;
  write("bad.yaml", "rules:\n  - id: a\n    whem: {}\n");
  const Ran bad = run({"rules", "check", "bad.yaml"});
  EXPECT_EQ(bad.exit, kExitBad);
  EXPECT_TRUE(is_one_line(bad.err)) << bad.err;
  EXPECT_NE(bad.err.find("bad.yaml:3"), std::string::npos) << bad.err;
  EXPECT_EQ(run({"rules", "check", "missing.yaml"}).exit, kExitUnclear);
}

TEST_F(RulesCommand, NamesThatAreNotConfiguredAreTold) {
  write("typos.yaml", R"(rules:
  - id: a
    when: { agent: triag, server: files }
    then: allow
  - id: b
    when:
      any: [ { group: [vendor-b, vendor-a] }, { not: { agent: { in: [nobody-here, triage] } } } ]
      server: { glob: "file*" }
    then: allow
  - id: c
    when: { agent: "tri*", server: fils, group: "vendor-*" }
    then: allow
  - id: d
    when: { agent: { matches: "adm.*" }, server: weather }
    then: allow
)");
  write("pawl.yaml",
        "agents:\n  triage: { key: \"${TRIAGE_KEY}\", groups: [vendor-a] }\n"
        "servers: { files: { command: [a] }, mail: { command: [a] } }\nrules: [typos.yaml]\n");
  const Ran ran = run({"rules", "check"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.err;
  const std::string expected =
      "warning: ./typos.yaml:3:20: rule a: no agent named \"triag\" is configured; did you mean "
      "\"triage\"?\n"
      "warning: ./typos.yaml:7:24: rule b: no group named \"vendor-b\" is configured; did you mean "
      "\"vendor-a\"?\n"
      "warning: ./typos.yaml:7:70: rule b: no agent named \"nobody-here\" is configured "
      "(configured: local, triage)\n"
      "warning: ./typos.yaml:11:36: rule c: no server named \"fils\" is configured; only a server "
      "of "
      "`pawl wrap --name fils` has that name; did you mean \"files\"?\n"
      "warning: ./typos.yaml:14:31: rule d: no agent that is configured fits \"adm.*\" "
      "(configured: "
      "local, triage)\n"
      "note: ./typos.yaml:14:50: rule d: no server named \"weather\" is configured; only a server "
      "of "
      "`pawl wrap --name weather` has that name\n";
  EXPECT_EQ(ran.out.substr(0, ran.out.find("4 rules")), expected);
  const auto parsed = json::parse(run({"rules", "check", "--json"}).out);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(json::find(parsed->value, {"warnings"})->as_array().size(), 5u);
  EXPECT_EQ(json::find(parsed->value, {"notes"})->as_array().size(), 1u);

  // An agent of the keystore is known; without a configuration nothing is.
  ASSERT_TRUE(keys().enrol_agent("nobody-here", system_random()).has_value());
  EXPECT_EQ(run({"rules", "check"}).out.find("no agent named \"nobody-here\""), std::string::npos);
  std::filesystem::remove(folder_ + "/pawl.yaml");
  EXPECT_EQ(run({"rules", "check", "typos.yaml"}).out.find("4 rules in 1 file"), 0u);
}

TEST_F(RulesCommand, GroupsMayComeFromAToken) {
  write("pawl.yaml",
        "agents: { a: {} }\nrules: [rules.yaml]\njwt_issuers:\n"
        "  - { issuer: i, audience: [x], jwks_file: f, groups_claim: g }\n");
  write("rules.yaml", "rules:\n  - {id: r, when: {group: staff, agent: dev}, then: allow}\n");
  const Ran ran = run({"rules", "check"});
  EXPECT_EQ(ran.out.find("warning"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("only the groups of a JWT can fit"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("only `pawl serve --dev` has it"), std::string::npos) << ran.out;
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

TEST_F(RulesCommand, ExplainsWhoIsAsked) {
  write("held.yaml",
        "rules:\n"
        "  - id: two\n    when: { tool: write, not: { arguments: { path: a } } }\n"
        "    then: { hold: { roles: [lead, finance], of: 2, escalate_to: [head] } }\n"
        "  - { id: watch, when: { tool: read }, then: hold, mode: observe }\n"
        "  - { id: any, when: { tool: [write, read] }, then: allow }\n"
        "tests: [ { name: held, tool: write, expect: hold, rule: two } ]\n");
  const std::vector<std::string> ask = {"rules", "explain", "--rules", "held.yaml", "--tool"};
  const auto of = [&](std::vector<std::string> more) {
    more.insert(more.begin(), ask.begin(), ask.end());
    return run(more).out;
  };
  const std::string held = of({"write", "--arg", "path=b"});
  EXPECT_EQ(held.find("hold by rule two (held.yaml:2)\n"
                      "  asks 2 of finance, lead within 900 s, for 1 call; then head\n"),
            0u)
      << held;
  EXPECT_NE(held.find("two (hold, held.yaml:2) matches\n"), std::string::npos) << held;
  const std::string doubt = of({"write"});  // without a path the rule permits nothing by itself
  EXPECT_NE(doubt.find("two (hold, held.yaml:2) matches in doubt: "), std::string::npos) << doubt;
  EXPECT_NE(of({"read"}).find("in observe mode, so passed over: hold rule watch"),
            std::string::npos);

  const auto parsed = json::parse(of({"write", "--json"}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(json::find_string(parsed->value, {"decision"}), "hold");
  EXPECT_EQ(
      json::print(*json::find(parsed->value, {"hold"})),
      R"({"of":2,"within_s":900,"uses":1,"roles":["finance","lead"],"escalate_to":["head"]})");
  const json::Value& rule = json::find(parsed->value, {"rules"})->as_array().front();
  EXPECT_EQ(json::find_string(rule, {"then"}), "hold");
  EXPECT_TRUE(json::find(rule, {"matches"})->as_bool());
  EXPECT_TRUE(json::find(rule, {"in_doubt"})->as_bool());
  const auto passed_over = json::parse(of({"read", "--json"}));
  EXPECT_EQ(json::find_string(passed_over->value, {"would"}), "hold watch");
  const Ran tested = run({"rules", "test", "held.yaml"});
  EXPECT_EQ(tested.exit, kExitGood) << tested.out << tested.err;
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
  EXPECT_NE(good.out.find("1 of 1 test holds"), std::string::npos);
  const Ran wrong = run({"rules", "test", "wrong.yaml"});
  EXPECT_EQ(wrong.exit, kExitBad);
  EXPECT_NE(wrong.out.find("FAIL  a read (wrong.yaml:"), std::string::npos) << wrong.out;
}

}  // namespace
}  // namespace pawl
