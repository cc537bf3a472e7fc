#include "gateway/held_calls.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

Uuid approval(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
  return out;
}

TEST(HeldCalls, AnAgentHasSoManyThatWaitAndNoMore) {
  HeldCalls held({2, 100});
  EXPECT_TRUE(held.wait(1, {"a"}, approval(1), [] {}));
  EXPECT_TRUE(held.wait(2, {"a"}, approval(2), [] {}));
  EXPECT_FALSE(held.wait(3, {"a"}, approval(1), [] {}));
  EXPECT_TRUE(held.wait(4, {"b"}, approval(1), [] {})) << "another agent's share";
  EXPECT_TRUE(held.wait(2, {"a"}, approval(1), [] {})) << "the same call waits for another one";
  held.leave(1);
  EXPECT_TRUE(held.wait(3, {"a"}, approval(1), [] {}));
  EXPECT_EQ(held.size(), 3u);
}

// regression: 256 waiting calls of 4 MiB each were 1 GiB
TEST(HeldCalls, AnAgentKeepsAQuarterOfAllBytesAndAllNoMoreThanAll) {
  HeldCalls held({100, 100});
  EXPECT_FALSE(held.wait(1, {"a", 26}, approval(1), [] {})) << "alone it is more than a quarter";
  EXPECT_TRUE(held.wait(1, {"a", 20}, approval(1), [] {}));
  EXPECT_FALSE(held.wait(2, {"a", 6}, approval(1), [] {}));
  EXPECT_TRUE(held.wait(2, {"a", 5}, approval(1), [] {}));
  EXPECT_TRUE(held.wait(1, {"a", 20}, approval(2), [] {})) << "it goes on waiting, once";
  std::uint64_t ticket = 10;
  for (const char* agent : {"b", "c", "d"}) {
    EXPECT_TRUE(held.wait(++ticket, {agent, 24}, approval(1), [] {}));
  }
  EXPECT_FALSE(held.wait(20, {"e", 4}, approval(1), [] {})) << "97 of 100";
  EXPECT_TRUE(held.wait(20, {"e", 3}, approval(1), [] {}));
  EXPECT_EQ(held.take(approval(1)).size(), 5u);
  EXPECT_EQ(held.bytes(), 20u);
  held.leave(1);
  EXPECT_EQ(held.bytes(), 0u);
}

TEST(HeldCalls, ThoseOfOneApprovalAreTakenOnceTheLastOneFirst) {
  HeldCalls held({8, 100});
  std::vector<int> woken;
  for (int ticket = 1; ticket <= 3; ++ticket) {
    ASSERT_TRUE(held.wait(static_cast<std::uint64_t>(ticket), {"a"}, approval(ticket == 2 ? 2 : 1),
                          [&woken, ticket] { woken.push_back(ticket); }));
  }
  for (const HeldCalls::Wake& wake : held.take(approval(1))) {
    wake();
  }
  EXPECT_EQ(woken, (std::vector<int>{3, 1}));
  EXPECT_TRUE(held.take(approval(1)).empty());
  held.leave(99);  // nobody's
  EXPECT_EQ(held.size(), 1u);
}

}  // namespace
}  // namespace pawl
