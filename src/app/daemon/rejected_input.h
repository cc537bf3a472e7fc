// What the data listener and the bridge refused before it was an action, as a metric.
//
// Threading: the I/O thread, which owns both counters. Errors: none.
// Example:   count_rejected_input(metrics, server->counters(), bridge->counters());
#pragma once

#include "gateway/metrics.h"
#include "infrastructure/bridge/bridge_options.h"
#include "infrastructure/http/server.h"

namespace pawl {

void count_rejected_input(Metrics& metrics, const http::ServerCounters& requests,
                          const bridge::BridgeCounters& messages);

}  // namespace pawl
