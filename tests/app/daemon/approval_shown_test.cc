// What is shown beside a held call: its effect in our words, and what is usual.
#include <gtest/gtest.h>

#include "app/daemon/approval_effect.h"
#include "app/daemon/approval_history.h"

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
  files.tools["read"] = {.read_only = true, .idempotent = true};
  files.tools["write"] = {.reads = {"args.from"}, .writes = {"args.path", "log"}};
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
  files.tools["*"] = {.read_only = true};
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

}  // namespace
}  // namespace pawl
