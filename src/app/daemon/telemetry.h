// The span exporter of a daemon, if its configuration names a receiver.
// Threading:  the I/O thread. Ownership: what it is given outlives the exporter.
// Not errors: a receiver that is down: spans wait, then are dropped and counted.
#pragma once

#include <memory>

#include "app/config/config.h"
#include "gateway/metrics.h"
#include "infrastructure/http/client.h"
#include "infrastructure/telemetry/span_exporter.h"

namespace pawl {

// Null: telemetry is off.
std::unique_ptr<telemetry::SpanExporter> make_span_exporter(const Config& config,
                                                            http::ClientPool& pool,
                                                            Scheduler& scheduler, Random& random);

}  // namespace pawl
