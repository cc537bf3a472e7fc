// Our requestState: what a client carries for us between the rounds of one call.
//
// Purpose:    sealed (AEAD) and bound to caller, server, method, name and the call's parameters;
//             carries the upstream's own requestState, which the client never sees.
// Threading:  RequestStates: any thread. RequestStateLedger: any thread.
// Source:     MCP 2026-07-28, Multi Round-Trip Requests, server requirements 4 and 5.
// Errors:     kInvalidParams, the reason named: not ours or from before a restart, another caller,
//             another server, method, name or other parameters, expired, used before. kTooLarge: an
//             upstream state over the limit. kOverloaded: the ledger of used ones is full.
// Not errors: an upstream that sent no requestState of its own (the state is ours alone).
//
// Example:
//   std::string state = *states.seal(binding, upstream_state, record, now).
//   Result<OpenedState> opened = states.open(binding, text, now);
//   if (Status once = ledger.redeem(opened->nonce, opened->expires, now); !once) { refuse }
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/result.h"
#include "base/uuid.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/methods.h"

namespace pawl::mcp {

// What a state is good for.
struct StateBinding {
  std::string agent;
  std::string server;
  std::string method;
  std::string name;           // as the upstream knows it
  std::string params_digest;  // digest_text of the canonical params, see params_digest()
};

// Digest of params without inputResponses, requestState and _meta, in canonical JSON (a client may
// print its parameters anew for each round).
std::string params_digest(const jsonrpc::Message& message);

struct OpenedState {
  std::optional<std::string> upstream;  // the upstream's requestState
  Uuid record;                          // the record of the round that asked
  Uuid nonce;
  WallTime expires;
};

class RequestStates {
 public:
  static constexpr std::int64_t kDefaultLifeUs = 15LL * 60 * 1'000'000;
  static constexpr std::size_t kMaxUpstreamBytes = 64 * 1024;

  // key: 32 bytes. epoch: of this process; a state of another epoch is refused.
  RequestStates(std::string key, Uuid epoch, Random& random, std::int64_t life_us = kDefaultLifeUs);

  Result<std::string> seal(const StateBinding& binding, std::optional<std::string_view> upstream,
                           const Uuid& record, WallTime now) const;
  Result<OpenedState> open(const StateBinding& binding, std::string_view text, WallTime now) const;

 private:
  const std::string key_;
  const Uuid epoch_;
  Random& random_;
  const std::int64_t life_us_;
};

// Which states were used, until they expire; bounded, in memory (a restart changes the epoch).
class RequestStateLedger {
 public:
  explicit RequestStateLedger(std::size_t max_used = 100'000) : max_used_(max_used) {}
  // Uses a state up. Errors: kInvalidParams (used before), kOverloaded (full).
  // Errors: kInvalidParams: used before.
  Status unused(const Uuid& nonce) const;
  Status redeem(const Uuid& nonce, WallTime expires, WallTime now);
  std::size_t used() const;

 private:
  const std::size_t max_used_;
  mutable Mutex mutex_;
  std::set<Uuid> used_ PAWL_GUARDED_BY(mutex_);
  std::set<std::pair<WallTime, Uuid>> by_expiry_ PAWL_GUARDED_BY(mutex_);
};

// The requestState of a request; nullopt: none. Errors: kInvalidParams: not a string.
Result<std::optional<std::string>> request_state_of(const jsonrpc::Message& message);
// The message with the upstream's state in place of ours (nullopt: without one), decoded anew.
Result<jsonrpc::Message> with_upstream_state(const jsonrpc::Message& message,
                                             const std::optional<std::string>& upstream);

}  // namespace pawl::mcp
