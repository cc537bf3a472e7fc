// Edges of a call: declared by tokens, bound to the presenter, and never from a refused record.
#include <gtest/gtest.h>

#include <array>

#include "foundation/jose/jws.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

RecordRef finished(GatewayRig& rig, Action action, const std::string& result = "{}") {
  CallView& call = rig.submit(std::move(action));
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, result});
  EXPECT_TRUE(rig.run_until([&] { return call.released; }));
  return *call.record;
}

std::vector<std::string> edges(GatewayRig& rig, const RecordRef& record) {
  const json::Value payload = rig.payload(record);
  std::vector<std::string> out;
  const json::Array& pred = json::find(payload, {"pred"})->as_array();
  for (std::size_t i = 0; i < pred.size(); ++i) {
    const json::Value* basis = json::find(payload, {"ect_ext", "pawl.tool", "basis"});
    out.push_back(std::string(pred[i].as_string()) + " " +
                  std::string(basis->as_array()[i].as_string()));
  }
  return out;
}

TEST(Edges, PresentedTokenBecomesADeclaredParentInItsWorkflow) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  Action child = rig.action("tool.call", "b");
  child.session = "another session";
  child.parent_tokens = {parent.token};
  const RecordRef record = finished(rig, std::move(child));
  EXPECT_EQ(edges(rig, record), std::vector<std::string>{parent.id.text() + " declared"});
  EXPECT_EQ(rig.text(record, {"wid"}), rig.text(parent, {"wid"}));
}

TEST(Edges, AHundredChildrenAndAChildTwoDaysLaterWork) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  rig.clock.step(std::chrono::hours(48));
  for (int i = 0; i < 100; ++i) {
    Action child = rig.action("tool.call", "b");
    child.parent_tokens = {parent.token};
    CallView& call = rig.submit(std::move(child));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; })) << i;
  }
}

// A token is evidence and never a permission.
TEST(Edges, ATokenOpensNothing) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  rig.set_rules("rules: []");
  Action child = rig.action("tool.call", "a");
  child.parent_tokens = {parent.token};
  CallView& call = rig.submit(std::move(child));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kDenied);
}

TEST(Edges, StolenTokenFromAnotherAgentDoesNotWork) {
  GatewayRig rig("rules: [{id: all, when: {agent: '**'}, then: allow, reason: test}]");
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  Action thief = rig.action("tool.call", "b");
  thief.caller.agent = "thief";
  thief.parent_tokens = {parent.token};
  CallView& call = rig.submit(std::move(thief));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
  EXPECT_NE(call.refused->reason.find("wrong_presenter"), std::string::npos);
}

// Whoever kept a key that was rotated away can sign with it, but not what we signed.
TEST(Edges, WhatARetiredKeySignedLaterIsNotOurs) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  const SigningKey old_key = rig.key();
  const std::int64_t retired_s = rig.clock.wall().seconds();
  rig.rotate_key("kid-2", retired_s);
  const auto present = [&](const std::string& token) -> CallView& {
    Action child = rig.action("tool.call", "b");
    child.parent_tokens = {token};
    CallView& call = rig.submit(std::move(child));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
    return call;
  };
  const auto forged = [&](std::int64_t iat) {
    json::Value payload = rig.payload(parent);
    payload.as_object()["jti"] = Uuid::v7(rig.clock.wall(), rig.random).text();
    payload.as_object()["iat"] = iat;
    payload.as_object()["exp"] = iat + 600;
    return *jose::sign(old_key, "exec+jwt", "kid", json::print(payload));
  };
  EXPECT_TRUE(present(parent.token).forwarded) << "a parent from before";
  EXPECT_TRUE(present(forged(retired_s)).forwarded);
  rig.clock.step(std::chrono::seconds(5));
  CallView& later = present(forged(retired_s + 1));
  ASSERT_TRUE(later.refused);
  EXPECT_EQ(later.refused->code, Code::kTokenInvalid);
  EXPECT_NE(later.refused->reason.find("retired_key"), std::string::npos);
  rig.parents->own_keys(rig.key().public_key(), "kid-2", {});
  EXPECT_TRUE(present(parent.token).refused) << "compromised: no parent any more, cached or not";
  const RecordRef next = finished(rig, rig.action("tool.call", "a"));
  EXPECT_TRUE(present(next.token).forwarded) << "the new key";
}

TEST(Edges, ForgedTokenIsRefused) {
  GatewayRig rig;
  RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  parent.token[parent.token.size() / 2] ^= 1;
  Action child = rig.action("tool.call", "b");
  child.parent_tokens = {parent.token};
  CallView& call = rig.submit(std::move(child));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
}

// The other valid form of an ES256 signature, which anybody can make: (r, n - s).
std::string with_other_signature(const std::string& token) {
  constexpr std::array<unsigned char, 32> kOrder = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                                    0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
  const std::size_t dot = token.rfind('.');
  std::string raw = *base64url_decode(token.substr(dot + 1));
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int digit = kOrder[i] - static_cast<unsigned char>(raw[32 + i]) - borrow;
    borrow = digit < 0 ? 1 : 0;
    raw[32 + i] = static_cast<char>(digit & 0xff);
  }
  return token.substr(0, dot + 1) + base64url_encode(raw);
}

TEST(Edges, OtherFormOfASignatureIsTheSameToken) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  const std::string other = with_other_signature(parent.token);
  ASSERT_NE(other, parent.token);
  for (const std::vector<std::string>& presented :
       {std::vector<std::string>{other}, {parent.token, other}, {other, parent.token}}) {
    Action child = rig.action("tool.call", "b");
    child.session = "another session";
    child.parent_tokens = presented;
    EXPECT_EQ(edges(rig, finished(rig, std::move(child))),
              std::vector<std::string>{parent.id.text() + " declared"});
  }
}

TEST(Edges, OtherWordsUnderAKnownIdAreRefused) {
  GatewayRig rig;
  const RecordRef parent = finished(rig, rig.action("tool.call", "a"));
  const auto present = [&](const std::string& token) -> CallView& {
    Action child = rig.action("tool.call", "b");
    child.parent_tokens = {token};
    CallView& call = rig.submit(std::move(child));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
    return call;
  };
  ASSERT_TRUE(present(parent.token).forwarded);
  json::Value words = rig.payload(parent);
  words.as_object()["iat"] = words.at("iat").as_int64() - 1;
  const CallView& call = present(*jose::sign(*rig.key_, "exec+jwt", "kid", json::print(words)));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
  EXPECT_TRUE(call.refused->reason.starts_with("equivocation")) << call.refused->reason;
  EXPECT_TRUE(present(parent.token).forwarded) << "the first one is as good as before";
}

TEST(Edges, OrderWithinASessionIsInferred) {
  GatewayRig rig;
  const RecordRef first = finished(rig, rig.action("tool.call", "a"));
  const RecordRef second = finished(rig, rig.action("tool.call", "b"));
  EXPECT_EQ(edges(rig, second), std::vector<std::string>{first.id.text() + " inferred"});
}

// A pipelined request begins within the release of the answer before it, and had no edge.
TEST(Edges, ACallThatBeginsAsTheAnswerIsGivenFollowsIt) {
  GatewayRig rig;
  CallView& first = rig.submit("tool.call", "a");
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded; }));
  CallView* second = nullptr;
  first.on_release = [&] { second = &rig.submit("tool.call", "b"); };
  first.events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return second != nullptr && second->forwarded; }));
  second->events->answered({true, "{}"});
  ASSERT_TRUE(rig.run_until([&] { return second->released; }));
  EXPECT_EQ(edges(rig, *second->record),
            std::vector<std::string>{first.record->id.text() + " inferred"});
}

TEST(Edges, AnOutputSeenAgainInAnInputIsData) {
  GatewayRig rig;
  const RecordRef first =
      finished(rig, rig.action("tool.call", "a"), R"({"text":"ticket-4711-secret"})");
  const RecordRef second =
      finished(rig, rig.action("tool.call", "b", R"({"id":"ticket-4711-secret"})"));
  EXPECT_EQ(edges(rig, second), std::vector<std::string>{first.id.text() + " data"});
}

TEST(Edges, RefusedRecordIsNoParent) {
  GatewayRig rig(
      "rules:\n"
      "  - {id: no, when: {tool: bad}, then: deny, reason: test}\n"
      "  - {id: all, when: {agent: triage}, then: allow, reason: test}\n");
  CallView& refused = rig.submit("tool.call", "bad");
  ASSERT_TRUE(rig.run_until([&] { return refused.ended(); }));
  ASSERT_TRUE(refused.refused);
  EXPECT_TRUE(edges(rig, finished(rig, rig.action("tool.call", "b"))).empty());
}

TEST(Edges, ThousandsOfSequentialCallsInOneWorkflowWork) {
  GatewayRig rig;
  std::string token;
  for (int i = 0; i < 2000; ++i) {
    Action action = rig.action("tool.call", "a");
    action.read_only = true;
    if (!token.empty()) {
      action.parent_tokens = {token};
    }
    token = finished(rig, std::move(action)).token;
  }
  EXPECT_EQ(rig.ledger->size(), 2000u);
}

}  // namespace
}  // namespace pawl
