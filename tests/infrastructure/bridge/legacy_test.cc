// The legacy era over HTTP: sessions, streams, requests of the server, disconnects.
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

constexpr const char* kOk = R"({"content":[]})";
constexpr const char* kCall = R"("name":"echo","arguments":{})";

class LegacyTest : public BridgeRig {
 protected:
  void answer_all(const std::string& body = kOk) {
    scripts["old"]->on_request = [body](const auto& open) { open->result(body); };
  }
  bool forwarded(std::size_t count) {
    return wait_for([&] { return upstreams["old"]->requests.size() == count; });
  }
  std::shared_ptr<Open> request(std::size_t index) {
    return on_loop([&] { return upstreams["old"]->requests.at(index); });
  }
};

TEST_F(LegacyTest, ASessionBeginsWithInitialize) {
  answer_all();
  start();
  const std::string session = initialize();
  EXPECT_EQ(session.size(), 32u);
  on_loop([&] {
    EXPECT_EQ(upstreams["old"]->initialize_params.find("experimental"), std::string::npos);
  });
  EXPECT_EQ(legacy(session, R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status,
            202);
  EXPECT_EQ(legacy(session, legacy_body("ping", "")).body,
            R"({"jsonrpc":"2.0","id":1,"result":{}})");
  const HttpAnswer answer = legacy(session, legacy_body("tools/call", kCall));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Execution-Context"), "token-of-tool.call");
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(0)->action.protocol, "mcp/2025-11-25");
    EXPECT_EQ(gateway.calls.at(0)->action.session, session);
    EXPECT_EQ(gateway.calls.at(0)->action.caller.asserted.at("clientInfo.name"), "t");
  });
}

TEST_F(LegacyTest, ASessionIsGoodForItsOwnerAndServerOnly) {
  answer_all();
  start();
  const std::string session = initialize();
  const std::string call = legacy_body("tools/call", kCall);
  EXPECT_EQ(legacy(session, call, kDeploy).status, 404);
  EXPECT_EQ(legacy(session, call, kTriage, "/mcp").status, 404);
  EXPECT_EQ(legacy("0123456789abcdef0123456789abcdef", call).status, 404);
  EXPECT_EQ(receive(send("POST", "/mcp/old", call, {})).status, 400);
  EXPECT_EQ(receive(send("POST", "/mcp/old", call,
                         {{"Mcp-Session-Id", session}, {"MCP-Protocol-Version", "1999-01-01"}}))
                .status,
            400);
  EXPECT_EQ(legacy(session, call).status, 200);
  EXPECT_EQ(receive(send("DELETE", "/mcp/old", "", {{"Mcp-Session-Id", session}}, kDeploy)).status,
            404);
  EXPECT_EQ(receive(send("DELETE", "/mcp/old", "", {{"Mcp-Session-Id", session}})).status, 200);
  EXPECT_EQ(legacy(session, call).status, 404);
}

TEST_F(LegacyTest, SessionsAreBoundedAndIdleOnesEnd) {
  options.sessions.max_per_agent = 2;
  start();
  const std::string first = initialize();
  on_loop([&] { clock_.step(std::chrono::seconds(1)); });
  initialize();
  initialize();
  EXPECT_EQ(legacy(first, legacy_body("ping", "")).status, 404);
  on_loop([&] {
    EXPECT_EQ(bridge().sessions(), 2u);
    clock_.step(std::chrono::hours(1));
    bridge().tick();
    EXPECT_EQ(bridge().sessions(), 0u);
  });
}

// A stop leaves them open and silent; whoever was revoked does not come back by them.
TEST_F(LegacyTest, SessionsOfARevokedCallerEnd) {
  start();
  const std::string revoked = initialize();
  on_loop([&] {
    gateway.revoked_agent = "deploy";
    bridge().tick();
    EXPECT_EQ(bridge().sessions(), 1u);
    gateway.revoked_agent = "triage";
    gateway.stops_changed();
    EXPECT_EQ(bridge().sessions(), 0u);
  });
  EXPECT_EQ(legacy(revoked, legacy_body("ping", "")).status, 404);
}

TEST_F(LegacyTest, EachMistakeHasItsAnswer) {
  answer_all();
  start();
  const std::string session = initialize();
  const struct {
    const char* name;
    std::string body;
    int status;
    int code;
  } cases[] = {
      {"unknown method", legacy_body("tools/destroy", ""), 200, -32601},
      {"a method of the other era", legacy_body("tasks/update", ""), 200, -32601},
      {"no name", legacy_body("tools/call", ""), 200, -32602},
      {"initialize again", legacy_body("initialize", R"("protocolVersion":"2025-11-25")"), 200,
       -32602},
      {"not JSON", "{", 400, -32700},
      {"a batch", "[]", 400, -32600},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const HttpAnswer answer = legacy(session, c.body);
    EXPECT_EQ(answer.status, c.status) << answer.body;
    EXPECT_EQ(error_code(answer), c.code) << answer.body;
  }
  EXPECT_EQ(initialize(kTriage, "/mcp/old").size(), 32u);
  const HttpAnswer other = receive(
      send("POST", "/mcp/new",
           legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":{})"), {}));
  EXPECT_EQ(other.status, 200);
  EXPECT_NE(error_code(other), 0) << other.body;
  EXPECT_EQ(other.header("Mcp-Session-Id"), "");
}

TEST_F(LegacyTest, ADisconnectDoesNotCancelAndTheAnswerCanBeFetched) {
  start();
  const std::string session = initialize();
  std::string last;
  {
    HttpAnswer answer = send_legacy(session, legacy_body("tools/call", kCall));
    ASSERT_TRUE(forwarded(1));
    on_loop([&] {
      upstreams["old"]->requests[0]->message_in(
          R"({"jsonrpc":"2.0","method":"notifications/progress",)"
          R"("params":{"progressToken":"t","progress":1}})");
    });
    answer = receive(std::move(answer));
    EXPECT_EQ(answer.event(), "");  // the priming event
    EXPECT_NE(answer.event().find("progress"), std::string::npos);
    last = answer.last_id;
  }
  on_loop([&] { EXPECT_FALSE(gateway.calls.at(0)->ended); });
  on_loop([&] { upstreams["old"]->requests[0]->result(kOk); });
  on_loop([&] { EXPECT_EQ(gateway.calls.at(0)->outcome, "confirmed"); });
  HttpAnswer again = get(session, last);
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.event().find(R"("content":[])"), std::string::npos);
  EXPECT_EQ(get(session, "99.1").status, 400);
  EXPECT_EQ(get(session, "nonsense").status, 400);
}

TEST_F(LegacyTest, WhatTheBudgetDoesNotKeepCannotBeResumed) {
  const auto budget = std::make_shared<OutputBudget>(
      10, [this](std::function<void()> task) { loop_.loop.post(std::move(task)); });
  options.sessions.session.output = budget;
  options.stream_after = std::chrono::milliseconds(0);
  start();
  const std::string session = initialize();
  std::string last;
  {
    HttpAnswer answer = receive(send_legacy(session, legacy_body("tools/call", kCall)));
    EXPECT_EQ(answer.event(), "");
    last = answer.last_id;
  }
  ASSERT_TRUE(forwarded(1));
  on_loop([&] { upstreams["old"]->requests[0]->result(kOk); });
  EXPECT_EQ(get(session, last).status, 400);
  EXPECT_EQ(on_loop([&] { return budget->bytes(); }), 0u);
  EXPECT_EQ(get(session).status, 200) << "a new stream";
}

TEST_F(LegacyTest, AnAgentOverItsShareOfConnectionsIsToldToWait) {
  http_options.max_connections_per_holder = 1;
  start();
  const std::string session = initialize();
  HttpAnswer open = get(session);
  ASSERT_EQ(open.status, 200);
  const HttpAnswer refused = legacy(session, legacy_body("tools/call", kCall));
  EXPECT_EQ(refused.status, 200);
  EXPECT_NE(refused.body.find(R"("code":"overloaded")"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find(R"("retry_after_ms":1000)"), std::string::npos);
  const HttpAnswer stream = get(session);
  EXPECT_EQ(stream.status, 503);
  EXPECT_EQ(stream.header("Retry-After"), "1");
  const std::string cancel = R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                             R"("params":{"requestId":7}})";
  EXPECT_EQ(legacy(session, cancel).status, 202) << "what ends something passes";
  on_loop([&] { EXPECT_TRUE(gateway.calls.empty()); });
  EXPECT_NE(initialize(kDeploy), "") << "another agent has its own share";
}

TEST_F(LegacyTest, ALongCallIsStreamedSoThatItCanBeResumed) {
  options.stream_after = std::chrono::milliseconds(0);
  start();
  const std::string session = initialize();
  std::string last;
  {
    HttpAnswer answer = receive(send_legacy(session, legacy_body("tools/call", kCall)));
    EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
    EXPECT_EQ(answer.event(), "");
    last = answer.last_id;
    EXPECT_FALSE(last.empty());
  }
  ASSERT_TRUE(forwarded(1));
  on_loop([&] { upstreams["old"]->requests[0]->result(kOk); });
  EXPECT_NE(get(session, last).event().find(R"("content":[])"), std::string::npos);
}

TEST_F(LegacyTest, AStreamThatIsPreferredCanBePolledWhereTheServersIs) {
  start();
  const std::string session = initialize();
  HttpAnswer answer = receive(
      send("POST", "/mcp/old", legacy_body("tools/call", kCall),
           {{"Mcp-Session-Id", session}, {"Accept", "text/event-stream, application/json"}}));
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.event(), "");
  ASSERT_TRUE(forwarded(1));
  on_loop([&] { upstreams["old"]->requests[0]->events->on_polling(); });
  EXPECT_EQ(answer.socket->until("0\r\n\r\n").find("data"), std::string::npos);  // the end
  on_loop([&] { upstreams["old"]->requests[0]->result(kOk); });
  EXPECT_NE(get(session, answer.last_id).event().find(R"("content":[])"), std::string::npos);
}

TEST_F(LegacyTest, AnEmptyResultOfSetLevelStaysEmpty) {
  answer_all("{}");
  start();
  EXPECT_EQ(legacy(initialize(), legacy_body("logging/setLevel", R"("level":"info")")).body,
            R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_F(LegacyTest, CancelledWithdrawsTheCall) {
  start();
  const std::string session = initialize();
  HttpAnswer answer = send_legacy(session, legacy_body("tools/call", kCall, R"("a")"));
  ASSERT_TRUE(forwarded(1));
  EXPECT_EQ(legacy(session, R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                            R"("params":{"requestId":"other"}})")
                .status,
            202);
  on_loop([&] { EXPECT_FALSE(gateway.calls.at(0)->ended); });
  EXPECT_EQ(legacy(session, R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                            R"("params":{"requestId":"a"}})")
                .status,
            202);
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(0)->outcome, "unknown");
    EXPECT_FALSE(upstreams["old"]->requests[0]->alive);
  });
}

TEST_F(LegacyTest, TheServerAsksOnTheStreamOfItsCall) {
  start();
  const std::string session = initialize();
  HttpAnswer answer = send_legacy(session, legacy_body("tools/call", kCall));
  ASSERT_TRUE(forwarded(1));
  on_loop([&] {
    upstreams["old"]->requests[0]->message_in(
        R"({"jsonrpc":"2.0","id":77,"method":"elicitation/create",)"
        R"("params":{"message":"name?","requestedSchema":{"type":"object"}}})");
  });
  answer = receive(std::move(answer));
  EXPECT_EQ(answer.event(), "");
  const json::Value asked = parsed(answer.event());
  EXPECT_EQ(json::find_string(asked, {"method"}), "elicitation/create");
  const std::string id(json::find_string(asked, {"id"}).value_or(""));
  EXPECT_TRUE(id.starts_with("pawl-"));
  const std::string response =
      R"({"jsonrpc":"2.0","id":")" + id + R"(","result":{"action":"decline"}})";
  // Of another session of the same agent: not an answer to it.
  EXPECT_EQ(legacy(initialize(), response).status, 202);
  on_loop([&] { EXPECT_FALSE(gateway.calls.at(1)->ended); });
  EXPECT_EQ(legacy(session, response).status, 202);
  EXPECT_EQ(legacy(session, response).status, 202);  // twice: counted once
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(1)->action.verb, "elicitation.request");
    EXPECT_EQ(gateway.calls.at(1)->outcome, "confirmed");
    ASSERT_EQ(upstreams["old"]->answers.size(), 1u);
    EXPECT_EQ(upstreams["old"]->answers[0].id_text, "77");
    EXPECT_EQ(upstreams["old"]->answers[0].body, R"({"action":"decline"})");
    EXPECT_EQ(bridge().counters().late_client_answers, 2u);
  });
}

TEST_F(LegacyTest, ARefusedRequestOfTheServerIsAnsweredWithAnError) {
  start();
  on_loop([&] {
    gateway.denied["sampling.request"] = {Code::kDenied, "rules", "no-sampling", "no", false, 0};
  });
  const std::string session = initialize();
  HttpAnswer answer = send_legacy(session, legacy_body("tools/call", kCall));
  ASSERT_TRUE(forwarded(1));
  on_loop([&] {
    const auto& open = upstreams["old"]->requests[0];
    open->message_in(R"({"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}})");
    open->message_in(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
    open->message_in(R"({"jsonrpc":"2.0","id":3,"method":"root/kit"})");
    const auto& answers = upstreams["old"]->answers;
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_TRUE(answers[0].is_error);
    EXPECT_NE(answers[0].body.find("no-sampling"), std::string::npos);
    EXPECT_EQ(answers[1].body, "{}");
    EXPECT_NE(answers[2].body.find("-32601"), std::string::npos);
  });
}

// Four megabytes of a URI, or of a client's name, were kept for each session, thousands of times.
TEST_F(LegacyTest, ASessionKeepsNoMoreOfItsClientThanItMay) {
  answer_all("{}");
  start();
  const std::string session = initialize();
  const auto subscribe = [&](const std::string& uri) {
    return legacy(session, legacy_body("resources/subscribe", R"("uri":")" + uri + '"')).body;
  };
  EXPECT_NE(subscribe("file:///" + std::string(4'089, 'a')).find("4096 bytes"), std::string::npos);
  for (std::size_t i = 0; i < SessionLimits{}.max_subscriptions; ++i) {
    EXPECT_EQ(subscribe("file:///" + std::to_string(i)).find("error"), std::string::npos) << i;
  }
  EXPECT_NE(subscribe("file:///one-more").find("as many subscriptions"), std::string::npos);
  legacy(session, legacy_body("resources/unsubscribe", R"("uri":"file:///7")"));
  EXPECT_EQ(subscribe("file:///one-more").find("error"), std::string::npos);

  const auto begin = [&](std::size_t name_bytes) {
    return receive(
        send("POST", "/mcp/old",
             legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":{},)"
                                       R"("clientInfo":{"version":"1","name":")" +
                                           std::string(name_bytes, 'n') + R"("})"),
             {}, kTriage));
  };
  EXPECT_NE(begin(64 * 1024).body.find("64 KiB"), std::string::npos);
  const std::string named = begin(300).header("Mcp-Session-Id");
  legacy(named, legacy_body("tools/call", kCall));
  on_loop([&] {
    EXPECT_FALSE(gateway.calls.back()->action.caller.asserted.contains("clientInfo.name"));
  });
}

TEST_F(LegacyTest, WhatComesUnasked) {
  answer_all("{}");
  start();
  const std::string session = initialize();
  legacy(session, legacy_body("resources/subscribe", R"("uri":"file:///a")"));
  // Nobody listens yet: it waits for the stream.
  on_loop([&] {
    const auto& tell = upstreams["old"]->unsolicited;
    tell(jsonrpc::decode(R"({"jsonrpc":"2.0","id":5,"method":"roots/list"})").value());
    tell(jsonrpc::decode(R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                         R"("params":{"uri":"file:///b"}})")
             .value());
    tell(jsonrpc::decode(R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                         R"("params":{"uri":"file:///a"}})")
             .value());
    tell(jsonrpc::decode(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})")
             .value());
  });
  HttpAnswer stream = get(session);
  EXPECT_EQ(stream.event(), "");
  EXPECT_NE(stream.event().find("roots/list"), std::string::npos);
  EXPECT_NE(stream.event().find("file:///a"), std::string::npos);
  EXPECT_NE(stream.event().find("tools/list_changed"), std::string::npos);
  ASSERT_TRUE(wait_for([&] { return gateway.calls.at(2)->ended; }));
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(2)->action.verb, "resource.updated");
    EXPECT_EQ(gateway.calls.at(2)->outcome, "confirmed");
    EXPECT_FALSE(gateway.calls.at(1)->ended);  // roots: the client has not answered
  });
  receive(send("DELETE", "/mcp/old", "", {{"Mcp-Session-Id", session}}));
  on_loop([&] {
    EXPECT_EQ(gateway.calls.at(1)->outcome, "unknown");
    ASSERT_EQ(upstreams["old"]->answers.size(), 1u);
    EXPECT_TRUE(upstreams["old"]->answers[0].is_error);
  });
}

TEST_F(LegacyTest, ARequestThatFitsSeveralSessionsIsRefused) {
  answer_all();
  start();
  for (int i = 0; i < 2; ++i) {
    legacy(initialize(), legacy_body("tools/call", kCall));
  }
  on_loop([&] {
    upstreams["old"]->unsolicited(
        jsonrpc::decode(R"({"jsonrpc":"2.0","id":5,"method":"roots/list"})").value());
    ASSERT_EQ(upstreams["old"]->answers.size(), 1u);
    EXPECT_TRUE(upstreams["old"]->answers[0].is_error);
    EXPECT_EQ(gateway.calls.size(), 2u);
  });
}

}  // namespace
}  // namespace pawl::bridge
