#include "foundation/records/policy_use.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

const std::string kRun(43, 'r'), kDigest(43, 'd');
constexpr const char* kId = "0190a000-0000-7000-8000-000000000001";

PolicyUse sample() {
  return {.run = kRun, .token = *Uuid::parse(kId), .digest = kDigest, .node = "n1", .until_s = 9};
}

TEST(PolicyUse, IsReadAsItIsPrinted) {
  for (const bool has_node : {true, false}) {
    for (const bool leaves_task : {true, false}) {
      PolicyUse use = sample();
      use.node = has_node ? "n \"1\"" : "";
      use.leaves_task = leaves_task;
      const Result<json::Parsed> parsed = json::parse(print_policy_use(use));
      ASSERT_TRUE(parsed);
      const Result<PolicyUse> read = read_policy_use(parsed->value);
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(*read, use);
    }
  }
}

TEST(PolicyUse, WhatIsNotWholeIsRefused) {
  const std::string rest = R"("digest":")" + kDigest + R"(","token":")" + kId + R"(","until":9})";
  for (const std::string& text :
       {std::string("{}"), std::string("[]"), R"({"run":"short",)" + rest,
        R"({"run":")" + kRun + R"(","token":"x","digest":")" + kDigest + R"(","until":9})",
        R"({"run":")" + kRun + R"(","token":")" + kId + R"(","digest":")" + kDigest + "\"}",
        R"({"node":")" + std::string(65, 'n') + R"(","run":")" + kRun + "\"," + rest}) {
    EXPECT_FALSE(read_policy_use(json::parse(text)->value)) << text;
  }
}

}  // namespace
}  // namespace pawl
