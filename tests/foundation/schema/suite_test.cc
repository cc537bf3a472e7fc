// The official test suite over the supported subset (tests/vectors/json-schema/README.md).
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "foundation/schema/schema.h"
#include "tests/support/source_dir.h"

namespace pawl::schema {
namespace {

// File and group -> why a rule's schema may not be so. In a server's schema the same group may be
// undecided, never wrong.
constexpr const char* kRemote = "$ref to another document or by absolute URI";
constexpr const char* kBase = "$id inside a schema, or $anchor, moves where references point";
constexpr const char* kUnevaluated = "unevaluatedProperties is outside the subset";
constexpr const char* kProperty =
    "RE2 knows Unicode classes by short name only: \\p{L}, not \\p{Letter}";
const std::map<std::pair<std::string, std::string>, std::string> kSkipped = {
    {{"defs", "validate definition against metaschema"}, kRemote},
    {{"not", "collect annotations inside a 'not', even if collection is disabled"}, kUnevaluated},
    {{"optional-ecmascript-regex", "\\a is not an ECMA 262 control escape"}, kRemote},
    {{"optional-ecmascript-regex", "pattern with non-ASCII digits"}, kProperty},
    {{"optional-ecmascript-regex", "patternProperties with non-ASCII digits"}, kProperty},
    {{"optional-ecmascript-regex", "patterns always use unicode semantics with pattern"},
     kProperty},
    {{"optional-ecmascript-regex", "patterns always use unicode semantics with patternProperties"},
     kProperty},
    {{"ref", "$id must be resolved against nearest parent, not just immediate parent"}, kBase},
    {{"ref", "Recursive references between schemas"}, kRemote},
    {{"ref", "URN base URI with URN and JSON pointer ref"}, kRemote},
    {{"ref", "URN base URI with URN and anchor ref"}, kRemote},
    {{"ref", "URN base URI with f-component"}, kRemote},
    {{"ref", "URN ref with nested pointer ref"}, kRemote},
    {{"ref", "order of evaluation: $id and $anchor and $ref"}, kRemote},
    {{"ref", "order of evaluation: $id and $ref"}, kRemote},
    {{"ref", "ref creates new scope when adjacent to keywords"}, kUnevaluated},
    {{"ref", "ref to else"}, kRemote},
    {{"ref", "ref to if"}, kRemote},
    {{"ref", "ref to then"}, kRemote},
    {{"ref", "ref with absolute-path-reference"}, kBase},
    {{"ref", "refs with relative uris and defs"}, kBase},
    {{"ref", "relative refs with absolute uris and defs"}, kBase},
    {{"ref", "remote ref, containing refs itself"}, kRemote},
    {{"ref", "simple URN base URI with $ref via the URN"}, kRemote},
};

std::string text_of(const json::Value& value, std::string_view key) {
  return std::string(json::find_string(value, {key}).value_or(""));
}

json::Value read(const std::filesystem::path& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Result<json::Parsed> parsed = json::parse(text);
  EXPECT_TRUE(parsed) << path << (parsed ? "" : parsed.error().message);
  return parsed ? parsed->value : json::Value();
}

class Suite : public testing::Test {
 protected:
  void group(const std::string& file, const json::Value& body) {
    const std::string name = text_of(body, "description");
    const json::Value& schema = body.at("schema");
    const auto foreign = Schema::compile_foreign(schema);
    const auto strict = Schema::compile(schema);
    const bool skipped = kSkipped.contains({file, name});
    seen_.insert({file, name});
    if (!strict && !skipped) {
      ADD_FAILURE() << file << ": " << name << ": refused: " << strict.error().message;
    }
    if (skipped && strict) {
      ADD_FAILURE() << file << ": " << name << " is in the skip table, but compiles";
    }
    for (const json::Value& test : body.at("tests").as_array()) {
      const std::string where = file + ": " + name + ": " + text_of(test, "description");
      const Verdict expected = test.at("valid").as_bool() ? Verdict::kValid : Verdict::kInvalid;
      const Verdict of_server = foreign->validate(test.at("data")).verdict;
      EXPECT_TRUE(of_server == expected || (skipped && of_server == Verdict::kIndeterminate))
          << where << " as a server's schema: " << verdict_name(of_server);
      if (strict) {
        const Report report = (*strict)->validate(test.at("data"));
        EXPECT_EQ(report.verdict, expected)
            << where << " at '" << report.pointer << "' " << report.keyword;
        ++checked_;
      } else {
        ++left_out_;
      }
    }
  }

  std::set<std::pair<std::string, std::string>> seen_;
  int checked_ = 0;
  int left_out_ = 0;
};

TEST_F(Suite, Draft202012) {
  const std::filesystem::path folder =
      std::filesystem::path(source_dir()) / "tests/vectors/json-schema/draft2020-12";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const json::Value groups = read(entry.path());
    for (const json::Value& body : groups.as_array()) {
      group(entry.path().stem().string(), body);
    }
  }
  for (const auto& [key, reason] : kSkipped) {
    EXPECT_TRUE(seen_.contains(key)) << "no such group: " << key.first << ": " << key.second;
  }
  EXPECT_GT(checked_, 800);
  std::printf("checked %d cases, left out %d in %zu listed groups\n", checked_, left_out_,
              kSkipped.size());
}

}  // namespace
}  // namespace pawl::schema
