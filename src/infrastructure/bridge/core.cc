#include "infrastructure/bridge/core.h"

#include <utility>

#include "foundation/crypto/sha256.h"

namespace pawl::bridge {
namespace {

// One secret, a key for each use.
std::string derived(const std::string& key, std::string_view use) {
  return std::string(view(hmac_sha256(key, use)));
}

}  // namespace

Core::Core(BridgeParts given, BridgeOptions chosen)
    : parts(given),
      options(std::move(chosen)),
      states(derived(options.key, "mcp request state"), Uuid::v7(parts.clock.wall(), parts.random),
             parts.random),
      cursors(derived(options.key, "mcp cursor")),
      tasks(derived(options.key, "mcp task handle")),
      sessions(options.sessions, parts.random, parts.scheduler) {}

std::string Core::proof_of(const Uuid& record) const {
  return options.proof_prefix.empty() ? "" : options.proof_prefix + record.text();
}

}  // namespace pawl::bridge
