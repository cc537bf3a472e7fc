#include "infrastructure/bridge/token_fields.h"

#include <gtest/gtest.h>

namespace pawl::bridge {
namespace {

constexpr std::string_view kField = "Execution-Context";

TEST(TokenFields, AreReadInTheirOrder) {
  http::Headers headers;
  headers.add(kField, "one");
  headers.add("Other", "x");
  headers.add(kField, "two");
  EXPECT_EQ(token_fields(headers), (std::vector<std::string>{"one", "two"}));
}

TEST(TokenFields, AllTogetherHaveOneLimit) {
  http::Headers headers;
  headers.add(kField, std::string(600, 'a'));
  headers.add("Other", std::string(600, 'b'));
  EXPECT_FALSE(check_token_fields(headers, 1024));
  headers.add(kField, std::string(424, 'a'));
  EXPECT_FALSE(check_token_fields(headers, 1024));
  headers.add(kField, "a");
  const auto refused = check_token_fields(headers, 1024);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 431);
  EXPECT_NE(refused->reason.find("have 1025 bytes; at most 1024"), std::string::npos)
      << refused->reason;
}

TEST(TokenFields, AreNotWithoutNumber) {
  http::Headers headers;
  for (int i = 0; i < 257; ++i) {
    headers.add(kField, "");
  }
  const auto refused = check_token_fields(headers, 1024);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
}

}  // namespace
}  // namespace pawl::bridge
