// Worlds of commands that keep things: `pawl init`, and `trust pin`, `ledger export`, `ledger
// prove`.
//
// A command that exits 0 has kept its word for ever; one that was interrupted can be run again.
#pragma once

#include "tests/powercut/world.h"

namespace pawl::powercut {

struct Ran {
  int exit_code = 0;
  std::string out, err;
};
// One command line, without "pawl", and its standard input. `life`: its randomness follows from it.
Ran run_pawl(FaultFiles& files, std::uint64_t life, std::vector<std::string> arguments,
             const std::string& input = "", std::chrono::hours later = {});
// What a failure of it is called.
std::string told(const std::string& what, const Ran& ran);

class InitWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

// On a log whose daemon died in the middle of a batch: written, not synced.
class EvidenceWorld final : public World {
 public:
  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;
};

}  // namespace pawl::powercut
