// Containers filter system calls that older kernels do not have either: all goes on without them.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/send_round.h"
#include "tests/support/without_calls.h"

namespace pawl {
namespace {

using ::testing::ExitedWithCode;
using testing::without_calls;

// A timer fires, not early, and a task of another thread is run.
bool a_loop_runs() {
  using Clock = std::chrono::steady_clock;
  EventLoop loop;
  const Clock::time_point begin = Clock::now();
  bool fired = false;
  bool told = false;
  const auto end = [&] {
    if (fired && told) {
      loop.stop();
    }
  };
  const Timer timer = loop.after(std::chrono::microseconds(1'500), [&] {
    fired = Clock::now() - begin >= std::chrono::microseconds(1'500);
    end();
  });
  std::thread other([&] {
    loop.post([&] {
      told = true;
      end();
    });
  });
  loop.run();
  other.join();
  return fired && told;
}

struct OneSend final : Sender {
  OneSend() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) {
      std::abort();
    }
    queue.push("x", nullptr);
  }
  Socket to_send() override { return {ends[0], &queue}; }
  void flush() override {
    queue.flush([this](const iovec* parts, int count) {
      return Io{IoState::kDone, static_cast<std::size_t>(::writev(ends[0], parts, count))};
    });
  }
  void sent(GatedQueue::Flushed, std::uint64_t) override {}
  bool arrived() {
    char byte = 0;
    return ::read(ends[1], &byte, 1) == 1 && byte == 'x';
  }
  GatedQueue queue;
  int ends[2] = {-1, -1};
};

// `rounds`: each sender joins again, as it does when it is told that it is writable.
bool a_round_sends(int rounds) {
  const auto first = std::make_shared<OneSend>();
  const auto second = std::make_shared<OneSend>();
  SendRound round;
  for (int i = 0; i < rounds; ++i) {
    round.add(first);
    round.add(second);
    round.run();
  }
  return first->arrived() && second->arrived();
}

int code_of(bool works) {
  return works ? 0 : 1;
}

TEST(FilteredCalls, ALoopWithoutNanoseconds) {
  for (const int error : {ENOSYS, EPERM}) {
    EXPECT_EXIT(
        {
          without_calls({__NR_epoll_pwait2}, error);
          std::exit(code_of(a_loop_runs()));
        },
        ExitedWithCode(0), "");
  }
}

TEST(FilteredCalls, ARoundWithoutIoUring) {
  for (const int error : {ENOSYS, EPERM}) {
    EXPECT_EXIT(
        {
          without_calls({__NR_io_uring_setup}, error);
          std::exit(code_of(a_round_sends(1)));
        },
        ExitedWithCode(0), "");
  }
}

// The ring was made, and then the filter came (or the kernel has no memory left).
TEST(FilteredCalls, ARoundWhoseRingFailsSendsLater) {
  EXPECT_EXIT(
      {
        without_calls({__NR_io_uring_enter});
        std::exit(code_of(a_round_sends(2)));
      },
      ExitedWithCode(0), "");
}

}  // namespace
}  // namespace pawl
