// What lives on the disk: a kind of run that is started, interrupted, started again and checked.
//
// Threading:  the test's thread.
// Example:    a daemon's first start; one that rolls over to a new segment; `pawl init`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/powercut/promises.h"
#include "tests/support/fault_files.h"

namespace pawl::powercut {

class World {
 public:
  virtual ~World() = default;
  // The disk before the first life, and what was promised on it already.
  virtual std::unique_ptr<FaultFiles> begin(Promises& promises) const = 0;
  // Life number `life`, from 1, until its end or the fault. Empty, or what went wrong beyond doubt.
  // With `finish` it ends by itself, else it is in the middle of things at the end.
  virtual std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                           bool finish) const = 0;
  // Starts what is on the disk, without faults, and compares it with the promises.
  // `thorough`: with every signature (slow on a long log), else only what is new.
  virtual std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                            bool thorough) const = 0;
};

// By name; `random` takes its script from the seed. Null: no such world.
std::unique_ptr<World> make_world(const std::string& name, std::uint64_t seed);
// Those that a sweep visits at every call.
std::vector<std::string> world_names();

}  // namespace pawl::powercut
