#include "gateway/dispatch_gate.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>

#include "base/assert.h"

namespace pawl {
namespace {

std::atomic<std::uint64_t> gates_made{0};

int membarrier(int command) {
  return static_cast<int>(syscall(__NR_membarrier, command, 0, 0));
}

}  // namespace

DispatchGate::DispatchGate()
    : number_(gates_made.fetch_add(1)),
      has_membarrier_(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0) {}

Epochs DispatchGate::epochs() const {
  Epochs out;
  for (std::size_t i = 0; i < epochs_.size(); ++i) {
    out.value[i] = epochs_[i].load(std::memory_order_acquire);
  }
  return out;
}

std::size_t DispatchGate::slot_of_this_thread() {
  // By number, not by address: a later gate may stand where an earlier one stood.
  thread_local std::map<std::uint64_t, std::size_t> slots;
  const auto known = slots.find(number_);
  if (known != slots.end()) {
    return known->second;
  }
  const std::size_t slot = used_.fetch_add(1);
  PAWL_CHECK(slot < kMaxThreads, "more threads than gate flags");
  slots[number_] = slot;
  return slot;
}

bool DispatchGate::pass(const Epochs& seen, FunctionRef<void()> write) {
  Flag& flag = flags_[slot_of_this_thread()];
  // A gate may be passed within another; only its own thread writes the flag.
  const std::uint32_t outside = flag.inside.load(std::memory_order_relaxed);
  flag.inside.store(outside + 1, std::memory_order_relaxed);
  if (has_membarrier_) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  const bool current = epochs() == seen;
  if (current) {
    write();
  }
  flag.inside.store(outside, std::memory_order_release);
  return current;
}

void DispatchGate::advance(EpochKind kind) {
  epochs_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_seq_cst);
  if (has_membarrier_) {
    PAWL_CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0, "membarrier was registered");
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  const std::size_t own = slot_of_this_thread();
  for (std::size_t i = 0; i < used_.load(); ++i) {
    while (i != own && flags_[i].inside.load(std::memory_order_acquire) != 0) {
      sched_yield();
    }
  }
}

}  // namespace pawl
