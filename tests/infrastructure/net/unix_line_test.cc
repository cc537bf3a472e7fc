#include "infrastructure/net/unix_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/infrastructure/net/loop_thread.h"

namespace pawl {
namespace {

using testing::CountingGate;
using testing::LoopThread;
using testing::RawSocket;

// A channel on a socket pair; the test holds the other end. Runs the loop by itself.
class LineChannelTest : public ::testing::Test {
 protected:
  void open(const LineLimits& limits, int send_buffer = 0) {
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    if (send_buffer > 0) {
      ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
    }
    channel = make_line_channel(loop, fds[0], fds[0], limits);
    peer = std::make_unique<RawSocket>(fds[1]);
    channel->on_closed([this](Error error) {
      closed.push_back(error.code);
      loop.stop();
    });
  }
  void receive() {
    channel->on_line([this](std::string line) { lines.push_back(std::move(line)); });
  }
  std::function<void(LineFate)> fate() {
    return [this](LineFate f) { fates.push_back(f); };
  }
  // Runs what is posted by now, and what that posts.
  void run_posted() {
    loop.post([this] { loop.post([this] { loop.stop(); }); });
    loop.run();
  }

  EventLoop loop;
  std::unique_ptr<LineChannel> channel;
  std::unique_ptr<RawSocket> peer;
  std::vector<std::string> lines;
  std::vector<Code> closed;
  std::vector<LineFate> fates;
};

TEST_F(LineChannelTest, FramesLinesAndTellsTheEnd) {
  open({});
  receive();
  peer->send("one\ntwo\r\n\n\r\nthr");
  peer->send("ee\n");
  peer->end_sending();
  loop.run();
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(closed, std::vector<Code>{Code::kCancelled});
  EXPECT_FALSE(channel->is_open());
}

TEST_F(LineChannelTest, ALineCutByTheEndIsMalformedAndOneOverTheLimitTooLarge) {
  open({.max_line_bytes = 10, .max_queued_bytes = 100});
  receive();
  peer->send("0123456789\ncut");
  peer->end_sending();
  loop.run();
  EXPECT_EQ(lines, std::vector<std::string>{"0123456789"});
  EXPECT_EQ(closed, std::vector<Code>{Code::kMalformed});

  for (const char* text : {"0123456789a\n", "0123456789abcdef"}) {
    closed.clear();
    lines.clear();
    open({.max_line_bytes = 10, .max_queued_bytes = 100});
    receive();
    peer->send(text);
    loop.run();
    EXPECT_EQ(closed, std::vector<Code>{Code::kTooLarge}) << text;
    EXPECT_TRUE(lines.empty());
  }
}

TEST_F(LineChannelTest, SendsInOrderAndTellsEachFateLater) {
  open({});
  auto gate = std::make_shared<CountingGate>(100);
  channel->send("a", gate, fate());
  channel->send("b", nullptr, fate());
  EXPECT_TRUE(fates.empty());
  run_posted();
  EXPECT_EQ(fates, (std::vector<LineFate>{LineFate::kWritten, LineFate::kWritten}));
  EXPECT_EQ(peer->exactly(4), "a\nb\n");
  EXPECT_EQ(gate->passed, 1);
}

TEST_F(LineChannelTest, ARefusalBeforeTheFirstByteDropsOneLineOnly) {
  open({});
  channel->send("stopped", std::make_shared<CountingGate>(0), fate());
  channel->send("fine", std::make_shared<CountingGate>(1), fate());
  run_posted();
  EXPECT_EQ(fates, (std::vector<LineFate>{LineFate::kNotSent, LineFate::kWritten}));
  EXPECT_EQ(peer->until("\n"), "fine\n");
  EXPECT_TRUE(channel->is_open());
}

TEST_F(LineChannelTest, ARefusalInMidLineEndsTheChannelAndNothingMoreArrives) {
  open({}, 4096);
  const std::string line(1024 * 1024, 'x');
  auto gate = std::make_shared<CountingGate>(2);
  channel->send(line, gate, fate());
  channel->send("next", nullptr, fate());
  std::string arrived;
  std::thread reader([&] { arrived = peer->until_end(); });
  loop.run();
  reader.join();
  run_posted();
  EXPECT_EQ(closed, std::vector<Code>{Code::kStopped});
  EXPECT_EQ(fates, (std::vector<LineFate>{LineFate::kMaybeSent, LineFate::kNotSent}));
  EXPECT_LT(arrived.size(), line.size());
  EXPECT_EQ(arrived.find('\n'), std::string::npos);
  EXPECT_EQ(gate->passed, 2);
}

TEST_F(LineChannelTest, RefusesWhatDoesNotFit) {
  open({.max_line_bytes = 1000, .max_queued_bytes = 8});
  channel->send("two\nlines", nullptr, fate());
  channel->send("12345678", nullptr, fate());
  run_posted();
  EXPECT_EQ(fates, (std::vector<LineFate>{LineFate::kNotSent, LineFate::kNotSent}));
}

TEST_F(LineChannelTest, APausedChannelKeepsItsLines) {
  open({});
  channel->on_line([this](std::string line) {
    lines.push_back(std::move(line));
    channel->pause();
    loop.stop();
  });
  peer->send("1\n2\n3\n");
  loop.run();
  EXPECT_EQ(lines.size(), 1u);
  channel->resume();
  loop.run();
  EXPECT_EQ(lines.size(), 2u);
  channel->resume();
  loop.run();
  EXPECT_EQ(lines, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(LineChannelTest, WhatAPeerSaidBeforeItWentIsReadAlsoAfterAFailedWrite) {
  open({});
  peer->send("last words\n");
  peer->close();
  channel->send("too late", nullptr, fate());
  receive();
  loop.run();
  EXPECT_EQ(lines, std::vector<std::string>{"last words"});
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(fates, std::vector<LineFate>{LineFate::kNotSent});
}

TEST_F(LineChannelTest, CloseIsSilentAndDestructionFromACallbackIsFine) {
  open({});
  channel->close();
  channel->send("x", nullptr, fate());
  run_posted();
  EXPECT_TRUE(closed.empty());
  EXPECT_EQ(fates, std::vector<LineFate>{LineFate::kNotSent});

  open({});
  channel->on_line([this](std::string) {
    channel.reset();
    loop.stop();
  });
  peer->send("1\n2\n");
  loop.run();
  EXPECT_EQ(channel, nullptr);
}

TEST_F(LineChannelTest, PipesEndSendingAndKeepTheirFlags) {
  int in[2];
  int out[2];
  ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  const int shared = ::fcntl(out[1], F_DUPFD_CLOEXEC, 0);
  channel = make_line_channel(loop, in[0], out[1], {});
  EXPECT_TRUE(::fcntl(shared, F_GETFL) & O_NONBLOCK);
  channel->send("bye", nullptr, nullptr);
  channel->close_sending();
  EXPECT_FALSE(::fcntl(shared, F_GETFL) & O_NONBLOCK);
  ::close(shared);
  char buffer[16];
  EXPECT_EQ(::read(out[0], buffer, sizeof(buffer)), 4);
  EXPECT_EQ(::read(out[0], buffer, sizeof(buffer)), 0);
  receive();
  channel->on_closed([this](Error) { loop.stop(); });
  ASSERT_EQ(::write(in[1], "still heard\n", 12), 12);
  ::close(in[1]);
  loop.run();
  EXPECT_EQ(lines, std::vector<std::string>{"still heard"});
  ::close(out[0]);
}

TEST_F(LineChannelTest, ARegularFileIsAlwaysReady) {
  std::FILE* file = std::tmpfile();
  std::fputs("from\na file\n", file);
  std::rewind(file);
  int out[2];
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  channel = make_line_channel(loop, ::dup(::fileno(file)), out[1], {});
  channel->on_closed([this](Error) { loop.stop(); });
  receive();
  loop.run();
  EXPECT_EQ(lines, (std::vector<std::string>{"from", "a file"}));
  ::close(out[0]);
  std::fclose(file);
}

TEST(UnixServer, AcceptsWithCredentialsGuardsItsPathAndCleansUp) {
  char folder[] = "/tmp/pawl_unix_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/sock";
  EventLoop loop;
  std::unique_ptr<LineChannel> accepted;
  UnixCredentials who;
  std::string heard;
  const auto on_accept = [&](std::unique_ptr<LineChannel> channel, UnixCredentials credentials) {
    accepted = std::move(channel);
    who = credentials;
    accepted->on_line([&](std::string line) {
      heard = line;
      loop.stop();
    });
  };
  {
    auto dead = UnixServer::listen(loop, path, 0600, {}, on_accept);
    ASSERT_TRUE(dead) << dead.error().message;
    const auto second = UnixServer::listen(loop, path, 0600, {}, on_accept);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kConflict);
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  EXPECT_EQ(unix_connect(loop, path, {}).error().code, Code::kUpstreamUnavailable);

  // A socket file whose process died.
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ::close(stale);
  auto server = UnixServer::listen(loop, path, 0660, {}, on_accept);
  ASSERT_TRUE(server) << server.error().message;

  auto client = unix_connect(loop, path, {});
  ASSERT_TRUE(client);
  client.value()->send("hello", nullptr, nullptr);
  loop.run();
  EXPECT_EQ(heard, "hello");
  EXPECT_EQ(who.pid, ::getpid());
  EXPECT_EQ(who.uid, ::getuid());
  server.value().reset();
  ::rmdir(folder);
}

}  // namespace
}  // namespace pawl
