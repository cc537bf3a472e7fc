// Stops on the path: refuses every Action that a stop in force covers. First in the table.
// Threading: the I/O thread.
#pragma once

#include <string>

#include "operators/override/stop_board.h"
#include "path/control.h"

namespace pawl {

// What a request that the stop covers is answered with.
Verdict verdict_of(const override_::Stop& stop);

class OverrideControl final : public Control {
 public:
  OverrideControl(const StopBoard& board, std::string domain)
      : board_(board), domain_(std::move(domain)) {}
  std::string_view name() const override { return "stops"; }
  Verdict decide(const Action& action, const Moment& moment) const override;

 private:
  const StopBoard& board_;
  std::string domain_;
};

}  // namespace pawl
