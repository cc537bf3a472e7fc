// What the upstream tests share: a loop that ends when it is told or too late, recorded events,
// gates, and a stdio server scripted in the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "infrastructure/mcp/upstream.h"
#include "infrastructure/net/unix_line.h"
#include "infrastructure/upstream/line_transport.h"

namespace pawl::mcp {

inline const Opening kAsLegacy{Era::kLegacy, "{}"};

inline jsonrpc::Message message_of(const std::string& text) {
  Result<jsonrpc::Message> message = jsonrpc::decode(text);
  EXPECT_TRUE(message.has_value()) << text << ": " << message.error().message;
  return message ? std::move(*message) : jsonrpc::Message();
}

// Every message an exchange was told, as text; its end as "lost:LOSS".
class Recorder final : public ExchangeEvents {
 public:
  explicit Recorder(std::function<void()> on_change) : on_change_(std::move(on_change)) {}
  void on_message(jsonrpc::Message message) override { add(message.text); }
  void on_response(jsonrpc::Message response) override {
    ++ends;
    // The spans fit the spliced text.
    EXPECT_EQ(response.id->of(response.text), response.id_text);
    const auto& span = response.result ? response.result : response.error;
    EXPECT_EQ(response.text[span->begin], '{');
    EXPECT_EQ(response.text[span->end - 1], '}');
    add(response.text);
  }
  void on_lost(Loss loss, std::string detail) override {
    ++ends;
    last_detail = std::move(detail);
    add("lost:" + std::string(loss_name(loss)));
  }

  std::vector<std::string> told;
  std::string last_detail;
  int ends = 0;

 private:
  void add(std::string text) {
    EXPECT_LE(ends, 1) << "nothing follows the end: " << text;
    told.push_back(std::move(text));
    on_change_();
  }
  const std::function<void()> on_change_;
};

class TestGate final : public WriteGate {
 public:
  bool pass(FunctionRef<void()> write) override {
    if (open) {
      write();
    }
    return open;
  }
  bool open = true;
};

class LoopTest : public ::testing::Test {
 protected:
  // Runs the loop until `done`, which is asked after each task of the test's own.
  void run_until(const std::function<bool()>& done) {
    done_ = done;
    changed();
    const Timer late = loop_.after(std::chrono::seconds(20), [this] {
      ADD_FAILURE() << "nothing happened";
      loop_.stop();
    });
    loop_.run();
    done_ = nullptr;
  }
  void changed() {
    loop_.post([this] {
      if (done_ && done_()) {
        loop_.stop();
      }
    });
  }
  std::shared_ptr<Recorder> recorder() {
    return std::make_shared<Recorder>([this] { changed(); });
  }
  Result<UpstreamHello> start(Upstream& upstream, const Opening& opening = {Era::kModern}) {
    std::optional<Result<UpstreamHello>> result;
    upstream.start(opening, [&](Result<UpstreamHello> hello) {
      result = std::move(hello);
      changed();
    });
    EXPECT_FALSE(result.has_value()) << "no callback runs inside start()";
    run_until([&] { return result.has_value(); });
    return *result;
  }

  EventLoop loop_;
  std::function<bool()> done_;
};

// The server's end of a socket pair: answers lines with what a script says.
class LineServer {
 public:
  using Script = std::function<void(LineServer&, const jsonrpc::Message&)>;

  LineServer(EventLoop& loop, int fd, Script script, std::function<void()> on_change)
      : channel_(make_line_channel(loop, fd, fd, {})) {
    channel_->on_line([this, script = std::move(script),
                       on_change = std::move(on_change)](const std::string& line) {
      lines.push_back(line);
      script(*this, message_of(line));
      on_change();
    });
    channel_->on_closed([this](const Error&) { input_ended = true; });
  }
  void say(std::string line) { channel_->send(std::move(line), nullptr, {}); }
  void reply(const jsonrpc::Message& request, std::string_view result) {
    say(jsonrpc::response(request.id_text, result));
  }
  void die() { channel_->close(); }

  std::vector<std::string> lines;
  bool input_ended = false;

 private:
  std::unique_ptr<LineChannel> channel_;
};

class PairTransport final : public LineTransport {
 public:
  PairTransport(EventLoop& loop, int fd) : channel_(make_line_channel(loop, fd, fd, {})) {}
  LineChannel& channel() override { return *channel_; }
  void stop() override { channel_->close(); }

 private:
  std::unique_ptr<LineChannel> channel_;
};

inline constexpr std::string_view kDiscovered =
    R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}})";
inline constexpr std::string_view kDiscoveredBoth =
    R"({"supportedVersions":["2026-07-28","2025-11-25"],"capabilities":{"tools":{}}})";
inline constexpr std::string_view kInitialized =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
    R"("serverInfo":{"name":"s","version":"1"}})";

}  // namespace pawl::mcp
