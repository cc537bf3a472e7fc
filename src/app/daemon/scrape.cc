#include "app/daemon/scrape.h"

#include "app/daemon/rejected_input.h"
#include "app/daemon/status_report.h"

namespace pawl {

std::string scrape(const Scraped& what) {
  what.governance.tick();
  Metrics& metrics = what.governance.metrics();
  count_rejected_input(metrics, what.data.counters(), what.bridge.counters());
  metrics.set_gauge("unfinished_body_bytes", static_cast<double>(what.data.unfinished_bytes()));
  count_telemetry(metrics, what.spans);
  what.face.gauges(metrics);
  metrics.set_gauge("queued_output_bytes", static_cast<double>(what.output.bytes()));
  metrics.set_gauge("shims", static_cast<double>(what.wrapped.shims()));
  metrics.set_gauge("sessions", static_cast<double>(what.bridge.sessions()));
  const identity::BundleStatus bundles = what.authenticator.bundles();
  metrics.set_gauge("trust_bundles", static_cast<double>(bundles.usable));
  metrics.set_gauge("trust_bundle_failures", static_cast<double>(bundles.failures));
  metrics.set_gauge("trust_bundle_age_seconds", static_cast<double>(bundles.age.count()));
  return metrics.text();
}

}  // namespace pawl
