// No process of a server runs before its start is durable, and every start has an end.
#include "app/daemon/process_records.h"

#include <gtest/gtest.h>

#include "tests/app/daemon/governance_rig.h"
#include "tests/support/lost_key.h"

namespace pawl {
namespace {

std::string text(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

std::int64_t number(const json::Value& value, std::string_view name) {
  return json::find(value, {name})->get_int64();
}

struct ProcessRecordsTest : testing::Test {
  ProcessRecordsTest() { EXPECT_TRUE(rig.start()); }
  ProcessRecords& processes() { return rig.governance().processes(); }
  // Starts one, and counts it when it may run.
  std::shared_ptr<ChildWatch> start(const std::string& server = "files") {
    auto watch = processes().watch(server, {"npx", "server@1", "--token", "t-o-k-e-n"});
    watch->starting([this](const Status& allowed) { allowed ? ++running : ++refused; });
    return watch;
  }
  GovernanceRig rig;
  int running = 0, refused = 0;
};

TEST_F(ProcessRecordsTest, ItsProgramWaitsForTheRecordOfItsStart) {
  const auto watch = start();
  EXPECT_EQ(running, 0) << "not before it is durable";
  rig.settle();
  EXPECT_EQ(running, 1);
  const auto found = rig.records("process.started");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(text(found[0].body, "server"), "files");
  EXPECT_EQ(text(found[0].body, "program"), "npx");
  EXPECT_EQ(number(found[0].body, "arguments"), 3);
  EXPECT_EQ(number(found[0].body, "start"), 1);
  EXPECT_EQ(text(found[0].body, "argv_hash").size(), 43u);
  EXPECT_EQ(json::print(found[0].body).find("t-o-k-e-n"), std::string::npos);
  start();
  start("other");
  rig.settle();
  EXPECT_EQ(number(rig.records("process.started")[1].body, "start"), 2);
  EXPECT_EQ(number(rig.records("process.started")[2].body, "start"), 1);
}

TEST_F(ProcessRecordsTest, WhatCannotBeRecordedDoesNotRun) {
  LostKey lost(*SigningKey::generate(KeyKind::kP256));
  rig.governance().recorder().sign_with(lost.key(), "kid");
  lost.lose();
  const auto watch = start();
  rig.settle();
  EXPECT_EQ(running, 0);
  EXPECT_EQ(refused, 1);
  watch->ended({.problem = "its start could not be recorded"});
  rig.settle();
  EXPECT_EQ(rig.records("process.started").size(), 0u);
  EXPECT_EQ(rig.records("process.exited").size(), 0u);
  EXPECT_EQ(processes().running(), 0u);
}

TEST_F(ProcessRecordsTest, ItsEndSaysHowAndWhy) {
  struct Case {
    ChildExit exit;
    const char* body;
  };
  const Case cases[] = {
      {{.status = 3}, R"("end":"exited","status":3,"why":"itself")"},
      {{.status = 0, .was_asked = true}, R"("end":"exited","status":0,"why":"asked")"},
      {{.signal = 11}, R"("end":"signaled","signal":11,"why":"itself")"},
      {{.signal = 15, .was_asked = true}, R"("end":"signaled","signal":15,"why":"asked")"},
      {{.signal = 9, .was_asked = true, .was_killed = true},
       R"("end":"signaled","signal":9,"why":"killed")"},
      {{.problem = "can't run the program: no"},
       R"("end":"not_run","detail":"can't run the program: no")"},
  };
  for (const Case& c : cases) {
    const auto watch = start();
    rig.settle();
    watch->ended(c.exit);
    watch->ended({.status = 0});
    rig.settle();
    const auto started = rig.records("process.started").back();
    const auto ended = rig.records("process.exited").back();
    EXPECT_NE(json::print(ended.body).find(c.body), std::string::npos) << json::print(ended.body);
    EXPECT_EQ(text(ended.body, "server"), "files");
    ASSERT_EQ(ended.pred.get_array().size(), 1u);
    EXPECT_EQ(std::string(ended.pred.get_array()[0].get_string()), started.id);
  }
  EXPECT_EQ(rig.records("process.exited").size(), std::size(cases)) << "one end each";
}

TEST_F(ProcessRecordsTest, AnEndBeforeItsStartIsDurableComesBehindIt) {
  const auto watch = start();
  watch->ended({.status = 127});
  rig.settle();
  ASSERT_EQ(rig.records("process.exited").size(), 1u);
  EXPECT_LT(rig.records("process.started")[0].index, rig.records("process.exited")[0].index);
}

TEST_F(ProcessRecordsTest, AShimThatLeavesWithoutAWordLeavesAnUnknownEnd) {
  std::shared_ptr<void> held;
  processes().starting({"files", "triage", command_facts({"npx"})}, [&](const Status&) {});
  rig.settle();
  const Result<Uuid> id = Uuid::parse(rig.records("process.started").at(0).id);
  ASSERT_TRUE(id);
  held = processes().held(*id);
  held.reset();
  rig.settle();
  const json::Value body = rig.records("process.exited").at(0).body;
  EXPECT_EQ(text(body, "end"), "unknown");
  EXPECT_EQ(text(body, "why"), "shim_left");
  EXPECT_EQ(text(body, "agent"), "triage");
}

TEST_F(ProcessRecordsTest, AKillOfTheGatewayLeavesAnUnknownEndForTheNextStart) {
  const auto first = start();
  const auto second = start();
  rig.settle();
  first->ended({.status = 0});
  rig.settle();
  rig.kill();
  ASSERT_TRUE(rig.start());
  const auto found = rig.records("process.exited");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(text(found[1].body, "end"), "unknown");
  EXPECT_EQ(text(found[1].body, "why"), "gateway_ended");
  EXPECT_EQ(std::string(found[1].pred.get_array().at(0).get_string()),
            rig.records("process.started")[1].id);
  EXPECT_EQ(rig.governance().decisions().unknown_count, 0u) << "no call's outcome";
  rig.kill();
  ASSERT_TRUE(rig.start());
  EXPECT_EQ(rig.records("process.exited").size(), 2u) << "once";
}

TEST_F(ProcessRecordsTest, ACleanEndWaitsForProcessesThatEndAndForNoOthers) {
  const auto quick = start();
  const auto deaf = start();
  rig.settle();
  rig.finish([&] { quick->ended({.status = 0, .was_asked = true}); });
  deaf->ended({.status = 0});  // too late: the ledger is closed
  ASSERT_TRUE(rig.start());
  const auto ends = rig.records("process.exited");
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_LT(ends[0].index, rig.records("node.stopped")[0].index);
  EXPECT_EQ(text(ends[0].body, "why"), "asked");
  EXPECT_EQ(text(ends[1].body, "end"), "unknown");
}

TEST_F(ProcessRecordsTest, ACleanEndGoesOnWhenTheLastHasEnded) {
  const auto watch = start();
  rig.settle();
  bool done = false;
  rig.governance().finish([&] { done = true; });
  rig.settle();
  EXPECT_FALSE(done);
  watch->ended({.status = 0, .was_asked = true});
  rig.settle();
  EXPECT_TRUE(done) << "no timer fired";
  EXPECT_EQ(rig.records("").back().kind, "node.stopped");
}

}  // namespace
}  // namespace pawl
