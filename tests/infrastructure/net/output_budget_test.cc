// Who is cut off when too much waits to be read.
#include "infrastructure/net/output_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawl {
namespace {

class OutputBudgetTest : public ::testing::Test {
 protected:
  OutputBudget::Ticket open(const std::string& holder, const std::string& name) {
    return budget_.open(holder, [this, name](OutputBudget::Ticket) { cut_.push_back(name); });
  }
  void run() {
    for (const auto& task : std::exchange(posted_, {})) {
      task();
    }
  }

  std::vector<std::function<void()>> posted_;
  std::vector<std::string> cut_;
  OutputBudget budget_{100, [this](std::function<void()> task) { posted_.push_back(task); }};
};

TEST_F(OutputBudgetTest, CutsTheLargestQueueOfTheHolderWithTheMost) {
  const auto large = open("modest", "modest");
  budget_.set(large, 40);
  const auto one = open("greedy", "greedy 1");
  const auto two = open("greedy", "greedy 2");
  budget_.set(one, 25);
  budget_.set(two, 35);
  run();
  EXPECT_TRUE(cut_.empty()) << "full is not over";
  budget_.set(one, 26);
  EXPECT_TRUE(cut_.empty()) << "never from inside a write";
  run();
  EXPECT_EQ(cut_, (std::vector<std::string>{"greedy 2"}));
  EXPECT_EQ(budget_.bytes(), 66u);
}

TEST_F(OutputBudgetTest, CutsAsManyAsNeededAlsoTheWriterItself) {
  const auto one = open("a", "one");
  const auto two = open("b", "two");
  budget_.set(one, 90);
  budget_.set(two, 200);
  run();
  EXPECT_EQ(cut_, (std::vector<std::string>{"two"}));
  budget_.set(two, 300);  // it is closed: its own end goes on
  EXPECT_EQ(budget_.bytes(), 90u);
  const auto three = open("c", "three");
  budget_.set(three, 60);
  run();
  EXPECT_EQ(cut_.back(), "one");
}

TEST_F(OutputBudgetTest, WhatWasReadOrClosedDoesNotCount) {
  const auto one = open("a", "one");
  budget_.set(one, 90);
  budget_.set(one, 10);
  const auto two = open("a", "two");
  budget_.set(two, 90);
  budget_.close(two);
  budget_.close(two);
  const auto three = open("b", "three");
  budget_.set(three, 90);
  run();
  EXPECT_TRUE(cut_.empty());
  budget_.set(one, 0);
  EXPECT_EQ(budget_.bytes(), 90u);
}

}  // namespace
}  // namespace pawl
