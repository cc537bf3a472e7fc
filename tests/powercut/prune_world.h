// `pawl ledger prune` on a log of some segments with a stop in force.
//
// A pruning that exits 0 is durable: what is old is gone and stated, what is in force and every
// record above it is there; one that was interrupted was not begun, or the next one ends it.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

class PruneWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
