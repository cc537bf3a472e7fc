#include "infrastructure/upstream/servers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pawl::mcp {
namespace {

constexpr Era kLegacy = Era::kLegacy;
constexpr Era kModern = Era::kModern;

class FakeUpstream final : public Upstream {
 public:
  FakeUpstream(std::string key, std::vector<std::string>& closed)
      : key_(std::move(key)), closed_(closed) {}
  void start(Opening, std::function<void(Result<UpstreamHello>)>) override {}
  std::unique_ptr<UpstreamExchange> request(const Request&, std::shared_ptr<WriteGate>,
                                            std::shared_ptr<ExchangeEvents>) override {
    return nullptr;
  }
  void notify(const jsonrpc::Message&, std::shared_ptr<WriteGate>) override {}
  void answer(const std::string&, std::string_view, bool, std::shared_ptr<WriteGate>,
              std::function<void(bool)>) override {}
  void on_unsolicited(std::function<void(jsonrpc::Message)>) override {}
  void on_closed(std::function<void(std::string)>) override {}
  void close() override { closed_.push_back(key_); }
  bool is_open() const override { return true; }

 private:
  const std::string key_;
  std::vector<std::string>& closed_;
};

class ServersTest : public ::testing::Test {
 protected:
  ServerConfig stdio(const std::string& name, Isolation isolation = Isolation::kPerAgent) {
    ServerConfig config;
    config.name = name;
    config.command = {"server"};
    config.isolation = isolation;
    config.max_upstreams = 2;
    config.idle_timeout = std::chrono::seconds(10);
    return config;
  }
  ServerConfig http(const std::string& name, Isolation isolation) {
    ServerConfig config = stdio(name, isolation);
    config.url = "http://127.0.0.1:3001/mcp";
    return config;
  }
  std::unique_ptr<Servers> make(std::vector<ServerConfig> configs) {
    return std::make_unique<Servers>(
        std::move(configs), [this](const ServerConfig& config, const std::string& key) {
          made_.push_back(config.name + " " + key);
          return std::make_unique<FakeUpstream>(config.name + " " + key, closed_);
        });
  }

  std::vector<std::string> made_;
  std::vector<std::string> closed_;
};

TEST_F(ServersTest, MakesOneUpstreamForEachIsolationKey) {
  std::vector<ServerConfig> configs = {
      stdio("agent", Isolation::kPerAgent), stdio("session", Isolation::kPerSession),
      stdio("shared", Isolation::kShared), http("web", Isolation::kShared)};
  for (ServerConfig& config : configs) {
    config.max_upstreams = 3;
  }
  const auto servers = make(std::move(configs));
  struct Case {
    const char* server;
    const char* agent;
    const char* session;
    Era era;
    const char* key;
  };
  const Case cases[] = {
      {"agent", "a", "s1", kLegacy, "agent agent:a"},
      {"agent", "a", "s2", kLegacy, "agent agent:a"},
      {"agent", "b", "s3", kLegacy, "agent agent:b"},
      {"agent", "a", "", kModern, "agent agent:a modern"},
      {"agent", "a", "line", kModern, "agent agent:a modern"},
      {"session", "a", "s1", kLegacy, "session session:s1"},
      {"session", "a", "s1", kModern, "session session:s1 modern"},
      {"session", "a", "", kModern, "session agent:a modern"},
      {"shared", "a", "s1", kLegacy, "shared shared"},
      {"shared", "b", "", kModern, "shared shared modern"},
      {"web", "a", "s1", kLegacy, "web session:s1"},
      {"web", "a", "s2", kLegacy, "web session:s2"},
      {"web", "a", "", kModern, "web shared modern"},
      {"web", "b", "", kModern, "web shared modern"},
  };
  std::map<std::string, std::shared_ptr<Upstream>> seen;
  for (const Case& c : cases) {
    const auto upstream = servers->upstream(c.server, c.agent, c.session, c.era);
    ASSERT_TRUE(upstream.has_value());
    const auto [known, is_new] = seen.emplace(c.key, *upstream);
    EXPECT_EQ(known->second, *upstream) << c.key;
    EXPECT_EQ(made_.back() == c.key || !is_new, true) << c.key << " " << made_.back();
  }
  EXPECT_EQ(made_.size(), seen.size());
}

TEST_F(ServersTest, RefusesTheUnknownAndWhatIsOverTheLimit) {
  const auto servers = make({stdio("files")});
  EXPECT_EQ(servers->upstream("nope", "a", "", kLegacy).error().code, Code::kNotFound);
  ASSERT_TRUE(servers->upstream("files", "a", "", kLegacy));
  ASSERT_TRUE(servers->upstream("files", "b", "", kLegacy));
  EXPECT_EQ(servers->upstream("files", "c", "", kLegacy).error().code, Code::kOverloaded);
  EXPECT_TRUE(servers->upstream("files", "a", "", kLegacy).has_value()) << "what runs goes on";
}

TEST_F(ServersTest, ClosesWhatIsUnusedForLong) {
  const auto servers = make({stdio("files")});
  auto used = *servers->upstream("files", "a", "", kLegacy);
  ASSERT_TRUE(servers->upstream("files", "b", "", kLegacy));
  servers->close_idle(BootTime{0});
  servers->close_idle(BootTime{9'999'999});
  EXPECT_TRUE(closed_.empty());
  servers->close_idle(BootTime{10'000'000});
  EXPECT_EQ(closed_, std::vector<std::string>{"files agent:b"});
  used.reset();
  servers->close_idle(BootTime{20'000'000});
  ASSERT_TRUE(servers->upstream("files", "a", "", kLegacy)) << "asked for: not idle";
  servers->close_idle(BootTime{30'000'000});
  EXPECT_EQ(closed_.size(), 1u);
  servers->close_idle(BootTime{40'000'000});
  EXPECT_EQ(closed_.size(), 2u);
}

TEST_F(ServersTest, ASessionTakesItsOwnUpstreamsWithIt) {
  const auto servers = make({stdio("own", Isolation::kPerSession), stdio("agent")});
  for (const char* session : {"s1", "s2"}) {
    ASSERT_TRUE(servers->upstream("own", "a", session, kLegacy));
  }
  ASSERT_TRUE(servers->upstream("agent", "a", "s1", kLegacy));
  servers->session_ended("s1");
  servers->session_ended("");
  EXPECT_EQ(closed_, std::vector<std::string>{"own session:s1"});
}

TEST_F(ServersTest, ReleasesWhatServesNobodyAndMakesASpareBesideTheLimit) {
  const auto servers = make({stdio("files")});
  const auto misfit = *servers->upstream("files", "a", "", kModern);
  ASSERT_TRUE(servers->upstream("files", "a", "", kLegacy));
  EXPECT_NE(servers->spare("files"), nullptr) << "it does not count";
  EXPECT_EQ(made_.back(), "files what it speaks");
  EXPECT_EQ(servers->spare("nope"), nullptr);
  servers->release("files", misfit);
  EXPECT_EQ(closed_, std::vector<std::string>{"files agent:a modern"});
  ASSERT_TRUE(servers->upstream("files", "b", "", kLegacy)) << "there is room again";
  servers->attach("files", "shim", std::make_unique<FakeUpstream>("shim", closed_));
  const auto own = *servers->upstream("files", "a", "shim", kModern);
  servers->release("files", own);
  EXPECT_EQ(*servers->upstream("files", "a", "shim", kLegacy), own) << "one process, both eras";
  EXPECT_TRUE(servers->is_shim("files", "shim"));
  EXPECT_FALSE(servers->is_shim("files", ""));
}

TEST_F(ServersTest, GivesAShimItsOwnUpstreamForItsSessionAlone) {
  const auto servers = make({stdio("files")});
  const auto attach = [&](const std::string& server, const std::string& session) {
    servers->attach(server, session,
                    std::make_unique<FakeUpstream>(server + " " + session, closed_));
  };
  attach("files", "shim-1");
  attach("wrapped", "shim-1");
  attach("wrapped", "shim-2");
  EXPECT_NE(*servers->upstream("wrapped", "a", "shim-1", kLegacy),
            *servers->upstream("wrapped", "a", "shim-2", kLegacy));
  EXPECT_NE(*servers->upstream("files", "a", "shim-1", kLegacy),
            *servers->upstream("files", "a", "s", kLegacy));
  EXPECT_EQ(servers->upstream("wrapped", "a", "other", kLegacy).error().code, Code::kNotFound);
  EXPECT_EQ(servers->names(), std::vector<std::string>{"files"});
  servers->close_idle(BootTime{0});
  servers->close_idle(BootTime{999'999'999'999});
  servers->session_ended("shim-1");
  std::sort(closed_.begin(), closed_.end());
  EXPECT_EQ(closed_, (std::vector<std::string>{"files agent:a", "files shim-1", "wrapped shim-1"}));
  servers->session_ended("shim-2");
  EXPECT_EQ(servers->config("wrapped"), nullptr);
}

TEST_F(ServersTest, RemembersTheMirroredParametersOfTools) {
  const auto servers = make({stdio("files")});
  EXPECT_EQ(servers->params_of("files", "read"), nullptr);
  servers->learn_params("files", "read", {{"Region", {"region"}}});
  servers->learn_params("nope", "read", {{"Region", {"region"}}});
  ASSERT_NE(servers->params_of("files", "read"), nullptr);
  EXPECT_EQ(servers->params_of("files", "read")->front().name, "Region");
  EXPECT_EQ(servers->params_of("nope", "read"), nullptr);
}

TEST_F(ServersTest, ClosesEverythingAtTheEnd) {
  {
    const auto servers = make({stdio("files")});
    ASSERT_TRUE(servers->upstream("files", "a", "", kLegacy));
  }
  EXPECT_EQ(closed_.size(), 1u);
}

}  // namespace
}  // namespace pawl::mcp
