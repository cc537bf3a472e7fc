// Servers that speak both eras: each client through an upstream of its own.
#include <algorithm>

#include "infrastructure/bridge/server_revisions.h"
#include "tests/infrastructure/bridge/bridge_rig.h"

namespace pawl::bridge {
namespace {

class BothErasTest : public BridgeRig {
 protected:
  void SetUp() override {
    BridgeRig::SetUp();
    const mcp::UpstreamHello legacy = scripts["old"]->hello;
    const mcp::UpstreamHello modern = scripts["new"]->hello;
    for (const char* name : {"child", "web"}) {
      add(name, legacy);
      scripts[name]->other_era = modern;
    }
    configs.back().url = "http://127.0.0.1:1/mcp";
    for (const auto& [name, script] : scripts) {
      script->on_request = [](const auto& open) {
        open->result(R"({"resultType":"complete","tools":[],"content":[]})");
      };
    }
  }
  // Only these are registered.
  void only(const std::vector<std::string>& names) {
    std::erase_if(configs, [&](const mcp::ServerConfig& config) {
      return std::find(names.begin(), names.end(), config.name) == names.end();
    });
  }
  void speak(const std::string& path, mcp::Era era) {
    SCOPED_TRACE(path + " " + std::string(mcp::era_name(era)));
    HttpAnswer listed;
    if (era == mcp::Era::kModern) {
      listed = modern("tools/list", "", "", kTriage, path);
    } else {
      listed = legacy(initialize(kTriage, path), legacy_body("tools/list", ""), kTriage, path);
    }
    EXPECT_EQ(listed.status, 200) << listed.body;
    EXPECT_NE(json::find(parsed(listed.body), {"result", "tools"}), nullptr) << listed.body;
  }
  std::size_t count_made(const std::string& what) {
    return on_loop([&] { return std::count(made.begin(), made.end(), what); });
  }
  static std::vector<std::string> strings(const json::Value* list) {
    std::vector<std::string> out;
    if (list != nullptr && list->is_array()) {
      for (const json::Value& each : list->get_array()) {
        out.emplace_back(each.get_string());
      }
    }
    return out;
  }
  std::vector<std::string> discovered(const std::string& path) {
    const HttpAnswer answer = modern("server/discover", "", "", kTriage, path);
    return strings(json::find(parsed(answer.body), {"result", "supportedVersions"}));
  }
  static std::vector<std::string> supported(const HttpAnswer& answer) {
    return strings(json::find(parsed(answer.body), {"error", "data", "supported"}));
  }
  HttpAnswer try_initialize(const std::string& path) {
    return receive(
        send("POST", path,
             legacy_body("initialize", R"("protocolVersion":"2025-11-25","capabilities":{})"), {}));
  }

  const std::vector<std::string> both_ = {"2026-07-28", "2025-11-25"};
  const std::vector<std::string> modern_ = {"2026-07-28"};
  const std::vector<std::string> legacy_ = {"2025-11-25"};
};

TEST_F(BothErasTest, EachClientSpeaksItsOwnInAnyOrder) {
  start();
  const std::vector<mcp::Era> orders[] = {
      {mcp::Era::kLegacy, mcp::Era::kModern, mcp::Era::kLegacy, mcp::Era::kModern},
      {mcp::Era::kModern, mcp::Era::kLegacy, mcp::Era::kModern, mcp::Era::kLegacy}};
  for (const std::vector<mcp::Era>& order : orders) {
    for (const mcp::Era era : order) {
      for (const char* path : {"/mcp/child", "/mcp/web"}) {
        speak(path, era);
      }
    }
    EXPECT_EQ(count_made("child agent:triage"), 1u);
    EXPECT_EQ(count_made("child agent:triage modern"), 1u);
    EXPECT_EQ(count_made("web agent:triage modern"), 1u);
    restart([&] { made.clear(); });
  }
}

TEST_F(BothErasTest, DiscoverNamesBothErasAndAsksAServerOnce) {
  start();
  EXPECT_EQ(discovered("/mcp/web"), both_);
  EXPECT_EQ(discovered("/mcp/web"), both_);
  EXPECT_EQ(count_made("web what it speaks"), 1u);
  EXPECT_EQ(discovered("/mcp/child"), modern_) << "no process is started only to ask";
  EXPECT_EQ(count_made("child what it speaks"), 0u);
  speak("/mcp/child", mcp::Era::kLegacy);
  EXPECT_EQ(discovered("/mcp/child"), both_);
  EXPECT_EQ(discovered("/mcp/new"), modern_);
}

TEST_F(BothErasTest, AServerOfOneEraIsRefusedFromMemoryForAWhile) {
  start();
  for (int i = 0; i < 3; ++i) {
    const HttpAnswer refused = modern("tools/list", "", "", kTriage, "/mcp/old");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(error_code(refused), -32022);
    EXPECT_EQ(supported(refused), legacy_);
  }
  EXPECT_EQ(count_made("old agent:triage modern"), 1u);
  on_loop([&] { EXPECT_TRUE(upstreams["old"]->closed) << "it serves nobody"; });
  speak("/mcp/old", mcp::Era::kLegacy);
  on_loop([&] {
    clock_.step(ServerRevisions::kBelieved);
    scripts["old"]->other_era = scripts["new"]->hello;  // it was upgraded
  });
  speak("/mcp/old", mcp::Era::kModern);
}

TEST_F(BothErasTest, OnAllServersOnlyWhatAllSpeak) {
  struct Case {
    const char* other;
    mcp::Era passes;
  };
  for (const Case& c : {Case{"old", mcp::Era::kLegacy}, Case{"new", mcp::Era::kModern}}) {
    SCOPED_TRACE(c.other);
    const std::vector<mcp::ServerConfig> all = configs;
    only({"child", c.other});
    start();
    const bool is_legacy = c.passes == mcp::Era::kLegacy;
    const HttpAnswer refused =
        is_legacy ? modern("server/discover", "", "", kTriage, "/mcp") : try_initialize("/mcp");
    EXPECT_EQ(refused.status, is_legacy ? 400 : 200);
    EXPECT_EQ(error_code(refused), is_legacy ? -32022 : -32602);
    EXPECT_EQ(supported(refused), is_legacy ? legacy_ : modern_) << refused.body;
    speak("/mcp", c.passes);
    end();
    configs = all;
  }
}

}  // namespace
}  // namespace pawl::bridge
