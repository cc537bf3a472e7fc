#include "infrastructure/net/gated_queue.h"

#include <gtest/gtest.h>

#include "tests/infrastructure/net/loop_thread.h"

namespace pawl {
namespace {

using testing::CountingGate;

// Takes `room` bytes a call at most.
struct Sink {
  std::string bytes;
  std::size_t room = 1000;
  int calls = 0;
  Io operator()(const iovec* parts, int count) {
    ++calls;
    std::size_t taken = 0;
    for (int i = 0; i < count && taken < room; ++i) {
      const std::size_t size = std::min(parts[i].iov_len, room - taken);
      bytes.append(static_cast<const char*>(parts[i].iov_base), size);
      taken += size;
    }
    return {taken == 0 ? IoState::kBlocked : IoState::kDone, taken};
  }
};

TEST(GatedQueue, NeighboursUnderOneGateShareACall) {
  GatedQueue queue;
  Sink sink;
  auto gate = std::make_shared<CountingGate>(10);
  queue.push("head ", gate);
  queue.push("body ", gate);
  queue.push("", gate);
  queue.push("free", nullptr);
  EXPECT_EQ(queue.size(), 14u);
  EXPECT_EQ(queue.flush(sink), GatedQueue::Flushed::kAll);
  EXPECT_EQ(sink.bytes, "head body free");
  EXPECT_EQ(sink.calls, 2);
  EXPECT_EQ(gate->passed, 1);
  EXPECT_EQ(queue.written(), 14u);
  EXPECT_TRUE(queue.empty());
}

TEST(GatedQueue, EachPieceOfALongWritePassesAgainAndARefusalKeepsTheRest) {
  GatedQueue queue;
  Sink sink;
  sink.room = 3;
  auto gate = std::make_shared<CountingGate>(2);
  queue.push("0123456789", gate);
  EXPECT_EQ(queue.flush(sink), GatedQueue::Flushed::kRefused);
  EXPECT_EQ(sink.bytes, "012345");
  EXPECT_EQ(queue.size(), 4u);
  queue.clear();
  EXPECT_TRUE(queue.empty());
}

TEST(GatedQueue, GoesOnWhereItBlocked) {
  GatedQueue queue;
  Sink sink;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    queue.push(std::to_string(i) + " ", nullptr);
    expected += std::to_string(i) + " ";
  }
  sink.room = 0;
  EXPECT_EQ(queue.flush(sink), GatedQueue::Flushed::kBlocked);
  sink.room = 7;
  EXPECT_EQ(queue.flush(sink), GatedQueue::Flushed::kAll);
  EXPECT_EQ(sink.bytes, expected);
}

TEST(GatedQueue, ReusesTheStorageOfWhatWasWritten) {
  GatedQueue queue;
  Sink sink;
  queue.push(std::string(500, 'x'), nullptr);
  EXPECT_EQ(queue.flush(sink), GatedQueue::Flushed::kAll);
  const std::string spare = queue.take_spare();
  EXPECT_TRUE(spare.empty());
  EXPECT_GE(spare.capacity(), 500u);
}

}  // namespace
}  // namespace pawl
