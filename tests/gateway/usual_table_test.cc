// The bounded table of what is usual.
#include "gateway/usual_table.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

json::Value call_with(const std::string& text) {
  return json::Value(json::Object{{"amount", 5}, {"to", text}});
}

TEST(UsualTable, IsByAgentServerAndTool) {
  UsualTable table;
  const json::Value call = call_with("bob");
  table.learn({"a", "bank", "pay"}, &call);
  table.learn({"a", "bank", "pay"}, &call);
  table.learn({"a", "bank", "refund"}, nullptr);
  ASSERT_NE(table.find({"a", "bank", "pay"}), nullptr);
  EXPECT_EQ(table.find({"a", "bank", "pay"})->calls, 2u);
  EXPECT_EQ(table.find({"a", "bank", "refund"})->calls, 1u);
  EXPECT_EQ(table.find({"b", "bank", "pay"}), nullptr);
  EXPECT_EQ(table.find({"a", "other", "pay"}), nullptr);
  EXPECT_EQ(table.find({"a", "bank", "other"}), nullptr);
}

TEST(UsualTable, NamesThatAreTooLongAreNotKept) {
  UsualTable table;
  const std::string name(1025, 'x');
  table.learn({"a", "bank", name}, nullptr);
  EXPECT_EQ(table.find({"a", "bank", name}), nullptr);
  EXPECT_EQ(table.bytes(), 0u);
}

// An agent that calls ever new tools keeps its share of them, the last ones; others keep theirs.
TEST(UsualTable, OneAgentPushesOutOnlyItsOwn) {
  const UsualBounds bounds{.bytes = 64u << 10, .agent_bytes = 32u << 10};
  UsualTable table(bounds);
  const json::Value call = call_with("bob");
  table.learn({"quiet", "bank", "pay"}, &call);
  for (int i = 0; i < 1'000; ++i) {
    const std::string tool = "tool" + std::to_string(i);
    for (const char* agent : {"loud", "louder", "loudest"}) {
      table.learn({agent, "bank", tool}, &call);
      ASSERT_LE(table.bytes(), bounds.bytes);
      ASSERT_NE(table.find({agent, "bank", tool}), nullptr);
    }
  }
  EXPECT_NE(table.find({"quiet", "bank", "pay"}), nullptr);
  EXPECT_EQ(table.find({"loud", "bank", "tool0"}), nullptr);
  EXPECT_NE(table.find({"loud", "bank", "tool998"}), nullptr);
}

TEST(UsualTable, WhatIsCalledStays) {
  UsualTable table({.bytes = 64u << 10, .agent_bytes = 8u << 10});
  const json::Value call = call_with("bob");
  for (int i = 0; i < 500; ++i) {
    table.learn({"a", "bank", "pay"}, &call);
    table.learn({"a", "bank", "tool" + std::to_string(i)}, &call);
  }
  ASSERT_NE(table.find({"a", "bank", "pay"}), nullptr);
  EXPECT_EQ(table.find({"a", "bank", "pay"})->calls, 500u);
}

TEST(UsualTable, RandomCallsStayWithinItsBounds) {
  SeededRandom random(7);
  for (const std::size_t bytes : {std::size_t{100}, std::size_t{3'000}, std::size_t{40'000}}) {
    UsualTable table({.bytes = bytes, .agent_bytes = bytes / 2});
    for (int i = 0; i < 5'000; ++i) {
      const std::string agent = "agent" + std::to_string(random.below(20));
      const std::string tool(random.below(40), static_cast<char>('a' + random.below(26)));
      const json::Value call = call_with(random.bytes(random.below(70)));
      table.learn({agent, "s", tool}, &call);
      ASSERT_LE(table.bytes(), bytes);
    }
  }
}

}  // namespace
}  // namespace pawl
