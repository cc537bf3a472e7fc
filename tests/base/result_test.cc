#include "base/result.h"

#include <gtest/gtest.h>

#include <set>

#include "base/assert.h"
#include "base/write_gate.h"

namespace pawl {
namespace {

TEST(Result, NamesEachCodeOnce) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Code::kInternal); ++i) {
    EXPECT_TRUE(names.insert(code_name(static_cast<Code>(i))).second) << i;
  }
  EXPECT_EQ(code_name(Code::kUpstreamFailed), "upstream_failed");
}

TEST(Result, PutsThePlaceBeforeTheError) {
  const Status status = fail_at("policy.yaml", Error{Code::kMalformed, "line 3"});
  EXPECT_EQ(status.error().code, Code::kMalformed);
  EXPECT_EQ(status.error().message, "policy.yaml: line 3");
}

TEST(AssertDeathTest, ChecksEndTheProcess) {
  EXPECT_DEATH(PAWL_CHECK(1 == 2, "numbers"), "numbers");
}

class OnceGate final : public WriteGate {
 public:
  bool pass(FunctionRef<void()> write) override {
    if (closed_) {
      return false;
    }
    write();
    closed_ = true;
    return true;
  }

 private:
  bool closed_ = false;
};

TEST(WriteGate, RunsTheWriteOnlyWhenItPasses) {
  OnceGate gate;
  int writes = 0;
  EXPECT_TRUE(gate.pass([&] { ++writes; }));
  EXPECT_FALSE(gate.pass([&] { ++writes; }));
  EXPECT_EQ(writes, 1);
}

}  // namespace
}  // namespace pawl
