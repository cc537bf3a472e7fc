#include "foundation/schema/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pawl::schema {
namespace {

json::Value parse(const std::string& text) {
  Result<json::Parsed> parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->value : json::Value();
}

struct Case {
  const char* name;
  const char* schema;
  const char* value;
  Verdict verdict;
  const char* pointer;
  const char* keyword;
};

TEST(Schema, NamesTheFirstFailure) {
  const Case cases[] = {
      {"valid has no pointer", R"({"type":"integer"})", "1.0", Verdict::kValid, "", ""},
      {"root", R"({"type":"integer"})", "1.5", Verdict::kInvalid, "", "type"},
      {"member", R"({"properties":{"a/b":{"properties":{"~":{"maximum":3}}}}})",
       R"({"a/b":{"~":4}})", Verdict::kInvalid, "/a~1b/~0", "maximum"},
      {"element", R"({"items":{"minLength":2}})", R"(["ab","a"])", Verdict::kInvalid, "/1",
       "minLength"},
      {"within anyOf only the choice",
       R"({"properties":{"x":{"anyOf":[{"type":"string"},false]}}})", R"({"x":1})",
       Verdict::kInvalid, "/x", "anyOf"},
      {"exact multiple", R"({"multipleOf":0.01})", "0.07", Verdict::kValid, "", ""},
      {"exact multiple, far apart", R"({"multipleOf":7})", "1e300", Verdict::kInvalid, "",
       "multipleOf"},
      {"no rounding near 2^53", R"({"maximum":9007199254740992})", "9007199254740993",
       Verdict::kInvalid, "", "maximum"},
      {"const reads numbers", R"({"const":100})", "1e2", Verdict::kValid, "", ""},
      {"code points", R"({"maxLength":2})", "\"\\uD83D\\uDE00\\uD83D\\uDE00\"", Verdict::kValid, "",
       ""},
      {"object order in unique", R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2.0,"a":1}])",
       Verdict::kInvalid, "", "uniqueItems"},
  };
  for (const Case& c : cases) {
    const auto schema = Schema::compile(parse(c.schema));
    ASSERT_TRUE(schema) << c.name << ": " << schema.error().message;
    const Report report = (*schema)->validate(parse(c.value));
    EXPECT_EQ(report.verdict, c.verdict) << c.name;
    EXPECT_EQ(report.pointer, c.pointer) << c.name;
    EXPECT_EQ(report.keyword, c.keyword) << c.name;
  }
}

struct Refusal {
  const char* name;
  const char* schema;
  Code code;
  const char* message;
};

TEST(Schema, ARulesSchemaIsUnderstoodWholeOrRefused) {
  const Refusal cases[] = {
      {"misspelt", R"({"maxlength":3})", Code::kUnsupported,
       "#/maxlength: keyword maxlength is not known"},
      {"format", R"({"format":"email"})", Code::kUnsupported,
       "#/format: keyword format checks nothing"},
      {"remote", R"({"$ref":"https://example.com/a"})", Code::kUnsupported,
       "#/$ref: only references"},
      {"dangling", R"({"$ref":"#/$defs/a"})", Code::kMalformed,
       "#/$ref: nothing stands at #/$defs/a"},
      {"unevaluated", R"({"properties":{"a":{"unevaluatedItems":false}}})", Code::kUnsupported,
       "#/properties/a/unevaluatedItems: keyword unevaluatedItems is not supported"},
      {"unused definition", R"({"$defs":{"a":{"minLength":-1}}})", Code::kMalformed,
       "#/$defs/a/minLength: expected a whole number"},
      {"type", R"({"type":"int"})", Code::kMalformed, "#/type: expected null, boolean"},
      {"no schema", "3", Code::kMalformed, "#: expected a schema"},
      {"empty anyOf", R"({"anyOf":[]})", Code::kMalformed,
       "#/anyOf: expected a list of at least one"},
      {"empty enum", R"({"enum":[]})", Code::kMalformed, "#/enum: expected a list of at least one"},
      {"zero divisor", R"({"multipleOf":0})", Code::kMalformed,
       "#/multipleOf: expected a number above 0"},
      {"look-ahead", R"j({"pattern":"^(?=a)"})j", Code::kUnsupported,
       "#/pattern: pattern: look-around"},
      {"back reference", R"j({"pattern":"(a)\\1"})j", Code::kUnsupported,
       "#/pattern: pattern: \\1"},
      {"RE2's own anchor", R"({"pattern":"\\Aa"})", Code::kUnsupported, "#/pattern: pattern: \\A"},
      {"pattern bomb", R"j({"pattern":"((((a{9}){99}){99}){99})"})j", Code::kUnsupported,
       "RE2 refuses"},
      {"old items", R"({"items":[{}]})", Code::kUnsupported, "#/items: a list under items"},
      {"old draft", R"({"$schema":"http://json-schema.org/draft-07/schema#"})", Code::kUnsupported,
       "#/$schema: expected https://json-schema.org/draft/2020-12/schema"},
      {"a dialect whose name begins as ours",
       R"({"$schema":"https://json-schema.org/draft/2020-12/schema-of-mine"})", Code::kUnsupported,
       "#/$schema: expected https://json-schema.org/draft/2020-12/schema"},
  };
  for (const Refusal& c : cases) {
    const auto schema = Schema::compile(parse(c.schema));
    ASSERT_FALSE(schema) << c.name;
    EXPECT_EQ(schema.error().code, c.code) << c.name;
    EXPECT_NE(schema.error().message.find(c.message), std::string::npos)
        << c.name << ": " << schema.error().message;
    const auto foreign = Schema::compile_foreign(parse(c.schema));
    EXPECT_NE(foreign->validate(parse(R"({"a":[1]})")).verdict, Verdict::kInvalid) << c.name;
  }
}

struct Foreign {
  const char* name;
  const char* schema;
  const char* value;
  Verdict verdict;
};

TEST(Schema, AServersSchemaIsDecidedWhereItCanBe) {
  const Foreign cases[] = {
      {"unknown names are annotations", R"({"x-owner":1,"format":"email"})", "1", Verdict::kValid},
      {"unsupported is not valid", R"({"$dynamicRef":"#a"})", "1", Verdict::kIndeterminate},
      {"a definite failure still counts", R"({"$dynamicRef":"#a","type":"string"})", "1",
       Verdict::kInvalid},
      {"not", R"({"not":{"$dynamicRef":"#a"}})", "1", Verdict::kIndeterminate},
      {"anyOf has another way", R"({"anyOf":[{"$dynamicRef":"#a"},true]})", "1", Verdict::kValid},
      {"oneOf has not", R"({"oneOf":[{"$dynamicRef":"#a"},true]})", "1", Verdict::kIndeterminate},
      {"oneOf two sure", R"({"oneOf":[{"$dynamicRef":"#a"},true,true]})", "1", Verdict::kInvalid},
      {"if with agreeing branches", R"({"if":{"$dynamicRef":"#a"},"then":false,"else":false})", "1",
       Verdict::kInvalid},
      {"if with two answers", R"({"if":{"$dynamicRef":"#a"},"then":false})", "1",
       Verdict::kIndeterminate},
      {"contains", R"({"contains":{"$dynamicRef":"#a"}})", "[1]", Verdict::kIndeterminate},
      {"contains of nothing", R"({"contains":{"$dynamicRef":"#a"}})", "[]", Verdict::kInvalid},
      {"what is additional is not known",
       R"j({"patternProperties":{"(?=a)":true},"additionalProperties":false})j", R"({"a":1})",
       Verdict::kIndeterminate},
      {"draft 7", R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object"})", "{}",
       Verdict::kValid},
      {"draft 7 beside $ref",
       R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{}},
           "$ref":"#/definitions/a","type":"object"})",
       "{}", Verdict::kIndeterminate},
      {"a dialect of its own", R"({"$schema":"https://example.com/mine","type":"object"})", "{}",
       Verdict::kIndeterminate},
      {"a dialect of its own fails nothing",
       R"({"$schema":"https://example.com/mine","type":"object"})", "1", Verdict::kIndeterminate},
      {"not a schema", "[]", "{}", Verdict::kIndeterminate},
      {"endless reference", R"({"$ref":"#"})", "1", Verdict::kIndeterminate},
      {"doubling references",
       R"({"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},
                    "b":{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"})",
       "1", Verdict::kIndeterminate},
  };
  for (const Foreign& c : cases) {
    const auto schema = Schema::compile_foreign(parse(c.schema));
    EXPECT_EQ(schema->validate(parse(c.value)).verdict, c.verdict) << c.name;
  }
}

TEST(Schema, HostileSizesAreBounded) {
  std::string wide = "[0";
  for (int i = 1; i < 90'000; ++i) {
    wide += "," + std::to_string(i);
  }
  wide += "]";
  const json::Value value = parse(wide);
  EXPECT_EQ(Schema::compile_foreign(parse(R"({"uniqueItems":true})"))->validate(value).verdict,
            Verdict::kValid);
  const char* costly = R"({"items":{"anyOf":[{"const":"a"},{"const":"b"},{"const":"c"},true]}})";
  EXPECT_EQ(Schema::compile_foreign(parse(costly))->validate(value).verdict,
            Verdict::kIndeterminate);
  json::Value deep = json::Object();
  for (int i = 0; i < 3'000; ++i) {
    json::Object outer;
    outer["not"] = std::move(deep);
    deep = std::move(outer);
  }
  EXPECT_EQ(Schema::compile(deep).error().code, Code::kTooLarge);
  EXPECT_EQ(Schema::compile_foreign(deep)->validate(value).verdict, Verdict::kIndeterminate);
}

TEST(Schema, PatternsKeepTheirEcmaMeaning) {
  struct {
    const char* pattern;
    const char* value;
    bool holds;
  } const cases[] = {
      {"^\\\\s$", "\"\\u00a0\"", true},
      {"^[\\\\s]$", "\"\\ufeff\"", true},
      {"^\\\\S$", "\"\\u2003\"", false},
      {"^.$", "\"\\u2028\"", false},
      {"^\\\\u0041$", "\"A\"", true},
      {"^\\\\cJ$", "\"\\n\"", true},
      {"^[[:alpha:]]$", "\"a]\"", true},
      {"^\\\\/a$", "\"/a\"", true},
      {"b", "\"abc\"", true},
  };
  for (const auto& c : cases) {
    const auto schema = Schema::compile(parse(std::string(R"({"pattern":")") + c.pattern + "\"}"));
    ASSERT_TRUE(schema) << c.pattern << schema.error().message;
    EXPECT_EQ((*schema)->validate(parse(c.value)).verdict == Verdict::kValid, c.holds) << c.pattern;
  }
}

}  // namespace
}  // namespace pawl::schema
