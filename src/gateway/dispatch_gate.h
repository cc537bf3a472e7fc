// The dispatch gate: between a decision and the bytes it lets out (design, section 2).
//
// Purpose:    every write to an upstream and every release of an answer runs inside pass(): set
//             this thread's flag, compare the epochs with those the decision saw, write, clear the
//             flag. Passes nest: writes that are made together are inside all of their gates.
//             advance() publishes a new epoch, makes it visible to every thread, waits until no
//             thread is inside, and only then returns: after that, no byte that the old decision
//             allowed can leave.
// Threading:  pass() from any thread (one flag a thread); advance() from any thread.
// Rule:       asymmetric: pass() costs two plain stores; advance() pays with membarrier(2).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/write_gate.h"

namespace pawl {

enum class EpochKind : std::uint8_t { kStops, kRevocations, kRules };

struct Epochs {
  std::array<std::uint64_t, 3> value{};
  auto operator<=>(const Epochs&) const = default;
};

class DispatchGate {
 public:
  DispatchGate();

  // Read before deciding; what the decision saw.
  Epochs epochs() const;
  // Runs `write` when the epochs are still `seen`.
  [[nodiscard]] bool pass(const Epochs& seen, FunctionRef<void()> write);
  // Publishes a change of `kind`. When it returns no thread is inside a pass() that saw the old
  // epoch. The caller made the new state readable before (StopBoard, RuleSet).
  void advance(EpochKind kind);

 private:
  static constexpr std::size_t kMaxThreads = 64;
  struct alignas(64) Flag {
    std::atomic<std::uint32_t> inside{0};
  };
  std::size_t slot_of_this_thread();

  const std::uint64_t number_;
  const bool has_membarrier_;
  std::array<std::atomic<std::uint64_t>, 3> epochs_{};
  std::array<Flag, kMaxThreads> flags_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace pawl
