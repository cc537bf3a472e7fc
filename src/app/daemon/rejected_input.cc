#include "app/daemon/rejected_input.h"

namespace pawl {

void count_rejected_input(Metrics& metrics, const http::ServerCounters& requests,
                          const bridge::BridgeCounters& messages) {
  metrics.rejected_input("http", requests.bad_request);
  metrics.rejected_input("header_too_large", requests.header_too_large);
  metrics.rejected_input("body_too_large", requests.body_too_large);
  metrics.rejected_input("at_header", requests.refused_at_header);
  metrics.rejected_input("too_much_unfinished", requests.unfinished_shed);
  metrics.rejected_input("too_slow", requests.timeouts);
  metrics.rejected_input("too_many_connections", requests.refused_full);
  metrics.rejected_input("origin", messages.bad_origin);
  metrics.rejected_input("message", messages.malformed);
  metrics.rejected_input("header_mismatch", messages.header_mismatches);
  metrics.rejected_input("method", messages.unknown_methods);
  metrics.rejected_input("session", messages.unknown_sessions);
  metrics.set_total("pawl_limits_reached_total", "descriptors", requests.out_of_descriptors);
  metrics.set_total("pawl_limits_reached_total", "max_connections", requests.closed_for_room);
  metrics.set_total("pawl_bridge_events_total", "dropped_server_message",
                    messages.dropped_server_messages);
  metrics.set_total("pawl_bridge_events_total", "late_client_answer", messages.late_client_answers);
  metrics.set_total("pawl_bridge_events_total", "pause", messages.pauses);
}

}  // namespace pawl
