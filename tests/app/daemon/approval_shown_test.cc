// What is shown beside a held call: its effect in our words, and what is usual.
#include <gtest/gtest.h>

#include "app/daemon/approval_effect.h"
#include "app/daemon/approval_history.h"
#include "app/daemon/usual_shown.h"

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

TEST(UsualShown, NamesPointersOfTheParams) {
  approval::UsualCalls usual;
  const json::Value call = json::Value(json::Object{{"amount", 5}, {"to", "bob"}, {"limit", 1}});
  approval::learn(usual, &call);
  EXPECT_EQ(
      json::print(usual_shown(
          usual, R"({"name":"pay","arguments":{"note":1,"to":"eve","amount":125000}})")),
      R"({"compared":1,"differs":[{"pointer":"/arguments/to","is":"new_value","seen":1,)"
      R"("now":"\"eve\"","values":["\"bob\""]},)"
      R"({"pointer":"/arguments/amount","is":"out_of_range","seen":1,"now":"125000",)"
      R"("lowest":"5","highest":"5"},)"
      R"({"pointer":"/arguments/note","is":"new_place","seen":0,"now":"1"},)"
      R"({"pointer":"/arguments/limit","is":"missing","seen":1,"lowest":"1","highest":"1"}]})");
  EXPECT_EQ(json::print(usual_shown(usual, R"({"arguments":{"amount":5,"to":"bob","limit":1}})")),
            R"({"compared":1,"differs":[]})");
  EXPECT_EQ(usual_shown(usual, R"({"name":"pay"})").at("differs").as_array().size(), 3u);
}

TEST(UsualShown, SaysThatNothingIsKnown) {
  EXPECT_EQ(json::print(usual_shown({}, R"({"arguments":{"amount":5}})")), R"({"compared":0})");
  approval::UsualCalls usual;
  approval::learn(usual, nullptr);
  EXPECT_EQ(json::print(usual_shown(usual, "no JSON")), R"({"compared":1})");
  approval::Binding prompt = call_of("hello");
  EXPECT_TRUE(has_usual(prompt));
  prompt.verb = "prompt.get";
  EXPECT_FALSE(has_usual(prompt));
}

}  // namespace
}  // namespace pawl
