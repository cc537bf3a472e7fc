// Somebody else's log that is followed (`pawl ledger monitor`), until it shows two histories.
//
// A head that was told is never forgotten, so that another history is found after any start; and
// evidence that was told of is there.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

class MonitorWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
