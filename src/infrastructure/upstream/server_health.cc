#include "infrastructure/upstream/server_health.h"

namespace pawl::mcp {
namespace {

constexpr std::size_t kMaxError = 300;
constexpr std::size_t kMaxServers = 1000;  // names of wrapped servers come from their callers

}  // namespace

std::string_view upstream_event_name(UpstreamEvent event) {
  switch (event) {
    case UpstreamEvent::kStarted:
      return "started";
    case UpstreamEvent::kNotStarted:
      return "not_started";
    case UpstreamEvent::kClosed:
      return "closed";
  }
  return "closed";
}

void ServerHealthBoard::note(const std::string& server, UpstreamEvent event, std::string_view why,
                             WallTime now) {
  if (servers_.size() >= kMaxServers && !servers_.contains(server)) {
    return;
  }
  ServerHealth& health = servers_[server];
  const ServerHealth::State next =
      event == UpstreamEvent::kStarted ? ServerHealth::State::kUp : ServerHealth::State::kDown;
  if (health.state != next) {
    health.state = next;
    health.since = now;
  }
  switch (event) {
    case UpstreamEvent::kStarted:
      ++health.started;
      return;
    case UpstreamEvent::kNotStarted:
      ++health.not_started;
      break;
    case UpstreamEvent::kClosed:
      ++health.closed;
      break;
  }
  health.last_error = why.substr(0, kMaxError);
  health.last_error_at = now;
}

}  // namespace pawl::mcp
