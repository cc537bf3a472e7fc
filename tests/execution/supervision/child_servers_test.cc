#include "execution/supervision/child_servers.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "infrastructure/upstream/stdio_upstream.h"

namespace pawl {
namespace {

// A legacy server in the shell: answers initialize, then every line with a result.
constexpr const char* kServer = R"(
echo "hello from $WHO in $PWD" >&2
while read -r line; do
  id=${line#*'"id":'}; id=${id%%,*}
  case $line in
    *'"server/discover"'*) echo '{"jsonrpc":"2.0","id":'$id',"error":{"code":-32601,"message":"no"}}';;
    *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}}';;
    *'"die"'*) exit 3;;
    *'"id"'*) echo '{"jsonrpc":"2.0","id":'$id',"result":{"echo":true}}';;
  esac
done
)";

class Events final : public mcp::ExchangeEvents {
 public:
  explicit Events(EventLoop& loop) : loop_(loop) {}
  void on_message(jsonrpc::Message) override {}
  void on_response(jsonrpc::Message response) override { end(response.text); }
  void on_lost(Loss loss, std::string) override { end(std::string(loss_name(loss))); }
  std::string told;

 private:
  void end(std::string text) {
    told = std::move(text);
    loop_.stop();
  }
  EventLoop& loop_;
};

class ChildServersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/pawl-servers-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    data_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(data_); }
  std::string call(mcp::Upstream& upstream, const std::string& name) {
    const auto message = *jsonrpc::decode(
        R"({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":")" + name + R"("}})");
    const auto events = std::make_shared<Events>(loop_);
    const auto exchange = upstream.request({message, {}, "key", false}, nullptr, events);
    run();
    return events->told;
  }
  void run() {
    const Timer late = loop_.after(std::chrono::seconds(20), [this] {
      ADD_FAILURE() << "nothing happened";
      loop_.stop();
    });
    loop_.run();
  }

  std::string data_;
  EventLoop loop_;
};

TEST_F(ChildServersTest, ARealProcessAnswersDiesAndIsStartedAnew) {
  ChildServers children(loop_, *OrphanGuard::start(), data_);
  mcp::ServerConfig config;
  config.name = "files";
  config.command = {"sh", "-c", kServer};
  config.env = {{"WHO", "me"}};
  mcp::StdioUpstream upstream(
      loop_, {.name = "files", .back_off = {.first = std::chrono::milliseconds(1)}},
      children.transport(config, "agent:a"));
  std::optional<std::string> closed;
  upstream.on_closed([&](std::string why) { closed = std::move(why); });
  for (int life = 0; life < 2; ++life) {
    SCOPED_TRACE(life);
    std::optional<Result<mcp::UpstreamHello>> hello;
    while (!hello || !*hello) {  // until the back-off of the first life is over
      upstream.start({}, [&](Result<mcp::UpstreamHello> result) {
        hello = std::move(result);
        loop_.stop();
      });
      run();
    }
    EXPECT_EQ((*hello)->era, mcp::Era::kLegacy);
    EXPECT_EQ(call(upstream, "read"), R"({"jsonrpc":"2.0","id":"c","result":{"echo":true}})");
    closed.reset();
    EXPECT_EQ(call(upstream, "die"), "connection");
    EXPECT_TRUE(closed.has_value());
  }
  std::ifstream file(data_ + "/servers/files/stderr.log");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "hello from me in " + data_ + "/servers/files");
}

}  // namespace
}  // namespace pawl
