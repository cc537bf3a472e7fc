// Parents that nobody here has are asked of the issuer whose token names them, within bounds; what
// does not come, or is another token, leaves the graph partial, or refuses the call.
#include "gateway/parent_fetch.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/received_token.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr std::string_view kPlanner = "https://planner.example";
constexpr std::string_view kSecond = "https://second.example";
constexpr std::string_view kAgent = "spiffe://example.org/agent/triage";

class FetchedParents : public testing::Test {
 protected:
  FetchedParents() { open({}); }
  void open(TokenRules rules) {
    rig.token_rules = std::move(rules);
    rig.token_source.knows = [](std::string_view issuer) { return issuer == kPlanner; };
    rig.token_source.fetch = [this](const WantedToken& wanted,
                                    std::function<void(Result<std::string>)> done) {
      asked.push_back(wanted.id);
      EXPECT_EQ(wanted.issuer, kPlanner);
      if (silent) {
        waiting.push_back(std::move(done));
        return;
      }
      rig.scheduler.post([this, wanted, done = std::move(done)] {
        const auto found = answers.find(wanted.id);
        done(found != answers.end() ? Result<std::string>(found->second)
                                    : fail(Code::kUpstreamFailed, "status 404"));
      });
    };
    rig.open();
    rig.foreign = [this](std::string_view iss, std::string_view) {
      return iss == kPlanner || iss == kSecond
                 ? Result<PublicKey>(key.public_key())
                 : Result<PublicKey>(fail(Code::kNotFound, "not trusted"));
    };
  }
  ect::Claims claims(std::vector<Uuid> pred = {}) {
    ect::Claims out;
    out.iss = kPlanner;
    out.aud = {std::string(kAgent)};
    out.iat = rig.clock.wall().seconds();
    out.exp = out.iat + 300;
    out.jti = Uuid::v7(rig.clock.wall(), rig.random);
    out.exec_act = "plan.step";
    out.pred = std::move(pred);
    return out;
  }
  std::string token(const ect::Claims& words) const { return *ect::issue(key, "p1", words); }
  // What its issuer says when it is asked for `id`.
  void answer(const Uuid& id, const ect::Claims& words) { answers[id] = token(words); }
  ect::Claims parent(std::vector<Uuid> pred = {}) {
    const ect::Claims words = claims(std::move(pred));
    answer(words.jti, words);
    return words;
  }
  CallView& submit(const ect::Claims& child) {
    Action action = rig.action("tool.call", "read");
    action.parent_tokens = {token(child)};
    return rig.submit(std::move(action));
  }
  CallView& finish(CallView& view) {
    EXPECT_TRUE(rig.run_until([&] { return view.forwarded || view.ended(); }));
    if (view.forwarded) {
      view.events->answered({true, "{}"});
      EXPECT_TRUE(rig.run_until([&] { return view.released; }));
    }
    return view;
  }
  CallView& call(const ect::Claims& child) { return finish(submit(child)); }
  std::string graph(const CallView& view) {
    return rig.text(*view.record, {"ect_ext", "pawl.tool", "graph"});
  }
  std::vector<Uuid> kept() {
    std::vector<Uuid> out;
    for (std::uint64_t i = 0; i < rig.ledger->size(); ++i) {
      const ect::Token record = *ect::read(*jose::decode(*rig.ledger->entry(i)));
      if (const auto received = ect::read_received_token(record.claims)) {
        out.push_back(received->id);
      }
    }
    return out;
  }

  GatewayRig rig;
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  std::map<Uuid, std::string> answers;
  std::vector<Uuid> asked;
  bool silent = false;
  std::vector<std::function<void(Result<std::string>)>> waiting;
};

TEST_F(FetchedParents, CompleteTheGraphAndAreKept) {
  open({.graph = {.allow_partial = false}});
  const ect::Claims root = parent();
  const ect::Claims middle = parent({root.jti});
  const ect::Claims child = claims({middle.jti});
  const CallView& view = call(child);
  ASSERT_TRUE(view.released);
  EXPECT_EQ(graph(view), "");
  EXPECT_EQ(asked, (std::vector<Uuid>{middle.jti, root.jti}));
  EXPECT_EQ(kept(), (std::vector<Uuid>{root.jti, middle.jti, child.jti}));
  EXPECT_TRUE(call(child).released);
  EXPECT_EQ(asked.size(), 2U) << "what is kept is not asked for";
}

TEST_F(FetchedParents, ThatDoNotComeLeaveTheGraphPartialOrRefuse) {
  const CallView& partial = call(claims({claims().jti}));
  ASSERT_TRUE(partial.released);
  EXPECT_EQ(graph(partial), "partial");
  open({.graph = {.allow_partial = false}});
  const CallView& refused = call(claims({claims().jti}));
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->rule, "parent-unknown");
}

TEST_F(FetchedParents, ThatAreNotWhatWasAskedForDoNotCount) {
  struct Case {
    const char* name;
    void (*change)(ect::Claims&);
  };
  const Case cases[] = {
      {"another id", [](ect::Claims& c) { c.jti.bytes[15] ^= 1; }},
      {"another trusted issuer", [](ect::Claims& c) { c.iss = kSecond; }},
      {"an issuer that is not trusted", [](ect::Claims& c) { c.iss = "https://x.example"; }},
      {"expired",
       [](ect::Claims& c) {
         c.exp = c.iat - 100;
         c.iat -= 200;
       }},
      {"too old", [](ect::Claims& c) { c.iat -= 901; }},
  };
  for (const Case& c : cases) {
    ect::Claims words = claims();
    const Uuid id = words.jti;
    c.change(words);
    answer(id, words);
    const CallView& view = call(claims({id}));
    ASSERT_TRUE(view.released) << c.name;
    EXPECT_EQ(graph(view), "partial") << c.name;
  }
  const ect::Claims words = claims();
  for (const std::string& text : {std::string("no token"), std::string(),
                                  base64url_encode(ect::print(words)), token(words) + "x"}) {
    answers[words.jti] = text;
    EXPECT_EQ(graph(call(claims({words.jti}))), "partial") << text;
  }
}

TEST_F(FetchedParents, OtherWordsUnderAKnownIdDoNotCount) {
  ect::Claims words = claims();
  ASSERT_TRUE(call(words).released);
  words.exec_act = "plan.other";
  answer(words.jti, words);
  EXPECT_EQ(graph(call(claims({words.jti}))), "") << "it is recorded, and not asked for";
  EXPECT_TRUE(asked.empty());
}

TEST_F(FetchedParents, AreNotAskedOfOthers) {
  ect::Claims child = claims({claims().jti});
  child.iss = kSecond;
  EXPECT_EQ(graph(call(child)), "partial");
  EXPECT_TRUE(asked.empty());
}

TEST_F(FetchedParents, OfOneCallAreSixteenAtMost) {
  ect::Claims words = parent();
  for (int i = 0; i < 40; ++i) {
    words = parent({words.jti});
  }
  const CallView& view = call(claims({words.jti}));
  ASSERT_TRUE(view.released);
  EXPECT_EQ(graph(view), "partial");
  EXPECT_EQ(asked.size(), ParentFetch::kMost);
}

// Whoever does not answer holds a call no longer than the deadline, and nothing comes in later.
TEST_F(FetchedParents, AreWaitedForUntilTheDeadline) {
  silent = true;
  const ect::Claims root = parent();
  CallView& view = submit(claims({root.jti}));
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_FALSE(view.forwarded);
  EXPECT_EQ(rig.gateway->oldest_calls(1).front()->stage(), "fetching parents of tokens");
  ASSERT_FALSE(rig.scheduler.timers.empty());
  rig.scheduler.fire_last_timer();
  finish(view);
  ASSERT_TRUE(view.released);
  EXPECT_EQ(graph(view), "partial");
  waiting.front()(answers[root.jti]);
  EXPECT_EQ(kept().size(), 1U) << "the child alone";
}

TEST_F(FetchedParents, OfACallThatWasStoppedMeanwhileChangeNothing) {
  silent = true;
  const ect::Claims root = parent();
  CallView& view = submit(claims({root.jti}));
  rig.stop("agent:triage");
  ASSERT_TRUE(rig.run_until([&] { return view.ended(); }));
  ASSERT_TRUE(view.refused);
  EXPECT_EQ(view.refused->code, Code::kStopped);
  waiting.front()(answers[root.jti]);
  EXPECT_FALSE(view.forwarded);
}

TEST_F(FetchedParents, ThatBreakARuleOfTheGraphRefuseTheCall) {
  ect::Claims newer = claims();
  newer.iat += 29;
  answer(newer.jti, newer);
  ect::Claims child = claims({newer.jti});
  child.iat -= 10;
  const CallView& view = call(child);
  ASSERT_TRUE(view.refused);
  EXPECT_TRUE(view.refused->reason.starts_with("parent_newer:")) << view.refused->reason;
}

}  // namespace
}  // namespace pawl
