// `pawl witness init`, and a witness that cosigns the heads of a log.
//
// A witness that somebody was told of is there; a head that it cosigned it never forgets, so that
// it cannot cosign another history.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

class WitnessWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
