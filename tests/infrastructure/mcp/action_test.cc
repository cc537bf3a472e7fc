#include "infrastructure/mcp/action.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "foundation/records/kinds.h"

namespace pawl::mcp {
namespace {

jsonrpc::Message message_of(const std::string& method, const std::string& params) {
  Result<jsonrpc::Message> message = jsonrpc::decode(jsonrpc::request("1", method, params));
  EXPECT_TRUE(message) << (message ? "" : message.error().message);
  return *message;
}

const MethodInfo& info_of(std::string_view method) {
  for (const MethodInfo& info : methods()) {
    if (info.method == method) {
      return info;
    }
  }
  ADD_FAILURE() << method;
  return methods()[0];
}

ActionContext context_of(Direction direction = Direction::kToServer) {
  ActionContext context;
  context.id = Uuid::v8(std::string(16, 'a'));
  context.caller.agent = "triage";
  context.server = "files";
  context.revision = "2025-11-25";
  context.direction = direction;
  context.session = "s1";
  return context;
}

Result<Decoded> act(const std::string& method, const std::string& params) {
  return make_action(message_of(method, params), info_of(method), context_of());
}

TEST(ActionTest, TakesAToolCall) {
  const Result<Decoded> decoded =
      act("tools/call",
          "{ \"_meta\": {\"progressToken\": 1,\"traceparent\":"
          "\"00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01\"}, "
          "\"name\":\"read\\u005ffile\","
          "\"arguments\": {\"path\": \"/a\", \"n\": 1.0}}");
  ASSERT_TRUE(decoded) << decoded.error().message;
  const Action& action = decoded->action;
  EXPECT_EQ(action.verb, kinds::kToolCall);
  EXPECT_EQ(action.method, "tools/call");
  EXPECT_EQ(action.protocol, "mcp/2025-11-25");
  EXPECT_EQ(action.tool, "read_file");
  EXPECT_EQ(action.server, "files");
  EXPECT_EQ(action.caller.agent, "triage");
  EXPECT_EQ(action.session, "s1");
  EXPECT_EQ(action.traceparent, "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
  EXPECT_FALSE(action.read_only);
  EXPECT_EQ(action.params.find("_meta"), std::string::npos);
  EXPECT_NE(action.params.find("\"arguments\": {\"path\": \"/a\", \"n\": 1.0}"), std::string::npos)
      << "bytes are kept: " << action.params;
  EXPECT_EQ(json::find_string(*action.arguments, {"path"}), "/a");
  EXPECT_TRUE(action.lossy_numbers.empty());
}

TEST(ActionTest, TakesNamesFromWhereTheyStand) {
  const struct {
    const char* method;
    const char* params;
    const char* tool;
    const char* resource;
    const char* task;
    bool read_only;
  } cases[] = {
      {"prompts/get", R"({"name":"p"})", "p", "", "", true},
      {"resources/read", R"({"uri":"file:///a"})", "", "file:///a", "", true},
      {"resources/subscribe", R"({"uri":"file:///a"})", "", "file:///a", "", true},
      {"completion/complete", R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{}})", "p", "",
       "", true},
      {"completion/complete", R"({"ref":{"type":"ref/resource","uri":"u:{x}"},"argument":{}})", "",
       "u:{x}", "", true},
      {"tasks/get", R"({"taskId":"t"})", "", "", "t", true},
      {"tasks/cancel", R"({"taskId":"t"})", "", "", "t", false},
      {"tasks/update", R"({"taskId":"t","inputResponses":{}})", "", "", "t", false},
      {"tools/list", R"({})", "", "", "", true},
      {"tools/list", "", "", "", "", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.method) + " " + c.params);
    const Result<Decoded> decoded = act(c.method, c.params);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->action.tool, c.tool);
    EXPECT_EQ(decoded->action.resource, c.resource);
    EXPECT_EQ(decoded->task, c.task);
    EXPECT_EQ(decoded->action.read_only, c.read_only);
    EXPECT_EQ(decoded->action.params, c.params);
  }
}

TEST(ActionTest, RefusesParametersOfAnotherShape) {
  const struct {
    const char* method;
    const char* params;
  } cases[] = {
      {"tools/call", ""},
      {"tools/call", "{}"},
      {"tools/call", R"({"name":""})"},
      {"tools/call", R"({"name":7})"},
      {"tools/call", R"({"name":"t","arguments":[]})"},
      {"tools/call", R"({"name":"t","arguments":null})"},
      {"resources/read", R"({"name":"t"})"},
      {"completion/complete", R"({"ref":{"type":"ref/tool","name":"t"}})"},
      {"completion/complete", R"({"ref":"p"})"},
      {"completion/complete", R"({"ref":{"type":"ref/prompt","uri":"p"}})"},
      {"tasks/get", R"({"taskId":null})"},
      {"tools/call", R"({"name":"t","_meta":{"pawl.record/parents":"x"}})"},
      {"tools/call", R"({"name":"t","_meta":{"pawl.record/parents":[1]}})"},
      {"tools/call", R"({"name":"t","_meta":{"pawl.record/parents":[]},"execution_context":[]})"},
      {"tools/call", R"({"name":"t","_meta":{"pawl.record/repeat-of":"x"}})"},
      {"tools/call", R"({"name":"t","_meta":{"pawl.record/repeat-of":1}})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.method) + " " + c.params);
    const Result<Decoded> decoded = act(c.method, c.params);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Code::kInvalidParams) << decoded.error().message;
  }
}

TEST(ActionTest, ReportsLossyNumbersOfTheGovernedArgumentsOnly) {
  const std::string lossy = "9007199254740993";
  std::string flood;
  for (int i = 0; i < 20; ++i) {
    flood += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + lossy;
  }
  const struct {
    const char* name;
    std::string params;
    std::vector<std::string> found;
  } cases[] = {
      {"in arguments", R"({"name":"t","arguments":{"n":)" + lossy + "}}", {"/n"}},
      {"beyond a double", R"({"name":"t","arguments":{"n":[1,1e400]}})", {"/n/1"}},
      {"in _meta", R"({"_meta":{"n":)" + lossy + R"(},"name":"t","arguments":{"n":0.1}})", {}},
      {"hidden behind a flood in _meta",
       R"({"_meta":{)" + flood + R"(},"name":"t","arguments":{"n":)" + lossy + "}}",
       {"/n"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(act("tools/call", c.params)->action.lossy_numbers, c.found);
  }
  EXPECT_EQ(act("tools/list", R"({"_meta":{},"cursor":)" + lossy + "}")->action.lossy_numbers,
            std::vector<std::string>{"/cursor"});
}

TEST(ActionTest, HoldsTheParametersAsTheyAreForwarded) {
  EXPECT_EQ(act("tools/call", R"({"name":"t","x":{"_meta":{"pawl.x":1,"y":2}}})")->action.params,
            R"({"name":"t","x":{"_meta":{"y":2}}})");
  const std::string data = R"({"name":"t","arguments":{"_meta":{"pawl.x":1}}})";
  EXPECT_EQ(act("tools/call", data)->action.params, data);
}

TEST(ActionTest, SeesAbsentAndEmptyArgumentsApart) {
  EXPECT_EQ(act("tools/call", R"({"name":"t"})")->action.arguments, nullptr);
  const auto empty = act("tools/call", R"({"name":"t","arguments":{}})");
  ASSERT_NE(empty->action.arguments, nullptr);
  EXPECT_TRUE(empty->action.arguments->get_object().empty());
}

TEST(ActionTest, TakesCausesAndAssertions) {
  const auto decoded =
      act("tools/call",
          R"({"name":"t","_meta":{"pawl.record/parents":["a.b.c","d.e.f"],)"
          R"("pawl.record/repeat-of":"01890a5d-ac96-774b-bcce-b302099a8057","traceparent":"junk",)"
          R"("io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"}}})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->parents, (std::vector<std::string>{"a.b.c", "d.e.f"}));
  EXPECT_EQ(decoded->repeat_of->text(), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(decoded->action.traceparent, "");
  EXPECT_EQ(decoded->action.caller.asserted.at("clientInfo.name"), "c");
  EXPECT_EQ(act("tools/call", R"({"name":"t","execution_context":["a.b.c"]})")->parents.size(), 1u);
}

TEST(ActionTest, TakesEmbeddedRequests) {
  const MethodInfo* info = find_embedded("sampling/createMessage");
  const auto decoded =
      make_embedded_action(R"({"method":"sampling/createMessage","params":{"maxTokens":1}})", *info,
                           context_of(Direction::kToClient));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->action.verb, kinds::kSamplingRequest);
  EXPECT_EQ(decoded->action.direction, Direction::kToClient);
  EXPECT_EQ(decoded->action.params, R"({"maxTokens":1})");
  for (const char* bad : {R"({"method":"roots/list"})", "7", "{",
                          R"({"method":"sampling/createMessage","params":[]})"}) {
    EXPECT_FALSE(make_embedded_action(bad, *info, context_of())) << bad;
  }
}

TEST(ActionTest, PutsAnotherNameInItsPlace) {
  const jsonrpc::Message call =
      message_of("tools/call", R"({ "arguments":{"name":"x"}, "name" : "files__read" })");
  const auto renamed = with_name(call, info_of("tools/call"), "read\"");
  ASSERT_TRUE(renamed);
  EXPECT_EQ(renamed->params_text(), R"({ "arguments":{"name":"x"}, "name" : "read\"" })");
  EXPECT_EQ(**named(*renamed, info_of("tools/call")), "read\"");
  const jsonrpc::Message complete = message_of(
      "completion/complete", R"({"ref":{"type":"ref/prompt","name":"a"},"argument":{"name":"a"}})");
  EXPECT_EQ(with_name(complete, info_of("completion/complete"), "b")->params_text(),
            R"({"ref":{"type":"ref/prompt","name":"b"},"argument":{"name":"a"}})");
  EXPECT_FALSE(*named(message_of("tools/list", "{}"), info_of("tools/list")));
}

}  // namespace
}  // namespace pawl::mcp
