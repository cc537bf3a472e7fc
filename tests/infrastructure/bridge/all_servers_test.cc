// /mcp: several servers under one address, and subscriptions.
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

class AllServersTest : public BridgeRig {
 protected:
  void SetUp() override {
    configs.clear();
    const mcp::UpstreamHello modern = {
        mcp::Era::kModern,
        {"2026-07-28"},
        R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
        R"("capabilities":{"tools":{}}})"};
    for (const std::string name : {"alpha", "beta", "gamma"}) {
      add(name, modern);
      scripts[name]->on_request = [name](const auto& open) {
        if (open->message.method == "tools/list") {
          open->result(R"({"resultType":"complete","tools":[{"name":"echo","title":")" + name +
                       R"(","inputSchema":{"type":"object"}}],"nextCursor":"more"})");
        } else if (open->message.method == "tools/call") {
          open->result(R"({"resultType":"complete","content":[],"from":")" + name + R"("})");
        }
      };
    }
    scripts["gamma"]->down = "gone";
  }
  HttpAnswer all(const std::string& method, const std::string& params,
                 const std::string& name = "") {
    return modern(method, params, name, kTriage, "/mcp");
  }
};

TEST_F(AllServersTest, DiscoverNamesWhatIsDown) {
  start();
  const HttpAnswer answer = all("server/discover", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("supportedVersions":["2026-07-28"])"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("pawl.list/unavailable":["gamma"])"), std::string::npos);
}

TEST_F(AllServersTest, ListsAreMergedAndNamesMappedBack) {
  start();
  on_loop([&] { gateway.hidden.insert("triage@gamma"); });
  const json::Value list = parsed(all("tools/list", "").body);
  const json::Array& tools = json::find(list, {"result", "tools"})->get_array();
  ASSERT_EQ(tools.size(), 2u);
  EXPECT_EQ(json::find_string(tools[0], {"name"}), "alpha__echo");
  const std::string cursor(json::find_string(list, {"result", "nextCursor"}).value_or(""));
  const HttpAnswer page = all("tools/list", R"("cursor":")" + cursor + R"(")");
  EXPECT_NE(page.body.find("beta__echo"), std::string::npos) << page.body;
  EXPECT_EQ(error_code(all("tools/list", R"("cursor":"more")")), -32602);
  const HttpAnswer called = all("tools/call", R"("name":"beta__echo")", "beta__echo");
  EXPECT_NE(called.body.find(R"("from":"beta")"), std::string::npos) << called.body;
  EXPECT_EQ(error_code(all("tools/call", R"("name":"none__x")", "none__x")), -32602);
  on_loop([&] {
    const Action& action = gateway.calls.back()->action;
    EXPECT_EQ(action.server, "beta");
    EXPECT_EQ(action.tool, "echo");
    EXPECT_EQ(action.params, R"({"name":"echo"})");
    EXPECT_EQ(upstreams.count("gamma"), 0u);
    EXPECT_NE(upstreams["alpha"]->requests.back()->message.text.find(R"("cursor":"more")"),
              std::string::npos);
  });
}

TEST_F(AllServersTest, AMergedListNamesTheRecordOfEachPart) {
  start();
  const json::Value list = parsed(all("tools/list", "").body);
  const json::Value* meta = json::find(list, {"result", "_meta"});
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(json::find(*meta, {names::kMetaRecord}), nullptr) << "it is no action of its own";
  const json::Value* parts = json::find(*meta, {names::kMetaParts});
  ASSERT_NE(parts, nullptr);
  on_loop([&] {
    std::map<std::string, std::string> recorded;
    for (const auto& call : gateway.calls) {
      recorded[call->action.server] = call->action.id.text();
    }
    ASSERT_EQ(parts->get_array().size(), 3u) << "also of the server that failed";
    for (const json::Value& part : parts->get_array()) {
      const std::string server(json::find_string(part, {"server"}).value_or(""));
      EXPECT_EQ(json::find_string(part, {"id"}), recorded[server]) << server;
      EXPECT_TRUE(json::find_string(part, {"proof"})) << server;
    }
  });
}

TEST_F(AllServersTest, AServerThatFailsIsNamedInTheList) {
  start();
  const HttpAnswer answer = all("tools/list", "");
  EXPECT_NE(answer.body.find("alpha__echo"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("pawl.list/unavailable":["gamma"])"), std::string::npos);
}

TEST_F(AllServersTest, ASubscriptionIsMaskedAndEndsWithItsClient) {
  start();
  on_loop([&] { gateway.hidden.insert("file:///secret"); });
  const std::string filter = R"("notifications":{"toolsListChanged":true,)"
                             R"("resourceSubscriptions":["file:///a","file:///secret"]})";
  {
    HttpAnswer answer = send_modern("subscriptions/listen", filter, "", kTriage, "/mcp/alpha");
    ASSERT_TRUE(wait_for(
        [&] { return upstreams.count("alpha") != 0 && !upstreams["alpha"]->requests.empty(); }));
    on_loop([&] {
      const auto& open = upstreams["alpha"]->requests[0];
      EXPECT_EQ(open->message.text.find("secret"), std::string::npos);
      open->message_in(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged",)"
                       R"("params":{"notifications":{)"
                       R"("resourceSubscriptions":["file:///secret"]}}})");
      open->message_in(R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                       R"("params":{"uri":"file:///a"}})");
    });
    answer = receive(std::move(answer));
    EXPECT_NE(answer.event().find(R"("resourceSubscriptions":[])"), std::string::npos);
    EXPECT_NE(answer.event().find("resources/updated"), std::string::npos);
    on_loop([&] { EXPECT_FALSE(gateway.calls.at(0)->ended); });
  }
  ASSERT_TRUE(wait_for([&] { return gateway.calls.at(0)->ended; }));
  on_loop([&] {
    EXPECT_EQ(gateway.calls[0]->outcome, "confirmed");
    EXPECT_FALSE(upstreams["alpha"]->requests[0]->alive);
    EXPECT_EQ(gateway.calls.at(1)->action.verb, "resource.updated");
  });
}

// What one server told was kept for as long as another did not acknowledge, without end.
TEST_F(AllServersTest, ASilentServerHoldsUpAMebibyteOfTheOthersAndNoMore) {
  start();
  all("server/discover", "");
  HttpAnswer answer = send_modern(
      "subscriptions/listen", R"("notifications":{"toolsListChanged":true})", "", kTriage, "/mcp");
  ASSERT_TRUE(wait_for([&] {
    return upstreams["alpha"]->requests.size() == 1 && upstreams["beta"]->requests.size() == 1;
  }));
  on_loop([&] {
    const auto& alpha = upstreams["alpha"]->requests[0];
    alpha->message_in(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged",)"
                      R"("params":{"notifications":{"toolsListChanged":true}}})");
    for (int i = 0; i < 12; ++i) {
      alpha->message_in(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed",)"
                        R"("params":{"padding":")" +
                        std::string(100 * 1024, 'x') + R"("}})");
    }
  });
  answer = receive(std::move(answer));
  EXPECT_NE(answer.event().find("subscriptions/acknowledged"), std::string::npos);
  EXPECT_NE(answer.event().find("list_changed"), std::string::npos);
}

TEST_F(AllServersTest, SubscriptionsOfAllServersShareOneAcknowledgement) {
  start();
  all("server/discover", "");
  HttpAnswer answer = send_modern(
      "subscriptions/listen", R"("notifications":{"toolsListChanged":true})", "", kTriage, "/mcp");
  ASSERT_TRUE(wait_for([&] {
    return upstreams["alpha"]->requests.size() == 1 && upstreams["beta"]->requests.size() == 1;
  }));
  on_loop([&] {
    const std::string acknowledged =
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged",)"
        R"("params":{"notifications":{"toolsListChanged":true}}})";
    upstreams["alpha"]->requests[0]->message_in(acknowledged);
    upstreams["alpha"]->requests[0]->message_in(
        R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}})");
    upstreams["beta"]->requests[0]->message_in(acknowledged);
  });
  answer = receive(std::move(answer));
  EXPECT_EQ(answer.event(),
            R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":)"
            R"({"_meta":{"io.modelcontextprotocol/subscriptionId":1},)"
            R"("notifications":{"toolsListChanged":true}}})");
  EXPECT_NE(answer.event().find("list_changed"), std::string::npos);
  on_loop([&] {
    for (const char* server : {"alpha", "beta"}) {
      upstreams[server]->requests[0]->result(R"({"resultType":"complete"})");
    }
  });
  EXPECT_NE(answer.event().find(R"("resultType":"complete")"), std::string::npos);
}

}  // namespace
}  // namespace pawl::bridge
