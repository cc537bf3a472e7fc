#include "app/api/statement_body.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(StatementBody, HasOneMemberAndNoOther) {
  EXPECT_EQ(statement_in(R"({"statement":"a.b.c"})", 16).value(), "a.b.c");
  EXPECT_EQ(statement_in(R"( {"statement" : "a.b.c"} )", 16).value(), "a.b.c");
  const struct {
    const char* body;
    Code code;
  } cases[] = {
      {"", Code::kMalformed},
      {"[]", Code::kInvalidParams},
      {"{}", Code::kInvalidParams},
      {R"({"statement":1})", Code::kInvalidParams},
      {R"({"statement":"a","statement":"b"})", Code::kMalformed},
      {R"({"statement":"a","more":1})", Code::kInvalidParams},
      {R"({"statement":"a"}x)", Code::kMalformed},
      {R"({"statement":"0123456789abcdefg"})", Code::kTooLarge},
      {R"({"statement":{"a":1}})", Code::kTooLarge},
  };
  for (const auto& one : cases) {
    const Result<std::string> read = statement_in(one.body, 16);
    ASSERT_FALSE(read) << one.body;
    EXPECT_EQ(read.error().code, one.code) << one.body;
  }
  EXPECT_EQ(statement_in("{\"statement\":\"" + std::string(5000, 'a') + "\"}", 16).error().code,
            Code::kTooLarge);
}

}  // namespace
}  // namespace pawl
