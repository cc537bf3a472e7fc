#include "foundation/records/outcome.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(Outcome, NamesReadBack) {
  const std::pair<Outcome, const char*> cases[] = {
      {Outcome::kConfirmed, "confirmed"}, {Outcome::kFailed, "failed"},
      {Outcome::kUnknown, "unknown"},     {Outcome::kDenied, "denied"},
      {Outcome::kError, "error"},
  };
  for (const auto& [outcome, name] : cases) {
    EXPECT_EQ(outcome_name(outcome), name);
    EXPECT_EQ(parse_outcome(name), outcome);
  }
  for (const char* other : {"", "Confirmed", "success", "ok"}) {
    EXPECT_FALSE(parse_outcome(other)) << other;
  }
}

}  // namespace
}  // namespace pawl
