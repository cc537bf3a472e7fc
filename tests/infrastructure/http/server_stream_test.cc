// Streams, back-pressure and gates of the server.
#include <gtest/gtest.h>

#include <vector>

#include "infrastructure/http/server.h"
#include "tests/infrastructure/net/loop_thread.h"

namespace pawl::http {
namespace {

using pawl::testing::CountingGate;
using pawl::testing::LoopThread;
using pawl::testing::RawSocket;
using std::chrono::milliseconds;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

class StreamTest : public ::testing::Test {
 protected:
  void listen(Handler handler) {
    server = runner.on_loop([&] {
      return std::move(Server::listen(runner.loop, options, std::move(handler)).value());
    });
  }
  void TearDown() override {
    runner.on_loop([&] {
      writer.reset();
      server.reset();
    });
  }

  LoopThread runner;
  ServerOptions options;
  std::unique_ptr<Server> server;
  std::shared_ptr<ResponseWriter> writer;
};

std::string dechunk(const std::string& text) {
  std::string body;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::stoul(text.substr(at), nullptr, 16);
    at = text.find("\r\n", at) + 2;
    body += text.substr(at, size);
    at += size + 2;
    if (size == 0) {
      break;
    }
  }
  return body;
}

TEST_F(StreamTest, SendsEachEventAtOnceAndKeepsTheConnection) {
  listen([&](Request, std::shared_ptr<ResponseWriter> w) {
    writer = std::move(w);
    writer->start_stream(200, {{"Content-Type", "text/event-stream"}});
    writer->write("data: 1\n\n");
    writer->write("");
  });
  RawSocket socket = RawSocket::tcp(server->port());
  for (int round = 0; round < 2; ++round) {
    socket.send(kGet);
    const std::string head = socket.until("\r\n\r\n");
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(socket.until("\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
    runner.on_loop([&] { writer->write("data: 2\n\n"); });
    EXPECT_EQ(socket.until("\n\n\r\n"), "9\r\ndata: 2\n\n\r\n");
    runner.on_loop([&] { writer->finish(); });
    EXPECT_EQ(socket.until("0\r\n\r\n"), "0\r\n\r\n");
  }
}

TEST_F(StreamTest, AnOldClientGetsTheBytesUntilTheEnd) {
  listen([&](Request, std::shared_ptr<ResponseWriter> w) {
    w->start_stream(200, {});
    w->write("plain");
    w->finish();
  });
  RawSocket socket = RawSocket::tcp(server->port());
  socket.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(socket.until("\r\n\r\n").find("chunked"), std::string::npos);
  EXPECT_EQ(socket.until_end(), "plain");
}

TEST_F(StreamTest, ASlowReaderSlowsOnlyItsOwnStreamAndTheQueueStaysBounded) {
  options.max_queued_bytes = 64 * 1024;
  constexpr int kEvents = 4000;
  constexpr std::size_t kEventBytes = 2000;
  std::promise<void> stalled;
  std::size_t most_queued = 0;
  int produced = 0;
  bool told = false;
  std::function<void()> produce;
  listen([&](Request request, std::shared_ptr<ResponseWriter> w) {
    if (request.path == "/quick") {
      w->send({200, {}, "quick"});
      return;
    }
    writer = std::move(w);
    writer->start_stream(200, {});
    produce = [&] {
      while (produced < kEvents && writer->queued_bytes() < options.max_queued_bytes) {
        writer->write(std::string(kEventBytes, 'e'));
        ++produced;
        most_queued = std::max(most_queued, writer->queued_bytes());
      }
      if (produced == kEvents) {
        writer->finish();
      } else {
        if (!std::exchange(told, true)) {
          stalled.set_value();
        }
        writer->on_drained([&] { produce(); });
      }
    };
    produce();
  });
  RawSocket slow = RawSocket::tcp(server->port(), 4096);
  slow.send(kGet);
  stalled.get_future().wait();
  RawSocket quick = RawSocket::tcp(server->port());
  quick.send("GET /quick HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(quick.until_end().find("quick"), std::string::npos);
  slow.until("\r\n\r\n");
  const std::string all = slow.until("\r\n0\r\n\r\n");
  EXPECT_EQ(dechunk(all), std::string(kEvents * kEventBytes, 'e'));
  EXPECT_LT(most_queued, options.max_queued_bytes + kEventBytes + 100);
}

TEST_F(StreamTest, AReaderThatStopsIsClosedAfterTheWriteTimeout) {
  options.write_timeout = milliseconds(30);
  std::promise<void> left;
  listen([&](Request, std::shared_ptr<ResponseWriter> w) {
    w->on_disconnect([&] { left.set_value(); });
    w->send({200, {}, std::string(32 * 1024 * 1024, 'x')});
  });
  RawSocket socket = RawSocket::tcp(server->port(), 4096);
  socket.send(kGet);
  left.get_future().wait();
  const ServerCounters counters = runner.on_loop([&] { return server->counters(); });
  EXPECT_EQ(counters.timeouts, 1u);
  EXPECT_EQ(counters.disconnects, 1u);
  EXPECT_LT(socket.until_end().size(), 32u * 1024 * 1024);
}

TEST_F(StreamTest, BytesAfterARefusalNeverArrive) {
  constexpr std::size_t kBytes = 32 * 1024 * 1024;
  const struct {
    const char* name;
    int passes;
    bool stream;
  } cases[] = {
      {"whole, refused at once", 0, false},
      {"whole, refused in the middle", 3, false},
      {"stream, refused at once", 0, true},
      {"stream, refused in the middle", 3, true},
  };
  for (const auto& c : cases) {
    std::promise<void> left;
    auto gate = std::make_shared<CountingGate>(c.passes);
    listen([&](Request, std::shared_ptr<ResponseWriter> w) {
      w->on_disconnect([&] { left.set_value(); });
      if (c.stream) {
        w->start_stream(200, {});
        w->write("open", nullptr);
        w->write(std::string(kBytes, 'x'), gate);
        w->write("after", nullptr);
        w->finish();
      } else {
        w->send_gated({200, {}, std::string(kBytes, 'x')}, gate);
      }
    });
    RawSocket socket = RawSocket::tcp(server->port(), 4096);
    socket.send(kGet);
    const std::string arrived = socket.until_end();
    left.get_future().wait();
    EXPECT_LT(arrived.size(), kBytes) << c.name;
    EXPECT_EQ(arrived.find("after"), std::string::npos) << c.name;
    EXPECT_EQ(arrived.empty(), !c.stream && c.passes == 0) << c.name;
    if (c.passes == 0) {
      EXPECT_EQ(arrived.find("xxx"), std::string::npos) << c.name;
    }
    EXPECT_EQ(gate->passed, c.passes) << c.name;
    EXPECT_EQ(gate->refused, 1) << c.name;
    runner.on_loop([&] {
      EXPECT_EQ(server->counters().gate_refusals, 1u);
      server.reset();
    });
  }
}

TEST_F(StreamTest, ASmallGatedAnswerIsOneWriteInOnePass) {
  auto gate = std::make_shared<CountingGate>(100);
  listen([&](Request, std::shared_ptr<ResponseWriter> w) {
    w->send_gated({200, {}, "small"}, gate);
  });
  RawSocket socket = RawSocket::tcp(server->port());
  socket.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(socket.until_end().find("small"), std::string::npos);
  EXPECT_EQ(gate->passed, 1);
}

TEST_F(StreamTest, AHeadOfAStreamHasNoBody) {
  listen([&](Request, std::shared_ptr<ResponseWriter> w) {
    w->start_stream(200, {});
    w->write("never");
    w->finish();
  });
  RawSocket socket = RawSocket::tcp(server->port());
  socket.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = socket.until_end();
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
  EXPECT_EQ(answer.find("never"), std::string::npos);
}

}  // namespace
}  // namespace pawl::http
