// `pawl ledger head` and `pawl ledger renew` on what a killed daemon left behind.
//
// A renewal by hand that exits 0 is durable: all of the old log, and the notes that go over.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

class RenewWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
