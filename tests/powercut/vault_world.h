// `pawl vault put`, and erasures in the vault that a daemon orders and ends.
//
// A secret that was stored is there; one that was replaced or erased has no key left, and what was
// ordered to be erased is never used again.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

class VaultWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
