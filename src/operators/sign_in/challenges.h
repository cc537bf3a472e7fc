// What passkeys are asked to sign here: random, once, for two minutes.
//
// Threading:  one thread. Ownership: the random source outlives it.
// Not errors: more than kMost open ones: the oldest goes (nobody has to be let in by it).
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "foundation/crypto/sha256.h"

namespace pawl::sign_in {

class Challenges {
 public:
  static constexpr std::chrono::minutes kGood{2};
  static constexpr std::size_t kMost = 1024;

  explicit Challenges(Random& random) : random_(random) {}
  Digest make(BootTime now);
  // True once for each, while it is good.
  bool take(const Digest& challenge, BootTime now);

 private:
  Random& random_;
  std::map<Digest, BootTime> made_;
};

}  // namespace pawl::sign_in
