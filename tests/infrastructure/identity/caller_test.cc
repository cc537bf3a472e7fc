#include "infrastructure/identity/caller.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(Caller, AgentIdsAreOneSpiffeSegment) {
  const std::pair<std::string, bool> cases[] = {
      {"triage", true},
      {"Agent_7.x-1", true},
      {"...", true},
      {"", false},
      {".", false},
      {"..", false},
      {"a/b", false},
      {"a b", false},
      {"a%20b", false},
      {"\xc3\xa9", false},
      {std::string(128, 'a'), true},
      {std::string(129, 'a'), false},
      {std::string("a\0b", 3), false},
  };
  for (const auto& [id, good] : cases) {
    EXPECT_EQ(is_agent_id(id), good) << id;
  }
}

TEST(Caller, TheSpiffeFormNamesDomainAndAgent) {
  EXPECT_EQ(spiffe_agent_id("example.org", "triage"), "spiffe://example.org/agent/triage");
}

TEST(Caller, ANewCallerProvesNothing) {
  EXPECT_EQ(proof_name(Caller{}.proof), "none");
}

}  // namespace
}  // namespace pawl
