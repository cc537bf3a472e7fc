// An answer made of several calls leaves within all their gates, or not at all.
#include "infrastructure/bridge/all_gates.h"

#include <gtest/gtest.h>

#include <string>

namespace pawl::bridge {
namespace {

// Writes down when it is entered and left.
class Marked final : public WriteGate {
 public:
  Marked(std::string& trace, char name, bool is_open)
      : trace_(trace), name_(name), is_open_(is_open) {}
  bool pass(FunctionRef<void()> write) override {
    trace_ += name_;
    if (is_open_) {
      write();
      trace_ += static_cast<char>(std::toupper(name_));
    }
    return is_open_;
  }

 private:
  std::string& trace_;
  const char name_;
  const bool is_open_;
};

TEST(AllGates, TheWriteIsWithinEveryGate) {
  struct Case {
    const char* name;
    std::string open;  // which of a, b and c (the last) are
    bool passes;
    std::string trace;
  };
  for (const Case& one : {Case{"all open", "abc", true, "abc!CBA"},
                          {"the first closed", "bc", false, "a"},
                          {"one in the middle closed", "ac", false, "abA"},
                          {"the last closed", "ab", false, "abcBA"}}) {
    std::string trace;
    const auto gate = [&](char name) {
      return std::make_shared<Marked>(trace, name, one.open.find(name) != std::string::npos);
    };
    AllGates all({gate('a'), gate('b')}, gate('c'));
    EXPECT_EQ(all.pass([&] { trace += '!'; }), one.passes) << one.name;
    EXPECT_EQ(trace, one.trace) << one.name;
  }
}

TEST(AllGates, WithoutCallsTheLastGateDecides) {
  std::string trace;
  AllGates all({}, std::make_shared<Marked>(trace, 'c', true));
  EXPECT_TRUE(all.pass([&] { trace += '!'; }));
  EXPECT_EQ(trace, "c!C");
}

}  // namespace
}  // namespace pawl::bridge
