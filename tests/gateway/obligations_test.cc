// What rules ask for where they let a call pass, on the path: what is recorded, given and kept,
// what is held back, and limits that only get lower.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr const char* kRules = R"(
rules:
  - {id: all, when: {agent: "**"}, then: allow}
  - {id: cards, when: {tool: pay}, then: {allow: {redact: ["/name", {matches: "4[0-9]{15}"}]}}}
  - {id: small, when: {tool: small}, then: {allow: {limit: {bytes: 20}}}}
  - {id: one, when: {tool: one}, then: {allow: {limit: {open: 1}}}}
  - {id: quick, when: {tool: quick}, then: {allow: {limit: {seconds: 1}}}}
)";
constexpr const char* kSaid = R"({"name":"Ann","card":"4111111111111111","n":9007199254740993})";
constexpr const char* kGiven = R"({"name":"[redacted]","card":"[redacted]","n":9007199254740993})";

class Obligations : public ::testing::Test {
 protected:
  CallView& forwarded(Action action) {
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
    return call;
  }
  CallView& answered(Action action, Answer answer) {
    CallView& call = forwarded(std::move(action));
    if (call.forwarded) {
      call.events->answered(std::move(answer));
      EXPECT_TRUE(rig.run_until([&] { return call.ended(); }));
    }
    return call;
  }
  static Answer said(const std::string& body, bool is_error = false) {
    return {.success = !is_error, .body = body, .repeatable = !is_error, .is_error = is_error};
  }
  std::string body_text(const CallView& call, std::string_view name) {
    return rig.text(*call.record, {"ect_ext", "pawl.tool", name});
  }

  GatewayRig rig{kRules};
};

TEST_F(Obligations, TheRecordNamesWhatWasSaidAndWhatWasGiven) {
  const CallView& call = answered(rig.action("tool.call", "pay"), said(kSaid));
  ASSERT_TRUE(call.released);
  EXPECT_EQ(call.answer.body, kGiven);
  EXPECT_EQ(rig.text(*call.record, {"out_hash"}), digest_text(sha256(kSaid)));
  EXPECT_EQ(body_text(call, "given_hash"), digest_text(sha256(kGiven)));
  const std::string payload = json::print(rig.payload(*call.record));
  EXPECT_NE(payload.find(R"("redacted_by":["cards"])"), std::string::npos) << payload;
}

TEST_F(Obligations, WhatNothingIsTakenOutOfIsAsItWas) {
  const CallView& call = answered(rig.action("tool.call", "other"), said(kSaid));
  EXPECT_EQ(call.answer.body, kSaid);
  EXPECT_EQ(body_text(call, "given_hash"), "");
}

TEST_F(Obligations, AnErrorIsAnAnswer) {
  const CallView& call =
      answered(rig.action("tool.call", "pay"),
               said(R"({"code":-1,"message":"no 4111111111111111","data":{"name":"Ann"}})", true));
  EXPECT_EQ(call.answer.body,
            R"({"code":-1,"message":"no [redacted]","data":{"[redacted]":"[redacted]"}})");
}

TEST_F(Obligations, WhatCannotBeRedactedIsHeldBack) {
  const CallView& call =
      answered(rig.action("tool.call", "pay"), said(R"({"contents":[{"blob":"aGk="}]})"));
  ASSERT_TRUE(call.refused);
  EXPECT_FALSE(call.released);
  EXPECT_EQ(call.refused->control, "obligations");
  EXPECT_EQ(call.refused->rule, "cards");
  EXPECT_TRUE(call.refused->was_done);
  EXPECT_EQ(body_text(call, "withheld"), "obligations");
  EXPECT_EQ(body_text(call, "outcome"), "confirmed");
}

TEST_F(Obligations, ARepeatGetsNoMoreThanTheFirst) {
  const CallView& first = answered(rig.action("tool.call", "pay"), said(kSaid));
  Action again = rig.action("tool.call", "pay");
  again.repeat_of = first.record->id;
  const CallView& call = forwarded(std::move(again));
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(call.answer.body, kGiven);
}

TEST_F(Obligations, ARepeatObeysTheRulesOfNow) {
  const CallView& first = answered(rig.action("tool.call", "other"), said(kSaid));
  rig.set_rules(R"(
rules:
  - {id: all, when: {agent: "**"}, then: {allow: {redact: [/name]}}}
)");
  Action again = rig.action("tool.call", "other");
  again.repeat_of = first.record->id;
  const CallView& call = forwarded(std::move(again));
  EXPECT_EQ(call.answer.body,
            R"({"name":"[redacted]","card":"4111111111111111","n":9007199254740993})");
}

TEST_F(Obligations, WhatStandsBesideTheAnswerIsHeldBack) {
  CallView& call = forwarded(rig.action("tool.call", "pay"));
  ASSERT_TRUE(call.forwarded);
  EXPECT_FALSE(call.events->may_pass(R"({"params":{"message":"half"}})"));  // a pointer is asked
  call.events->answered(said("{}"));
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  const json::Value payload = rig.payload(*call.record);
  const json::Value* withheld = json::find(payload, {"ect_ext", "pawl.tool", "events_withheld"});
  ASSERT_NE(withheld, nullptr);
  EXPECT_EQ(withheld->get_int64(), 1);
}

TEST_F(Obligations, ANoticeHasNoAnswerAndIsRefused) {
  Action notice = rig.action("log.message", "pay");
  notice.direction = Direction::kToClient;
  const CallView& call = forwarded(std::move(notice));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->rule, "cards");
}

TEST_F(Obligations, ATaskHasThoseOfTheCallThatMadeIt) {
  for (const char* tool : {"pay", ""}) {  // of an unknown tool: all that could be
    Action action = rig.action("task.result", "");
    action.task_tool = tool;
    const CallView& call = answered(std::move(action), said(kSaid));
    EXPECT_EQ(call.answer.body, kGiven) << tool;
  }
  Action action = rig.action("task.result", "");
  action.task_tool = "other";
  EXPECT_EQ(answered(std::move(action), said(kSaid)).answer.body, kSaid);
}

TEST_F(Obligations, BytesAreLimitedInBothDirections) {
  const CallView& large =
      forwarded(rig.action("tool.call", "small", R"({"a":"0123456789abcdef"})"));
  ASSERT_TRUE(large.refused);
  EXPECT_EQ(large.refused->code, Code::kTooLarge);
  EXPECT_FALSE(large.forwarded);
  const CallView& call =
      answered(rig.action("tool.call", "small"), said(R"({"a":"0123456789abcdef"})"));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kTooLarge);
  EXPECT_EQ(body_text(call, "withheld"), "limits");
  EXPECT_TRUE(answered(rig.action("tool.call", "small"), said("{}")).released);
}

TEST_F(Obligations, OpenCallsAreCountedForEachAgent) {
  CallView& first = forwarded(rig.action("tool.call", "one"));
  const CallView& second = forwarded(rig.action("tool.call", "one"));
  ASSERT_TRUE(second.refused);
  EXPECT_EQ(second.refused->code, Code::kOverloaded);
  EXPECT_EQ(second.refused->rule, "one");
  Action other = rig.action("tool.call", "one");
  other.caller.agent = "other";
  EXPECT_TRUE(forwarded(std::move(other)).forwarded);
  first.events->answered(said("{}"));
  ASSERT_TRUE(rig.run_until([&] { return first.ended(); }));
  EXPECT_TRUE(forwarded(rig.action("tool.call", "one")).forwarded);
}

TEST_F(Obligations, LessTimeIsSaidToBeTheRules) {
  CallView& call = forwarded(rig.action("tool.call", "quick"));
  ASSERT_TRUE(call.forwarded);
  rig.scheduler.fire_timers();
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kDeadlineExceeded);
  EXPECT_EQ(body_text(call, "detail"), "no answer in the time that rule \"quick\" allows");
}

}  // namespace
}  // namespace pawl
