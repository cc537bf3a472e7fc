#include "infrastructure/net/send_round.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/infrastructure/net/loop_thread.h"

namespace pawl {
namespace {

using testing::CountingGate;

// One end of a pair of sockets, with a queue.
class Peer final : public Sender {
 public:
  Peer() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0); }
  ~Peer() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Socket to_send() override { return {is_plain ? ends_[0] : -1, &queue}; }
  void flush() override {
    ++flushes;
    const std::uint64_t before = queue.written();
    sent(queue.flush([this](const iovec* parts, int count) {
      const ssize_t bytes = ::writev(ends_[0], parts, count);
      return bytes < 0 ? Io{IoState::kBlocked, 0}
                       : Io{IoState::kDone, static_cast<std::size_t>(bytes)};
    }),
         before);
  }
  void sent(GatedQueue::Flushed flushed, std::uint64_t before) override {
    results.push_back(flushed);
    grew = queue.written() - before;
    if (on_sent) {
      std::exchange(on_sent, nullptr)();
    }
  }
  std::string received() {
    std::string bytes(1 << 20, '\0');
    const ssize_t size = ::read(ends_[1], bytes.data(), bytes.size());
    return size <= 0 ? std::string() : bytes.substr(0, static_cast<std::size_t>(size));
  }
  void break_off() { ::shutdown(ends_[0], SHUT_WR); }

  GatedQueue queue;
  bool is_plain = true;
  int flushes = 0;  // writes by itself
  std::uint64_t grew = 0;
  std::vector<GatedQueue::Flushed> results;
  std::function<void()> on_sent;  // once

 private:
  int ends_[2] = {-1, -1};
};

using Peers = std::vector<std::shared_ptr<Peer>>;

Peers peers(int count) {
  Peers made;
  for (int i = 0; i < count; ++i) {
    made.push_back(std::make_shared<Peer>());
  }
  return made;
}

// Whether the kernel of this machine lets us; else there is nothing to send together with.
bool kernel_sends_together() {
  SendRound round;
  const Peers two = peers(2);
  for (const auto& peer : two) {
    peer->queue.push("x", nullptr);
    round.add(peer);
  }
  round.run();
  return two[0]->flushes == 0;
}

enum class Way { kTogether, kEachAlone };

class SendRoundTest : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    if (GetParam() == Way::kEachAlone) {
      round.send_each_alone();
    } else if (!kernel_sends_together()) {
      GTEST_SKIP() << "this kernel has no io_uring for us";
    }
  }
  SendRound round;
};

TEST_P(SendRoundTest, SendsWhatEachQueueHoldsInsideItsGate) {
  const Peers all = peers(40);  // more than go together
  auto gate = std::make_shared<CountingGate>(1'000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i]->queue.push("head ", gate);
    all[i]->queue.push(std::to_string(i), gate);
    if (i % 2 == 0) {
      all[i]->queue.push(" tail", nullptr);  // another gate: another write
    }
    round.add(all[i]);
  }
  round.run();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i]->received(), "head " + std::to_string(i) + (i % 2 == 0 ? " tail" : ""));
    ASSERT_FALSE(all[i]->results.empty());
    EXPECT_EQ(all[i]->results.back(), GatedQueue::Flushed::kAll);
    EXPECT_TRUE(all[i]->queue.empty());
  }
  EXPECT_EQ(gate->passed, 40);
}

TEST_P(SendRoundTest, ARefusedQueueSendsNothingAndTheOthersGoOn) {
  const Peers all = peers(3);
  auto closed = std::make_shared<CountingGate>(0);
  all[0]->queue.push("first", nullptr);
  all[1]->queue.push("never", closed);
  all[2]->queue.push("third", nullptr);
  for (const auto& peer : all) {
    round.add(peer);
  }
  round.run();
  EXPECT_EQ(all[0]->received(), "first");
  EXPECT_EQ(all[1]->received(), "");
  EXPECT_EQ(all[2]->received(), "third");
  EXPECT_EQ(all[1]->results, std::vector{GatedQueue::Flushed::kRefused});
  EXPECT_EQ(closed->refused, 1);
}

TEST_P(SendRoundTest, WhatDoesNotFitWaitsAndABrokenSocketIsTold) {
  const Peers all = peers(3);
  const std::string large(8 << 20, 'x');
  all[0]->queue.push(large, nullptr);
  all[1]->break_off();
  all[1]->queue.push("x", nullptr);
  all[2]->queue.push("fits", nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto& peer : all) {
    round.add(peer);
  }
  round.run();
  EXPECT_EQ(all[0]->results.back(), GatedQueue::Flushed::kBlocked);
  EXPECT_GT(all[0]->queue.written(), 0u);
  EXPECT_EQ(all[0]->queue.written() + all[0]->queue.size(), large.size());
  EXPECT_EQ(all[2]->received(), "fits");
  if (GetParam() == Way::kTogether) {
    EXPECT_EQ(all[1]->results, std::vector{GatedQueue::Flushed::kFailed});
  }
}

// What one sender does with its result ended another, whose bytes were already on their way.
TEST_P(SendRoundTest, ASenderMayEndAnotherOfItsRound) {
  const Peers all = peers(2);
  all[0]->queue.push("one", nullptr);
  all[1]->queue.push("two", nullptr);
  all[0]->on_sent = [&] { all[1]->queue.clear(); };
  for (const auto& peer : all) {
    round.add(peer);
  }
  round.run();
  EXPECT_EQ(all[0]->received(), "one");
  EXPECT_TRUE(all[1]->queue.empty());
}

TEST_P(SendRoundTest, WhoIsEmptyIsPassedOverAndWhoComesMeanwhileIsServed) {
  const Peers all = peers(3);
  for (const auto& peer : all) {
    peer->queue.push("x", nullptr);
    round.add(peer);
    round.add(peer);  // twice is as good as once
  }
  auto late = std::make_shared<Peer>();
  all[0]->on_sent = [&] {
    late->queue.push("late", nullptr);
    round.add(late);
  };
  all[1]->queue.clear();
  round.run();
  EXPECT_EQ(all[0]->received(), "x");
  EXPECT_EQ(all[1]->received(), "");
  EXPECT_EQ(all[2]->received(), "x");
  EXPECT_EQ(late->received(), "late");
}

INSTANTIATE_TEST_SUITE_P(Ways, SendRoundTest, ::testing::Values(Way::kTogether, Way::kEachAlone),
                         [](const auto& way) {
                           return way.param == Way::kTogether ? "Together" : "EachAlone";
                         });

TEST(SendRound, TheWritesOfARoundAreMadeInsideAllOfTheirGates) {
  if (!kernel_sends_together()) {
    GTEST_SKIP() << "this kernel has no io_uring for us";
  }
  // Counts how many stand inside at once, and looks whether a byte left before the last was in.
  struct Nested final : WriteGate {
    Nested(int& count, int& deepest, Peers& all) : inside(count), most(deepest), peers(all) {}
    bool pass(FunctionRef<void()> write) override {
      most = std::max(most, ++inside);
      early = peers[0]->received();
      write();
      --inside;
      return true;
    }
    int& inside;
    int& most;
    Peers& peers;
    std::string early;
  };
  SendRound round;
  Peers all = peers(5);
  int inside = 0;
  int most = 0;
  std::vector<std::shared_ptr<Nested>> gates;
  for (const auto& peer : all) {
    gates.push_back(std::make_shared<Nested>(inside, most, all));
    peer->queue.push("x", gates.back());
    round.add(peer);
  }
  round.run();
  EXPECT_EQ(most, 5);
  for (const auto& gate : gates) {
    EXPECT_EQ(gate->early, "");
  }
  EXPECT_EQ(all[0]->received(), "x");
}

// It ended one whose turn had come before, and which was sent together with those behind.
TEST(SendRound, WhoSendsByItselfMayEndOneThatCameBefore) {
  SendRound round;
  const Peers all = peers(3);
  for (const auto& peer : all) {
    peer->queue.push("x", nullptr);
    round.add(peer);
  }
  all[1]->is_plain = false;
  all[1]->on_sent = [&] { all[0]->queue.clear(); };
  round.run();
  EXPECT_EQ(all[0]->received(), "x");
  EXPECT_EQ(all[1]->received(), "x");
  EXPECT_EQ(all[2]->received(), "x");
}

TEST(SendRound, AnEncryptedConnectionSendsByItself) {
  SendRound round;
  const Peers all = peers(2);
  for (const auto& peer : all) {
    peer->is_plain = false;
    peer->queue.push("x", nullptr);
    round.add(peer);
  }
  round.run();
  EXPECT_EQ(all[0]->flushes, 1);
  EXPECT_EQ(all[1]->flushes, 1);
}

}  // namespace
}  // namespace pawl
