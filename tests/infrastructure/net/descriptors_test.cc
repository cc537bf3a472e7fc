#include "infrastructure/net/descriptors.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(DescriptorShareTest, EachUseLeavesMoreThanTheOneBeforeIt) {
  const struct {
    std::size_t limit, agents, servers, people;
  } cases[] = {{1024, 512, 960, 992}, {256, 128, 192, 224}, {64, 32, 48, 56}, {0, 0, 0, 0}};
  for (const auto& c : cases) {
    EXPECT_EQ(descriptor_share(c.limit, DescriptorUse::kAgents), c.agents) << c.limit;
    EXPECT_EQ(descriptor_share(c.limit, DescriptorUse::kServers), c.servers) << c.limit;
    EXPECT_EQ(descriptor_share(c.limit, DescriptorUse::kPeople), c.people) << c.limit;
    EXPECT_EQ(descriptor_share(c.limit, DescriptorUse::kOverride), c.limit) << c.limit;
  }
}

TEST(DescriptorShareTest, NoDescriptorMayNotBeHeld) {
  EXPECT_FALSE(may_hold(-1, DescriptorUse::kOverride));
  EXPECT_TRUE(may_hold(0, DescriptorUse::kAgents));
}

}  // namespace
}  // namespace pawl
