// What a Bridge is given and what can be set.
// Threading: plain values. Ownership: everything in BridgeParts outlives the Bridge and its calls.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "infrastructure/bridge/sessions.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/identity/origin.h"
#include "infrastructure/upstream/servers.h"
#include "path/exchange.h"
#include "path/gateway.h"
#include "path/task_outcomes.h"

namespace pawl::bridge {

struct BridgeParts {
  Scheduler& scheduler;
  Gateway& gateway;
  mcp::Servers& servers;
  const identity::Authenticator& authenticator;
  const identity::OriginPolicy& origin;
  TaskOutcomes& task_outcomes;
  Clock& clock;
  Random& random;
  // A receipt in JWS form, for callers who ask; empty: none can be made now. May be empty itself.
  std::function<std::string(const RecordRef&)> receipt_of{};
};

struct BridgeOptions {
  std::string key{};                         // 32 secret bytes, the same after a restart
  std::string version{};                     // Pawl's own, for /mcp
  std::string proof_prefix = "/log/proof/";  // put before a record's index; empty: no address
  SessionTableLimits sessions{};
  // Of all Execution-Context fields of one message; more travels in the body.
  std::size_t token_header_bytes = 8192;
  std::size_t max_queued_bytes = 256 * 1024;      // of one answer: past it, its upstream is paused
  std::chrono::milliseconds stream_after{2'000};  // a legacy call that takes longer is streamed
  std::chrono::milliseconds task_poll_min{1'000};
  std::chrono::milliseconds task_poll_max{60'000};
  std::chrono::seconds task_give_up{24 * 3600};
  std::size_t max_followed_tasks = 10'000;
  std::size_t max_own_task_bytes = 64 * 1024 * 1024;  // kept answers of Pawl's own tasks
};

struct BridgeCounters {
  std::uint64_t unauthenticated = 0;
  std::uint64_t bad_origin = 0;
  std::uint64_t malformed = 0;          // refused before a method was known
  std::uint64_t header_mismatches = 0;  // modern request headers that do not confirm the body
  std::uint64_t unknown_methods = 0;
  std::uint64_t unknown_sessions = 0;
  std::uint64_t dropped_server_messages = 0;  // of servers: not expected, or for nobody
  std::uint64_t late_client_answers = 0;      // to requests that do not wait any more
  std::uint64_t pauses = 0;                   // upstreams paused for a slow reader
};

}  // namespace pawl::bridge
