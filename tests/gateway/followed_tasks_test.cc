// The tasks whose end the ledger owes, as a fold over records, with snapshots anywhere between.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "gateway/decisions.h"

namespace pawl {
namespace {

constexpr const char* kFirst = "01890a5d-ac96-774b-bcce-000000000001";
constexpr const char* kSecond = "01890a5d-ac96-774b-bcce-000000000002";

std::string token(const std::string& id, const std::string& act, const std::string& body,
                  const std::string& pred = "") {
  const std::string area = act.substr(0, act.find('.'));
  const std::string claims =
      R"({"jti":")" + id + R"(","iat":1764000000,"wid":"01890a5d-ac96-774b-bcce-0000000000ff",)" +
      R"("exec_act":")" + act + R"(","pred":[)" + (pred.empty() ? "" : "\"" + pred + "\"") +
      R"(],"ect_ext":{"pawl.profile":"urn:pawl:profile:1","pawl.)" + area + R"(":)" + body + "}}";
  return "e30." + base64url_encode(claims) + ".c2ln";
}

std::string call(const std::string& id, const std::string& task) {
  return token(id, "tool.call",
               R"({"agent":"triage","server":"far","tool":"build","outcome":"confirmed")" +
                   (task.empty() ? "" : R"(,"task":")" + task + "\"") + "}");
}
std::string outcome(const std::string& of) {
  return token("01890a5d-ac96-774b-bcce-0000000000aa", "task.outcome",
               R"({"outcome":"confirmed","detail":"completed"})", of);
}

TEST(FollowedTasks, ARecordOpensOneAndItsOutcomeClosesIt) {
  const struct {
    const char* name;
    std::vector<std::string> records;
    std::size_t open;
  } cases[] = {
      {"nothing", {}, 0},
      {"a call that left nothing", {call(kFirst, "")}, 0},
      {"a call that left a task", {call(kFirst, "sealed")}, 1},
      {"its end", {call(kFirst, "sealed"), outcome(kFirst)}, 0},
      {"its end twice", {call(kFirst, "sealed"), outcome(kFirst), outcome(kFirst)}, 0},
      {"the end of another", {call(kFirst, "sealed"), outcome(kSecond)}, 1},
      {"two", {call(kFirst, "sealed"), call(kSecond, "sealed")}, 2},
      {"one of two", {call(kFirst, "sealed"), call(kSecond, "sealed"), outcome(kSecond)}, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (std::size_t snapshot = 0; snapshot <= c.records.size(); ++snapshot) {
      SCOPED_TRACE(snapshot);
      Decisions state;
      state.last_iat = 1;
      for (std::size_t i = 0; i < c.records.size(); ++i) {
        if (i == snapshot) {
          state = Decisions::read(state.print()).value();
        }
        state.apply(i, c.records[i]);
      }
      EXPECT_EQ(state.tasks.all().size(), c.open);
    }
  }
}

TEST(FollowedTasks, WhatARestartNeedsIsKept) {
  Decisions state;
  state.apply(0, call(kFirst, "sealed"));
  state = Decisions::read(state.print()).value();
  ASSERT_EQ(state.tasks.all().size(), 1u);
  const auto& [id, task] = *state.tasks.all().begin();
  EXPECT_EQ(id.text(), kFirst);
  EXPECT_EQ(task.workflow->text(), "01890a5d-ac96-774b-bcce-0000000000ff");
  EXPECT_EQ(task.agent + " " + task.server + " " + task.tool + " " + task.verb + " " + task.task,
            "triage far build tool.call sealed");
  EXPECT_EQ(task.at, 1764000000);
}

TEST(FollowedTasks, TheLiveFoldSeesWhatTheReplaySees) {
  Decisions live;
  Decisions replayed;
  for (const std::string& record : {call(kFirst, "sealed"), call(kSecond, "")}) {
    replayed.apply(0, record);
  }
  live.apply_if_state("tool.call", true, 0, call(kFirst, "sealed"));
  live.apply_if_state("tool.call", false, 1, call(kSecond, ""));
  EXPECT_EQ(live.tasks.all().size(), replayed.tasks.all().size());
  live.apply_if_state("task.outcome", false, 2, outcome(kFirst));
  EXPECT_TRUE(live.tasks.all().empty());
}

TEST(FollowedTasks, TheListIsBounded) {
  Decisions state;
  for (std::size_t i = 0; i < FollowedTasks::kMost + 10; ++i) {
    char id[37];
    std::snprintf(id, sizeof id, "01890a5d-ac96-774b-bcce-%012zx", i);
    state.apply(0, call(id, "sealed"));
  }
  EXPECT_EQ(state.tasks.all().size(), FollowedTasks::kMost);
}

}  // namespace
}  // namespace pawl
