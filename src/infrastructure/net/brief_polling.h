// Whether a loop that has nothing to do should look again for a moment before it sleeps.
//
// Purpose:    a disk or a server nearby answers within some 100 us. A thread that sleeps for it is
//             woken late, on a core whose caches are cold: half of what a lone call costs. One that
//             looks again costs its core, so it does so only while most waits were that short.
// Threading:  a plain value of one thread.
// Source:     docs/adr/0035-a-loop-that-polls-briefly.md.
#pragma once

#include <algorithm>
#include <chrono>

namespace pawl {

class BriefPolling {
 public:
  // Longer than a sync of a good disk.
  static constexpr std::chrono::microseconds kWindow{160};

  // Before a wait. While it is not worth it, one wait in kProbe is tried all the same.
  bool is_worth_it() {
    if (credit_ > 0) {
      return true;
    }
    passed_ = (passed_ + 1) % kProbe;
    return passed_ == 0;
  }
  // After one that polled: whether something came within the window. It goes on while three of five
  // did.
  void told(bool came) { credit_ = std::clamp(credit_ + (came ? 2 : -3), 0, kMost); }

 private:
  static constexpr int kMost = 24;
  static constexpr int kProbe = 32;

  int credit_ = 0;
  int passed_ = 0;
};

}  // namespace pawl
