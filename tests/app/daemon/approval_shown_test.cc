// What is shown beside a held call: its effect in our words, and what is usual.
#include <gtest/gtest.h>

#include "app/daemon/approval_effect.h"
#include "app/daemon/approval_history.h"
#include "app/daemon/argument_differences.h"

namespace pawl {
namespace {

approval::Binding call_of(const char* tool) {
  approval::Binding out;
  out.agent = "triage";
  out.server = "files";
  out.verb = "tool.call";
  out.name = tool;
  return out;
}

TEST(ApprovalEffect, SaysWhatTheOperatorDeclared) {
  mcp::ServerConfig files;
  files.name = "files";
  files.tools["read"] = {true, true, {}, {}};
  files.tools["write"] = {false, false, {"args.from"}, {"args.path", "log"}};
  EXPECT_EQ(effect_of(call_of("read"), {files}),
            "calls tool read of server files; declared: only reads, may be repeated");
  EXPECT_EQ(
      effect_of(call_of("write"), {files}),
      "calls tool write of server files; declared: may change things, reads args.from, writes "
      "args.path, log, may not be repeated");
  EXPECT_EQ(effect_of(call_of("other"), {files}),
            "calls tool other of server files; nothing is declared of it: it may change anything");
  EXPECT_EQ(effect_of(call_of("write"), {}),
            "calls tool write of server files; nothing is declared of it: it may change anything");
  EXPECT_EQ(effect_of(call_of("x of server files; declared: only reads"), {files}),
            "calls tool \"x of server files; declared: only reads\" of server files; nothing is "
            "declared of it: it may change anything");
  files.tools["*"] = {true, false, {}, {}};
  EXPECT_EQ(effect_of(call_of("other"), {files}),
            "calls tool other of server files; declared: only reads, may not be repeated");
  approval::Binding prompt = call_of("hello");
  prompt.verb = "prompt.get";
  EXPECT_EQ(
      effect_of(prompt, {files}),
      "prompt.get of hello at server files; nothing is declared of it: it may change anything");
}

store::RecordRow row_of(const char* tool, const char* outcome, const char* kind = "tool.call") {
  store::RecordRow out;
  out.agent = "triage";
  out.server = "files";
  out.tool = tool;
  out.kind = kind;
  out.verb = "tool.call";
  out.outcome = outcome;
  return out;
}

TEST(ApprovalHistory, CountsCallsThatWereForwarded) {
  std::vector<store::RecordRow> rows(9, row_of("read", "confirmed"));
  rows.push_back(row_of("write", "denied", "task.denied"));
  const json::Object first = history_of(call_of("write"), rows);
  EXPECT_EQ(json::print(first.at("usual")), R"({"calls":0,"first":true,"of":10})");
  rows.push_back(row_of("write", "unknown"));
  rows.push_back(row_of("write", "failed"));
  rows.push_back(store::RecordRow{});  // a record of no call
  const json::Object known = history_of(call_of("write"), rows);
  EXPECT_EQ(json::print(known.at("usual")), R"({"calls":2,"first":false,"of":13})");
  ASSERT_EQ(known.at("before").as_array().size(), 10u);
  EXPECT_EQ(json::find_string(known.at("before").as_array().front(), {"name"}), "read");
}

TEST(ArgumentDifferences, AreNamedByPointerWithTheTextsOfBoth) {
  const std::string now = R"({"name":"pay","arguments":{"to":"bob","n":[1,2],"a/b":{}}})";
  const std::vector<std::string> others = {
      R"({"name":"pay","arguments":{"to":"bob","n":[1,3],"a/b":{}}})",
      R"({"name":"pay","arguments":{"to":"eve","n":[1,2],"old":null}})"};
  EXPECT_EQ(json::print(differences_of(now, others)),
            R"({"differs":[{"pointer":"/arguments/a~1b","now":"{}","before":["{}"]},)"
            R"({"pointer":"/arguments/n/1","now":"2","before":["3","2"]},)"
            R"({"pointer":"/arguments/old","before":["null"]},)"
            R"({"pointer":"/arguments/to","now":"\"bob\"","before":["\"bob\"","\"eve\""]}]})");
  EXPECT_EQ(json::print(differences_of(now, {now})), R"({"differs":[]})");
  EXPECT_TRUE(differences_of(now, {}).empty()) << "there is nothing to compare with";
  EXPECT_TRUE(differences_of("no JSON", {now}).empty());
  EXPECT_TRUE(differences_of(now, {"no JSON"}).empty());
}

TEST(ArgumentDifferences, AreBounded) {
  const auto list_of = [](int size, int value) {
    std::string out = "[" + std::to_string(value);
    for (int i = 1; i < size; ++i) {
      out += "," + std::to_string(value);
    }
    return out + "]";
  };
  const json::Object many = differences_of(list_of(100, 1), {list_of(100, 2)});
  EXPECT_EQ(many.at("differs").as_array().size(), kMostShown);
  EXPECT_EQ(many.at("more"), 36);
  EXPECT_TRUE(differences_of(list_of(2'000, 1), {list_of(2'000, 2)}).empty());
}

}  // namespace
}  // namespace pawl
