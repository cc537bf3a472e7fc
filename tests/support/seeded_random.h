// Random bytes that are the same for the same seed (SplitMix64; not for keys).
//
// Threading:  any thread; the order of the callers decides who gets which bytes.
// Example:    SeededRandom random(seed);  std::uint64_t die = random.below(6);
#pragma once

#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "base/random.h"

namespace pawl {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}

  std::string bytes(std::size_t count) override {
    std::string out;
    while (out.size() < count) {
      std::uint64_t word = next();
      for (int i = 0; i < 8 && out.size() < count; ++i, word >>= 8) {
        out += static_cast<char>(word & 0xff);
      }
    }
    return out;
  }

  std::uint64_t next() {
    MutexLock lock(mutex_);
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
  }
  // 0 .. bound - 1; 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool coin() { return (next() & 1) != 0; }

 private:
  Mutex mutex_;
  std::uint64_t state_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl
