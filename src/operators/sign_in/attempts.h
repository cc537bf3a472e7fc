// Failed sign-ins make the next ones wait; nobody is locked out.
//
// Purpose:    after kFree failures under one name, each further attempt waits before its password
//             is looked at: 1 s, 2 s, 4 s, up to kLongest. A good one clears it, and so does time.
// Threading:  one thread. Soft state: a restart forgets, and waiting begins anew after kFree.
// Not errors: a name that nobody has: it waits as others do.
// Limits:     of kMost names the failures are kept; the one that failed longest ago goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pawl::sign_in {

class Attempts {
 public:
  static constexpr std::uint32_t kFree = 5;
  static constexpr std::chrono::seconds kLongest{60};
  static constexpr std::chrono::minutes kRemembered{15};
  static constexpr std::size_t kMost = 4096;

  std::chrono::seconds delay(std::string_view name, BootTime now) const;
  void failed(std::string_view name, BootTime now);
  void succeeded(std::string_view name);

 private:
  struct Failures {
    std::uint32_t count = 0;
    BootTime last;
  };
  static std::string key_of(std::string_view name);

  std::map<std::string, Failures> failures_;
};

}  // namespace pawl::sign_in
