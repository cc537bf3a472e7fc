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

TEST(RecordClaims, ABodyThatStandsOutOfLineLeavesItsDigestPlainOrSalted) {
  struct Case {
    std::string_view typ;
    const char* extension;
    bool is_cut;
  };
  const Case cases[] = {
      {kNew, R"({"pawl.tool":{"agent":"a"}})", false},
      {kNew, R"({"pawl.tool":{"agent":"a","body_hash":"x"}})", true},
      {kOld, R"({"pawl.tool":{"agent":"a","body_hash":"x"}})", true},
      {kNew, R"({"pawl.task":{"body_hash":"x"},"pawl.tool":{}})", false},
      {kNew, R"({"pawl.tool":{},"pawl.salted":{"key":"k","body":"x"}})", true},
      {kNew, R"({"pawl.tool":{},"pawl.salted":{"key":"k","inp":"x"}})", false},
      {kNew, R"({"pawl.tool":{},"pawl.salted":{}})", true},
      {kNew, R"({"pawl.tool":{},"pawl.salted":7})", false},
      {kNew, R"({})", false},
  };
  for (const auto& [typ, extension, is_cut] : cases) {
    const auto parsed = json::parse(std::string(R"({")") + (typ == kOld ? "ext" : "ect_ext") +
                                    R"(":)" + extension + "}");
    EXPECT_EQ(stands_out_of_line(typ, parsed->value, "tool"), is_cut) << extension;
  }
}

}  // namespace
}  // namespace pawl
