#include "infrastructure/mcp/param_headers.h"

#include <gtest/gtest.h>

namespace pawl::mcp {
namespace {

TEST(ParamHeadersTest, ReadsAndRefusesAnnotations) {
  const struct {
    const char* name;
    const char* schema;
    std::optional<std::size_t> found;  // nullopt: refused
  } cases[] = {
      {"none", R"({"type":"object","properties":{"a":{"type":"string"}}})", 0},
      {"not an object", "7", 0},
      {"one", R"({"properties":{"a":{"type":"string","x-mcp-header":"A"}}})", 1},
      {"nested", R"({"properties":{"o":{"type":"object","properties":{"a":{"type":"integer",
          "x-mcp-header":"A"}}},"b":{"type":"boolean","x-mcp-header":"B"}}})",
       2},
      {"a property named so", R"({"properties":{"x-mcp-header":{"type":"string"}}})", 0},
      {"in a default", R"({"properties":{"a":{"default":{"x-mcp-header":"A"}}}})", 0},
      {"empty", R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})", std::nullopt},
      {"space", R"({"properties":{"a":{"type":"string","x-mcp-header":"A B"}}})", std::nullopt},
      {"line break", R"({"properties":{"a":{"type":"string","x-mcp-header":"A\r\nB"}}})",
       std::nullopt},
      {"colon", R"({"properties":{"a":{"type":"string","x-mcp-header":"A:"}}})", std::nullopt},
      {"not a string", R"({"properties":{"a":{"type":"string","x-mcp-header":1}}})", std::nullopt},
      {"number", R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})", std::nullopt},
      {"object", R"({"properties":{"a":{"type":"object","x-mcp-header":"A"}}})", std::nullopt},
      {"no type", R"({"properties":{"a":{"x-mcp-header":"A"}}})", std::nullopt},
      {"two types", R"({"properties":{"a":{"type":["string"],"x-mcp-header":"A"}}})", std::nullopt},
      {"twice, other case", R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},
          "b":{"type":"string","x-mcp-header":"a"}}})",
       std::nullopt},
      {"at the root", R"({"type":"string","x-mcp-header":"A"})", std::nullopt},
      {"in items", R"({"properties":{"l":{"items":{"properties":{"a":{"type":"string",
          "x-mcp-header":"A"}}}}}})",
       std::nullopt},
      {"in anyOf", R"({"anyOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})",
       std::nullopt},
      {"in if", R"({"if":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}})",
       std::nullopt},
      {"in definitions", R"({"$defs":{"d":{"type":"string","x-mcp-header":"A"}}})", std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<std::vector<ParamHeader>> found = param_headers(json::parse(c.schema)->value);
    ASSERT_EQ(found.has_value(), c.found.has_value()) << (found ? "" : found.error().message);
    if (found) {
      EXPECT_EQ(found->size(), *c.found);
    } else {
      EXPECT_EQ(found.error().code, Code::kInvalidParams);
    }
  }
  const auto nested = param_headers(json::parse(R"({"properties":{"o":{"properties":)"
                                                R"({"a":{"type":"integer","x-mcp-header":"A"}}}}})")
                                        ->value);
  EXPECT_EQ(nested->at(0).path, (std::vector<std::string>{"o", "a"}));
}

TEST(ParamHeadersTest, EncodesAndDecodesValues) {
  const struct {
    std::string value;
    std::string header;
  } cases[] = {
      {"us-west1", "us-west1"},
      {"", ""},
      {"a b", "a b"},
      {"Hello, \xe4\xb8\x96\xe7\x95\x8c", "=?base64?SGVsbG8sIOS4lueVjA==?="},
      {" padded ", "=?base64?IHBhZGRlZCA=?="},
      {"line1\nline2", "=?base64?bGluZTEKbGluZTI=?="},
      {"=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    EXPECT_EQ(encode_header_value(c.value), c.header);
    EXPECT_EQ(*decode_header_value(c.header), c.value);
  }
  for (const char* bad : {"=?base64?a?=", "=?base64?!!!!?=", "a\nb", "\x7f", "\xff"}) {
    EXPECT_FALSE(decode_header_value(bad)) << bad;
  }
  EXPECT_EQ(*decode_header_value("=?base64?="), "=?base64?=");  // too short to be one
}

}  // namespace
}  // namespace pawl::mcp
