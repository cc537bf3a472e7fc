#include "foundation/records/record_claims.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

constexpr std::string_view kOld = "wimse-exec+jwt";
constexpr std::string_view kNew = "exec+jwt";

TEST(RecordClaims, EachDialectIsReadInItsOwnNames) {
  struct Case {
    std::string_view typ;
    const char* payload;
    const char* parent;  // the first; empty: none is read
    const char* pol;
  };
  const Case cases[] = {
      {kNew, R"({"pred":["a"],"ect_ext":{"pol":"p"}})", "a", "p"},
      {kOld, R"({"par":["a"],"ext":{"pol":"p"}})", "a", "p"},
      {kOld, R"({"pred":["a"],"ect_ext":{"pol":"p"}})", "a", "p"},
      {kOld, R"({"pred":["a"],"ext":{"pol":"p"}})", "a", "p"},
      {kNew, R"({"par":["a"],"ext":{"pol":"p"}})", "", ""},
      {kNew, R"({"pred":["a"],"par":["b"],"ect_ext":{"pol":"p"},"ext":{"pol":"q"}})", "a", "p"},
      {"act+jwt", R"({"par":["a"],"ext":{"pol":"p"}})", "", ""},
      {kOld, R"({"ext":7})", "", ""},
      {kOld, "{}", "", ""},
  };
  for (const auto& [typ, payload, parent, pol] : cases) {
    const auto parsed = json::parse(payload);
    const json::Value* parents = record_parents(typ, parsed->value);
    EXPECT_EQ(parents == nullptr ? "" : parents->at(0).get_string(), parent) << payload;
    EXPECT_EQ(text_in_extension(typ, parsed->value, {"pol"}).value_or(""), pol) << payload;
    EXPECT_EQ(in_extension(typ, parsed->value, {"pol"}) != nullptr, *pol != '\0') << payload;
  }
}

}  // namespace
}  // namespace pawl
