// Chains of ten random delegations, signed, verified and judged by the code that enforces them:
// what the whole chain lets pass the first token lets pass alone, and no hold gets milder.
#include <gtest/gtest.h>

#include <cstdio>

#include "gateway/policy_tokens.h"
#include "governance/policy/token_control.h"
#include "tests/foundation/acp/random_chain.h"

namespace pawl::acp {
namespace {

Result<std::string> signed_claims(const Claims& claims) {
  const SigningKey& key = key_of(claims.iss);
  return issue(key, key.public_key().thumbprint(), claims);
}

class Enforced {
 public:
  Status resolve(const std::vector<std::string>& tokens) {
    Action action;
    action.policy_tokens = tokens;
    return tokens_.resolve(action, WallTime{kNow * 1'000'000});
  }

  // `states`: which nodes are done.
  Verdict judge(const std::vector<std::string>& tokens, const Asked& asked, std::size_t states) {
    states_ = states;
    Action action;
    action.verb = "tool.call";
    action.caller.agent = asked.agent.substr(std::string("spiffe://example.org/agent/").size());
    action.server = asked.server;
    action.tool = asked.tool;
    action.arguments = std::make_shared<json::Value>(asked.arguments);
    action.policy_tokens = tokens;
    EXPECT_TRUE(tokens_.resolve(action, WallTime{kNow * 1'000'000}));
    return control_.decide(action, Moment{WallTime{asked.now * 1'000'000}});
  }

 private:
  PolicyTokens tokens_{kGateway, {sample_keys(), {}}, [](std::string_view) { return true; }};
  std::size_t states_ = 0;
  TokenControl control_{
      {.domain = "example.org", .state = [this](std::string_view, std::string_view node) {
         return SomeDone{states_}(node);
       }}};
};

void expect_no_wider(const Verdict& narrow, const Verdict& wide) {
  ASSERT_NE(narrow.ruling, Ruling::kAllow);
  ASSERT_GE(narrow.ruling, wide.ruling) << wide.reason;
  ASSERT_TRUE(narrow.ruling != Ruling::kHold || wide.ruling != Ruling::kHold ||
              narrow.policy->node != wide.policy->node ||
              rules::no_weaker(*narrow.hold, *wide.hold))
      << wide.reason;
}

TEST(PolicyProperty, TenDelegationsWidenNothingThatIsEnforced) {
  Generator random(seed_or(11));
  std::size_t states = 0;
  int full = 0;
  int refused = 0;
  int passed = 0;
  for (int round = 0; round < 80; ++round) {
    Enforced enforced;
    const Result<std::string> first = signed_claims(random.root());
    if (!first || !enforced.resolve({*first})) {
      continue;
    }
    std::vector<std::string> chain{*first};
    for (int tries = 0; tries < 40 && chain.size() < kMaxChain; ++tries) {
      const Token parent = *read(*jose::decode(chain.back()));
      Result<Claims> claims = attenuate(parent, random.narrowing(parent.claims),
                                        id_of(static_cast<unsigned char>(tries + 2)), kNow);
      if (claims && random.one_in(3) && !claims->nodes.empty()) {
        random.meddle(*claims);
      }
      const Result<std::string> next = claims ? signed_claims(*claims) : fail(claims.error());
      std::vector<std::string> longer = chain;
      longer.push_back(next.value_or(""));
      if (!next || !enforced.resolve(longer)) {
        ++refused;
        continue;
      }
      for (int i = 0; i < 6; ++i) {
        const Asked asked(random);
        const Verdict now = enforced.judge(longer, asked, ++states);
        passed += now.ruling == Ruling::kPass ? 1 : 0;
        expect_no_wider(now, enforced.judge(chain, asked, states));
        expect_no_wider(now, enforced.judge({*first}, asked, states));
        if (::testing::Test::HasFailure()) {
          FAIL() << "round " << round << ", token " << longer.size() << ", " << asked.agent << " "
                 << asked.server << "/" << asked.tool << " at " << asked.now;
        }
      }
      chain = std::move(longer);
    }
    full += chain.size() == 1 + 10 ? 1 : 0;
  }
  std::printf("%d chains of ten delegations, %d refused links, %d requests passed\n", full, refused,
              passed);
  EXPECT_GT(full, 10);
  EXPECT_GT(refused, 100);
  EXPECT_GT(passed, 100);
}

}  // namespace
}  // namespace pawl::acp
