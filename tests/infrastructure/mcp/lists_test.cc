#include "infrastructure/mcp/lists.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "base/json.h"

namespace pawl::mcp {
namespace {

Keep except(std::string_view refused) {
  return [refused](std::string_view name) { return name != refused; };
}

TEST(FilterListTest, KeepsTheBytesOfWhatMayBeUsed) {
  const struct {
    const char* name;
    ListKind list;
    Era era;
    const char* body;
    std::string expected;
  } cases[] = {
      {"tools", ListKind::kTools, Era::kLegacy,
       R"({ "tools": [ {"name":"a", "x": 1.0},{"name":"no"},)"
       R"({"n":{"name":"no"},"name":"b"} ],"nextCursor":"c"})",
       R"({ "tools": [{"name":"a", "x": 1.0},{"n":{"name":"no"},"name":"b"}],"nextCursor":"c"})"},
      {"a name spelled with escapes", ListKind::kTools, Era::kLegacy,
       R"({"tools":[{"name":"\u006eo"}]})", R"({"tools":[]})"},
      {"items without a readable name", ListKind::kTools, Era::kLegacy,
       R"({"tools":[{"name":7},{},"x",null,{"name":""},{"name":"a"}]})",
       R"({"tools":[{"name":"a"}]})"},
      {"prompts", ListKind::kPrompts, Era::kLegacy, R"({"prompts":[{"name":"no"},{"name":"p"}]})",
       R"({"prompts":[{"name":"p"}]})"},
      {"resources", ListKind::kResources, Era::kLegacy,
       R"({"resources":[{"name":"x","uri":"no"},{"name":"no","uri":"f:1"}]})",
       R"({"resources":[{"name":"no","uri":"f:1"}]})"},
      {"templates", ListKind::kTemplates, Era::kLegacy,
       R"({"resourceTemplates":[{"uriTemplate":"f:{x}"},{"uriTemplate":"no"}]})",
       R"({"resourceTemplates":[{"uriTemplate":"f:{x}"}]})"},
      {"public becomes private", ListKind::kPrompts, Era::kModern,
       R"({"prompts":[],"ttlMs":5,"cacheScope":"public"})",
       R"({"prompts":[],"ttlMs":5,"cacheScope":"private"})"},
      {"invalid annotation", ListKind::kTools, Era::kModern,
       R"({"cacheScope":"private","tools":[{"name":"a","inputSchema":{"properties":)"
       R"({"p":{"type":"number","x-mcp-header":"P"}}}},{"name":"b"}]})",
       R"({"cacheScope":"private","tools":[{"name":"b"}]})"},
      {"legacy does not know annotations", ListKind::kTools, Era::kLegacy,
       R"({"tools":[{"name":"a","inputSchema":{"x-mcp-header":""}}]})",
       R"({"tools":[{"name":"a","inputSchema":{"x-mcp-header":""}}]})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<std::string> out = filter_list(c.body, c.list, c.era, except("no"));
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(*out, c.expected);
  }
  for (const char* bad : {"{}", R"({"tools":{}})", R"({"tools":null})", "[]", "7", "{"}) {
    const Result<std::string> out = filter_list(bad, ListKind::kTools, Era::kLegacy, except(""));
    ASSERT_FALSE(out) << bad;
    EXPECT_EQ(out.error().code, Code::kUpstreamFailed);
  }
}

// The annotations were once looked up in a tree that had been freed. A long text has a block of its
// own, which the system takes back at once: reading it again ends the program.
TEST(FilterListTest, ReadsAnnotationsWhileTheTreeLives) {
  const std::string text(1 << 20, 'x');
  const std::string kept = R"({"name":"a","inputSchema":{"description":")" + text + R"("}})";
  const std::string invalid =
      R"({"name":"b","inputSchema":{"properties":{"p":{"type":"number","x-mcp-header":")" + text +
      R"("}}}})";
  const std::string ends[] = {R"({"cacheScope":"private","tools":[)", "]}"};
  const Result<std::string> out = filter_list(ends[0] + kept + "," + invalid + ends[1],
                                              ListKind::kTools, Era::kModern, except("no"));
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_TRUE(*out == ends[0] + kept + ends[1]) << out->substr(0, 100);
}

TEST(ToolSchemasTest, TakesThemRaw) {
  const auto schemas =
      tool_schemas(R"({"tools":[{"name":"a","inputSchema": {"x" : 1}},{"name":"b"}]})");
  ASSERT_TRUE(schemas);
  ASSERT_EQ(schemas->size(), 2u);
  EXPECT_EQ(schemas->at(0).input_schema, R"({"x" : 1})");
  EXPECT_EQ(schemas->at(1).input_schema, "");
}

TEST(MergeListsTest, JoinsPagesInOneOrder) {
  NameMap names;
  const CursorSeal seal(std::string(32, 'k'));
  const std::vector<Page> pages = {
      {"mail", R"({"tools":[{"name":"send"}],"ttlMs":7})"},
      {"files", R"({"tools":[{"title":"T","name":"read", "v":1.0},{"name":"a.b"}],)"
                R"("nextCursor":"p2","ttlMs":9})"},
  };
  const Result<std::string> merged =
      merge_lists(pages, ListKind::kTools, Era::kModern, names, seal, {"down"});
  ASSERT_TRUE(merged) << merged.error().message;
  const Result<json::Parsed> parsed = json::parse(*merged);
  ASSERT_TRUE(parsed) << *merged;
  const json::Array& tools = json::find(parsed->value, {"tools"})->get_array();
  ASSERT_EQ(tools.size(), 3u);
  EXPECT_EQ(json::find_string(tools[0], {"name"}), "files__read");
  EXPECT_NE(merged->find(R"({"title":"T","name":"files__read", "v":1.0})"), std::string::npos);
  EXPECT_EQ(names.resolve(*json::find_string(tools[1], {"name"}))->name, "a.b");
  EXPECT_EQ(json::find_string(tools[2], {"name"}), "mail__send");
  EXPECT_EQ(json::find(parsed->value, {"ttlMs"})->get_int64(), 7);
  EXPECT_EQ(json::find_string(parsed->value, {"cacheScope"}), "private");
  EXPECT_EQ(json::find_string(parsed->value, {"resultType"}), "complete");
  EXPECT_EQ(json::find(parsed->value, {"_meta", "pawl.list/unavailable"})->get_array().size(), 1u);
  const auto next = seal.open(ListKind::kTools, *json::find_string(parsed->value, {"nextCursor"}));
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, (std::vector<CursorEntry>{{"files", "p2"}}));

  EXPECT_EQ(*merge_lists({}, ListKind::kPrompts, Era::kLegacy, names, seal, {}),
            R"({"prompts":[]})");
  EXPECT_EQ(
      merge_lists({{"x", "{}"}}, ListKind::kTools, Era::kLegacy, names, seal, {}).error().code,
      Code::kUpstreamFailed);
}

TEST(MergeListsTest, SaysWhenTheTableIsFull) {
  NameMap names(1);
  const CursorSeal seal(std::string(32, 'k'));
  const Result<std::string> merged =
      merge_lists({{"files", R"({"tools":[{"name":"a.1"},{"name":"a.2"},{"name":"b"}]})"}},
                  ListKind::kTools, Era::kLegacy, names, seal, {});
  ASSERT_TRUE(merged);
  EXPECT_NE(merged->find(R"("pawl.list/unavailable":["files"])"), std::string::npos) << *merged;
  EXPECT_NE(merged->find("files__b"), std::string::npos);
}

TEST(CursorTest, IsOursAndForItsList) {
  const CursorSeal seal(std::string(32, 'k'));
  const std::vector<CursorEntry> entries = {{"files", "a\"b"}, {"mail", ""}};
  const std::string text = seal.seal(ListKind::kTools, entries);
  EXPECT_EQ(*seal.open(ListKind::kTools, text), entries);
  std::string changed = text;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  const struct {
    const char* name;
    ListKind list;
    std::string text;
  } bad[] = {
      {"another list", ListKind::kPrompts, text},
      {"changed", ListKind::kTools, changed},
      {"empty", ListKind::kTools, ""},
      {"an upstream's", ListKind::kTools, "page2"},
      {"cut", ListKind::kTools, text.substr(0, 20)},
      {"huge", ListKind::kTools, std::string(1'000'000, 'A')},
  };
  for (const auto& b : bad) {
    SCOPED_TRACE(b.name);
    const auto opened = seal.open(b.list, b.text);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kInvalidParams);
  }
  EXPECT_FALSE(CursorSeal(std::string(32, 'x')).open(ListKind::kTools, text));
}

}  // namespace
}  // namespace pawl::mcp
