#include "infrastructure/http/client.h"

#include <gtest/gtest.h>

#include <vector>

#include "infrastructure/http/server.h"
#include "tests/infrastructure/net/loop_thread.h"

namespace pawl::http {
namespace {

using pawl::testing::CountingGate;
using pawl::testing::LoopThread;
using pawl::testing::RawListener;
using pawl::testing::RawSocket;
using std::chrono::milliseconds;

// What one exchange told, in order; `done` is set by its end.
struct Told {
  std::vector<std::string> events;
  int status = 0;
  std::string body;
  std::optional<ClientError> error;
  std::promise<void> done;

  ClientEvents listener() {
    ClientEvents listen;
    listen.on_sent_maybe = [this] { events.push_back("sent"); };
    listen.on_head = [this](int code, const Headers&) {
      events.push_back("head");
      status = code;
    };
    listen.on_body = [this](std::string_view bytes) { body += bytes; };
    listen.on_complete = [this] {
      events.push_back("complete");
      done.set_value();
    };
    listen.on_error = [this](const ClientError& e) {
      events.push_back("error");
      error = e;
      done.set_value();
    };
    return listen;
  }
};

// The upstream is a raw socket that the test plays by hand, or a Server.
class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override { make_pool({}); }
  void TearDown() override {
    runner.on_loop([&] {
      exchange.reset();
      pool.reset();
    });
  }
  void make_pool(const ClientOptions& options) {
    runner.on_loop([&] { pool = std::make_unique<ClientPool>(runner.loop, options); });
  }
  std::string url(const std::string& path = "/") {
    return "http://127.0.0.1:" + std::to_string(upstream.port()) + path;
  }
  void start(Told& told, ClientRequest request, std::shared_ptr<WriteGate> gate = nullptr) {
    runner.on_loop([&] {
      exchange = pool->start(std::move(request), std::move(gate), told.listener());
      EXPECT_TRUE(told.events.empty()) << "no callback inside start";
    });
  }
  // One GET against an upstream that answers `answer` and closes.
  void get(Told& told, const std::string& answer, ClientRequest request = {}) {
    request.url = url();
    start(told, std::move(request));
    RawSocket socket = upstream.accept();
    socket.until("\r\n\r\n");
    socket.send(answer);
    socket.close();
    told.done.get_future().wait();
  }

  LoopThread runner;
  RawListener upstream;
  std::unique_ptr<ClientPool> pool;
  std::unique_ptr<ClientExchange> exchange;
};

using Events = std::vector<std::string>;

TEST_F(ClientTest, SendsAWholeRequestAndStreamsTheAnswer) {
  Told told;
  auto gate = std::make_shared<CountingGate>(10);
  start(told,
        {.url = url("/mcp?x=1"),
         .method = "POST",
         .headers = {{"X-Test", "yes"}, {"Host", "evil"}, {"content-length", "99"}},
         .body = "hello"},
        gate);
  RawSocket socket = upstream.accept();
  const std::string head = socket.until("\r\n\r\n");
  EXPECT_EQ(head, "POST /mcp?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(upstream.port()) +
                      "\r\nX-Test: yes\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(socket.exactly(5), "hello");
  socket.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  socket.send("3;x=y\r\ndef\r\n0\r\nTrailer: t\r\n\r\n");
  told.done.get_future().wait();
  EXPECT_EQ(told.events, (Events{"sent", "head", "complete"}));
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body, "abcdef");
  EXPECT_EQ(gate->passed, 1) << "head and body in one write";
  EXPECT_EQ(runner.on_loop([&] { return pool->idle_connections(); }), 1u);
}

TEST_F(ClientTest, ReadsEveryFramingAndRefusesGarbage) {
  const struct {
    const char* name;
    std::string answer;
    const char* body;  // null: kUpstreamFailed
  } cases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "ab"},
      {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nabc", "abc"},
      {"1.0", "HTTP/1.0 200 OK\r\n\r\nabc", "abc"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""},
      {"500", "HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\nx", "x"},
      {"nothing", "", nullptr},
      {"half a head", "HTTP/1.1 200 OK\r\nContent-", nullptr},
      {"body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", nullptr},
      {"chunks cut short", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
       nullptr},
      {"another protocol", "SSH-2.0-OpenSSH\r\n", nullptr},
      {"HTTP/2", "HTTP/2 200\r\n\r\n", nullptr},
      {"bad status", "HTTP/1.1 2xx OK\r\n\r\n", nullptr},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       nullptr},
      {"length and coding",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       nullptr},
      {"other coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", nullptr},
      {"switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", nullptr},
      {"large head", "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", nullptr},
      {"chunk line without end",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1" + std::string(100'000, ';'),
       nullptr},
  };
  for (const auto& c : cases) {
    Told told;
    get(told, c.answer);
    ASSERT_EQ(told.error.has_value(), c.body == nullptr) << c.name;
    if (c.body != nullptr) {
      EXPECT_EQ(told.body, c.body) << c.name;
    } else {
      EXPECT_EQ(told.error->stage, ClientError::kSent) << c.name;
      EXPECT_EQ(told.error->error.code, Code::kUpstreamFailed) << c.name;
    }
  }
}

TEST_F(ClientTest, TheAnswerToHeadHasNoBody) {
  Told told;
  get(told, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", {.method = "HEAD"});
  EXPECT_EQ(told.events, (Events{"sent", "head", "complete"}));
}

TEST_F(ClientTest, WhatCannotBeSentIsSaidLater) {
  const struct {
    const char* name;
    ClientRequest request;
    Code code;
  } cases[] = {
      {"scheme", {.url = "ftp://h/"}, Code::kInvalidRequest},
      {"method", {.url = url(), .method = "G ET"}, Code::kInvalidRequest},
      {"header", {.url = url(), .headers = {{"X", "a\r\nY: b"}}}, Code::kInvalidRequest},
      {"coding",
       {.url = url(), .headers = {{"transfer-encoding", "chunked"}}},
       Code::kInvalidRequest},
      {"refused", {.url = "http://127.0.0.1:1/"}, Code::kUpstreamUnavailable},
      {"no such name", {.url = "http://no-such-host.invalid/"}, Code::kUpstreamUnavailable},
  };
  for (const auto& c : cases) {
    Told told;
    start(told, c.request);
    told.done.get_future().wait();
    EXPECT_EQ(told.events, Events{"error"}) << c.name;
    EXPECT_EQ(told.error->stage, ClientError::kNotSent) << c.name;
    EXPECT_EQ(told.error->error.code, c.code) << c.name << ": " << told.error->error.message;
  }
}

TEST_F(ClientTest, ReusesConnectionsUntilTheServerCloses) {
  constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  Told first;
  start(first, {.url = url()});
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  socket.send(kOk);
  first.done.get_future().wait();
  Told second;
  start(second, {.url = url()});
  socket.until("\r\n\r\n");
  socket.send(kOk);
  second.done.get_future().wait();
  EXPECT_EQ(runner.on_loop([&] { return pool->counters().reused; }), 1u);

  // Closed while idle: the next request goes to a fresh connection, and is sent once.
  socket.close();
  Told third;
  start(third, {.url = url()});
  RawSocket fresh = upstream.accept();
  fresh.until("\r\n\r\n");
  fresh.send(kOk);
  third.done.get_future().wait();
  EXPECT_EQ(third.events, (Events{"sent", "head", "complete"}));
  EXPECT_EQ(runner.on_loop([&] { return pool->counters().connections; }), 2u);
}

// Runs something between the decision to write and the write itself, once.
class MeddlingGate final : public WriteGate {
 public:
  explicit MeddlingGate(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  bool pass(FunctionRef<void()> write) override {
    if (const auto meddle = std::exchange(meddle_, nullptr)) {
      meddle();
    }
    write();
    return true;
  }

 private:
  std::function<void()> meddle_;
};

TEST_F(ClientTest, AFailedFirstWriteOnAPooledConnectionIsTriedOnceOnAFreshOne) {
  Told first;
  start(first, {.url = url()});
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  first.done.get_future().wait();
  Told second;
  auto gate = std::make_shared<MeddlingGate>([&] {
    const linger reset{1, 0};
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    socket.close();
  });
  start(second, {.url = url(), .method = "POST", .body = "once"}, gate);
  RawSocket fresh = upstream.accept();
  EXPECT_NE(fresh.until("\r\n\r\n").find("Content-Length: 4"), std::string::npos);
  EXPECT_EQ(fresh.exactly(4), "once");
  fresh.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  second.done.get_future().wait();
  EXPECT_EQ(second.events, (Events{"sent", "head", "complete"}));
  EXPECT_EQ(runner.on_loop([&] { return pool->counters().stale; }), 1u);
}

TEST_F(ClientTest, NeverResendsAfterAByteMayHaveLeft) {
  Told first;
  start(first, {.url = url()});
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  first.done.get_future().wait();
  // The server reads the second request on the kept connection and dies.
  Told second;
  start(second, {.url = url()});
  EXPECT_NE(socket.until("\r\n\r\n"), "");
  socket.close();
  second.done.get_future().wait();
  EXPECT_EQ(second.events, (Events{"sent", "error"}));
  EXPECT_EQ(second.error->stage, ClientError::kSent);
  EXPECT_EQ(second.error->error.code, Code::kUpstreamFailed);
  EXPECT_EQ(runner.on_loop([&] { return pool->counters().connections; }), 1u);
}

TEST_F(ClientTest, DoesNotKeepConnectionsThatAreNotClean) {
  const char* answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and unasked-for bytes",
  };
  for (const char* answer : answers) {
    Told told;
    start(told, {.url = url()});
    RawSocket socket = upstream.accept();
    socket.until("\r\n\r\n");
    socket.send(answer);
    told.done.get_future().wait();
    EXPECT_EQ(told.body, "ok");
    EXPECT_EQ(socket.until_end(), "") << "closed by the client";
    EXPECT_EQ(runner.on_loop([&] { return pool->idle_connections(); }), 0u) << answer;
  }
}

TEST_F(ClientTest, BoundsThePoolAndItsIdleTime) {
  make_pool({.max_idle_per_origin = 1, .idle_timeout = milliseconds(20)});
  Told a;
  Told b;
  std::unique_ptr<ClientExchange> other;
  start(a, {.url = url()});
  RawSocket first = upstream.accept();
  runner.on_loop([&] { other = pool->start({.url = url()}, nullptr, b.listener()); });
  RawSocket second = upstream.accept();
  for (RawSocket* socket : {&first, &second}) {
    socket->until("\r\n\r\n");
    socket->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }
  a.done.get_future().wait();
  b.done.get_future().wait();
  EXPECT_LE(runner.on_loop([&] { return pool->idle_connections(); }), 1u);
  EXPECT_EQ(first.until_end(), "");
  EXPECT_EQ(second.until_end(), "");
  EXPECT_EQ(runner.on_loop([&] { return pool->idle_connections(); }), 0u);
  runner.on_loop([&] { other.reset(); });
}

TEST_F(ClientTest, AGateThatRefusesStopsTheRequestBeforeOrInsideIt) {
  const struct {
    int passes;
    ClientError::Stage stage;
  } cases[] = {{0, ClientError::kNotSent}, {2, ClientError::kSent}};
  constexpr std::size_t kBytes = 64 * 1024 * 1024;
  for (const auto& c : cases) {
    Told told;
    auto gate = std::make_shared<CountingGate>(c.passes);
    start(told, {.url = url(), .method = "POST", .body = std::string(kBytes, 'x')}, gate);
    RawSocket socket = upstream.accept();
    const std::string arrived = socket.until_end();
    told.done.get_future().wait();
    EXPECT_EQ(told.error->stage, c.stage);
    EXPECT_EQ(told.error->error.code, Code::kStopped);
    EXPECT_EQ(gate->passed, c.passes);
    EXPECT_EQ(arrived.empty(), c.passes == 0);
    EXPECT_LT(arrived.size(), kBytes);
  }
}

TEST_F(ClientTest, EachTimeoutIsKept) {
  const struct {
    const char* name;
    ClientTimeouts timeouts;
    const char* answer;
  } cases[] = {
      {"first byte", {.first_byte = milliseconds(20)}, ""},
      {"idle", {.idle = milliseconds(20)}, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"},
      {"total", {.total = milliseconds(20)}, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"},
  };
  for (const auto& c : cases) {
    Told told;
    start(told, {.url = url(), .timeouts = c.timeouts});
    RawSocket socket = upstream.accept();
    socket.until("\r\n\r\n");
    socket.send(c.answer);
    told.done.get_future().wait();
    EXPECT_EQ(told.error->error.code, Code::kDeadlineExceeded) << c.name;
    EXPECT_EQ(told.error->stage, ClientError::kSent) << c.name;
    EXPECT_EQ(socket.until_end(), "") << c.name;
  }
}

TEST_F(ClientTest, AServerThatAnswersEarlyAndClosesIsHeard) {
  Told told;
  start(told, {.url = url(), .method = "POST", .body = std::string(16 * 1024 * 1024, 'x')});
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  socket.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
  told.done.get_future().wait();
  EXPECT_EQ(told.status, 413);
  EXPECT_EQ(told.body, "big");
  EXPECT_EQ(runner.on_loop([&] { return pool->idle_connections(); }), 0u);
}

TEST_F(ClientTest, DestroyingAnExchangeClosesAndSilencesIt) {
  Told told;
  start(told, {.url = url()});
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  runner.on_loop([&] { exchange.reset(); });
  EXPECT_EQ(socket.until_end(), "");
  runner.on_loop([&] { EXPECT_EQ(told.events, Events{"sent"}); });

  // From within its own callbacks, with more of the answer at hand.
  for (const bool in_head : {true, false}) {
    int calls = 0;
    std::promise<void> called;
    ClientEvents events;
    const auto destroy = [&] {
      ++calls;
      exchange.reset();
      called.set_value();
    };
    if (in_head) {
      events.on_head = [&](int, const Headers&) { destroy(); };
    } else {
      events.on_body = [&](std::string_view) { destroy(); };
    }
    events.on_complete = [&] { ++calls; };
    events.on_error = [&](const ClientError&) { ++calls; };
    runner.on_loop([&] { exchange = pool->start({.url = url()}, nullptr, std::move(events)); });
    RawSocket other = upstream.accept();
    other.until("\r\n\r\n");
    other.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    called.get_future().wait();
    EXPECT_EQ(other.until_end(), "");
    EXPECT_EQ(calls, 1);
  }
}

TEST_F(ClientTest, APausedExchangeGetsNoBodyAndSlowsTheServer) {
  constexpr std::size_t kBytes = 32 * 1024 * 1024;
  Told told;
  std::promise<void> paused;
  ClientEvents events = told.listener();
  bool resumed = false;
  int while_paused = 0;
  events.on_body = [&](std::string_view bytes) {
    told.body += bytes;
    if (!resumed && ++while_paused == 1) {
      exchange->pause_reading();
      paused.set_value();
    }
  };
  runner.on_loop([&] { exchange = pool->start({.url = url()}, nullptr, std::move(events)); });
  RawSocket socket = upstream.accept();
  socket.until("\r\n\r\n");
  std::thread sender([&] {
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBytes) + "\r\n\r\n");
    socket.send(std::string(kBytes, 'x'));
  });
  paused.get_future().wait();
  runner.on_loop([&] { EXPECT_LT(told.body.size(), 1024u * 1024); });
  runner.on_loop([&] {
    EXPECT_EQ(while_paused, 1);
    resumed = true;
    exchange->resume_reading();
  });
  sender.join();
  told.done.get_future().wait();
  EXPECT_EQ(told.body.size(), kBytes);
}

TEST_F(ClientTest, FetchGivesAWholeAnswerWithinItsBound) {
  const struct {
    std::size_t max_body;
    bool good;
  } cases[] = {{5, true}, {4, false}};
  for (const auto& c : cases) {
    std::promise<Result<Response>> fetched;
    runner.on_loop([&] {
      pool->fetch(
          {.url = url("/keys")}, [&](Result<Response> r) { fetched.set_value(std::move(r)); },
          c.max_body);
    });
    RawSocket socket = upstream.accept();
    socket.until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
    const Result<Response> answer = fetched.get_future().get();
    ASSERT_EQ(answer.has_value(), c.good);
    if (answer) {
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->headers.get("x"), "y");
      EXPECT_EQ(answer->body, "hello");
    } else {
      EXPECT_EQ(answer.error().code, Code::kTooLarge);
    }
  }
}

TEST_F(ClientTest, ManyExchangesWithOurOwnServer) {
  auto server = runner.on_loop([&] {
    return std::move(Server::listen(runner.loop, {},
                                    [](Request request, std::shared_ptr<ResponseWriter> writer) {
                                      writer->send({200, {}, request.body + request.path});
                                    })
                         .value());
  });
  constexpr int kExchanges = 200;
  std::vector<Told> told(kExchanges);
  std::vector<std::unique_ptr<ClientExchange>> exchanges;
  runner.on_loop([&] {
    for (int i = 0; i < kExchanges; ++i) {
      exchanges.push_back(
          pool->start({.url = "http://localhost:" + std::to_string(server->port()) + "/p",
                       .method = "POST",
                       .body = std::to_string(i)},
                      nullptr, told[static_cast<std::size_t>(i)].listener()));
    }
  });
  for (int i = 0; i < kExchanges; ++i) {
    Told& one = told[static_cast<std::size_t>(i)];
    one.done.get_future().wait();
    EXPECT_EQ(one.body, std::to_string(i) + "/p") << (one.error ? one.error->error.message : "");
  }
  runner.on_loop([&] {
    exchanges.clear();
    server.reset();
  });
}

}  // namespace
}  // namespace pawl::http
