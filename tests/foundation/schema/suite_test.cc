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

// Every group of every file either passes as a rule's schema, or is refused when the rule loads and
// stands in one of the two tables below, with the reason. As a server's own schema a group of the
// tables may be undecided, never wrong.
constexpr const char* kRemote = "$ref to another document or by absolute URI";
constexpr const char* kBase = "$id inside a schema, or $anchor, moves where references point";
constexpr const char* kAnchor = "$anchor is outside the subset";
constexpr const char* kDynamic = "$dynamicRef and $dynamicAnchor are outside the subset";
constexpr const char* kUnevaluated = "unevaluatedItems and unevaluatedProperties are outside it";
constexpr const char* kProperty =
    "RE2 knows Unicode classes by short name only: \\p{L}, not \\p{Letter}";
constexpr const char* kFormat = "format would look like a check in a rule and is none";
constexpr const char* kOther = "another draft, a vocabulary or a keyword of its own";
constexpr const char* kContent = "content* would look like a check in a rule and is none";

// Whole files about one keyword that is outside the subset.
const std::map<std::string, std::string> kOutside = {
    {"anchor", kAnchor},
    {"content", kContent},
    {"dynamicRef", kDynamic},
    {"format", kFormat},
    {"optional/anchor", kAnchor},
    {"optional/cross-draft", kOther},
    {"optional/dependencies-compatibility", kOther},
    {"optional/dynamicRef", kDynamic},
    {"optional/format-assertion", kFormat},
    {"optional/format/date", kFormat},
    {"optional/format/date-time", kFormat},
    {"optional/format/duration", kFormat},
    {"optional/format/ecmascript-regex", kFormat},
    {"optional/format/email", kFormat},
    {"optional/format/hostname", kFormat},
    {"optional/format/idn-email", kFormat},
    {"optional/format/idn-hostname", kFormat},
    {"optional/format/ipv4", kFormat},
    {"optional/format/ipv6", kFormat},
    {"optional/format/iri", kFormat},
    {"optional/format/iri-reference", kFormat},
    {"optional/format/json-pointer", kFormat},
    {"optional/format/regex", kFormat},
    {"optional/format/relative-json-pointer", kFormat},
    {"optional/format/time", kFormat},
    {"optional/format/unknown", kFormat},
    {"optional/format/uri", kFormat},
    {"optional/format/uri-reference", kFormat},
    {"optional/format/uri-template", kFormat},
    {"optional/format/uuid", kFormat},
    {"optional/id", kBase},
    {"optional/no-schema", kOther},
    {"optional/refOfUnknownKeyword", kOther},
    {"optional/unknownKeyword", kOther},
    {"refRemote", kRemote},
    {"unevaluatedItems", kUnevaluated},
    {"unevaluatedProperties", kUnevaluated},
    {"vocabulary", kOther},
};

// Single groups of the other files.
const std::map<std::pair<std::string, std::string>, std::string> kSkipped = {
    {{"defs", "validate definition against metaschema"}, kRemote},
    {{"enum", "empty enum"}, "the standard asks for at least one value; in a rule it is a mistake"},
    {{"not", "collect annotations inside a 'not', even if collection is disabled"}, kUnevaluated},
    {{"optional/ecmascript-regex", "pattern with non-ASCII digits"}, kProperty},
    {{"optional/ecmascript-regex", "patternProperties with non-ASCII digits"}, kProperty},
    {{"optional/ecmascript-regex", "patterns always use unicode semantics with pattern"},
     kProperty},
    {{"optional/ecmascript-regex", "patterns always use unicode semantics with patternProperties"},
     kProperty},
    {{"pattern", "pattern with Unicode property escape requires unicode mode"}, kProperty},
    {{"patternProperties", "patternProperties with Unicode property escape"}, kProperty},
    {{"ref", "$id must be resolved against nearest parent, not just immediate parent"}, kBase},
    {{"ref", "Recursive references between schemas"}, kRemote},
    {{"ref", "URN base URI with URN and JSON pointer ref"}, kRemote},
    {{"ref", "URN base URI with URN and anchor ref"}, kRemote},
    {{"ref", "URN ref with nested pointer ref"}, kRemote},
    {{"ref", "order of evaluation: $id and $anchor and $ref"}, kRemote},
    {{"ref", "order of evaluation: $id and $ref"}, kRemote},
    {{"ref", "order of evaluation: $id and $ref on nested schema"}, kRemote},
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
    const bool outside = kOutside.contains(file);
    const bool listed = outside || kSkipped.contains({file, name});
    seen_.insert({file, name});
    if (!strict) {
      EXPECT_TRUE(listed) << file << ": " << name << ": refused: " << strict.error().message;
      EXPECT_TRUE(strict.error().code == Code::kUnsupported ||
                  strict.error().code == Code::kMalformed)
          << strict.error().message;
      EXPECT_FALSE(strict.error().message.empty());
    }
    EXPECT_FALSE(strict && kSkipped.contains({file, name}))
        << file << ": " << name << " is in the table, but compiles";
    for (const json::Value& test : body.at("tests").as_array()) {
      const std::string where = file + ": " + name + ": " + text_of(test, "description");
      const Verdict expected = test.at("valid").as_bool() ? Verdict::kValid : Verdict::kInvalid;
      const Verdict of_server = foreign->validate(test.at("data")).verdict;
      const bool undecided = listed && of_server == Verdict::kIndeterminate;
      const bool annotation = file.starts_with("optional/format") && of_server == Verdict::kValid;
      EXPECT_TRUE(of_server == expected || undecided || annotation)
          << where << " as a server's schema: " << verdict_name(of_server);
      if (strict) {
        const Report report = (*strict)->validate(test.at("data"));
        EXPECT_EQ(report.verdict, expected)
            << where << " at '" << report.pointer << "' " << report.keyword;
        ++checked_;
      } else {
        ++refused_;
      }
    }
  }

  std::set<std::pair<std::string, std::string>> seen_;
  std::set<std::string> files_;
  int checked_ = 0;
  int refused_ = 0;
};

TEST_F(Suite, EveryFileOfDraft202012IsAccountedFor) {
  const std::filesystem::path folder =
      std::filesystem::path(source_dir()) / "tests/vectors/json-schema/draft2020-12";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string file =
        std::filesystem::relative(entry.path(), folder).replace_extension().string();
    files_.insert(file);
    const json::Value groups = read(entry.path());
    for (const json::Value& body : groups.as_array()) {
      group(file, body);
    }
  }
  EXPECT_EQ(files_.size(), 80U) << "the suite at the revision of the README has 80 files";
  for (const auto& [file, reason] : kOutside) {
    EXPECT_TRUE(files_.contains(file)) << "no such file: " << file;
  }
  for (const auto& [key, reason] : kSkipped) {
    EXPECT_TRUE(seen_.contains(key)) << "no such group: " << key.first << ": " << key.second;
  }
  EXPECT_GT(checked_, 890);
  std::printf("checked %d cases in %zu files; %d cases in groups that are refused with a reason\n",
              checked_, files_.size(), refused_);
}

}  // namespace
}  // namespace pawl::schema
