#include "foundation/records/approval_use.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(ApprovalUse, ReadsWhatItPrintsAndNothingElse) {
  constexpr std::string_view kGood = R"({"id":"0190a000-0000-7000-8000-000000000001","use":2})";
  const Result<ApprovalUse> read = read_approval_use(json::parse(kGood)->value);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(print_approval_use(*read), kGood);
  EXPECT_EQ(read->use, 2u);
  for (const char* bad : {R"({})", R"("text")", R"({"id":"0190a000-0000-7000-8000-000000000001"})",
                          R"({"id":"","use":1})", R"({"use":1})",
                          R"({"id":"00000000-0000-0000-0000-000000000000","use":1})",
                          R"({"id":"0190a000-0000-7000-8000-000000000001","use":0})",
                          R"({"id":"0190a000-0000-7000-8000-000000000001","use":1001})",
                          R"({"id":"0190a000-0000-7000-8000-000000000001","use":"1"})"}) {
    EXPECT_FALSE(read_approval_use(json::parse(bad)->value)) << bad;
  }
}

}  // namespace
}  // namespace pawl
