// Revocations on the path: refuses every Action whose caller, or what it presented, was revoked.
// Second in the table, behind the stops. Threading: the I/O thread.
#pragma once

#include <optional>
#include <string>

#include "operators/override/stop_board.h"
#include "path/control.h"

namespace pawl {

// What a request that the revocation covers is answered with: denied, by the rule
// "revocation:UUID".
Verdict verdict_of(const override_::Revocation& revocation);
// Which control such a verdict, or that of a stop, is of.
std::string_view control_of_held(const Verdict& verdict);

// What holds a caller back outside of a call; with the control's name. nullopt: nothing.
struct Held {
  std::string_view control;
  Verdict verdict;
};
std::optional<Held> held_back(const StopBoard& board, const Caller& caller, std::string_view server,
                              std::string_view domain);

class RevocationControl final : public Control {
 public:
  explicit RevocationControl(const StopBoard& board) : board_(board) {}
  std::string_view name() const override { return "revocations"; }
  Verdict decide(const Action& action, const Moment& moment) const override;

 private:
  const StopBoard& board_;
};

}  // namespace pawl
