#include "infrastructure/bridge/own_tasks.h"

#include <gtest/gtest.h>

namespace pawl::bridge {
namespace {

Uuid task(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
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
  OwnTasks tasks("key", 1024);
  tasks.begin(task(1), caller_of("a", "ann"), WallTime{});
  EXPECT_NE(tasks.find(task(1), caller_of("a", "ann")), nullptr);
  EXPECT_EQ(tasks.find(task(1), caller_of("a", "bob")), nullptr);
  EXPECT_EQ(tasks.find(task(1), caller_of("b", "ann")), nullptr);
  EXPECT_EQ(tasks.find(task(2), caller_of("a", "ann")), nullptr);
}

TEST(OwnTasks, TheOldestAnswersLeaveWhenTheyAreTooManyBytes) {
  OwnTasks tasks("key", 250);
  const Caller caller = caller_of("a");
  for (std::uint8_t i = 1; i <= 3; ++i) {
    tasks.begin(task(i), caller, WallTime{});
    tasks.end(task(i), ended_at(i, std::string(100, 'x')));
  }
  EXPECT_EQ(tasks.find(task(1), caller), nullptr);
  EXPECT_NE(tasks.find(task(2), caller), nullptr);
  EXPECT_NE(tasks.find(task(3), caller), nullptr);
}

TEST(OwnTasks, AnAnswerIsKeptForAWhileAndNoLonger) {
  OwnTasks tasks("key", 1024);
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
  OwnTasks tasks("key", 1024);
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
