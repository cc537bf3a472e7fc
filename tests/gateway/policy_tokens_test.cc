// Policy tokens on the path: each violation refuses before anything is sent, with its rule and a
// record; what is done is what the records say, also after a start.
#include "gateway/policy_tokens.h"

#include <gtest/gtest.h>

#include "foundation/acp/acp_attenuate.h"
#include "foundation/records/names.h"
#include "tests/foundation/acp/sample_chain.h"
#include "tests/gateway/gateway_rig.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

using acp::Claims;

constexpr const char* kAllowAll = R"(
rules:
  - id: all
    when: { agent: '**' }
    then: allow
    reason: test
)";

class PolicyRig : public GatewayRig {
 public:
  PolicyRig() : GatewayRig(kAllowAll) { policy_finder = acp::sample_keys(); }

  std::int64_t now() const { return clock.wall().seconds(); }

  // `a` plans, then `b` deploys at `ci`; nobody is asked.
  Claims claims() const {
    Claims out = acp::sample_claims();
    out.iat = now() - 10;
    out.exp = now() + 600;
    out.constraints[0].resource_limits.clear();
    out.gates.clear();
    return out;
  }

  Action act(const char* agent, const char* tool, std::vector<std::string> tokens) {
    Action out = action("tool.call", tool);
    out.caller.agent = agent;
    out.server = "ci";
    out.session = agent;
    out.policy_tokens = std::move(tokens);
    return out;
  }
  CallView& run(Action what) { return submit_to_end(std::move(what)); }

  std::vector<json::Value> records_of(std::string_view kind) const {
    std::vector<json::Value> out;
    for (std::uint64_t i = 0; i < ledger->size(); ++i) {
      const jose::Jws jws = *jose::decode(*ledger->entry(i));
      if (json::find_string(jws.payload, {"exec_act"}) == kind) {
        out.push_back(jws.payload);
      }
    }
    return out;
  }
  PolicyNodes::State state(const std::string& token, const char* node) const {
    const std::string run = digest_text(sha256(token.substr(0, token.rfind('.'))));
    return decisions.policy_nodes.state(run, node);
  }
};

std::string token_of(const Claims& claims) {
  return acp::signed_by(claims.iss, claims);
}

// What the refusal says, if that is what it is, and nothing was sent.
std::string rule_of(const CallView& call) {
  EXPECT_TRUE(call.refused);
  EXPECT_FALSE(call.forwarded);
  return call.refused ? call.refused->rule : "";
}

struct Case {
  const char* name;
  Code code;
  const char* rule;
  ControlId seam;
  void (*arrange)(PolicyRig& rig, Claims& claims, Action& action);
};

// Each of `a` that plans, which passes as it is.
const Case kCases[] = {
    {"a signature that is not the issuer's", Code::kPolicyTokenInvalid, "acp-bad-signature",
     ControlId::kAcpSignature,
     [](PolicyRig&, Claims& claims, Action& action) {
       std::string token = token_of(claims);
       token.replace(token.size() - 8, 8, "AAAAAAAA");
       action.policy_tokens = {token};
     }},
    {"no token at all", Code::kPolicyTokenInvalid, "acp-malformed", ControlId::kAcpSignature,
     [](PolicyRig&, Claims&, Action& action) { action.policy_tokens = {""}; }},
    {"nobody who may begin a chain", Code::kPolicyTokenInvalid, "acp-unknown-key",
     ControlId::kAcpSignature,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.iss = acp::kB;
       action.policy_tokens = {token_of(claims)};
     }},
    {"for another gateway", Code::kPolicyTokenInvalid, "acp-wrong-audience",
     ControlId::kAcpSignature,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.aud = {"spiffe://example.org/pawl/gw2"};
       action.policy_tokens = {token_of(claims)};
     }},
    {"expired", Code::kPolicyTokenInvalid, "acp-expired", ControlId::kAcpSignature,
     [](PolicyRig& rig, Claims& claims, Action& action) {
       claims.exp = rig.now();
       action.policy_tokens = {token_of(claims)};
     }},
    {"a link of another chain", Code::kPolicyTokenInvalid, "acp-wrong-parent",
     ControlId::kAcpSignature,
     [](PolicyRig&, Claims& claims, Action& action) {
       const std::string first = token_of(claims);
       Claims other = claims;
       other.jti = acp::id_of(9);
       const acp::Token parent = *acp::read(*jose::decode(token_of(other)));
       action.policy_tokens = {
           first, token_of(*acp::attenuate(parent, {}, acp::id_of(2), claims.iat + 1))};
     }},
    {"a link that is good for longer", Code::kPolicyTokenInvalid, "acp-wider-expiry",
     ControlId::kAcpNarrowing,
     [](PolicyRig&, Claims& claims, Action& action) {
       const std::string first = token_of(claims);
       const acp::Token parent = *acp::read(*jose::decode(first));
       Claims longer = *acp::attenuate(parent, {}, acp::id_of(2), claims.iat + 1);
       longer.exp = claims.exp + 1;
       action.policy_tokens = {first, token_of(longer)};
     }},
    {"in two places", Code::kPolicyTokenInvalid, "acp-two-policies", ControlId::kAcpTwoPlaces,
     [](PolicyRig&, Claims&, Action& action) { action.policy_disagrees = true; }},
    {"bound to another workflow", Code::kPolicyTokenInvalid, "acp-wrong-workflow",
     ControlId::kAcpWorkflow,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.wid = acp::id_of(7);
       action.workflow = acp::id_of(8);
       action.policy_tokens = {token_of(claims)};
     }},
    {"without one", Code::kDenied, "acp-required", ControlId::kAcpRequired,
     [](PolicyRig& rig, Claims&, Action& action) {
       rig.must_have_policy = true;
       action.policy_tokens.clear();
     }},
    {"nobody of the graph", Code::kDenied, "acp-not-in-graph", ControlId::kAcpNode,
     [](PolicyRig&, Claims&, Action& action) { action.caller.agent = "c"; }},
    {"another act", Code::kDenied, "acp-wrong-act", ControlId::kAcpNode,
     [](PolicyRig&, Claims&, Action& action) { action.tool = "deploy"; }},
    {"parents that are not done", Code::kDenied, "acp-parents-open", ControlId::kAcpParentsDone,
     [](PolicyRig&, Claims&, Action& action) {
       action.caller.agent = "b";
       action.tool = "deploy";
     }},
    {"outside of the constraints", Code::kDenied, "acp-rules", ControlId::kAcpConstraint,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.constraints[0].rules = json::Array();
       action.policy_tokens = {token_of(claims)};
     }},
    {"a gate", Code::kApprovalRequired, "acp-gate-pause", ControlId::kAcpHitl,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.gates = acp::sample_claims().gates;
       claims.gates[0].trigger.value = "plan";
       action.policy_tokens = {token_of(claims)};
     }},
    {"a limit that is not counted", Code::kDenied, "acp-resource-limits", ControlId::kAcpLimits,
     [](PolicyRig&, Claims& claims, Action& action) {
       claims.constraints[0].resource_limits = {{"tokens", "count", "1000"}};
       action.policy_tokens = {token_of(claims)};
     }},
};

Action arranged(PolicyRig& rig, const Case& row) {
  Claims claims = rig.claims();
  Action action = rig.act("a", "plan", {token_of(claims)});
  row.arrange(rig, claims, action);
  return action;
}

TEST(PolicyTokens, EachViolationRefusesBeforeAnythingIsSent) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    PolicyRig rig;
    const CallView& call = rig.run(arranged(rig, row));
    EXPECT_EQ(rule_of(call), row.rule);
    EXPECT_EQ(call.refused->code, row.code) << call.refused->reason;
    EXPECT_EQ(call.refused->control, "tokens");
    EXPECT_EQ(rig.ledger->stats().intents, 0u);
    ASSERT_TRUE(call.record);
    EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
    EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pol"}), row.rule);
  }
}

TEST(PolicyTokens, EachViolationPassesOnceItsControlIsUnplugged) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    const Unplugged out(row.seam);
    PolicyRig rig;
    CallView& call = rig.submit(arranged(rig, row));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
    EXPECT_TRUE(call.forwarded);
  }
}

TEST(PolicyTokens, AGoodTokenLetsRulesDecide) {
  PolicyRig rig;
  const std::string token = token_of(rig.claims());
  const CallView& call = rig.run(rig.act("a", "plan", {token}));
  ASSERT_TRUE(call.released);
  const json::Value record = rig.payload(*call.record);
  const auto use = read_policy_use(*json::find(record, {"ect_ext", "pawl.tool", "acp"}));
  ASSERT_TRUE(use);
  EXPECT_EQ(use->node, "n1");
  EXPECT_EQ(use->token, acp::id_of(1));
  EXPECT_EQ(use->digest, digest_text(sha256(token)));
  EXPECT_EQ(use->run, digest_text(sha256(token.substr(0, token.rfind('.')))));
  rig.set_rules("rules: []");
  EXPECT_EQ(rule_of(rig.run(rig.act("a", "plan", {token}))), "default-deny");
}

TEST(PolicyTokens, AWorkflowOfATokenIsTheCalls) {
  PolicyRig rig;
  Claims claims = rig.claims();
  claims.wid = acp::id_of(7);
  const CallView& call = rig.run(rig.act("a", "plan", {token_of(claims)}));
  ASSERT_TRUE(call.released);
  EXPECT_EQ(rig.text(*call.record, {"wid"}), acp::id_of(7).text());
}

TEST(PolicyTokens, AChildWaitsForItsParentsRecord) {
  PolicyRig rig;
  const std::string token = token_of(rig.claims());
  const auto deploy = [&] { return rig.act("b", "deploy", {token}); };
  EXPECT_EQ(rule_of(rig.run(deploy())), "acp-parents-open");

  CallView& plan = rig.submit(rig.act("a", "plan", {token}));
  ASSERT_TRUE(rig.run_until([&] { return plan.forwarded; }));
  EXPECT_EQ(rule_of(rig.run(deploy())), "acp-parents-open") << "it is under way";
  plan.events->answered({false, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return plan.ended(); }));
  EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kFailed);
  EXPECT_EQ(rule_of(rig.run(deploy())), "acp-parents-open") << "it failed";

  ASSERT_TRUE(rig.run(rig.act("a", "plan", {token})).released);
  EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kDone);
  rig.open();  // a start: all that is known is in the ledger
  EXPECT_TRUE(rig.run(deploy()).released);
  EXPECT_EQ(rig.state(token, "n2"), PolicyNodes::State::kDone);
}

TEST(PolicyTokens, AnotherRunIsAnotherMatter) {
  PolicyRig rig;
  Claims claims = rig.claims();
  ASSERT_TRUE(rig.run(rig.act("a", "plan", {token_of(claims)})).released);
  // The same claims, signed anew, are the same run; one more second, and they are another.
  EXPECT_TRUE(rig.run(rig.act("b", "deploy", {token_of(claims)})).released);
  claims.exp += 1;
  EXPECT_EQ(rule_of(rig.run(rig.act("b", "deploy", {token_of(claims)}))), "acp-parents-open");
}

TEST(PolicyTokens, ATaskIsDoneWhenItEnds) {
  PolicyRig rig;
  const std::string token = token_of(rig.claims());
  CallView& plan = rig.submit(rig.act("a", "plan", {token}));
  ASSERT_TRUE(rig.run_until([&] { return plan.forwarded; }));
  Answer answer{true, "{}"};
  answer.followed = "sealed";
  plan.events->answered(answer);
  ASSERT_TRUE(rig.run_until([&] { return plan.released; }));
  EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kOpen);
  for (const bool again : {false, true}) {  // also by a start
    RecordDraft ended;
    ended.id = rig.recorder->new_id();
    ended.kind = kinds::kTaskOutcome;
    ended.causes = {{plan.record->id, Basis::kDeclared}};
    ended.put_outcome(Outcome::kConfirmed);
    if (!again) {
      rig.open();
      EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kOpen);
    }
    bool is_recorded = false;
    rig.recorder->record(std::move(ended), [&](const auto& record) {
      EXPECT_TRUE(record);
      is_recorded = true;
    });
    ASSERT_TRUE(rig.run_until([&] { return is_recorded; }));
    EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kDone);
  }
}

TEST(PolicyTokens, AKilledCallLeavesAFailedNode) {
  PolicyRig rig;
  const std::string token = token_of(rig.claims());
  CallView& plan = rig.submit(rig.act("a", "plan", {token}));
  ASSERT_TRUE(rig.run_until([&] { return plan.forwarded; }));
  rig.open();  // without an outcome
  ASSERT_EQ(rig.recovery.open_intents.size(), 1u);
  bool is_done = false;
  record_unknowns(*rig.recorder, rig.recovery.open_intents, {},
                  [&](const Result<std::size_t>& count) {
                    EXPECT_TRUE(count);
                    is_done = true;
                  });
  ASSERT_TRUE(rig.run_until([&] { return is_done; }));
  EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kFailed);
  rig.fold_decisions();
  EXPECT_EQ(rig.state(token, "n1"), PolicyNodes::State::kFailed);
}

TEST(PolicyTokens, EachTokenIsRecordedOnceBeforeItsCall) {
  PolicyRig rig;
  const Claims claims = rig.claims();
  const std::string first = token_of(claims);
  const acp::Token parent = *acp::read(*jose::decode(first));
  const std::string second =
      token_of(*acp::attenuate(parent, {.nodes = {{"n1"}}}, acp::id_of(2), claims.iat + 1));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(rig.run(rig.act("a", "plan", {first, second})).released);
    const std::vector<json::Value> issued = rig.records_of(kinds::kPolicyIssued);
    ASSERT_EQ(issued.size(), 2u);
    for (std::size_t link = 0; link < 2; ++link) {
      const std::string& token = link == 0 ? first : second;
      const json::Value& body = *json::find(issued[link], {"ect_ext", "pawl.policy"});
      EXPECT_EQ(json::find_string(body, {"digest"}), digest_text(sha256(token)));
      EXPECT_EQ(json::find_string(body, {"token"}), token);
      EXPECT_EQ(json::find_string(body, {"iss"}), link == 0 ? acp::kIssuer : acp::kA);
      EXPECT_EQ(json::find_string(body, {"agent"}), "a");
      EXPECT_EQ(json::find(body, {"parent"}) != nullptr, link == 1);
    }
    EXPECT_EQ(rig.policies->verified(), 1u);
    rig.open();  // what is recorded stands in the ledger
  }
  EXPECT_EQ(rig.records_of("tool.call").size(), 2u);
}

// What is remembered is bounded by what it takes of memory, compiled, and not by its text alone.
TEST(PolicyTokens, OfManyPatternsFewAreRemembered) {
  PolicyTokens tokens("spiffe://example.org/pawl/gw1", {acp::sample_keys(), {}},
                      [](std::string_view) { return true; });
  const auto made = [](unsigned char number) {
    Claims claims = acp::sample_claims();
    claims.jti = acp::id_of(number);
    json::Array rules;
    for (int i = 0; i < 60; ++i) {
      const std::string text = R"({"id":"r)" + std::to_string(i) + R"(","then":"allow","when":{)" +
                               R"("arguments":{"f":{"glob":"*a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*"}}}})";
      rules.push_back(json::parse(text)->value);
    }
    claims.nodes[0].constraints = acp::Constraints{.rules = std::move(rules)};
    return token_of(claims);
  };
  const auto present = [&](const std::string& token) {
    Action action;
    action.policy_tokens = {token};
    EXPECT_TRUE(tokens.resolve(action, WallTime{acp::kNow * 1'000'000}));
    return action.policy == nullptr ? 0 : action.policy->memory;
  };
  const std::string first = made(1);
  const std::size_t memory = present(first);
  present(first);
  EXPECT_EQ(tokens.verified(), 1u);
  const std::size_t most = 2 * PolicyTokens::kMostBytes / memory + 2;
  ASSERT_LT(most, 200u) << "far below the bound of their number";
  for (std::size_t i = 2; i <= most; ++i) {
    present(made(static_cast<unsigned char>(i)));
  }
  present(first);
  EXPECT_EQ(tokens.verified(), most + 1) << "the first was forgotten";
}

TEST(PolicyTokens, AreVerifiedOnceUntilAKeyChanges) {
  PolicyRig rig;
  const std::string token = token_of(rig.claims());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(rig.run(rig.act("a", "plan", {token})).released);
  }
  EXPECT_EQ(rig.policies->verified(), 1u);
  rig.policy_finder = nullptr;  // the key went
  ++rig.policy_generation;
  EXPECT_EQ(rule_of(rig.run(rig.act("a", "plan", {token}))), "acp-unknown-key");
}

TEST(PolicyTokens, WhatIsRememberedStillExpires) {
  PolicyRig rig;
  const Claims claims = rig.claims();
  const std::string token = token_of(claims);
  ASSERT_TRUE(rig.run(rig.act("a", "plan", {token})).released);
  rig.clock.step(std::chrono::seconds(claims.exp - rig.now()));
  EXPECT_EQ(rule_of(rig.run(rig.act("a", "plan", {token}))), "acp-expired");
}

TEST(PolicyTokens, ARevokedKeyOrTokenEndsThem) {
  for (const bool by_key : {true, false}) {
    PolicyRig rig;
    const std::string token = token_of(rig.claims());
    ASSERT_TRUE(rig.run(rig.act("a", "plan", {token})).released);
    rig.revoke(by_key ? "key:" + acp::key_of(acp::kIssuer).public_key().thumbprint()
                      : std::string("token:") + acp::kIssuer + "#" + acp::id_of(1).text());
    const CallView& call = rig.run(rig.act("a", "plan", {token}));
    ASSERT_TRUE(call.refused);
    EXPECT_EQ(call.refused->control, "revocations");
    EXPECT_FALSE(call.forwarded);
  }
}

TEST(PolicyTokens, AHoldOfTheTokenAndOneOfTheRulesAreJoined) {
  PolicyRig rig;
  Claims claims = rig.claims();
  claims.gates = acp::sample_claims().gates;  // the release manager, within 900 s, then the head
  claims.gates[0].trigger.value = "plan";
  const std::string token = token_of(claims);
  const auto with = [&](const char* terms) {
    rig.set_rules(
        std::string("rules: [{ id: ask, when: { agent: '**' }, reason: r, then: { hold: ") + terms +
        " } }]");
    return rig.run(rig.act("a", "plan", {token})).refused;
  };
  EXPECT_EQ(with("{ roles: [release-manager], of: 2, within: 60s }")->code,
            Code::kApprovalRequired);
  const auto refused = with("{ roles: [auditor] }");
  EXPECT_EQ(refused->code, Code::kDenied);
  EXPECT_NE(refused->reason.find("one approval cannot meet both"), std::string::npos);
}

}  // namespace
}  // namespace pawl
