// Who is stopped is told so, also by what carries no data and has no record.
#include <sys/socket.h>

#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

class StoppedTest : public BridgeRig {
 protected:
  void stop() {
    on_loop([&] { gateway.stopped_agent = "triage"; });
  }
  static void expect_refusal(const HttpAnswer& answer) {
    expect_refusal(answer.status, answer.body);
  }
  static void expect_refusal(int status, const std::string& body) {
    EXPECT_EQ(status, 200);
    const json::Value answer = parsed(body);
    const json::Value* code = json::find(answer, {"error", "code"});
    ASSERT_NE(code, nullptr) << body;
    EXPECT_EQ(code->to_number<std::int64_t>(), -32014);
    const std::pair<const char*, const char*> data[] = {{"code", "stopped"},
                                                        {"control", "stops"},
                                                        {"rule", "stop:1"},
                                                        {"reason", "agent:triage is stopped"}};
    for (const auto& [name, value] : data) {
      EXPECT_EQ(json::find_string(answer, {"error", "data", name}), value) << body;
    }
    EXPECT_EQ(json::find(answer, {"error", "data", "record"}), nullptr) << "it has none";
  }
  static std::string hello() {
    return legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":{})");
  }
};

TEST_F(StoppedTest, OverHttpInBothEras) {
  start();
  const std::string session = initialize();
  stop();
  for (const char* path : {"/mcp/old", "/mcp"}) {
    SCOPED_TRACE(path);
    const HttpAnswer refused = receive(send("POST", path, hello(), {}));
    expect_refusal(refused);
    EXPECT_EQ(refused.header("Mcp-Session-Id"), "");
  }
  expect_refusal(legacy(session, legacy_body("ping", "")));
  for (const char* path : {"/mcp/new", "/mcp"}) {
    SCOPED_TRACE(path);
    expect_refusal(modern("server/discover", "", "", kTriage, path));
  }
  on_loop([&] {
    EXPECT_EQ(bridge().sessions(), 1u);
    EXPECT_EQ(upstreams.count("new"), 0u) << "nothing is started for it";
  });
  EXPECT_EQ(modern("server/discover", "", "", kDeploy).status, 200);
  EXPECT_NE(initialize(kDeploy), "");
}

// The stop comes while the server is asked.
TEST_F(StoppedTest, InTheMiddleOfAHandshake) {
  start();
  on_loop([&] { scripts["new"]->on_start = [this] { gateway.stopped_agent = "triage"; }; });
  expect_refusal(modern("server/discover", ""));
  on_loop([&] {
    gateway.stopped_agent.clear();
    scripts["old"]->on_start = [this] { gateway.stopped_agent = "triage"; };
  });
  expect_refusal(receive(send("POST", "/mcp/old", hello(), {})));
}

TEST_F(StoppedTest, OverLines) {
  start();
  stop();
  for (const std::string& request :
       {hello(), legacy_body("ping", ""), modern_body("server/discover", "")}) {
    SCOPED_TRACE(request);
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    on_loop([&] {
      Caller caller;
      caller.agent = "triage";
      bridge().attach_stdio(caller, "old",
                            make_line_channel(loop_.loop, fds[0], fds[0], LineLimits{}), nullptr,
                            nullptr);
    });
    testing::RawSocket client(fds[1]);
    client.send(request + "\n");
    expect_refusal(200, client.until("\n"));
  }
  on_loop([&] { EXPECT_EQ(upstreams.count("old"), 0u); });
}

}  // namespace
}  // namespace pawl::bridge
