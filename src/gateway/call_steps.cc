// What people see of a call: its steps in metrics and traces. Threading: the I/O thread.
#include "gateway/call.h"

namespace pawl {
namespace {

double seconds_between(BootTime from, BootTime to) {
  return static_cast<double>(to.us - from.us) / 1e6;
}

}  // namespace

std::string Call::traceparent() const {
  return trace_ ? trace_->upstream_traceparent() : std::string();
}

BootTime Call::step_done(std::string_view name, BootTime began) {
  const BootTime now = services_.clock.boot();
  services_.metrics.step(name, seconds_between(began, now));
  if (trace_) {
    trace_->step(name, began, now);
  }
  return now;
}

void Call::told(Outcome outcome, const Refusal* refusal) {
  if (trace_) {
    trace_->outcome(outcome, refusal, answer_ ? &*answer_ : nullptr);
  }
}

std::string_view Call::stage() const {
  switch (state_) {
    case State::kNew:
      return "waiting";
    case State::kFetching:
      return "fetching parents of tokens";
    case State::kOutside:
      return "asking outside";
    case State::kHeld:
      return "waiting for people";
    case State::kWaiting:
      return "waiting";
    case State::kIntent:
      return "recording intent";
    case State::kForwarding:
      return "running";
    case State::kRecording:
    case State::kEnded:
      return "recording outcome";
  }
  return "?";
}

}  // namespace pawl
