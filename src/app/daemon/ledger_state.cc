#include "app/daemon/ledger_state.h"

namespace pawl {

void show_ledger(Metrics& metrics, const ledger::Ledger& ledger) {
  const ledger::Ledger::Stats stats = ledger.stats();
  metrics.set_gauge("ledger_entries", static_cast<double>(ledger.size()));
  metrics.set_gauge("ledger_writable", ledger.writable() ? 1 : 0);
  metrics.set_gauge("ledger_closed", ledger.closed_because().empty() ? 0 : 1);
  metrics.set_gauge("ledger_free_bytes", static_cast<double>(stats.free_bytes));
  metrics.set_gauge("ledger_reserve_bytes", static_cast<double>(stats.reserve_bytes));
  metrics.set_gauge("ledger_log_bytes", static_cast<double>(stats.log_bytes));
  metrics.set_gauge("head_file_failures", static_cast<double>(stats.head_file_failures));
  metrics.set_gauge("ledger_queue", static_cast<double>(stats.queue));
  metrics.set_gauge("ledger_syncs", static_cast<double>(stats.syncs));
  metrics.set_gauge("ledger_sync_seconds", stats.sync_seconds_total);
  metrics.set_gauge("ledger_bytes", static_cast<double>(stats.bytes));
  metrics.set_total("pawl_limits_reached_total", "ledger_queue", stats.refused_full);
}

json::Object ledger_status(const ledger::Ledger& ledger) {
  const ledger::Ledger::Stats stats = ledger.stats();
  return {
      {"size", ledger.size()},
      {"minimum_index", ledger.minimum_index()},
      {"bytes_since_start", stats.bytes},
      {"syncs", stats.syncs},
      {"mean_sync_ms",
       stats.syncs == 0 ? 0.0 : stats.sync_seconds_total * 1e3 / static_cast<double>(stats.syncs)},
      {"queue", stats.queue},
      {"writable", ledger.writable()},
      {"closed_because", ledger.closed_because()},
      {"free_bytes", stats.free_bytes},
      {"reserve_bytes", stats.reserve_bytes}};
}

}  // namespace pawl
