// Tokens of others are kept: in the ledger, once, before the call that they caused, and known from
// it after a start.
#include "gateway/received_tokens.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/received_token.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr std::string_view kPlanner = "https://planner.example";
constexpr std::string_view kAgent = "spiffe://example.org/agent/triage";

class ReceivedTokens : public testing::Test {
 protected:
  ReceivedTokens() { restart({}, false); }
  // The same ledger, and what a start reads of it.
  void restart(TokenRules rules, bool recall = true) {
    rig.token_rules = std::move(rules);
    rig.open();
    rig.foreign = [this](std::string_view iss, std::string_view) {
      return iss == kPlanner ? Result<PublicKey>(key.public_key())
                             : Result<PublicKey>(fail(Code::kNotFound, "not trusted"));
    };
    if (recall) {
      rig.recall();
    }
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
  CallView& call(std::vector<std::string> tokens, const std::string& agent = "triage") {
    Action action = rig.action("tool.call", "read");
    action.caller.agent = agent;
    action.parent_tokens = std::move(tokens);
    CallView& view = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return view.forwarded || view.ended(); }));
    if (view.forwarded) {
      view.events->answered({true, "{}"});
      EXPECT_TRUE(rig.run_until([&] { return view.released; }));
    }
    return view;
  }
  // The records that stand for tokens, in the order of the ledger.
  std::vector<ect::Claims> kept() {
    std::vector<ect::Claims> out;
    for (std::uint64_t i = 0; i < rig.ledger->size(); ++i) {
      ect::Token record = *ect::read(*jose::decode(*rig.ledger->entry(i)));
      if (record.claims.exec_act == "token.received") {
        out.push_back(std::move(record.claims));
      }
    }
    return out;
  }
  static std::string rule_of(const CallView& view) {
    return view.refused ? view.refused->rule : "";
  }

  GatewayRig rig;
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
};

TEST_F(ReceivedTokens, AreRecordedOnceBeforeTheCallThatTheyCaused) {
  const std::string text = token(claims());
  const CallView& first = call({text});
  ASSERT_TRUE(first.released);
  ASSERT_EQ(kept().size(), 1U);
  const std::optional<ect::ReceivedToken> received = ect::read_received_token(kept()[0]);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->text, text);
  EXPECT_EQ(received->level, ect::Level::kL2);
  EXPECT_TRUE(ect::check_received(*received, kept()[0]));
  EXPECT_EQ(first.record->index, 1U) << "behind the token";
  EXPECT_TRUE(call({text}).released);
  EXPECT_EQ(kept().size(), 1U) << "presented again";
  EXPECT_TRUE(call({first.record->token}).released);
  EXPECT_EQ(kept().size(), 1U) << "our own stand there already";
}

TEST_F(ReceivedTokens, OfACallStandBehindTheirParents) {
  const ect::Claims parent = claims();
  const ect::Claims child = claims({parent.jti});
  ASSERT_TRUE(call({token(child), token(parent)}).released);
  ASSERT_EQ(kept().size(), 2U);
  EXPECT_EQ(ect::read_received_token(kept()[0])->id, parent.jti);
  EXPECT_EQ(kept()[1].pred, child.pred);
}

TEST_F(ReceivedTokens, ALaterChildHasAKnownParentAlsoAfterAStart) {
  restart({.graph = {.allow_partial = false}}, false);
  const ect::Claims parent = claims();
  ASSERT_TRUE(call({token(parent)}).released);
  EXPECT_TRUE(call({token(claims({parent.jti}))}).released);
  restart({.graph = {.allow_partial = false}});
  EXPECT_TRUE(call({token(claims({parent.jti}))}).released);
  EXPECT_EQ(rule_of(call({token(claims({claims().jti}))})), "parent-unknown");
}

TEST_F(ReceivedTokens, OtherWordsUnderAKnownIdAreRefusedAfterAStart) {
  ect::Claims words = claims();
  const std::string text = token(words);
  ASSERT_TRUE(call({text}).released);
  restart({});
  words.exec_act = "plan.other";
  EXPECT_EQ(rule_of(call({token(words)})), "ect-replay");
  EXPECT_TRUE(call({text}).released) << "the first words stay";
}

// It was judged when it was recorded; whoever has not seen it yet judges it by the clock.
TEST_F(ReceivedTokens, AreGoodTwoDaysLaterWhereTheyAreKept) {
  const std::string text = token(claims());
  const std::string never_shown = token(claims());
  ASSERT_TRUE(call({text}).released);
  rig.clock.step(std::chrono::hours(48));
  EXPECT_TRUE(call({text}).released);
  restart({});
  EXPECT_TRUE(call({text}).released);
  EXPECT_EQ(rule_of(call({never_shown})), "ect-invalid");
}

TEST_F(ReceivedTokens, AnothersIdIsAnotherTask) {
  const ect::Claims words = claims();
  ASSERT_TRUE(call({token(words)}).released);
  rig.foreign = [this](std::string_view, std::string_view) {
    return Result<PublicKey>(key.public_key());
  };
  ect::Claims other = words;
  other.iss = "https://second.example";
  const CallView& view = call({token(other)});
  ASSERT_TRUE(view.refused);
  EXPECT_TRUE(view.refused->reason.starts_with("duplicate_task:")) << view.refused->reason;
}

TEST_F(ReceivedTokens, ThatWereRefusedBindNobody) {
  ect::Claims words = claims();
  words.aud = {"spiffe://example.org/agent/another"};
  const CallView& refused = call({token(words)});
  ASSERT_TRUE(refused.refused);
  EXPECT_TRUE(refused.refused->reason.starts_with("wrong_presenter:")) << refused.refused->reason;
  words.aud = {std::string(kAgent)};
  EXPECT_TRUE(call({token(words)}).released) << "other words under an id that never counted";
  words.exec_act = "plan.other";
  EXPECT_EQ(rule_of(call({token(words)})), "ect-replay") << "and now it counts";

  ect::Claims taken = words;  // an id that another issuer has
  taken.iss = "https://second.example";
  rig.foreign = [this](std::string_view, std::string_view) {
    return Result<PublicKey>(key.public_key());
  };
  for (const char* act : {"plan.one", "plan.two"}) {
    taken.exec_act = act;
    const CallView& view = call({token(taken)});
    ASSERT_TRUE(view.refused);
    EXPECT_TRUE(view.refused->reason.starts_with("duplicate_task:")) << view.refused->reason;
  }
}

TEST_F(ReceivedTokens, ThatAreTooLongForARecordLeaveTheirDigest) {
  ect::Claims words = claims();
  words.aud.resize(40, std::string(100, 'x'));
  words.aud.push_back(std::string(kAgent));
  const std::string text = token(words);
  ASSERT_TRUE(call({text}).released);
  ASSERT_EQ(kept().size(), 1U);
  const std::optional<ect::ReceivedToken> received = ect::read_received_token(kept()[0]);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->text, "");
  EXPECT_EQ(received->digest, digest_text(sha256(text)));
  restart({.graph = {.allow_partial = false}});
  EXPECT_TRUE(call({token(claims({words.jti}))}).released) << "and are known parents";
}

// What a rule refuses is recorded with what it came from; what a token's own check refuses is not.
TEST_F(ReceivedTokens, OfARefusedCallAreKeptAndRefusedOnesAreNot) {
  ect::Claims words = claims();
  words.aud.push_back("spiffe://example.org/agent/other");
  EXPECT_TRUE(call({token(words)}, "other").refused);
  EXPECT_EQ(kept().size(), 1U);
  ect::Claims late = claims();
  late.iat -= 500;
  late.exp = late.iat + 1;
  EXPECT_TRUE(call({token(late)}).refused);
  EXPECT_EQ(kept().size(), 1U);
}

// Where it cannot be told whether a token was seen before, it is not taken for new.
TEST_F(ReceivedTokens, WaitForTheIndexWhereTheMemoryIsTooShort) {
  bool ready = false;
  rig.parents->memory().ask_for_older([](const Uuid&) { return std::nullopt; },
                                      [&] { return ready; });
  rig.parents->memory().recalled_since(rig.clock.wall().seconds() - 60);
  const std::string text = token(claims());
  const CallView& refused = call({text});
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->code, Code::kEvidenceUnavailable);
  EXPECT_TRUE(refused.refused->retry_helps);
  ready = true;
  EXPECT_TRUE(call({text}).released);
  ready = false;
  rig.parents->memory().recalled_since(rig.clock.wall().seconds() - 3600);
  EXPECT_TRUE(call({token(claims())}).released) << "older than any token that counts";
}

TEST_F(ReceivedTokens, OfTheIndexAreKnown) {
  ect::Claims words = claims();
  ect::Token shown;
  shown.compact = token(words);
  const RecordedTask task{
      .iat = words.iat, .issuer = words.iss, .payload = digest_text(ect::payload_digest(shown))};
  rig.parents->memory().ask_for_older(
      [&](const Uuid& id) { return id == words.jti ? std::optional(task) : std::nullopt; },
      [] { return true; });
  rig.clock.step(std::chrono::hours(48));
  EXPECT_TRUE(call({shown.compact}).released);
  EXPECT_TRUE(kept().empty()) << "it stands in the ledger already";
  words.exec_act = "plan.other";
  EXPECT_EQ(rule_of(call({token(words)})), "ect-replay");
}

// Nothing is kept then, and nothing is released.
TEST_F(ReceivedTokens, ThatCouldNotBeRecordedAreNotKept) {
  const std::string text = token(claims());
  rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  EXPECT_FALSE(call({text}).released);
  const ect::Token shown = *ect::read_any(text);
  EXPECT_EQ(rig.parents->memory().keeping(shown), ect::Keeping::kNot);
}

}  // namespace
}  // namespace pawl
