// The gate for protocol plumbing (initialize, ping, list_changed): no record, but no stop is
// by-passed. Threading: the I/O thread.
#pragma once

#include <string>

#include "base/write_gate.h"
#include "gateway/dispatch_gate.h"
#include "operators/override/revocation_control.h"
#include "path/caller.h"
#include "path/plugged.h"

namespace pawl {

class PlumbingGate final : public WriteGate {
 public:
  PlumbingGate(DispatchGate& gate, const StopBoard& stops, Caller caller, std::string server,
               std::string domain)
      : gate_(gate),
        stops_(stops),
        caller_(std::move(caller)),
        server_(std::move(server)),
        domain_(std::move(domain)) {}

  bool pass(FunctionRef<void()> write) override {
    for (int turn = 0; turn < 8; ++turn) {
      const Epochs seen = gate_.epochs();
      if (held_back(stops_, caller_, server_, domain_) && plugged(ControlId::kPlumbingGate)) {
        return false;
      }
      if (gate_.pass(seen, write)) {
        return true;
      }
    }
    return false;
  }

 private:
  DispatchGate& gate_;
  const StopBoard& stops_;
  Caller caller_;
  std::string server_;
  std::string domain_;
};

}  // namespace pawl
