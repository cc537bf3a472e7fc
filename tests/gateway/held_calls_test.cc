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
  HeldCalls held(2);
  EXPECT_TRUE(held.wait(1, "a", approval(1), [] {}));
  EXPECT_TRUE(held.wait(2, "a", approval(2), [] {}));
  EXPECT_FALSE(held.wait(3, "a", approval(1), [] {}));
  EXPECT_TRUE(held.wait(4, "b", approval(1), [] {})) << "another agent's share";
  EXPECT_TRUE(held.wait(2, "a", approval(1), [] {})) << "the same call waits for another one";
  held.leave(1);
  EXPECT_TRUE(held.wait(3, "a", approval(1), [] {}));
  EXPECT_EQ(held.size(), 3u);
}

TEST(HeldCalls, ThoseOfOneApprovalAreTakenOnceInTheirOrder) {
  HeldCalls held(8);
  std::vector<int> woken;
  for (int ticket = 1; ticket <= 3; ++ticket) {
    ASSERT_TRUE(held.wait(static_cast<std::uint64_t>(ticket), "a", approval(ticket == 2 ? 2 : 1),
                          [&woken, ticket] { woken.push_back(ticket); }));
  }
  for (const HeldCalls::Wake& wake : held.take(approval(1))) {
    wake();
  }
  EXPECT_EQ(woken, (std::vector<int>{1, 3}));
  EXPECT_TRUE(held.take(approval(1)).empty());
  held.leave(99);  // nobody's
  EXPECT_EQ(held.size(), 1u);
}

}  // namespace
}  // namespace pawl
