// What is asked, and the table of answers: only a well-formed true passes.
#include "infrastructure/decision/question.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pawl::decision {
namespace {

constexpr std::string_view kSelf = "spiffe://example.org/pawl/gw1";

Action call() {
  Action out;
  out.id = *Uuid::parse("019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11");
  out.verb = "tool.call";
  out.caller.agent = "triage";
  out.caller.groups = {"ops", "vendor-a"};
  out.caller.on_behalf_of = "carol";
  out.server = "files";
  out.tool = "write\"file";
  out.params = R"({"name":"write\"file","arguments":{"n":9007199254740993, "s":"SECRET"}})";
  return out;
}

TEST(Question, NamesTheCallInBothForms) {
  EXPECT_EQ(print_question(Kind::kAuthzen, call(), std::string(kSelf), false),
            R"({"subject":{"type":"agent","id":"triage","properties":{"groups":["ops","vendor-a"],)"
            R"("on_behalf_of":"carol"}},"action":{"name":"tool.call"},"resource":{"type":"tool",)"
            R"("id":"files/write\"file","properties":{"server":"files","name":"write\"file"}},)"
            R"("context":{"instance":"spiffe://example.org/pawl/gw1",)"
            R"("call":"019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11"}})");
  EXPECT_EQ(print_question(Kind::kOpa, call(), std::string(kSelf), false),
            R"({"input":{"agent":"triage","groups":["ops","vendor-a"],"on_behalf_of":"carol",)"
            R"("server":"files","verb":"tool.call","tool":"write\"file",)"
            R"("instance":"spiffe://example.org/pawl/gw1",)"
            R"("call":"019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11"}})");
}

TEST(Question, ArgumentsAreThereInTheirExactTextWhereThatIsAskedFor) {
  for (const Kind kind : {Kind::kAuthzen, Kind::kOpa}) {
    const std::string said = print_question(kind, call(), std::string(kSelf), true);
    EXPECT_NE(said.find(R"("arguments":{"n":9007199254740993, "s":"SECRET"})"), std::string::npos)
        << said;
    EXPECT_EQ(print_question(kind, call(), std::string(kSelf), false).find("SECRET"),
              std::string::npos);
    Action without = call();
    without.params = R"({"name":"write\"file"})";
    EXPECT_EQ(print_question(kind, without, std::string(kSelf), true).find("\"arguments\""),
              std::string::npos);
    without.params.clear();
    EXPECT_TRUE(json::parse(print_question(kind, without, std::string(kSelf), true)));
  }
}

TEST(Question, AResourceAndAServerHaveTheirNames) {
  Action read = call();
  read.verb = "resource.read";
  read.tool.clear();
  read.resource = "file:///srv/a";
  const std::string said = print_question(Kind::kAuthzen, read, std::string(kSelf), false);
  EXPECT_NE(said.find(R"("type":"resource","id":"files/file:///srv/a")"), std::string::npos)
      << said;
  read.resource.clear();
  const std::string list = print_question(Kind::kAuthzen, read, std::string(kSelf), false);
  EXPECT_NE(list.find(R"("type":"server","id":"files")"), std::string::npos) << list;
}

TEST(Answer, OnlyAWellFormedTruePasses) {
  const struct {
    int status;
    const char* type;
    std::string body;  // with MEMBER for its name
    const char* says;  // "true", "false", or what is wrong
  } cases[] = {
      {200, "application/json", R"({"MEMBER":true})", "true"},
      {200, "Application/JSON ; charset=utf-8", R"({"MEMBER":true,"context":{"a":1}})", "true"},
      {200, "application/json", R"({"MEMBER":false})", "false"},
      {200, "application/json", R"({"MEMBER":"true"})", "neither true nor false"},
      {200, "application/json", R"({"MEMBER":1})", "neither"},
      {200, "application/json", R"({"MEMBER":null})", "neither"},
      {200, "application/json", R"({"MEMBER":{"allow":true}})", "neither"},
      {200, "application/json", R"({"MEMBER":[true]})", "neither"},
      {200, "application/json", R"({"MEMBER":true,"MEMBER":false})", "no JSON object"},
      {200, "application/json", R"({"MEMBER":true} x)", "no JSON object"},
      {200, "application/json", R"({})", "has no"},
      {200, "application/json", R"({"other":true})", "has no"},
      {200, "application/json", R"(true)", "no JSON object"},
      {200, "application/json", R"([{"MEMBER":true}])", "no JSON object"},
      {200, "application/json", "", "no JSON object"},
      {200, "text/plain", R"({"MEMBER":true})", "not application/json"},
      {200, "application/jsonp", R"({"MEMBER":true})", "not application/json"},
      {200, "", R"({"MEMBER":true})", "not application/json"},
      {201, "application/json", R"({"MEMBER":true})", "answers 201"},
      {204, "application/json", "", "answers 204"},
      {302, "application/json", R"({"MEMBER":true})", "answers 302"},
      {403, "application/json", R"({"MEMBER":true})", "answers 403"},
      {500, "application/json", R"({"MEMBER":true})", "answers 500"},
  };
  for (const Kind kind : {Kind::kAuthzen, Kind::kOpa}) {
    for (const auto& one : cases) {
      std::string body = one.body;
      for (std::size_t at = body.find("MEMBER"); at != body.npos; at = body.find("MEMBER")) {
        body.replace(at, 6, kind == Kind::kAuthzen ? "decision" : "result");
      }
      const Result<bool> answer = read_answer(kind, {one.status, one.type, body});
      const std::string said = answer ? (*answer ? "true" : "false") : answer.error().message;
      EXPECT_NE(said.find(one.says), std::string::npos) << body << ": " << said;
      EXPECT_EQ(answer && *answer, std::string_view(one.says) == "true") << body;
      if (!answer) {
        EXPECT_EQ(answer.error().code, Code::kUndecidable);
      }
    }
  }
}

}  // namespace
}  // namespace pawl::decision
