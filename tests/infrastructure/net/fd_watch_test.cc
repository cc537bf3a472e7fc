#include "infrastructure/net/fd_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "infrastructure/net/event_loop.h"

namespace pawl {
namespace {

struct Listener final : FdEvents {
  void on_readable() override {
    ++readable;
    if (read) {
      read();
    }
  }
  void on_writable() override {
    ++writable;
    if (write) {
      write();
    }
  }
  int readable = 0;
  int writable = 0;
  std::function<void()> read;
  std::function<void()> write;
};

// A watched end and the other one.
struct Pair {
  Pair() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    watch = std::make_unique<FdWatch>(loop, fds[0], listener);
    other = fds[1];
  }
  ~Pair() {
    watch.reset();
    hang_up();
  }
  void hang_up() {
    if (other >= 0) {
      ::close(std::exchange(other, -1));
    }
  }
  void send(std::string_view text) {
    ASSERT_EQ(::send(other, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  std::string receive(std::size_t most) {
    std::string bytes(most, '\0');
    const ssize_t got = ::recv(watch->fd(), bytes.data(), most, 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  // Everything that is told without something new happening.
  void settle() {
    for (int turn = 0; turn < 20; ++turn) {
      const Timer stop = loop.after(std::chrono::microseconds(0), [this] { loop.stop(); });
      loop.run();  // a timer comes after the descriptors of its turn
    }
  }

  EventLoop loop;
  Listener listener;
  std::unique_ptr<FdWatch> watch;
  int other = -1;
};

TEST(FdWatch, TellsOnceForEachWish) {
  Pair pair;
  pair.send("a");
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 0) << "nobody asked";
  pair.watch->want_read();
  pair.watch->want_read();
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 1);
  pair.watch->want_read();
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 2) << "the byte is still there";
}

TEST(FdWatch, AWishForNothingWaitsAndTakesNoTurns) {
  Pair pair;
  pair.watch->want_read();
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 0);
  // A reader that takes all and does not say so is not called again for nothing.
  pair.listener.read = [&] {
    (void)pair.receive(16);
    pair.watch->want_read();
  };
  pair.send("abc");
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 1);
  pair.send("d");
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 2);
}

TEST(FdWatch, WhatComesAfterItWasDrainedIsTold) {
  Pair pair;
  std::string all;
  pair.listener.read = [&] {
    all += pair.receive(16);
    pair.watch->drained();
    pair.watch->want_read();
  };
  pair.watch->want_read();
  for (const char* piece : {"one", "two", "three"}) {
    pair.send(piece);
    pair.settle();
  }
  EXPECT_EQ(all, "onetwothree");
  EXPECT_EQ(pair.listener.readable, 3);
}

TEST(FdWatch, BytesBetweenReadingAndSayingSoAreTold) {
  Pair pair;
  std::string all;
  pair.listener.read = [&] {
    all += pair.receive(16);
    if (all == "one") {
      pair.send("two");
    }
    pair.watch->drained();
    pair.watch->want_read();
  };
  pair.watch->want_read();
  pair.send("one");
  pair.settle();
  EXPECT_EQ(all, "onetwo");
}

// The last bytes and the end came as one event; the end was never told.
TEST(FdWatch, AnEndThatCameWithTheLastBytesIsToldAfterDrained) {
  Pair pair;
  bool ended = false;
  pair.listener.read = [&] {
    const std::string bytes = pair.receive(16);
    if (bytes.empty()) {
      ended = true;
      return;
    }
    pair.watch->drained();
    pair.watch->want_read();
  };
  pair.send("last");
  pair.hang_up();
  pair.watch->want_read();
  pair.settle();
  EXPECT_TRUE(ended);
}

TEST(FdWatch, AWatchMayDieInItsOwnCallAndInAnothersOfTheSameTurn) {
  Pair first;
  Listener second_listener;
  int fds[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
  auto second = std::make_unique<FdWatch>(first.loop, fds[0], second_listener);
  // Whichever is told first takes both away.
  const auto both = [&] {
    first.watch.reset();
    second.reset();
  };
  first.listener.read = both;
  second_listener.read = both;
  first.watch->want_read();
  second->want_read();
  first.send("a");
  ASSERT_EQ(::send(fds[1], "b", 1, 0), 1);
  first.settle();
  EXPECT_EQ(first.listener.readable + second_listener.readable, 1);
  ::close(fds[1]);
}

TEST(FdWatch, RoomToWriteIsToldWhenTheReaderMakesIt) {
  Pair pair;
  const std::string block(4096, 'x');
  while (::send(pair.watch->fd(), block.data(), block.size(), MSG_DONTWAIT) > 0) {
  }
  pair.watch->want_write();
  pair.settle();
  EXPECT_EQ(pair.listener.writable, 0);
  std::string taken(1 << 20, '\0');
  while (::recv(pair.other, taken.data(), taken.size(), MSG_DONTWAIT) > 0) {
  }
  pair.settle();
  EXPECT_EQ(pair.listener.writable, 1);
}

// One that the kernel does not watch counted as always readable, and took a core.
TEST(FdWatch, WhatTheKernelDoesNotWatchIsEnded) {
  Pair pair;
  Listener listener;
  FdWatch second(pair.loop, pair.watch->fd(), listener);  // refused: it is watched already
  second.want_read();
  pair.settle();
  EXPECT_EQ(listener.readable, 1);
  char byte = 0;
  EXPECT_EQ(::recv(second.fd(), &byte, 1, 0), 0) << "its next read is the end";
  EXPECT_EQ(::recv(pair.other, &byte, 1, 0), 0);
}

TEST(FdWatch, AFileIsAlwaysReady) {
  EventLoop loop;
  Listener listener;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  FdWatch watch(loop, ::dup(::fileno(file.get())), listener);
  watch.want_read();
  watch.want_write();
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  loop.run();
  EXPECT_EQ(listener.readable, 1);
  EXPECT_EQ(listener.writable, 1);
}

TEST(FdWatch, PendingWishesGoToTheNewListener) {
  Pair pair;
  Listener next;
  pair.watch->want_read();
  pair.watch->set_events(next);
  pair.send("a");
  pair.settle();
  EXPECT_EQ(pair.listener.readable, 0);
  EXPECT_EQ(next.readable, 1);
}

TEST(EventLoopPoster, IsDeafAfterTheLoop) {
  std::function<void(std::function<void()>)> post;
  {
    EventLoop loop;
    post = loop.poster();
    bool ran = false;
    post([&] {
      ran = true;
      loop.stop();
    });
    loop.run();
    EXPECT_TRUE(ran);
  }
  post([] { FAIL(); });
}

}  // namespace
}  // namespace pawl
