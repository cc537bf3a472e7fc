// A repeat of a call: never forwarded, under every control, and a record of its own.
#include <gtest/gtest.h>

#include "foundation/crypto/bounded_name.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr const char* kAllowAll = "rules: [{id: all, when: {agent: '**'}, then: allow, reason: t}]";
constexpr const char* kAnswer = R"({"n":1})";

class Repeat : public ::testing::Test {
 protected:
  // The first call, which the server answered, or answered with an error, or not at all.
  RecordRef first(const std::optional<Answer>& answer = plain(true, kAnswer)) {
    CallView& call = rig.submit(rig.action("tool.call", "write_file"));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
    if (answer) {
      call.events->answered(*answer);
    } else {
      call.events->lost(Loss::kConnection, "test");
    }
    EXPECT_TRUE(rig.run_until([&] { return call.ended(); }));
    return *call.record;
  }
  static Answer plain(bool success, const std::string& body) {
    return {.success = success, .body = body, .repeatable = true};
  }
  Action again(const Uuid& id) {
    Action action = rig.action("tool.call", "write_file");
    action.repeat_of = id;
    return action;
  }
  CallView& submit(Action action) {
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return call.ended() || call.forwarded; }));
    EXPECT_FALSE(call.forwarded);
    return call;
  }

  GatewayRig rig{kAllowAll};
};

// Of a tool's name that is long the digest is kept: the same call is known, another is not.
TEST_F(Repeat, OfALongToolsNameIsKnownByItsDigest) {
  const std::string tool(4'000, 't');
  CallView& one = rig.submit(rig.action("tool.call", tool));
  ASSERT_TRUE(rig.run_until([&] { return one.forwarded; }));
  one.events->answered(plain(true, kAnswer));
  ASSERT_TRUE(rig.run_until([&] { return one.ended(); }));
  for (const auto& [name, is_same] : {std::pair{tool, true}, {tool + "t", false}}) {
    Action action = rig.action("tool.call", name);
    action.repeat_of = one.record->id;
    EXPECT_EQ(submit(std::move(action)).released, is_same);
  }
  EXPECT_LT(bounded_name(tool).size(), 64u);
}

TEST_F(Repeat, GetsTheKeptAnswerWithARecordThatNamesTheFirst) {
  for (const Answer& answer : {plain(true, kAnswer), plain(false, R"({"isError":true})")}) {
    SCOPED_TRACE(answer.body);
    const RecordRef one = first(answer);
    const CallView& call = submit(again(one.id));
    ASSERT_TRUE(call.released);
    EXPECT_EQ(call.answer.body, answer.body);
    EXPECT_EQ(call.answer.success, answer.success);
    EXPECT_NE(call.record->id, one.id);
    const json::Value record = rig.payload(*call.record);
    EXPECT_EQ(*json::find_string(record, {"exec_act"}), "task.repeated");
    EXPECT_EQ(*json::find_string(record, {"ect_ext", "pawl.task", "repeat_of"}), one.id.text());
    EXPECT_EQ(*json::find_string(record, {"ect_ext", "pawl.task", "verb"}), "tool.call");
    EXPECT_EQ(json::find(record, {"ect_ext", "pawl.task", "outcome"}), nullptr)
        << "nothing happened, so nothing was confirmed";
    EXPECT_EQ(record.at("pred").as_array()[0].as_string(), one.id.text());
    EXPECT_EQ(record.at("ect_ext").at("pawl.task").at("basis").as_array()[0].as_string(),
              "declared");
    EXPECT_EQ(rig.text(*call.record, {"out_hash"}), rig.text(one, {"out_hash"}));
  }
  EXPECT_NE(rig.metrics.text().find("pawl_repeats_answered_total 2"), std::string::npos);
}

TEST_F(Repeat, OfACallWhoseAnswerIsNoPlainOneGetsItsOutcomeOnly) {
  const RecordRef one = first(Answer{true, R"({"resultType":"input_required"})"});
  const CallView& call = submit(again(one.id));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kConflict);
  EXPECT_NE(call.refused->reason.find("confirmed"), std::string::npos);
}

// The answer was held back once; a repeat is no way around that.
TEST_F(Repeat, OfACallWhoseAnswerWasNotReleasedGetsItsOutcomeOnly) {
  CallView& held = rig.submit(rig.action("tool.call", "write_file"));
  ASSERT_TRUE(rig.run_until([&] { return held.forwarded; }));
  held.events->answered(plain(true, kAnswer));
  rig.stop("tool:files/write_file");
  ASSERT_TRUE(rig.run_until([&] { return held.ended(); }));
  ASSERT_TRUE(held.release_refused);
  rig.resume_all();
  EXPECT_EQ(submit(again(held.record->id)).refused->code, Code::kConflict);
}

TEST_F(Repeat, InAnotherWorkflowNamesTheFirstButNotAsACause) {
  const RecordRef one = first();
  Action action = again(one.id);
  action.workflow = Uuid::v7(rig.clock.wall(), rig.random);
  const CallView& call = submit(std::move(action));
  ASSERT_TRUE(call.released);
  EXPECT_EQ(rig.text(*call.record, {"ect_ext", "pawl.task", "repeat_of"}), one.id.text());
  const json::Value record = rig.payload(*call.record);
  for (const json::Value& parent : record.at("pred").as_array()) {
    EXPECT_NE(parent.as_string(), one.id.text());
  }
}

TEST_F(Repeat, OfACallThatOnlyTheLedgerKnowsIsComparedWhole) {
  Action action = again(Uuid::v7(rig.clock.wall(), rig.random));
  KeptAnswer known{.record = *action.repeat_of,
                   .outcome = Outcome::kConfirmed,
                   .verb = action.verb,
                   .server = action.server,
                   .tool = action.tool,
                   .protocol = action.protocol,
                   .inp_hash = digest_text(sha256(action.params))};
  rig.lookup = [&](const std::string&, const Uuid&) { return std::make_unique<KeptAnswer>(known); };
  EXPECT_EQ(submit(action).refused->code, Code::kConflict);
  known.inp_hash = digest_text(sha256("other"));
  EXPECT_EQ(submit(action).refused->code, Code::kNotFound);
  known.inp_hash = "";
  EXPECT_EQ(submit(action).refused->code, Code::kNotFound);
}

TEST_F(Repeat, OfACallWithoutAnAnswerIsARefusalThatNamesTheFirst) {
  const RecordRef one = first(std::nullopt);
  const CallView& call = submit(again(one.id));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kConflict);
  EXPECT_NE(call.refused->reason.find("is not known"), std::string::npos);
  const json::Value record = rig.payload(*call.record);
  EXPECT_EQ(*json::find_string(record, {"exec_act"}), "task.denied");
  EXPECT_EQ(*json::find_string(record, {"ect_ext", "pawl.task", "repeat_of"}), one.id.text());
  EXPECT_EQ(record.at("pred").as_array()[0].as_string(), one.id.text());
}

TEST_F(Repeat, OfAnythingButTheSameCallOfTheSameAgentIsARefusal) {
  const RecordRef one = first();
  struct Case {
    const char* name;
    void (*change)(Action&);
  };
  constexpr std::array kCases = {
      Case{"another agent", [](Action& action) { action.caller.agent = "other"; }},
      Case{"another tool", [](Action& action) { action.tool = "read_file"; }},
      Case{"another server", [](Action& action) { action.server = "elsewhere"; }},
      Case{"another verb", [](Action& action) { action.verb = "prompt.get"; }},
      Case{"another revision", [](Action& action) { action.protocol = "mcp/2026-07-28"; }},
      Case{"other arguments", [](Action& action) { action.params = R"({"z":9})"; }},
      Case{"another id", [](Action& action) { action.repeat_of = Uuid{}; }},
  };
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    Action action = again(one.id);
    row.change(action);
    const CallView& call = submit(std::move(action));
    ASSERT_TRUE(call.refused);
    EXPECT_EQ(call.refused->code, Code::kNotFound);
    EXPECT_EQ(rig.text(*call.record, {"exec_act"}), "task.denied");
    const json::Value record = rig.payload(*call.record);
    if (const json::Value* basis = json::find(record, {"ect_ext", "pawl.task", "basis"})) {
      EXPECT_NE(basis->as_array()[0].as_string(), "declared") << "it is caused by no such call";
    }
  }
  EXPECT_TRUE(submit(again(one.id)).released);
}

TEST_F(Repeat, PassesEveryControl) {
  const RecordRef one = first();
  rig.set_rules("rules: [{id: no, when: {tool: write_file}, then: deny, reason: test}]");
  EXPECT_EQ(submit(again(one.id)).refused->code, Code::kDenied);
  rig.set_rules(kAllowAll);
  Action forged = again(one.id);
  forged.parent_tokens = {"no.token"};
  EXPECT_EQ(submit(std::move(forged)).refused->code, Code::kTokenInvalid);
  rig.stop("tool:files/write_file");
  EXPECT_EQ(submit(again(one.id)).refused->code, Code::kStopped);
}

TEST_F(Repeat, IsHeldBackByAStopWhileItsRecordIsWritten) {
  const RecordRef one = first();
  CallView& call = rig.submit(again(one.id));
  rig.stop("agent:triage");
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_TRUE(call.release_refused);
  EXPECT_FALSE(call.released);
}

TEST_F(Repeat, IsNotAnsweredBeforeOrWithoutItsDurableRecord) {
  const RecordRef one = first();
  rig.files_->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  CallView& call = rig.submit(again(one.id));
  EXPECT_FALSE(call.ended());
  ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
  EXPECT_FALSE(call.released);
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kEvidenceUnavailable);
}

TEST_F(Repeat, TakesASlotAsEveryCallDoes) {
  GatewayLimits limits;
  limits.bulkhead.open_per_agent = 1;
  GatewayRig small(kAllowAll, limits);
  CallView& one = small.submit("tool.call", "write_file");
  ASSERT_TRUE(small.run_until([&] { return one.forwarded; }));
  Action action = small.action("tool.call", "write_file");
  action.repeat_of = Uuid{};
  CallView& call = small.submit(std::move(action));
  ASSERT_TRUE(small.run_until([&] { return call.ended(); }));
  EXPECT_EQ(call.refused->code, Code::kOverloaded);
}

TEST_F(Repeat, IsHeldBackByAStopOfTheWorkflowInWhichTheFirstWasMade) {
  const RecordRef one = first();
  const std::string workflow = rig.text(one, {"wid"});
  rig.stop("workflow:" + workflow);
  Action action = again(one.id);
  action.workflow = *Uuid::parse("4f6b1c2e-9a3d-8e21-b7c4-5d6e7f809a1b");
  const CallView& call = submit(std::move(action));
  ASSERT_TRUE(call.refused);
  EXPECT_EQ(call.refused->code, Code::kStopped);
}

}  // namespace
}  // namespace pawl
