// The modern era over HTTP: one request, its headers, its answer, its stream.
#include <array>
#include <atomic>

#include "foundation/crypto/sha256.h"
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

constexpr const char* kOk = R"({"resultType":"complete","content":[]})";

class ModernTest : public BridgeRig {
 protected:
  void answer_all(const std::string& body = kOk) {
    scripts["new"]->on_request = [body](const auto& open) { open->result(body); };
  }
};

TEST_F(ModernTest, ACallPassesAndCarriesItsRecord) {
  answer_all();
  start();
  const HttpAnswer answer = modern("tools/call", R"("name":"echo","arguments":{"a":1})", "echo");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.header("Execution-Context"), "token-of-tool.call");
  const json::Value body = parsed(answer.body);
  on_loop([&] {
    const Action& action = gateway.calls.at(0)->action;
    EXPECT_EQ(action.tool, "echo");
    EXPECT_EQ(action.server, "new");
    EXPECT_EQ(action.caller.agent, "triage");
    EXPECT_EQ(action.params, R"({"name":"echo","arguments":{"a":1}})");
    EXPECT_EQ(upstreams["new"]->requests.at(0)->key, action.id.text());
    EXPECT_EQ(upstreams["new"]->requests.at(0)->headers.get("Mcp-Name"), "echo");
    EXPECT_EQ(mcp::meta_string(json::find(body, {"result"}), names::kMetaRecord), action.id.text());
    EXPECT_EQ(mcp::meta_string(json::find(body, {"result"}), names::kMetaProof), "/log/proof/7");
    EXPECT_EQ(gateway.log,
              (std::vector<std::string>{"forward tool.call", "record tool.call confirmed"}));
  });
}

TEST_F(ModernTest, TheTransportRefusesWhatItsRevisionNames) {
  answer_all();
  start();
  const std::string good = modern_body("tools/call", R"("name":"echo")");
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "echo"}};
  const auto without = [&](const std::string& name) {
    auto rest = headers;
    std::erase_if(rest, [&](const auto& field) { return field.first == name; });
    return rest;
  };
  const auto with = [&](const std::string& name, const std::string& value) {
    auto changed = without(name);
    changed.emplace_back(name, value);
    return changed;
  };
  const struct {
    const char* name;
    std::string method, path, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view key;
    int status;
    int code;
  } cases[] = {
      {"no key", "POST", "/mcp/new", good, headers, "", 401, -32010},
      {"wrong key", "POST", "/mcp/new", good, headers, "pawl_wrong-key-999", 401, -32010},
      {"foreign origin", "POST", "/mcp/new", good, with("Origin", "http://evil.example"), kTriage,
       403, -32011},
      {"unknown server", "POST", "/mcp/none", good, headers, kTriage, 404, -32602},
      {"other path", "POST", "/mcpx", good, headers, kTriage, 404, -32602},
      {"PUT", "PUT", "/mcp/new", good, headers, kTriage, 405, -32600},
      {"accepts JSON only", "POST", "/mcp/new", good, with("Accept", "application/json"), kTriage,
       406, -32600},
      {"not JSON", "POST", "/mcp/new", "{", headers, kTriage, 400, -32700},
      {"duplicate key", "POST", "/mcp/new", R"({"jsonrpc":"2.0","jsonrpc":"2.0"})", headers,
       kTriage, 400, -32700},
      {"a batch", "POST", "/mcp/new", "[" + good + "]", headers, kTriage, 400, -32600},
      {"a response", "POST", "/mcp/new", R"({"jsonrpc":"2.0","id":1,"result":{}})", headers,
       kTriage, 400, -32600},
      {"no version header", "POST", "/mcp/new", good, without("MCP-Protocol-Version"), kTriage, 400,
       -32020},
      {"other version", "POST", "/mcp/new", good, with("MCP-Protocol-Version", "2027-01-01"),
       kTriage, 400, -32020},
      {"no method header", "POST", "/mcp/new", good, without("Mcp-Method"), kTriage, 400, -32020},
      {"other method", "POST", "/mcp/new", good, with("Mcp-Method", "tools/list"), kTriage, 400,
       -32020},
      {"other name", "POST", "/mcp/new", good, with("Mcp-Name", "delete"), kTriage, 400, -32020},
      {"unknown method", "POST", "/mcp/new", modern_body("tools/destroy", ""),
       with("Mcp-Method", "tools/destroy"), kTriage, 404, -32601},
      {"a legacy method", "POST", "/mcp/new", modern_body("initialize", ""),
       with("Mcp-Method", "initialize"), kTriage, 404, -32601},
      {"name is a number", "POST", "/mcp/new", modern_body("tools/call", R"("name":5)"), headers,
       kTriage, 200, -32602},
      {"server of the other era", "POST", "/mcp/old", good, headers, kTriage, 400, -32022},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const HttpAnswer answer = receive(send(c.method, c.path, c.body, c.headers, c.key));
    EXPECT_EQ(answer.status, c.status) << answer.body;
    EXPECT_EQ(error_code(answer), c.code) << answer.body;
  }
  on_loop([&] {
    EXPECT_TRUE(gateway.calls.empty());
    const BridgeCounters& counters = bridge().counters();
    EXPECT_EQ(counters.unauthenticated, 2u);
    EXPECT_EQ(counters.bad_origin, 1u);
    EXPECT_EQ(counters.malformed, 3u);
    EXPECT_EQ(counters.header_mismatches, 5u);
    EXPECT_EQ(counters.unknown_methods, 2u);
  });
  EXPECT_EQ(receive(send("POST", "/mcp/new", good, headers, "")).header("WWW-Authenticate"),
            "Bearer");
}

TEST_F(ModernTest, EachRefusalHasItsForm) {
  start();
  const struct {
    Code code;
    int status;
    int rpc_code;  // 0: a tool result with isError
  } cases[] = {{Code::kDenied, 200, 0},
               {Code::kStopped, 200, 0},
               {Code::kOverloaded, 200, 0},
               {Code::kEvidenceUnavailable, 200, 0},
               {Code::kTokenInvalid, 403, -32012},
               {Code::kUnauthenticated, 401, -32010}};
  for (const auto& c : cases) {
    SCOPED_TRACE(code_name(c.code));
    on_loop(
        [&] { gateway.denied["tool.call"] = {c.code, "rules", "no-echo", "because", false, 0}; });
    const HttpAnswer answer = modern("tools/call", R"("name":"echo")", "echo");
    EXPECT_EQ(answer.status, c.status);
    EXPECT_EQ(error_code(answer), c.rpc_code) << answer.body;
    EXPECT_NE(answer.body.find("no-echo"), std::string::npos);
    if (c.rpc_code == 0) {
      EXPECT_NE(answer.body.find(R"("isError":true)"), std::string::npos);
    }
  }
}

TEST_F(ModernTest, EventsMakeAStreamThatTheAnswerEnds) {
  scripts["new"]->on_request = [](const auto& open) {
    open->message_in(R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                     R"("params":{"progressToken":"t","progress":1}})");
    open->message_in(R"({"jsonrpc":"2.0","method":"notifications/message",)"
                     R"("params":{"level":"info","data":"x"}})");
    open->result(kOk);
  };
  start();
  HttpAnswer answer = modern("tools/call", R"("name":"echo")", "echo");
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_NE(answer.event().find("notifications/progress"), std::string::npos);
  EXPECT_NE(answer.event().find("notifications/message"), std::string::npos);
  const std::string last = answer.event();
  EXPECT_NE(last.find(R"("result")"), std::string::npos) << last;
  EXPECT_NE(last.find(names::kMetaRecord), std::string::npos);
  ASSERT_TRUE(wait_for([&] { return gateway.calls.size() == 2 && gateway.calls[1]->ended; }));
  on_loop([&] {
    EXPECT_EQ(gateway.calls[0]->events, 2u);
    EXPECT_EQ(gateway.calls[1]->action.verb, "log.message");
    EXPECT_EQ(gateway.calls[1]->action.direction, Direction::kToClient);
    EXPECT_EQ(gateway.calls[1]->outcome, "confirmed");
  });
}

TEST_F(ModernTest, AClosedStreamWithdrawsTheCall) {
  start();
  {
    HttpAnswer answer = send_modern("tools/call", R"("name":"echo")", "echo");
    ASSERT_TRUE(wait_for(
        [&] { return upstreams.count("new") != 0 && upstreams["new"]->requests.size() == 1; }));
  }
  ASSERT_TRUE(wait_for([&] { return gateway.calls.at(0)->ended; }));
  on_loop([&] {
    EXPECT_EQ(gateway.calls[0]->outcome, "unknown");
    EXPECT_FALSE(upstreams["new"]->requests[0]->alive);
  });
}

TEST_F(ModernTest, ASlowReaderPausesItsOwnUpstreamOnly) {
  options.max_queued_bytes = 64 * 1024;
  start();
  HttpAnswer slow =
      send_modern("tools/call", R"("name":"echo")", "echo", kTriage, "/mcp/new", 4096);
  ASSERT_TRUE(wait_for(
      [&] { return upstreams.count("new") != 0 && upstreams["new"]->requests.size() == 1; }));
  const std::string big = R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                          R"({"progressToken":"t","progress":1,"message":")" +
                          std::string(60'000, 'x') + R"("}})";
  ASSERT_TRUE(wait_for([&] {
    upstreams["new"]->requests[0]->message_in(big);
    return upstreams["new"]->requests[0]->paused == 1;
  }));
  on_loop([&] { scripts["new"]->on_request = [](const auto& open) { open->result(kOk); }; });
  EXPECT_EQ(modern("tools/call", R"("name":"echo")", "echo").status, 200);
  while (on_loop([&] { return upstreams["new"]->requests[0]->resumed; }) == 0) {
    ASSERT_FALSE(slow.socket->receive_some().empty());
  }
}

TEST_F(ModernTest, ErrorsOfTheServerKeepTheirCode) {
  scripts["new"]->on_request = [](const auto& open) {
    open->error(R"({"code":-32601,"message":"no such method"})");
  };
  start();
  const HttpAnswer answer =
      modern("completion/complete", R"("ref":{"type":"ref/prompt","name":"p"},"argument":{})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(error_code(answer), -32601);
  EXPECT_NE(answer.body.find(names::kMetaRecord), std::string::npos);
}

// regression: an answer of an unknown type was recorded as confirmed
TEST_F(ModernTest, AnAnswerOfNoKnownTypeIsNoSuccess) {
  answer_all();
  start();
  for (const char* result :
       {R"({"resultType":"wat"})", R"({"resultType":7})", R"({"resultType":"task","task":5})"}) {
    SCOPED_TRACE(result);
    on_loop([&] { answer_all(result); });
    modern("tools/call", R"("name":"echo","arguments":{})", "echo");
    on_loop([&] { EXPECT_EQ(gateway.calls.back()->outcome, "unknown"); });
  }
}

TEST_F(ModernTest, AServerThatIsDownIsARecordedError) {
  scripts["new"]->down = "it did not start";
  start();
  const HttpAnswer answer = modern("tools/call", R"("name":"echo")", "echo");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("it did not start"), std::string::npos);
  on_loop([&] { EXPECT_EQ(gateway.calls.at(0)->outcome, "error"); });
}

TEST_F(ModernTest, ListsAreFilteredAndPrivate) {
  answer_all(R"({"resultType":"complete","tools":[{"name":"echo","inputSchema":{"type":"object"}},)"
             R"({"name":"secret","inputSchema":{}}],"ttlMs":5,"cacheScope":"public"})");
  start();
  on_loop([&] { gateway.hidden.insert("secret"); });
  const HttpAnswer answer = modern("tools/list", "");
  EXPECT_NE(answer.body.find("echo"), std::string::npos);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("cacheScope":"private")"), std::string::npos);
}

TEST_F(ModernTest, LearnedHeadersAreCheckedWhereTheServerDoesNot) {
  answer_all(R"({"resultType":"complete","tools":[{"name":"sql","inputSchema":{"type":"object",)"
             R"("properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]})");
  start();
  modern("tools/list", "");
  on_loop([&] { scripts["new"]->on_request = [](const auto& open) { open->result(kOk); }; });
  const HttpAnswer answer =
      modern("tools/call", R"("name":"sql","arguments":{"region":"eu"})", "sql");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_code(answer), -32020);
}

TEST_F(ModernTest, DiscoverOffersWhatTheServerSpeaks) {
  start();
  const HttpAnswer answer = modern("server/discover", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("supportedVersions":["2026-07-28"])"), std::string::npos);
  on_loop([&] { EXPECT_TRUE(gateway.calls.empty()); });
}

TEST_F(ModernTest, OnlyACompleteResultMayBeGivenAgain) {
  struct Case {
    const char* body;
    bool is_error;
    bool repeatable;
  };
  constexpr std::array kCases = {
      Case{R"({"resultType":"complete","content":[]})", false, true},
      Case{R"({"resultType":"complete","content":[],"isError":true})", false, true},
      Case{R"({"resultType":"input_required","requestState":"s"})", false, false},
      Case{R"({"resultType":"task","taskId":"t","status":"working"})", false, false},
      Case{R"({"code":-32000,"message":"m","isError":true})", true, false}};
  std::atomic<std::size_t> at = 0;
  scripts["new"]->on_request = [&](const std::shared_ptr<Open>& open) {
    kCases[at].is_error ? open->error(kCases[at].body) : open->result(kCases[at].body);
  };
  start();
  for (; at < kCases.size(); ++at) {
    SCOPED_TRACE(kCases[at].body);
    modern("tools/call", R"("name":"echo")", "echo");
    on_loop([&] { EXPECT_EQ(gateway.calls[at]->repeatable, kCases[at].repeatable); });
  }
}

TEST_F(ModernTest, ARepeatIsHandedOverAndItsAnswerHasTheFormItHad) {
  answer_all();
  start();
  struct Case {
    const char* id;
    Answer answer;
    const char* found;
    const char* form;
  };
  const std::array cases = {
      Case{"0190a000-0000-7000-8000-000000000001", {true, kOk}, R"("content":[])", "result"},
      Case{"0190a000-0000-7000-8000-000000000002",
           {false, R"({"resultType":"complete","content":[],"isError":true})"},
           R"("isError":true)",
           "result"}};
  on_loop([&] {
    for (const Case& row : cases) {
      gateway.kept[Uuid::parse(row.id).value()] = row.answer;
    }
  });
  for (const Case& row : cases) {
    SCOPED_TRACE(row.id);
    std::string body = modern_body("tools/call", R"("name":"echo")");
    body.insert(body.find(R"("io.modelcontextprotocol/protocolVersion")"),
                R"("pawl.record/repeat-of":")" + std::string(row.id) + R"(",)");
    const HttpAnswer answer = receive(send("POST", "/mcp/new", body,
                                           {{"MCP-Protocol-Version", "2026-07-28"},
                                            {"Mcp-Method", "tools/call"},
                                            {"Mcp-Name", "echo"}},
                                           kTriage));
    EXPECT_NE(answer.body.find(row.found), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find('"' + std::string(row.form) + R"(":{)"), std::string::npos);
  }
  on_loop([&] {
    ASSERT_EQ(gateway.calls.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(gateway.calls[i]->action.repeat_of->text(), cases[i].id);
    }
  });
}

}  // namespace
}  // namespace pawl::bridge
