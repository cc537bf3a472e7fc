// Random bytes, injected so that tests are deterministic.
// Threading: any thread. The system source is the kernel's (getrandom); it never fails after boot.
// Not for a process that forks and goes on in both halves: they would share bytes.
#pragma once

#include <cstddef>
#include <string>

namespace pawl {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::string bytes(std::size_t count) = 0;  // raw bytes, exactly `count`
};

Random& system_random();

}  // namespace pawl
