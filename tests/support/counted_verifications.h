// Counts signature verifications: how often which signature was checked.
//
// Purpose:    "never verified twice" is told by the one function through which every verification
//             goes. A test program that includes this is linked with
//             pawl_count_verifications(TARGET) (tests/CMakeLists.txt).
// Threading:  any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

class Verifications {
 public:
  static Verifications& counted() {
    static Verifications all;
    return all;
  }
  void forget() {
    MutexLock lock(mutex_);
    times_.clear();
  }
  void add(std::string_view alg, std::string_view message) {
    MutexLock lock(mutex_);
    ++times_[std::string(alg) + " " + std::string(message)];
  }
  // By one algorithm: texts whose signature was checked, and the most often that one of them was.
  std::size_t texts(std::string_view alg) const {
    MutexLock lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        times_.begin(), times_.end(), [&](const auto& one) { return one.first.starts_with(alg); }));
  }
  std::size_t most_often(std::string_view alg) const {
    MutexLock lock(mutex_);
    std::size_t most = 0;
    for (const auto& [text, times] : times_) {
      most = text.starts_with(alg) ? std::max(most, times) : most;
    }
    return most;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::size_t> times_ PAWL_GUARDED_BY(mutex_);
};

// The linker sends calls of PublicKey::verify here; real_verify is the product's.
Verdict3 real_verify(const PublicKey&, std::string_view, std::string_view, std::string_view) asm(
    "__real__ZNK4pawl9PublicKey6verifyESt17basic_string_viewIcSt11char_traitsIcEES4_S4_");
[[gnu::used]] inline Verdict3
counted_verify(const PublicKey&, std::string_view, std::string_view, std::string_view) asm(
    "__wrap__ZNK4pawl9PublicKey6verifyESt17basic_string_viewIcSt11char_"
    "traitsIcEES4_S4_");
[[gnu::used]] inline Verdict3 counted_verify(const PublicKey& key, std::string_view alg,
                                             std::string_view message, std::string_view signature) {
  Verifications::counted().add(alg, message);
  return real_verify(key, alg, message, signature);
}

}  // namespace pawl
