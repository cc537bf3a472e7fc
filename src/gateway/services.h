// What one call needs from the instance, handed down as references.
// Threading: the I/O thread. Ownership: the app owns all of it and outlives the gateway.
#pragma once

#include <chrono>
#include <functional>

#include "base/scheduler.h"
#include "execution/graph/causality.h"
#include "gateway/approval_desk.h"
#include "gateway/control_table.h"
#include "gateway/dispatch_gate.h"
#include "gateway/metrics.h"
#include "gateway/outside_points.h"
#include "gateway/parent_tokens.h"
#include "gateway/person_names.h"
#include "gateway/policy_name.h"
#include "gateway/policy_tokens.h"
#include "gateway/recorder.h"
#include "gateway/token_source.h"
#include "path/span.h"

namespace pawl {

struct Services {
  const ControlTable& controls;
  DispatchGate& gate;
  Recorder& recorder;
  ParentTokens& parents;
  Causality& causality;
  Metrics& metrics;
  Scheduler& scheduler;
  Clock& clock;
  // What the operator declared of a tool: effects and touched resources.
  std::function<Touches(const Action&)> touches;
  std::function<PolicyName()> policy;
  // From forwarding to the answer; zero: no limit (a subscription is open until somebody leaves).
  std::function<std::chrono::microseconds(const Action&)> call_timeout;
  SpanSink* spans = nullptr;  // null: no traces
  TokenSource token_source{};
  PersonNames* people = nullptr;      // null: records have people's names
  PolicyTokens* policies = nullptr;   // null: every policy token is refused
  ApprovalDesk* approvals = nullptr;  // null: nobody can be asked, and what is held is refused
  OutsidePoints outside{};
};

}  // namespace pawl
