// The time of a simulation: what happens next is what is due next, and time jumps to it.
//
// Purpose:    one queue of tasks by due time, then by order of asking. Running a task moves the
//             SteppedClock; nothing sleeps, and the same asking gives the same order.
// Threading:  one thread.
// Ownership:  outlives every NodeScheduler. A task belongs to an owner and is dropped with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "tests/support/stepped_clock.h"

namespace pawl::sim {

class VirtualTime {
 public:
  using Key = std::pair<std::int64_t, std::uint64_t>;  // boot time due, order of asking
  using Owner = std::uint64_t;                         // 0: the world outside of every node

  explicit VirtualTime(SteppedClock& clock) : clock_(clock) {}

  Key at(std::int64_t delay_us, std::function<void()> task, Owner owner = 0) {
    const Key key{clock_.boot().us + std::max<std::int64_t>(0, delay_us), next_++};
    queue_.emplace(key, Entry{owner, std::move(task)});
    return key;
  }
  // What a task holds may cancel others when it is destroyed: it leaves the queue first.
  void cancel(const Key& key) { const auto gone = queue_.extract(key); }
  void drop(Owner owner) {
    std::vector<std::function<void()>> gone;
    for (auto entry = queue_.begin(); entry != queue_.end();) {
      if (entry->second.owner == owner) {
        gone.push_back(std::move(entry->second.task));
        entry = queue_.erase(entry);
      } else {
        ++entry;
      }
    }
  }
  // False: nothing is left to happen.
  bool run_one() { return run(queue_.begin()); }
  // The next of one owner, whoever else is due before it.
  bool run_one_of(Owner owner) {
    return run(std::find_if(queue_.begin(), queue_.end(),
                            [&](const auto& entry) { return entry.second.owner == owner; }));
  }

 private:
  struct Entry {
    Owner owner;
    std::function<void()> task;
  };
  using Queue = std::map<Key, Entry>;

  bool run(Queue::iterator entry) {
    if (entry == queue_.end()) {
      return false;
    }
    auto first = queue_.extract(entry);
    clock_.step(
        std::chrono::microseconds(std::max<std::int64_t>(0, first.key().first - clock_.boot().us)));
    first.mapped().task();
    return true;
  }

  SteppedClock& clock_;
  std::uint64_t next_ = 0;
  Queue queue_;
};

// What one life of a node schedules; a killed node's tasks never run.
class NodeScheduler final : public Scheduler {
 public:
  NodeScheduler(VirtualTime& time, VirtualTime::Owner owner) : time_(time), owner_(owner) {}
  void post(std::function<void()> task) override { time_.at(0, std::move(task), owner_); }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds delay,
                                       std::function<void()> task) override {
    struct Held final : ScheduledTask {
      Held(VirtualTime& given, VirtualTime::Key at) : time(given), key(at) {}
      ~Held() override { time.cancel(key); }
      VirtualTime& time;
      VirtualTime::Key key;
    };
    return std::make_unique<Held>(time_, time_.at(delay.count(), std::move(task), owner_));
  }

 private:
  VirtualTime& time_;
  VirtualTime::Owner owner_;
};

}  // namespace pawl::sim
