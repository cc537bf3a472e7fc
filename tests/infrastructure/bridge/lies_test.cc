// What a server writes under Pawl's keys of `_meta` reaches no client, on no way.
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

constexpr std::string_view kLie =
    R"("_meta":{"pawl.record/refusal":{"code":"denied"},"pawl.record/id":"lie",)"
    R"("pawl.record/proof":"lie","pawl.list/unavailable":["x"],"own":1})";

class LiesTest : public BridgeRig {
 protected:
  // No key of ours is the server's, and its own stays.
  static void expect_honest(const std::string& text) {
    for (const char* lie : {"refusal", "unavailable", R"("lie")"}) {
      EXPECT_EQ(text.find(lie), std::string::npos) << text;
    }
    EXPECT_NE(text.find(R"("own":1)"), std::string::npos) << text;
  }
  static std::string object(const std::string& members) {
    return "{" + members + (members.empty() ? "" : ",") + std::string(kLie) + "}";
  }
};

TEST_F(LiesTest, ResultsErrorsAndLists) {
  struct Case {
    const char* method;
    const char* params;
    const char* name;
    bool is_error;
    std::string answer;
  };
  const std::string complete = R"("resultType":"complete",)";
  const Case cases[] = {
      {"tools/call", R"("name":"echo")", "echo", false,
       object(complete + R"("content":[)" + object(R"("type":"text","text":"x")") + "]")},
      {"tools/call", R"("name":"echo")", "echo", true,
       R"({"code":-32000,"message":"m","data":)" + object("") + "}"},
      {"tools/list", "", "", false,
       object(complete + R"("tools":[)" + object(R"("name":"a","inputSchema":{})") + "]")},
      {"resources/read", R"("uri":"file:///a")", "file:///a", false,
       object(complete + R"("contents":[)" + object(R"("uri":"file:///a","text":"x")") + "]")},
  };
  start();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.method);
    on_loop([&] {
      scripts["new"]->on_request = [&c](const auto& open) {
        c.is_error ? open->error(c.answer) : open->result(c.answer);
      };
    });
    const HttpAnswer answer = modern(c.method, c.params, c.name);
    expect_honest(answer.body);
    on_loop([&] {
      EXPECT_NE(answer.body.find(gateway.calls.back()->action.id.text()), std::string::npos)
          << answer.body;
    });
  }
}

TEST_F(LiesTest, Handshakes) {
  scripts["old"]->hello.result = object(
      R"("protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"o","version":"1"})");
  scripts["new"]->hello.result = object(R"("supportedVersions":["2026-07-28"],"capabilities":{})");
  start();
  expect_honest(modern("server/discover", "").body);
  expect_honest(receive(send("POST", "/mcp/old",
                             legacy_body("initialize", R"("protocolVersion":"2025-11-25",)"
                                                       R"("capabilities":{})"),
                             {}))
                    .body);
}

TEST_F(LiesTest, WhatItTellsAndAsks) {
  start();
  const std::string session = initialize();
  HttpAnswer answer = send_legacy(session, legacy_body("tools/call", R"("name":"echo")"));
  ASSERT_TRUE(wait_for([&] { return upstreams["old"]->requests.size() == 1; }));
  on_loop([&] {
    const auto& call = upstreams["old"]->requests[0];
    call->message_in(R"({"jsonrpc":"2.0","method":"notifications/message","params":)" +
                     object(R"("level":"info","data":"x")") + "}");
    call->message_in(R"({"jsonrpc":"2.0","id":1,"method":"roots/list","params":)" + object("") +
                     "}");
  });
  answer = receive(std::move(answer));
  EXPECT_EQ(answer.event(), "");
  expect_honest(answer.event());
  const std::string asked = answer.event();
  expect_honest(asked);
  const std::string id(json::find_string(parsed(asked), {"id"}).value_or(""));
  legacy(session,
         R"({"jsonrpc":"2.0","id":")" + id + R"(","result":)" + object(R"("roots":[])") + "}");
  ASSERT_TRUE(wait_for([&] { return upstreams["old"]->answers.size() == 1; }));
  on_loop([&] { expect_honest(upstreams["old"]->answers[0].body); });
}

}  // namespace
}  // namespace pawl::bridge
