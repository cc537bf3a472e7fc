// What GET /api/v1/status says beyond the governed heart (docs/operations/status.md).
//
// Purpose:    numbers and states as JSON; what of it is trouble decides `pawl status`
//             (app/commands/status_troubles.h), also when no daemon runs.
// Threading:  the I/O thread.
// Ownership:  the parts outlive the call.
#pragma once

#include <optional>

#include "app/config/config.h"
#include "app/daemon/call_rate.h"
#include "app/daemon/governance.h"
#include "app/daemon/witnessed_log.h"
#include "app/daemon/wrapped_servers.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/telemetry/span_exporter.h"
#include "infrastructure/upstream/server_health.h"
#include "infrastructure/upstream/servers.h"

namespace pawl {

struct StatusParts {
  const Config& config;
  Governance& governance;
  Files& files;
  Clock& clock;
  const mcp::Servers& servers;
  const mcp::ServerHealthBoard& health;
  const WrappedServers& wrapped;
  const telemetry::SpanExporter* spans;  // null: off
  const CallRate& rate;
  const WitnessedLog& log;
  const identity::Authenticator& authenticator;
};

json::Value status_report(const StatusParts& parts);
// The counters that other parts keep, into /metrics.
void count_telemetry(Metrics& metrics, const telemetry::SpanExporter* spans);

}  // namespace pawl
