// A client that speaks in lines: both eras, cancellation, its end.
#include <sys/socket.h>

#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

class LineClientTest : public BridgeRig {
 protected:
  testing::RawSocket attach(const std::string& server) {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    on_loop([&] {
      Caller caller;
      caller.agent = "triage";
      bridge().attach_stdio(caller, server,
                            make_line_channel(loop_.loop, fds[0], fds[0], LineLimits{}), nullptr,
                            [this] { closed_ = true; });
    });
    return testing::RawSocket(fds[1]);
  }
  static std::string ask(testing::RawSocket& socket, const std::string& line) {
    socket.send(line + "\n");
    return socket.until("\n");
  }
  bool closed_ = false;
};

TEST_F(LineClientTest, ALegacyClient) {
  scripts["old"]->on_request = [](const auto& open) {
    open->message_in(R"({"jsonrpc":"2.0","id":9,"method":"roots/list"})");
    open->result("{\n\"content\":[]}");
  };
  start();
  testing::RawSocket client = attach("old");
  EXPECT_NE(ask(client, legacy_body("tools/call", R"("name":"echo")")).find("-32600"),
            std::string::npos);
  EXPECT_NE(ask(client, "{").find("-32700"), std::string::npos);
  EXPECT_NE(ask(client, legacy_body("initialize", R"("protocolVersion":"2025-11-25",)"
                                                  R"("capabilities":{})"))
                .find(R"("protocolVersion":"2025-11-25")"),
            std::string::npos);
  const std::string roots = ask(client, legacy_body("tools/call", R"("name":"echo")"));
  EXPECT_NE(roots.find("roots/list"), std::string::npos);
  EXPECT_NE(client.until("\n").find(R"("content":[])"), std::string::npos);
  client.send(R"({"jsonrpc":"2.0","id":"pawl-1","result":{"roots":[]}})"
              "\n");
  ASSERT_TRUE(wait_for([&] { return upstreams["old"]->answers.size() == 1; }));
  on_loop([&] { EXPECT_EQ(upstreams["old"]->answers[0].body, R"({"roots":[]})"); });
}

TEST_F(LineClientTest, AModernClientCancelsAndLeaves) {
  start();
  testing::RawSocket client = attach("new");
  EXPECT_NE(ask(client, modern_body("server/discover", "")).find("supportedVersions"),
            std::string::npos);
  EXPECT_NE(ask(client, R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{}})")
                .find("-32602"),
            std::string::npos);
  client.send(modern_body("tools/call", R"("name":"echo")", "7") + "\n");
  client.send(modern_body("tools/call", R"("name":"echo")", "8") + "\n");
  ASSERT_TRUE(wait_for([&] { return upstreams["new"]->requests.size() == 2; }));
  client.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,)"
              R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})"
              "\n");
  ASSERT_TRUE(wait_for([&] { return gateway.calls.at(0)->ended; }));
  // Nothing is said of the cancelled call; the other goes on.
  EXPECT_NE(ask(client, modern_body("server/discover", "", "9")).find(R"("id":9)"),
            std::string::npos);
  on_loop([&] { EXPECT_FALSE(gateway.calls.at(1)->ended); });
  client.close();
  ASSERT_TRUE(wait_for([&] { return gateway.calls.at(1)->ended && closed_; }));
  on_loop([&] { EXPECT_EQ(gateway.calls.at(1)->outcome, "unknown"); });
}

TEST_F(LineClientTest, TheWrongEraIsRefusedByName) {
  start();
  testing::RawSocket client = attach("old");
  const std::string answer = ask(client, modern_body("tools/call", R"("name":"echo")"));
  EXPECT_NE(answer.find("-32022"), std::string::npos) << answer;
  EXPECT_NE(answer.find("2025-11-25"), std::string::npos) << answer;
}

}  // namespace
}  // namespace pawl::bridge
