#include "app/api/rules_answer.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

constexpr const char* kRules = R"(rules:
  - id: reads
    when: { agent: triage, group: team, tool: read, arguments: { path: { glob: "/srv/**" } } }
    then: allow
    reason: it reads
  - id: no-b
    when: { agent: billing }
    then: deny
    reason: not b
)";

json::Object tried(const std::string& call, const std::vector<std::string>& groups = {}) {
  json::Object body;
  body["files"] = json::Array{json::Object{{"path", "r.yaml"}, {"text", kRules}}};
  body["call"] = json::parse(call)->value;
  const Result<RuleTrial> trial = read_trial(json::print(body));
  EXPECT_TRUE(trial) << trial.error().message;
  const Result<json::Object> out = try_call(*trial, rules::RuleSet::empty(), groups, 0);
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

TEST(RulesAnswer, TellsWhatHeldAndWhatDidNot) {
  const std::string call =
      R"({"agent":"triage","server":"files","name":"read","arguments":{"path":"/srv/a"}})";
  const json::Object allowed = tried(call, {"team"});
  EXPECT_EQ(allowed.at("decision"), "allow");
  EXPECT_EQ(allowed.at("rule"), "reads");
  EXPECT_EQ(allowed.at("reason"), "it reads");
  EXPECT_EQ(allowed.at("atoms").at(0).at("value"), true);
  const json::Object refused = tried(call);  // not of the group
  EXPECT_EQ(refused.at("decision"), "deny");
  EXPECT_EQ(refused.at("rule"), "default");
  bool says_group = false;
  for (const json::Value& atom : refused.at("atoms").as_array()) {
    says_group = says_group || (!atom.at("value").as_bool() &&
                                std::string(atom.at("text").as_string()).starts_with("group"));
  }
  EXPECT_TRUE(says_group) << json::print(refused);
  EXPECT_EQ(tried(R"({"agent":"billing"})").at("rule"), "no-b");
}

TEST(RulesAnswer, RefusesWhatIsNoCall) {
  for (const char* body :
       {"", "[]", "{}", R"({"call":1})", R"({"call":{},"x":1})", R"({"call":{"agent":1}})",
        R"({"call":{"verb":"tool.cal"}})", R"({"call":{"arguments":[]}})",
        R"({"call":{},"files":[{"path":"a"}]})", R"({"call":{},"files":[]})"}) {
    EXPECT_FALSE(read_trial(body)) << body;
  }
  EXPECT_FALSE(read_check("{}"));
  json::Object large;
  large["files"] =
      json::Array{json::Object{{"path", "a"}, {"text", std::string(kMostRuleBytes + 1, '#')}}};
  EXPECT_EQ(read_check(json::print(large)).error().code, Code::kInvalidParams);
}

TEST(RulesAnswer, ProblemsHaveTheirPlaces) {
  Config config = default_config("d");
  config.agents.emplace_back().id = "triage";
  KnownNames known;
  known.agents = {"triage"};
  const json::Object warned = check_rules({{"a:b.yaml", kRules}}, known, config, 0);
  EXPECT_EQ(warned.at("digest").as_string().size(), 43U);
  bool found = false;
  for (const json::Value& problem : warned.at("problems").as_array()) {
    found = found ||
            (problem.at("path") == "a:b.yaml" && problem.at("line").as_int64() > 1 &&
             std::string(problem.at("message").as_string()).find("billing") != std::string::npos);
  }
  EXPECT_TRUE(found) << json::print(warned);
  const json::Object broken = check_rules({{"x.yaml", "rules: [{id: 1}]"}}, known, config, 0);
  EXPECT_TRUE(broken.at("digest").is_null());
  ASSERT_EQ(broken.at("problems").as_array().size(), 1U);
  EXPECT_EQ(broken.at("problems").at(0).at("severity"), "error");
  EXPECT_EQ(broken.at("problems").at(0).at("path"), "x.yaml");
}

}  // namespace
}  // namespace pawl
