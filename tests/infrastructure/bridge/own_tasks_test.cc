#include "infrastructure/bridge/own_tasks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pawl::bridge {
namespace {

Uuid task(std::uint16_t number) {
  Uuid out;
  out.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  out.bytes[15] = static_cast<std::uint8_t>(number);
  return out;
}

Caller caller_of(const std::string& agent, const std::string& on_behalf_of = "") {
  Caller out;
  out.agent = agent;
  out.on_behalf_of = on_behalf_of;
  return out;
}

OwnTasks::Ended ended_at(std::int64_t seconds, const std::string& outcome = "{}") {
  OwnTasks::Ended out;
  out.outcome = outcome;
  out.at = WallTime{seconds * 1'000'000};
  return out;
}

TEST(OwnTasks, OnlyItsCallerFindsOne) {
  OwnTasks tasks("key", 64 << 10);
  tasks.begin(task(1), caller_of("a", "ann"), WallTime{});
  EXPECT_NE(tasks.find(task(1), caller_of("a", "ann")), nullptr);
  EXPECT_EQ(tasks.find(task(1), caller_of("a", "bob")), nullptr);
  EXPECT_EQ(tasks.find(task(1), caller_of("b", "ann")), nullptr);
  EXPECT_EQ(tasks.find(task(2), caller_of("a", "ann")), nullptr);
}

// regression: an agent's 70 answers of 1 MB pushed out another agent's, whose task had then failed
TEST(OwnTasks, AShareIsAQuarterAndNobodyPaysForOthers) {
  constexpr std::size_t kEntry = OwnTasks::kEntryBytes;
  constexpr std::size_t kMost = 32 * kEntry;  // a quarter: 8 entries of next to nothing
  struct Of {
    const char* agent;
    int answers;
    std::size_t bytes;  // of each
  };
  struct Case {
    const char* name;
    std::vector<Of> ended;  // one after another
    std::vector<int> kept;  // of each of these, the newest ones
  } cases[] = {
      {"one agent, a quarter of all", {{"a", 20, 15}}, {7}},
      {"large ones", {{"a", 5, 3 * kEntry}}, {2}},
      {"another's stays", {{"victim", 1, kEntry}, {"a", 70, 3 * kEntry}}, {1, 2}},
      {"another's stays beside many small ones", {{"victim", 1, 15}, {"a", 500, 15}}, {1, 7}},
      {"one that no share has room for costs nobody", {{"a", 3, 15}, {"a", 1, 8 * kEntry}}, {3, 0}},
      {"a fifth agent takes of those who keep most",
       {{"a", 7, 15}, {"b", 7, 15}, {"c", 7, 15}, {"d", 7, 15}, {"small", 2, 15}, {"e", 7, 15}},
       {6, 6, 6, 6, 2, 5}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    OwnTasks tasks("key", kMost);
    std::int64_t at = 0;
    std::vector<std::vector<Uuid>> ids;
    for (const Of& of : c.ended) {
      std::vector<Uuid>& own = ids.emplace_back();
      for (int i = 0; i < of.answers; ++i) {
        own.push_back(task(static_cast<std::uint16_t>(++at)));
        tasks.begin(own.back(), caller_of(of.agent), WallTime{});
        tasks.end(own.back(), ended_at(at, std::string(of.bytes, 'x')));
      }
    }
    for (std::size_t row = 0; row < ids.size(); ++row) {
      const std::size_t gone = ids[row].size() - static_cast<std::size_t>(c.kept[row]);
      for (std::size_t i = 0; i < ids[row].size(); ++i) {
        EXPECT_EQ(tasks.find(ids[row][i], caller_of(c.ended[row].agent)) != nullptr, i >= gone)
            << c.ended[row].agent << " " << i;
      }
    }
  }
}

TEST(OwnTasks, AnAnswerIsKeptForAWhileAndNoLonger) {
  OwnTasks tasks("key", 64 << 10);
  const Caller caller = caller_of("a");
  tasks.begin(task(1), caller, WallTime{});
  tasks.begin(task(2), caller, WallTime{});  // it runs
  tasks.end(task(1), ended_at(0));
  const std::int64_t kept_us = std::chrono::microseconds(OwnTasks::kKept).count();
  tasks.forget_old(WallTime{kept_us});
  EXPECT_NE(tasks.find(task(1), caller), nullptr);
  tasks.forget_old(WallTime{kept_us + 1});
  EXPECT_EQ(tasks.find(task(1), caller), nullptr);
  EXPECT_NE(tasks.find(task(2), caller), nullptr);
}

TEST(OwnTasks, WhatIsStillHeldIsToldAndNotKept) {
  OwnTasks tasks("key", 64 << 10);
  const Caller caller = caller_of("a");
  int told = 0;
  tasks.begin(task(1), caller, WallTime{}).waiting.push_back([&](const OwnTasks::Ended& ended) {
    told += ended.is_held ? 1 : 0;
  });
  OwnTasks::Ended ended = ended_at(1);
  ended.is_held = true;
  tasks.end(task(1), ended);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(tasks.find(task(1), caller), nullptr);
}

}  // namespace
}  // namespace pawl::bridge
