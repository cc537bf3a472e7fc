// Which servers behind answer: for people, never for a decision.
//
// Purpose:    what `pawl status` and /metrics say of each server: up or down since when, the last
//             error, how often it was started.
// Threading:  the I/O thread.
// Not errors: a server that was never used: neither up nor down.
//
// A server of several instances (one an agent) is what its last event says.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pawl::mcp {

enum class UpstreamEvent { kStarted, kNotStarted, kClosed };
std::string_view upstream_event_name(UpstreamEvent event);  // as in pawl_upstream_events_total

using UpstreamWatch = std::function<void(UpstreamEvent event, std::string_view why)>;
inline void tell(const UpstreamWatch& watch, UpstreamEvent event, std::string_view why = {}) {
  if (watch) {
    watch(event, why);
  }
}

struct ServerHealth {
  enum class State { kUnused, kUp, kDown };
  State state = State::kUnused;
  WallTime since;  // of this state
  std::uint64_t started = 0, not_started = 0, closed = 0;
  std::string last_error;  // of the last time it was down; bounded
  WallTime last_error_at;
};

class ServerHealthBoard {
 public:
  void note(const std::string& server, UpstreamEvent event, std::string_view why, WallTime now);
  const std::map<std::string, ServerHealth>& all() const { return servers_; }

 private:
  std::map<std::string, ServerHealth> servers_;
};

}  // namespace pawl::mcp
