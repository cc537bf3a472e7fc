#include "foundation/acp/acp_wire.h"

#include <gtest/gtest.h>

#include "tests/foundation/acp/sample_chain.h"

namespace pawl::acp {
namespace {

Claims full_claims() {
  Claims out = sample_claims();
  out.wid = id_of(9);
  out.nodes[1].constraints = Constraints{.not_after = out.exp};
  out.nodes[1].constraints->allowed_agents = {kB};
  const auto rules = json::parse(R"([{"id":"r","when":{"tool":"deploy"},"then":"allow"}])");
  out.constraints.push_back({.rules = rules->value.get_array()});
  out.gates.push_back(
      {.id = "g2",
       .trigger = {.type = TriggerType::kThreshold, .value = "/amount", .above = "5.5"},
       .required_role = "r",
       .action = GateAction::kAbort});
  out.gates.push_back({.id = "g3",
                       .trigger = {.type = TriggerType::kDepth, .depth = 2},
                       .required_role = "r",
                       .action = GateAction::kEscalate,
                       .escalate_to = {"x"}});
  out.gates.push_back({.id = "g4", .trigger = {.type = TriggerType::kError}, .required_role = "r"});
  out.gates.push_back(
      {.id = "g5", .trigger = {.type = TriggerType::kNode, .value = "n2"}, .required_role = "r"});
  return out;
}

TEST(AcpWire, WhatIsPrintedReadsBack) {
  const Claims claims = full_claims();
  const Result<Claims> back = read_claims(print(claims));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(*back == claims);
  EXPECT_EQ(print(*back), print(claims));
}

TEST(AcpWire, ASignedTokenKeepsItsBytes) {
  const std::string compact = signed_by(kIssuer, full_claims());
  const auto jws = jose::decode(compact);
  ASSERT_TRUE(jws);
  const Result<Token> token = read(*jws);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->compact, compact);
  EXPECT_EQ(token->digest.size(), 43u);
}

std::string reason_of(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const Result<Claims> read = read_claims(text);
  return read ? "accepted" : read.error().message.substr(0, read.error().message.find(':'));
}

TEST(AcpWire, WhatIsNotKnownIsRefused) {
  struct Case {
    const char* from;
    const char* to;
    const char* reason;
  };
  for (const Case& c : std::vector<Case>{
           {"{\"iss\"", "{\"nbf\":1,\"iss\"", "unknown_member"},
           {"\"dag\":{", "\"dag\":{\"x\":1,", "unknown_member"},
           {"\"hitl\":{", "\"hitl\":{\"x\":1,", "unknown_member"},
           {"{\"id\":\"n1\"", "{\"x\":1,\"id\":\"n1\"", "unknown_member"},
           {"{\"from\"", "{\"x\":1,\"from\"", "unknown_member"},
           {"{\"id\":\"g1\"", "{\"x\":1,\"id\":\"g1\"", "unknown_member"},
           {"{\"max_depth\":3", "{\"max_cost\":3", "unknown_constraint"},
           {"{\"not_after\"", "{\"max_depth\":1,\"not_after\"", "unknown_constraint"},
           {"{\"resource\"", "{\"per\":\"day\",\"resource\"", "unknown_constraint"},
           {"\"type\":\"action\"", "\"type\":\"mood\"", "unknown_trigger"},
           {"\"type\":\"error\"", "\"type\":\"error\",\"value\":1", "unknown_trigger"},
           {"\"action\":\"pause\"", "\"action\":\"carry_on\"", "unknown_action"},
           {"\"fallback\":\"abort\"", "\"fallback\":\"carry_on\"", "bad_fallback"},
           {",\"escalate_to\":[\"x\"]", "", "bad_escalate_to"},
           {"\"id\":\"g2\"", "\"id\":\"g1\"", "duplicate_gate"},
           {"\"hitl\"", "\"hitI\"", "missing_member"},
           {"\"limit\":\"1000\"", "\"limit\":\"-1\"", "bad_limit"},
           {"\"limit\":\"1000\"", "\"limit\":1000", "bad_limit"},
           {"\"above\":\"5.5\"", "\"above\":\"much\"", "bad_above"},
           {"\"max_depth\":3", "\"max_depth\":17", "bad_max_depth"},
           {"\"max_depth\":3", "\"max_depth\":9007199254740993.0", "lossy_number"},
           {"\"allowed_acts\":[\"plan\",\"ci/deploy\"]", "\"allowed_acts\":[]", "bad_allowed_acts"},
           {"\"exp\":1772064750", "\"exp\":1772064150", "bad_exp"},
           {"\"exp\":1772064750", "\"exp\":1772064750.5", "bad_exp"},
           {"\"agent\":\"spiffe", "\"agent\":\"\\u0000spiffe", "bad_agent"},
           {"\"iat\":", "\"parent\":\"abc\",\"iat\":", "bad_parent"},
           {"\"aud\":[", "\"aud\":[1,", "bad_aud"},
           {"{\"iss\"", "{\"iss\":\"a\",\"iss\"", "malformed"},
       }) {
    EXPECT_EQ(reason_of(print(full_claims()), c.from, c.to), c.reason) << c.from << " " << c.to;
  }
}

// Compiled, a pattern takes some hundred times its text: 28 chains took 3 GB of memory.
TEST(AcpWire, PatternsOfRulesAreBounded) {
  const auto with = [](std::size_t count, std::size_t length) {
    Claims claims = sample_claims();
    json::Array list;
    for (std::size_t i = 0; i < count; ++i) {
      list.emplace_back(std::string(length - 1, 'a') + "*");
    }
    json::Object glob;
    glob["glob"] = std::move(list);
    json::Object path;
    path["f"] = std::move(glob);
    json::Object when;
    when["arguments"] = std::move(path);
    json::Object rule{{"id", "r"}, {"then", "allow"}};
    rule["when"] = std::move(when);
    claims.nodes[0].constraints = Constraints{.rules = json::Array{rule}};
    return read_claims(print(claims));
  };
  EXPECT_TRUE(with(64, 64));
  EXPECT_EQ(with(65, 4).error().message.substr(0, 8), "too_many");
  EXPECT_EQ(with(64, 65).error().message.substr(0, 8), "too_many");
}

TEST(AcpWire, LimitsHold) {
  Claims claims = sample_claims();
  claims.nodes.assign(257, claims.nodes[0]);
  EXPECT_EQ(read_claims(print(claims)).error().message.substr(0, 8), "too_many");
  claims = sample_claims();
  claims.edges.assign(1025, claims.edges[0]);
  EXPECT_EQ(read_claims(print(claims)).error().message.substr(0, 8), "too_many");
  claims = sample_claims();
  claims.gates.assign(65, claims.gates[0]);
  EXPECT_EQ(read_claims(print(claims)).error().message.substr(0, 8), "too_many");
  claims = sample_claims();
  const auto rule = json::parse(R"({"id":"r","when":{"tool":"a"},"then":"allow"})");
  claims.constraints[0].rules = json::Array(33, rule->value);
  claims.nodes[0].constraints = Constraints{.rules = json::Array(32, rule->value)};
  EXPECT_EQ(read_claims(print(claims)).error().message.substr(0, 8), "too_many");
  claims.nodes[0].constraints->rules = json::Array(31, rule->value);
  EXPECT_TRUE(read_claims(print(claims)));
}

}  // namespace
}  // namespace pawl::acp
