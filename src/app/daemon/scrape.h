// The text of /metrics: what is counted all the time, and what is only looked at when asked.
//
// Threading:  the I/O thread. Errors: none.
#pragma once

#include <string>

#include "app/daemon/governance.h"
#include "app/daemon/public_log.h"
#include "app/daemon/wrapped_servers.h"
#include "infrastructure/bridge/bridge.h"
#include "infrastructure/http/server.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/telemetry/span_exporter.h"

namespace pawl {

struct Scraped {
  Governance& governance;
  const http::Server& data;
  const bridge::Bridge& bridge;
  const telemetry::SpanExporter* spans;  // null: off
  const PublicFace& face;
  const OutputBudget& output;
  const WrappedServers& wrapped;
  const identity::Authenticator& authenticator;
};

std::string scrape(const Scraped& what);

}  // namespace pawl
