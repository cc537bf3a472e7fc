// Chains of ten random delegations: what the last token allows by itself, every one before allows.
#include <gtest/gtest.h>

#include <cstdio>

#include "foundation/acp/acp_attenuate.h"
#include "foundation/acp/acp_standing.h"
#include "tests/foundation/acp/random_chain.h"

namespace pawl::acp {
namespace {

void expect_no_wider(const Standing& narrow, const Standing& wide) {
  ASSERT_TRUE(!narrow.allowed || wide.allowed) << wide.reason;
  ASSERT_TRUE(!narrow.allowed || narrow.hold || !wide.hold) << wide.reason;
}

// Also the terms, where the same node is held.
void expect_no_weaker(const Standing& narrow, const Standing& wide) {
  expect_no_wider(narrow, wide);
  ASSERT_TRUE(!narrow.allowed || !wide.hold || narrow.node != wide.node ||
              rules::no_weaker(*narrow.hold, *wide.hold))
      << wide.reason;
}

TEST(AcpProperty, TenDelegationsNeverAllowWhatTheFirstDenied) {
  Generator random(seed_or(5));
  // Which nodes wait for which the first token says, so who is judged alone waits for nobody.
  const DoneNodes done = [](const Uuid&, std::string_view) { return NodeState::kDone; };
  std::size_t states = 0;
  const DoneNodes some = [&](const Uuid&, std::string_view node) { return SomeDone{states}(node); };
  int full = 0;
  int links = 0;
  int refused_links = 0;
  int allowed = 0;
  for (int round = 0; round < 300; ++round) {
    Result<Link> first = link_of(random.root(), 0);
    if (!first) {
      continue;
    }
    Chain chain{{*first}};
    for (int tries = 0; tries < 60 && chain.links.size() < kMaxChain; ++tries) {
      const Link& parent = chain.links.back();
      const Narrowing by = random.narrowing(parent.token.claims);
      Result<Claims> claims =
          attenuate(parent.token, by, id_of(static_cast<unsigned char>(tries + 2)), kNow);
      if (claims && random.one_in(3) && !claims->nodes.empty()) {
        random.meddle(*claims);
      }
      Result<Link> link = claims ? link_of(*claims, tries + 1) : fail(claims.error());
      if (!link || !check_narrower(*link, parent)) {
        ++refused_links;
        continue;
      }
      ++links;
      const Chain above{{parent}};
      const Chain alone{{*link}};
      const Chain root{{chain.links.front()}};
      Chain whole = chain;
      whole.links.push_back(*link);
      for (int i = 0; i < 10; ++i) {
        const Asked asked(random);
        ++states;
        const rules::Facts facts = call_of(asked.server, asked.tool, &asked.arguments);
        const Standing now = standing(alone, asked.agent, facts, done, asked.now);
        allowed += now.allowed ? 1 : 0;
        expect_no_wider(now, standing(above, asked.agent, facts, done, asked.now));
        expect_no_wider(now, standing(root, asked.agent, facts, done, asked.now));
        const Standing all = standing(whole, asked.agent, facts, some, asked.now);
        expect_no_weaker(all, standing(chain, asked.agent, facts, some, asked.now));
        expect_no_weaker(all, standing(root, asked.agent, facts, some, asked.now));
        if (::testing::Test::HasFailure()) {
          FAIL() << "round " << round << "\nparent " << print(parent.token.claims) << "\nchild "
                 << print(link->token.claims) << "\nroot "
                 << print(chain.links.front().token.claims) << "\n"
                 << asked.agent << " " << asked.server << "/" << asked.tool << " "
                 << json::print(asked.arguments) << " at " << asked.now << " node " << now.node;
        }
      }
      chain.links.push_back(*std::move(link));
    }
    full += chain.links.size() == 1 + 10 ? 1 : 0;
  }
  std::printf("%d chains of ten delegations, %d links, %d refused links, %d allowed requests\n",
              full, links, refused_links, allowed);
  EXPECT_GT(full, 50);
  EXPECT_GT(refused_links, 500);
  EXPECT_GT(allowed, 800);
}

}  // namespace
}  // namespace pawl::acp
