#include "infrastructure/http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "infrastructure/net/unix_line.h"
#include "tests/infrastructure/net/loop_thread.h"

namespace pawl::http {
namespace {

using pawl::testing::CountingGate;
using pawl::testing::LoopThread;
using pawl::testing::RawSocket;
using std::chrono::milliseconds;

// A server on a loop thread. The handler runs there; tests speak to it from their own thread.
class ServerTest : public ::testing::Test {
 protected:
  void listen(Handler handler) {
    server = runner.on_loop([&] {
      auto made = Server::listen(runner.loop, options, std::move(handler));
      EXPECT_TRUE(made) << (made ? "" : made.error().message);
      return made ? std::move(made.value()) : nullptr;
    });
  }
  void TearDown() override {
    runner.on_loop([&] {
      kept.clear();
      server.reset();
    });
  }
  static void echo(Request request, std::shared_ptr<ResponseWriter> writer) {
    writer->send({200,
                  {{"Content-Type", "text/plain"}},
                  request.method + " " + request.target + " " + request.body});
  }
  // Keeps the writers, so that the test answers itself, on the loop.
  Handler keep() {
    return [this](Request, std::shared_ptr<ResponseWriter> writer) {
      kept.push_back(std::move(writer));
      arrived.set_value();
    };
  }
  RawSocket connect(int receive_buffer = 0) {
    return RawSocket::tcp(server->port(), receive_buffer);
  }
  ServerCounters counters() {
    return runner.on_loop([&] { return server->counters(); });
  }
  // Waits until the server has no connection left.
  void wait_until_empty() {
    while (runner.on_loop([&] { return server->open_connections(); }) > 0) {
      std::this_thread::yield();
    }
  }

  LoopThread runner;
  ServerOptions options;
  std::unique_ptr<Server> server;
  std::vector<std::shared_ptr<ResponseWriter>> kept;
  std::promise<void> arrived;
};

std::string body_of(RawSocket& socket) {
  const std::string head = socket.until("\r\n\r\n");
  const std::string mark = "Content-Length: ";
  const std::size_t at = head.find(mark);
  return at == std::string::npos
             ? "(no length) " + head
             : socket.exactly(std::strtoul(head.c_str() + at + mark.size(), nullptr, 10));
}

TEST_F(ServerTest, KeepsConnectionsAliveAndAnswersPipelinedRequestsInOrder) {
  listen(echo);
  RawSocket socket = connect();
  socket.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(socket), "GET /1 ");
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
  }
  std::thread sender([&] { socket.send(many); });
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(body_of(socket), "POST /" + std::to_string(i) + " ok");
  }
  sender.join();
  EXPECT_EQ(counters().requests, 501u);
  EXPECT_EQ(counters().accepted, 1u);
}

TEST_F(ServerTest, ReadsTheNextRequestOnlyAfterTheAnswerWasWritten) {
  listen(keep());
  RawSocket socket = connect();
  socket.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  arrived = {};
  runner.on_loop([&] {
    EXPECT_EQ(kept.size(), 1u);
    kept[0]->send({200, {}, "first"});
    EXPECT_FALSE(kept[0]->is_open());
    kept[0]->send({200, {}, "ignored"});
  });
  EXPECT_EQ(body_of(socket), "first");
  arrived.get_future().wait();
  runner.on_loop([&] { kept[1]->send({204, {}, "dropped"}); });
  const std::string head = socket.until("\r\n\r\n");
  EXPECT_EQ(head.substr(0, 23), "HTTP/1.1 204 No Content");
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
}

TEST_F(ServerTest, FollowsTheConnectionHeaderVersionAndHead) {
  const struct {
    const char* request;
    bool closes;
    const char* body;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true, "GET / "},
      {"GET / HTTP/1.0\r\n\r\n", true, "GET / "},
      {"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true, ""},
      {"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: "
       "chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
       true, "POST / ab"},
  };
  listen(echo);
  for (const auto& c : cases) {
    RawSocket socket = connect();
    socket.send(c.request);
    const std::string head = socket.until("\r\n\r\n");
    EXPECT_NE(head.find("HTTP/1.1 200 OK\r\nDate: "), std::string::npos);
    EXPECT_NE(head.find("Content-Length: "), std::string::npos);
    EXPECT_NE(head.find("Connection: close"), std::string::npos) << c.request;
    EXPECT_EQ(socket.until_end(), c.body) << c.request;
  }
  wait_until_empty();
}

TEST_F(ServerTest, AsksForABodyThatWaitsForIt) {
  listen(echo);
  RawSocket socket = connect();
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(socket.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("ab");
  EXPECT_EQ(body_of(socket), "POST / ab");
}

TEST_F(ServerTest, RefusesBadRequestsWithTheirStatusAndCounts) {
  options.max_header_bytes = 1000;
  options.max_body_bytes = 1000;
  listen(echo);
  const struct {
    std::string request;
    int status;
    std::uint64_t ServerCounters::*counter;
  } cases[] = {
      {"nonsense\r\n\r\n", 400, &ServerCounters::bad_request},
      {"\x16\x03\x01", 400, &ServerCounters::bad_request},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
       400, &ServerCounters::bad_request},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, &ServerCounters::bad_request},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(100'000, 'x'), 431,
       &ServerCounters::header_too_large},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'),
       413, &ServerCounters::body_too_large},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1" +
           std::string(20'000, ';'),
       400, &ServerCounters::bad_request},
  };
  for (const auto& c : cases) {
    const std::uint64_t before = counters().*c.counter;
    RawSocket socket = connect();
    socket.send(c.request);
    socket.end_sending();
    const std::string answer = socket.until_end();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + std::to_string(c.status))
        << c.request.substr(0, 60);
    EXPECT_EQ(counters().*c.counter, before + 1);
  }
  EXPECT_EQ(counters().requests, 0u);
}

TEST_F(ServerTest, RefusesAtTheEndOfTheHeaderAndReadsNoBody) {
  options.head_check = [](const Request& head) {
    return head.headers.has("Authorization")
               ? Entrance{}
               : Entrance{Response{401, {{"WWW-Authenticate", "Bearer"}}, "who"}, ""};
  };
  listen(echo);
  RawSocket stranger = connect();
  stranger.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nxxx");
  EXPECT_NE(stranger.until("who").find("HTTP/1.1 401"), std::string::npos);
  EXPECT_EQ(runner.on_loop([&] { return server->unfinished_bytes(); }), 0u);
  RawSocket known = connect();
  known.send("POST / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: 4\r\n\r\nab");
  while (runner.on_loop([&] { return server->unfinished_bytes(); }) != 2) {
    std::this_thread::yield();
  }
  known.send("cd");
  EXPECT_NE(known.until("POST / abcd").find("200 OK"), std::string::npos);
  EXPECT_EQ(runner.on_loop([&] { return server->unfinished_bytes(); }), 0u);
  EXPECT_EQ(counters().refused_at_header, 1u);
}

TEST_F(ServerTest, GivesUpTheNewestUnfinishedBodyOfWhoHoldsMost) {
  options.max_unfinished_bytes = 100;
  options.head_check = [](const Request& head) {
    return Entrance{std::nullopt, std::string(head.headers.get("Who").value_or(""))};
  };
  listen(echo);
  const auto begin = [&](const std::string& who, std::size_t bytes, std::size_t all) {
    RawSocket socket = connect();
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nWho: " + who + "\r\nContent-Length: 80\r\n\r\n" +
                std::string(bytes, 'x'));
    while (runner.on_loop([&] { return server->unfinished_bytes(); }) != all) {
      std::this_thread::yield();
    }
    return socket;
  };
  RawSocket first = begin("greedy", 40, 40);
  RawSocket second = begin("greedy", 40, 80);
  RawSocket modest = begin("modest", 30, 70);  // 110 is too much: greedy's newest goes
  EXPECT_NE(second.until("later").find("503"), std::string::npos);
  modest.send(std::string(50, 'x'));
  EXPECT_NE(modest.until("POST / ").find("200 OK"), std::string::npos);
  first.send(std::string(40, 'x'));
  EXPECT_NE(first.until("POST / ").find("200 OK"), std::string::npos);
  EXPECT_EQ(counters().unfinished_shed, 1u);
}

TEST_F(ServerTest, AHolderHasItsShareOfTheConnectionsThatAreAnswered) {
  options.max_connections_per_holder = 1;
  listen([this](const Request& request, const std::shared_ptr<ResponseWriter>& writer) {
    if (!writer->charge(request.path)) {
      writer->send({429, {}, "full"});
    } else if (request.headers.has("Stay")) {
      kept.push_back(writer);
      arrived.set_value();
    } else {
      writer->send({200, {}, "ok"});
    }
  });
  RawSocket first = connect();
  first.send("GET /greedy HTTP/1.1\r\nHost: h\r\nStay: 1\r\n\r\n");
  arrived.get_future().wait();
  RawSocket second = connect();
  const auto ask = [&](const std::string& who) {
    second.send("GET /" + who + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return body_of(second);
  };
  EXPECT_EQ(ask("greedy"), "full");
  EXPECT_EQ(ask("modest"), "ok");
  EXPECT_EQ(ask("modest"), "ok") << "an answered request counts no more";
  runner.on_loop([&] { kept[0]->send({200, {}, "late"}); });
  EXPECT_EQ(body_of(first), "late");
  EXPECT_EQ(ask("greedy"), "ok");

  arrived = {};
  first.send("GET /greedy HTTP/1.1\r\nHost: h\r\nStay: 1\r\n\r\n");
  arrived.get_future().wait();
  EXPECT_EQ(ask("greedy"), "full");
  first.close();
  runner.on_loop([&] { kept.clear(); });
  while (runner.on_loop([&] { return server->open_connections(); }) > 1) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ask("greedy"), "ok") << "one that left counts no more";
}

TEST_F(ServerTest, TheReaderForWhomMostWaitsIsCutOffFirst) {
  constexpr std::size_t kBudget = 1 << 20;
  constexpr std::size_t kFarTooMuch = 32 << 20;  // more than the kernel takes
  options.output = std::make_shared<OutputBudget>(
      kBudget, [this](std::function<void()> task) { runner.loop.post(std::move(task)); });
  listen([](const Request& request, const std::shared_ptr<ResponseWriter>& writer) {
    EXPECT_TRUE(writer->charge(request.path));
    const std::size_t bytes = request.path == "/greedy" ? kFarTooMuch : kBudget / 2;
    writer->send({200, {}, std::string(bytes, 'x')});
  });
  RawSocket modest = connect(4096);
  modest.send("GET /modest HTTP/1.1\r\nHost: h\r\n\r\n");
  RawSocket greedy = connect(4096);
  greedy.send("GET /greedy HTTP/1.1\r\nHost: h\r\n\r\n");
  while (counters().output_shed == 0) {
    std::this_thread::yield();
  }
  EXPECT_LT(greedy.until_end().size(), kFarTooMuch);
  EXPECT_EQ(body_of(modest).size(), kBudget / 2) << "whoever reads slowly, but little, gets it all";
  EXPECT_EQ(counters().output_shed, 1u);
  EXPECT_EQ(runner.on_loop([&] { return options.output->bytes(); }), 0u);
}

TEST_F(ServerTest, ClosesSlowSendersWith408AndIdleOnesSilently) {
  options.header_timeout = milliseconds(20);
  options.body_timeout = milliseconds(20);
  options.idle_timeout = milliseconds(20);
  listen(echo);
  const struct {
    const char* sent;
    const char* answer;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHo", "HTTP/1.1 408"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 408"},
      {"", ""},
  };
  for (const auto& c : cases) {
    RawSocket socket = connect();
    socket.send(c.sent);
    EXPECT_EQ(socket.until_end().substr(0, 12), c.answer) << c.sent;
  }
  EXPECT_EQ(counters().timeouts, 2u);
}

TEST_F(ServerTest, AFullServerMakesRoomFromIdleOnesElseRefuses) {
  options.max_connections = 2;
  listen(keep());
  RawSocket idle = connect();
  RawSocket busy = connect();
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  arrived = {};
  RawSocket third = connect();
  EXPECT_EQ(idle.until_end(), "");
  third.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  RawSocket fourth = connect();
  EXPECT_EQ(fourth.until_end().substr(0, 12), "HTTP/1.1 503");
  EXPECT_EQ(counters().refused_full, 1u);
  runner.on_loop([&] { kept[0]->send({200, {}, "still served"}); });
  EXPECT_EQ(body_of(busy), "still served");
}

TEST_F(ServerTest, HalfOpenRequestsMakeRoomBeforeClientsThatWereServed) {
  options.max_connections = 4;
  listen(echo);
  RawSocket served = connect();
  served.send("GET /0 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(served), "GET /0 ");
  RawSocket first = connect();  // sends nothing, so that it is the oldest whatever is read when
  RawSocket second = connect();
  second.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  RawSocket third = connect();
  third.send("GET / HT");
  RawSocket fourth = connect();
  EXPECT_EQ(first.until_end(), "");
  served.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(served), "GET /1 ");
  EXPECT_EQ(counters().refused_full, 0u);
}

TEST_F(ServerTest, BacksOffWithoutDescriptorsAndServesAgainLater) {
  options.descriptors = DescriptorUse::kOverride;  // all of them: no share to be over
  listen(echo);
  RawSocket waiting = connect();
  waiting.send("GET /0 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(waiting), "GET /0 ");
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  rlimit none = old;
  none.rlim_cur = static_cast<rlim_t>(::dup(0)) + 1;  // the lowest free one is now taken
  ::setrlimit(RLIMIT_NOFILE, &none);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  while (counters().out_of_descriptors == 0) {
    std::this_thread::yield();
  }
  EXPECT_LE(counters().out_of_descriptors, 2u);
  ::setrlimit(RLIMIT_NOFILE, &old);
  ::close(static_cast<int>(none.rlim_cur) - 1);
  RawSocket socket(client);
  socket.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(socket), "GET /1 ");
  EXPECT_EQ(waiting.until_end(), "") << "the oldest idle connection gave its descriptor";
}

TEST_F(ServerTest, TellsOnceWhenAClientLeavesWhileItsAnswerIsPending) {
  std::promise<void> left;
  listen([&](Request, std::shared_ptr<ResponseWriter> writer) {
    writer->on_disconnect([&] { left.set_value(); });
    kept.push_back(std::move(writer));
    arrived.set_value();
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  socket.close();
  left.get_future().wait();
  EXPECT_EQ(counters().disconnects, 1u);
  runner.on_loop([&] {
    EXPECT_FALSE(kept[0]->is_open());
    kept[0]->abort();
    EXPECT_EQ(server->open_connections(), 0u);
    kept[0]->write("no-op");
  });
}

TEST_F(ServerTest, ALateQuestionAboutAGoneClientIsAnswered) {
  listen(keep());
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  socket.close();
  while (counters().disconnects == 0) {
    std::this_thread::yield();
  }
  std::promise<void> told;
  runner.on_loop([&] { kept[0]->on_disconnect([&] { told.set_value(); }); });
  told.get_future().wait();
}

TEST_F(ServerTest, AHalfClosedClientStillGetsItsAnswer) {
  listen(keep());
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.end_sending();
  arrived.get_future().wait();
  runner.on_loop([&] { kept[0]->send({200, {}, "late"}); });
  EXPECT_EQ(body_of(socket), "late");
  EXPECT_EQ(socket.until_end(), "");
}

TEST_F(ServerTest, ADroppedWriterAnswers500OrCutsItsStream) {
  listen([](Request request, std::shared_ptr<ResponseWriter> writer) {
    if (request.path == "/stream") {
      writer->start_stream(200, {});
      writer->write("part");
    }
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(socket.until("\r\n\r\n").substr(0, 12), "HTTP/1.1 500");
  RawSocket cut = connect();
  cut.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string stream = cut.until_end();
  EXPECT_NE(stream.find("4\r\npart\r\n"), std::string::npos);
  EXPECT_EQ(stream.find("0\r\n\r\n"), std::string::npos);
}

TEST_F(ServerTest, StopsAcceptingButFinishesWhatIsOpen) {
  listen(keep());
  RawSocket busy = connect();
  RawSocket idle = connect();
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  arrived.get_future().wait();
  while (counters().accepted < 2) {
    std::this_thread::yield();
  }
  const std::uint16_t port = server->port();
  runner.on_loop([&] {
    server->stop_accepting();
    server->close_idle();
    EXPECT_EQ(server->open_connections(), 1u);
  });
  EXPECT_EQ(idle.until_end(), "");
  EXPECT_FALSE(RawSocket::tcp(port).connected());
  runner.on_loop([&] { kept[0]->send({200, {}, "done"}); });
  EXPECT_NE(busy.until_end().find("Connection: close\r\n\r\ndone"), std::string::npos);
  busy.close();
  wait_until_empty();
}

TEST_F(ServerTest, MayBeDestroyedByItsHandler) {
  listen([&](Request, std::shared_ptr<ResponseWriter> writer) {
    server.reset();
    writer->send({200, {}, "nobody hears"});
  });
  RawSocket socket = connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(socket.until_end(), "");
}

TEST_F(ServerTest, ServesAUnixSocketWithPeerCredentials) {
  char folder[] = "/tmp/pawl_http_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  options.address = "unix:" + std::string(folder) + "/api.sock";
  listen([](Request request, std::shared_ptr<ResponseWriter> writer) {
    writer->send(
        {200,
         {},
         request.peer.address + " " + std::to_string(request.peer.credentials.value().pid)});
  });
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  options.address.copy(address.sun_path, sizeof(address.sun_path) - 1, 5);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  RawSocket socket(fd);
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(socket), "unix " + std::to_string(::getpid()));
  runner.on_loop([&] { server.reset(); });
  EXPECT_EQ(::rmdir(folder), 0);
}

TEST(ServerListen, SaysWhatIsWrong) {
  EventLoop loop;
  auto first = Server::listen(loop, {}, [](Request, std::shared_ptr<ResponseWriter>) {});
  ASSERT_TRUE(first);
  ServerOptions taken;
  taken.address = "127.0.0.1:" + std::to_string(first.value()->port());
  ServerOptions named;
  named.address = "localhost:1";
  ServerOptions bad_tls;
  bad_tls.tls = TlsServerOptions{"/nonexistent.pem", "/nonexistent.key", "", false};
  EXPECT_EQ(Server::listen(loop, taken, nullptr).error().code, Code::kConflict);
  EXPECT_EQ(Server::listen(loop, named, nullptr).error().code, Code::kInvalidParams);
  EXPECT_EQ(Server::listen(loop, bad_tls, nullptr).error().code, Code::kInvalidParams);
}

}  // namespace
}  // namespace pawl::http
