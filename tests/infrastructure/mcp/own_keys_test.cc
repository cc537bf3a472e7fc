#include "infrastructure/mcp/own_keys.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "foundation/records/names.h"
#include "tests/support/seeded_random.h"

namespace pawl::mcp {
namespace {

struct Case {
  const char* name;
  std::string given;
  std::string server;  // what is left of a server's text
  std::string client;  // and of a client's; empty: the same
};

const Case kCases[] = {
    {"nothing of ours", R"({"_meta":{"a":1},"x":[1,{"y":"z"}]})",
     R"({"_meta":{"a":1},"x":[1,{"y":"z"}]})", ""},
    {"alone", R"({"_meta":{"pawl.record/refusal":{"code":"denied"}}})", R"({"_meta":{}})", ""},
    {"first", R"({"_meta":{"pawl.record/id":"x" , "a":1}})", R"({"_meta":{ "a":1}})", ""},
    {"last", R"({"_meta":{"a":1 , "pawl.record/id":"x" }})", R"({"_meta":{"a":1  }})", ""},
    {"between", R"({"_meta":{"a":1,"pawl.x":[1,{"b":","}],"c":2}})", R"({"_meta":{"a":1,"c":2}})",
     ""},
    {"several",
     R"({"_meta":{"pawl.record/id":1,"pawl.record/proof":2,"a":3,"pawl.list/unavailable":[],"pawl.y":{},"b":4}})",
     R"({"_meta":{"a":3,"b":4}})", ""},
    {"all", R"({"_meta":{"pawl.record/id":1,"pawl.record/proof":2}})", R"({"_meta":{}})", ""},
    {"escaped", R"({"_meta":{"\u0070awl.record\/refusal":{},"a":1}})", R"({"_meta":{"a":1}})", ""},
    {"an escaped _meta", R"({"_met\u0061":{"pawl.record/refusal":{}}})", R"({"_met\u0061":{}})",
     ""},
    {"in an item", R"({"tools":[{"name":"a","_meta":{"pawl.record/id":1}},{"name":"b"}]})",
     R"({"tools":[{"name":"a","_meta":{}},{"name":"b"}]})", ""},
    {"in the data of an error", R"({"code":1,"message":"m","data":{"_meta":{"pawl.record/id":1}}})",
     R"({"code":1,"message":"m","data":{"_meta":{}}})", ""},
    {"ours within ours", R"({"_meta":{"pawl.a":{"_meta":{"pawl.b":1}},"c":1}})",
     R"({"_meta":{"c":1}})", ""},
    {"only as a text",
     R"({"content":[{"type":"text","text":"pawl.record/id \"_meta\":{\"pawl.x\":1}"}]})",
     R"({"content":[{"type":"text","text":"pawl.record/id \"_meta\":{\"pawl.x\":1}"}]})", ""},
    {"outside of _meta", R"({"pawl.record/id":1,"_meta":{"x":{"pawl.record/id":1}}})",
     R"({"pawl.record/id":1,"_meta":{"x":{"pawl.record/id":1}}})", ""},
    {"another's prefix", R"({"_meta":{"pawlx.record/id":1,"com.pawl.x":2}})",
     R"({"_meta":{"pawlx.record/id":1,"com.pawl.x":2}})", ""},
    {"data that a tool defines", R"({"structuredContent":{"_meta":{"pawl.record/id":1}}})",
     R"({"structuredContent":{"_meta":{"pawl.record/id":1}}})", ""},
    {"a name of data anywhere else",
     R"({"a":{"structuredContent":{"_meta":{"pawl.a":1}}},"arguments":[{"_meta":{"pawl.b":1}}]})",
     R"({"a":{"structuredContent":{"_meta":{}}},"arguments":[{"_meta":{}}]})", ""},
    {"no object", R"({"_meta":["pawl.record/id"]})", R"({"_meta":["pawl.record/id"]})", ""},
    {"empty", R"({"_meta":{ },"a":[ ],"p":"pawl."})", R"({"_meta":{ },"a":[ ],"p":"pawl."})", ""},
    {"what a client may ask",
     R"({"_meta":{"pawl.record/repeat-of":"r","pawl.record/id":"i","pawl.record/parents":["t"],"pawl.record/refusal":1}})",
     R"({"_meta":{}})", R"({"_meta":{"pawl.record/repeat-of":"r","pawl.record/parents":["t"]}})"},
};

TEST(OwnKeysTest, AreTakenOutAndNothingElse) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    ASSERT_TRUE(json::parse(c.given));
    EXPECT_EQ(without_own_keys(c.given, kStructuredContent), c.server);
    EXPECT_EQ(without_forged_keys(c.given, kStructuredContent),
              c.client.empty() ? c.server : c.client);
  }
}

TEST(OwnKeysTest, NoDataIsLeftAloneUnlessItIsNamed) {
  const std::string given = R"({"arguments":{"_meta":{"pawl.a":1}}})";
  EXPECT_EQ(without_own_keys(given), R"({"arguments":{"_meta":{}}})");
  EXPECT_EQ(without_own_keys(given, kStructuredContent), R"({"arguments":{"_meta":{}}})");
  EXPECT_EQ(without_forged_keys(given, kArguments), given);
}

TEST(OwnKeysTest, EveryKeyOfOursHasThePrefix) {
  for (const std::string_view key :
       {names::kMetaRecord, names::kMetaProof, names::kMetaParts, names::kMetaParents,
        names::kMetaIdempotency, names::kMetaRefusal, names::kMetaUnavailable}) {
    EXPECT_TRUE(key.starts_with(names::kMetaPrefix)) << key;
  }
}

// Whatever white space stands between the tokens.
TEST(OwnKeysTest, ReadsAnySpacing) {
  const std::string tight =
      R"({"a":[1,-2.5e3,true,null,"x"],"_meta":{"k":{},"pawl.q":[{"z":"}"}]}})";
  std::string wide;
  bool in_string = false;
  for (const char c : tight) {
    in_string = in_string != (c == '"');
    wide.append(!in_string && std::string_view("{}[],:").find(c) != std::string_view::npos
                    ? std::string("\n ") + c + "\t\r "
                    : std::string(1, c));
  }
  ASSERT_TRUE(json::parse(wide));
  const Result<json::Parsed> left = json::parse(without_own_keys(wide));
  ASSERT_TRUE(left);
  EXPECT_EQ(json::print(left->value), R"({"a":[1,-2500,true,null,"x"],"_meta":{"k":{}}})");
}

// The same said of the parsed tree.
json::Value honest(const json::Value& value, bool is_meta = false, bool is_root = false) {
  if (value.is_array()) {
    json::Array out;
    for (const json::Value& each : value.get_array()) {
      out.push_back(honest(each));
    }
    return out;
  }
  if (!value.is_object()) {
    return value;
  }
  json::Object out;
  for (const auto& [key, member] : value.get_object()) {
    const bool data = is_root && key == kStructuredContent;
    if (!is_meta || !std::string_view(key).starts_with(names::kMetaPrefix)) {
      out.emplace(key, data ? member : honest(member, key == "_meta"));
    }
  }
  return out;
}

json::Value any_value(SeededRandom& random, int depth) {
  constexpr const char* kKeys[] = {
      "_meta",     "pawl.a", "pawl.record/id", "a", "structuredContent",
      "arguments", "pawlx",  "\"p\\u"};
  if (depth == 0 || random.below(4) == 0) {
    return random.coin() ? json::Value(R"(pawl. } ] , " \u)") : json::Value(17);
  }
  if (random.below(4) == 0) {
    json::Array out;
    for (std::size_t left = random.below(4); left > 0; --left) {
      out.push_back(any_value(random, depth - 1));
    }
    return out;
  }
  json::Object out;
  for (std::size_t left = random.below(7); left > 0; --left) {
    out[kKeys[random.below(std::size(kKeys))]] = any_value(random, depth - 1);
  }
  return out;
}

TEST(OwnKeysTest, AgreesWithTheParsedTreeOnAnyText) {
  SeededRandom random(7);
  int changed = 0;
  for (int round = 0; round < 3000; ++round) {
    const json::Value value = any_value(random, 5);
    const std::string text = json::print(value);
    const std::string left = without_own_keys(text, kStructuredContent);
    const Result<json::Parsed> parsed = json::parse(left);
    ASSERT_TRUE(parsed) << text << "\n" << left;
    ASSERT_EQ(json::print(parsed->value), json::print(honest(value, false, true))) << text;
    changed += left == text ? 0 : 1;
  }
  EXPECT_GT(changed, 300) << "the texts are worth it";
}

}  // namespace
}  // namespace pawl::mcp
