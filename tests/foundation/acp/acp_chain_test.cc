#include "foundation/acp/acp_chain.h"

#include <gtest/gtest.h>

#include <functional>

#include "foundation/acp/acp_attenuate.h"
#include "tests/foundation/acp/sample_chain.h"

namespace pawl::acp {
namespace {

std::string reason_of(const std::vector<std::string>& tokens, std::string_view audience = kGateway,
                      std::int64_t now = kNow) {
  const Result<Chain> chain = verify_chain(tokens, sample_keys(), audience, now);
  if (chain) {
    return "ok";
  }
  EXPECT_EQ(chain.error().code, Code::kTokenInvalid);
  return chain.error().message.substr(0, chain.error().message.find(':'));
}

Token token_of(const std::string& compact) {
  return *read(*jose::decode(compact));
}

TEST(AcpChain, OneTokenIsAChain) {
  const std::string token = signed_by(kIssuer, sample_claims());
  EXPECT_EQ(reason_of({token}), "ok");
  EXPECT_EQ(reason_of({}), "chain_length");
  EXPECT_EQ(reason_of({token}, "spiffe://example.org/pawl/gw3"), "wrong_audience");
  EXPECT_EQ(reason_of({token}, kGateway, 1'772'064'750), "expired");
  EXPECT_EQ(reason_of({token}, kGateway, 1'772'064'749), "ok");
  EXPECT_EQ(reason_of({token}, kGateway, 1'772'064'119), "not_yet");
  EXPECT_EQ(reason_of({token + "x"}), "malformed");
  EXPECT_EQ(reason_of({std::string(65537, 'a')}), "too_large");
}

TEST(AcpChain, TheSignatureAndItsKeyAreChecked) {
  const std::string token = signed_by(kIssuer, sample_claims());
  std::string altered = token;
  altered[token.size() - 10] = altered[token.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason_of({altered}), "bad_signature");
  const SigningKey& key = key_of(kIssuer);
  const std::string kid = key.public_key().thumbprint();
  EXPECT_EQ(reason_of({*issue(key, "other", sample_claims())}), "unknown_key");
  EXPECT_EQ(reason_of({*issue(key, "", sample_claims())}), "missing_kid");
  EXPECT_EQ(reason_of({*issue(key_of("another"), kid, sample_claims())}), "bad_signature");
  EXPECT_EQ(reason_of({*jose::sign(key, "exec+jwt", kid, print(sample_claims()))}), "bad_type");
  const SigningKey ed = *SigningKey::generate(KeyKind::kEd25519);
  EXPECT_EQ(reason_of({*jose::sign(ed, "acp+jwt", kid, print(sample_claims()))}), "bad_alg");
  // A holder's key begins no chain.
  Claims own = sample_claims();
  own.iss = kA;
  EXPECT_EQ(reason_of({signed_by(kA, own)}), "unknown_key");
}

struct Change {
  const char* reason;
  std::function<void(Claims&)> change;
};

std::string reason_of_link(const Claims& parent_claims,
                           const std::function<void(Claims&)>& change) {
  const std::string parent = signed_by(kIssuer, parent_claims);
  Claims child = *attenuate(token_of(parent), {.sub = kB}, id_of(2), kNow);
  change(child);
  return reason_of({parent, signed_by(child.iss, child)});
}

TEST(AcpChain, ALinkMayNotWidenAnything) {
  const Claims parent = sample_claims();
  for (const Change& c : std::vector<Change>{
           {"ok", [](Claims&) {}},
           {"ok", [](Claims& t) { t.aud = {kGateway}; }},
           {"ok", [](Claims& t) { t.exp -= 1; }},
           {"ok", [](Claims& t) { t.sub = kA; }},
           {"ok",
            [](Claims& t) {
              t.nodes.erase(t.nodes.begin());
              t.edges.clear();
            }},
           {"ok", [](Claims& t) { t.edges.clear(); }},
           {"ok", [](Claims& t) { t.constraints[0].allowed_acts = {"plan"}; }},
           {"ok", [](Claims& t) { t.constraints[0].max_delegations = 0; }},
           {"ok", [](Claims& t) { t.gates[0].timeout_s = 1; }},
           {"ok", [](Claims& t) { t.gates[0].action = GateAction::kAbort; }},
           {"ok", [](Claims& t) { t.wid = id_of(5); }},
           {"wrong_parent", [](Claims& t) { t.parent[3] = t.parent[3] == 'A' ? 'B' : 'A'; }},
           {"wrong_delegator", [](Claims& t) { t.iss = kB; }},
           {"wrong_delegate", [](Claims& t) { t.sub = "spiffe://example.org/agent/c"; }},
           {"wider_expiry", [](Claims& t) { t.exp += 1; }},
           {"wider_expiry", [](Claims& t) { t.iat = 1'772'064'149; }},
           {"wider_audience", [](Claims& t) { t.aud.push_back("x"); }},
           {"wider_graph",
            [](Claims& t) {
              t.nodes.push_back({"n3", kB, "plan", {}});
            }},
           {"wider_graph", [](Claims& t) { t.nodes[0].agent = kB; }},
           {"wider_graph", [](Claims& t) { t.nodes[0].act = "ci/deploy"; }},
           {"wider_graph",
            [](Claims& t) {
              t.edges = {{"n2", "n1"}};
            }},
           {"wider_constraint", [](Claims& t) { t.constraints[0].allowed_acts.push_back("x"); }},
           {"wider_constraint", [](Claims& t) { t.constraints[0].allowed_acts.clear(); }},
           {"wider_constraint", [](Claims& t) { t.constraints[0].max_depth = 4; }},
           {"wider_constraint", [](Claims& t) { t.constraints[0].max_depth.reset(); }},
           {"wider_constraint", [](Claims& t) { t.constraints[0].resource_limits.clear(); }},
           {"wider_constraint",
            [](Claims& t) { t.constraints[0].resource_limits[0].limit = "1000.1"; }},
           {"wider_constraint",
            [](Claims& t) { t.constraints[0].resource_limits[0].unit = "thousands"; }},
           {"wider_delegations", [](Claims& t) { t.constraints[0].max_delegations = 3; }},
           {"wider_delegations", [](Claims& t) { t.constraints[0].max_delegations.reset(); }},
           {"wider_gate", [](Claims& t) { t.gates.clear(); }},
           {"wider_gate", [](Claims& t) { t.gates[0].action = GateAction::kEscalate; }},
           {"ok",
            [](Claims& t) {
              t.gates[0].action = GateAction::kEscalate;
              t.gates[0].escalate_to = {"release-manager"};
            }},
           {"wider_gate", [](Claims& t) { t.gates[0].trigger.value = "plan"; }},
           {"wider_gate", [](Claims& t) { t.gates[0].required_role = "anybody"; }},
           {"wider_gate", [](Claims& t) { t.gates[0].timeout_s = 901; }},
           {"wider_gate", [](Claims& t) { t.gates[0].escalate_to.push_back("anybody"); }},
       }) {
    EXPECT_EQ(reason_of_link(parent, c.change), c.reason) << &c << " " << c.reason;
  }
}

TEST(AcpChain, WhatTheParentSaysOfANodeHolds) {
  Claims parent = sample_claims();
  parent.wid = id_of(7);
  parent.gates[0].action = GateAction::kEscalate;
  parent.gates[0].fallback_escalates = false;
  const auto rules =
      json::parse(R"([{"id":"r","when":{"arguments":{"n":{"range":{"lt":5}}}},"then":"allow"}])");
  parent.nodes[1].constraints =
      Constraints{.not_after = parent.exp - 10, .rules = rules->value.get_array()};
  const auto with_rules = [](const char* text) {
    return
        [text](Claims& t) { t.nodes[1].constraints->rules = json::parse(text)->value.get_array(); };
  };
  for (const Change& c : std::vector<Change>{
           {"ok", [](Claims&) {}},
           {"wider_workflow", [](Claims& t) { t.wid.reset(); }},
           {"wider_workflow", [](Claims& t) { t.wid = id_of(8); }},
           {"wider_gate", [](Claims& t) { t.gates[0].action = GateAction::kPause; }},
           {"wider_constraint", [](Claims& t) { t.nodes[1].constraints.reset(); }},
           {"wider_constraint", [](Claims& t) { t.nodes[1].constraints->not_after.reset(); }},
           {"wider_constraint", [](Claims& t) { *t.nodes[1].constraints->not_after += 1; }},
           {"ok", [](Claims& t) { *t.nodes[1].constraints->not_after -= 1; }},
           {"wider_constraint", [](Claims& t) { t.nodes[1].constraints->rules.reset(); }},
           {"wider_constraint",
            with_rules(
                R"([{"id":"r","when":{"arguments":{"n":{"range":{"lte":5}}}},"then":"allow"}])")},
           {"ok",
            with_rules(
                R"([{"id":"r","when":{"arguments":{"n":{"range":{"lt":4}}}},"then":"allow"}])")},
           {"ok", with_rules(R"([{"id":"r","when":{"arguments":{"n":2}},"then":"allow"}])")},
           {"ok", with_rules("[]")},
       }) {
    EXPECT_EQ(reason_of_link(parent, c.change), c.reason);
  }
}

TEST(AcpChain, TheGraphKeepsItsOwnDepthAndTime) {
  Claims claims = sample_claims();
  claims.constraints[0].max_depth = 0;
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "max_depth");
  claims.constraints[0].max_depth = 1;
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "ok");
  claims.constraints[0].not_after = kNow;
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "not_after");
  claims.constraints[0].not_after = kNow + 1;
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "ok");
}

TEST(AcpChain, ChainsAreCompleteAndBounded) {
  Claims claims = sample_claims();
  claims.constraints[0].max_delegations.reset();
  std::vector<std::string> tokens{signed_by(kIssuer, claims)};
  for (unsigned char i = 2; i <= 12; ++i) {
    const Claims next = *attenuate(token_of(tokens.back()), {}, id_of(i), kNow);
    tokens.push_back(signed_by(kA, next));
    EXPECT_EQ(reason_of(tokens), i <= 11 ? "ok" : "chain_length") << int{i};
  }
  EXPECT_EQ(reason_of({tokens[1]}), "unknown_key");
  EXPECT_EQ(reason_of({tokens[0], tokens[2]}), "wrong_parent");
  Claims begun = claims;
  begun.parent = std::string(43, 'A');
  EXPECT_EQ(reason_of({signed_by(kIssuer, begun)}), "parent_missing");
}

TEST(AcpChain, NoMoreThanTheDelegationsThatAreLeft) {
  Claims claims = sample_claims();
  claims.constraints[0].max_delegations = 1;
  const std::string first = signed_by(kIssuer, claims);
  const std::string second = signed_by(kA, *attenuate(token_of(first), {}, id_of(2), kNow));
  EXPECT_EQ(reason_of({first, second}), "ok");
  const Result<Claims> third = attenuate(token_of(second), {}, id_of(3), kNow);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message.substr(0, 17), "wider_delegations");
  Claims forced = token_of(second).claims;
  forced.iss = kA;
  forced.parent = token_of(second).digest;
  EXPECT_EQ(reason_of({first, second, signed_by(kA, forced)}), "wider_delegations");
}

TEST(AcpChain, RulesThatDoNotLoadRefuse) {
  for (const auto& [rules, reason] : std::vector<std::pair<const char*, const char*>>{
           {R"([{"id":"r","when":{"tol":"a"},"then":"allow"}])", "bad_rules"},
           {R"([{"id":"r","when":{"tool":"a"},"then":"hold"}])", "bad_rule"},
           {R"([{"id":"r","when":{"tool":"a"},"then":"allow","mode":"observe"}])", "bad_rule"},
           {R"([{"id":"r","when":{"tool":"a"},"then":{"hold":{"roles":["x"]}}}])", "bad_rule"},
           {R"([5])", "bad_rule"},
       }) {
    Claims claims = sample_claims();
    claims.constraints[0].rules = json::parse(rules)->value.get_array();
    EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), reason) << rules;
  }
  Claims claims = sample_claims();
  claims.nodes[1].act = "ci/";
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "bad_act");
  claims = sample_claims();
  claims.gates[0].trigger = {.type = TriggerType::kThreshold, .value = "amount", .above = "1"};
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "bad_trigger");
  claims.gates[0].trigger = {.type = TriggerType::kNode, .value = "n9"};
  EXPECT_EQ(reason_of({signed_by(kIssuer, claims)}), "unknown_node");
}

}  // namespace
}  // namespace pawl::acp
