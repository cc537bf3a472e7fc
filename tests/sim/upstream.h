// A server as a simulation has it: slow, silent, dying, lying, or fine; and the client's side.
//
// Purpose:    an Exchange whose other half is a plan drawn from the seed. Every write goes through
//             the gate it was given, in one or two parts, now or later, as a real link's does.
// Threading:  one thread.
// Ownership:  the gateway owns the Exchange; what happens later holds the Talk weakly or the gate.
#pragma once

#include <memory>

#include "path/exchange.h"
#include "tests/sim/model.h"
#include "tests/sim/virtual_time.h"
#include "tests/support/seeded_random.h"

namespace pawl::sim {

struct UpstreamMood {
  std::uint64_t slow_percent = 10;
  std::uint64_t fault_percent = 15;
  std::int64_t slowest_us = 20'000'000;  // beyond the call's time-out
};

class SimExchange final : public Exchange {
 public:
  struct Parts {
    Model& model;
    VirtualTime& time;
    VirtualTime::Owner life;
    SeededRandom& dice;
    SteppedClock& clock;
    UpstreamMood mood;
  };
  SimExchange(Parts parts, Uuid id);
  ~SimExchange() override;

  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override;
  void abandon(Loss why) override;
  void release(std::shared_ptr<WriteGate> gate, const Answer& answer,
               const RecordRef& record) override;
  void refuse(const Refusal& refusal, const RecordRef& record) override;

 private:
  struct Talk;  // with the server; dies with the exchange
  std::shared_ptr<Talk> talk_;
};

}  // namespace pawl::sim
