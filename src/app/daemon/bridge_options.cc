#include "app/daemon/bridge_options.h"

#include "app/daemon/upstream_factory.h"

namespace pawl {

bridge::BridgeOptions bridge_options(const Config& config, const Keystore& keys,
                                     std::shared_ptr<OutputBudget> output) {
  bridge::BridgeOptions out;
  out.key = keys.derived_key("bridge");
  out.version = kVersion;
  out.sessions.session.output = std::move(output);
  out.token_header_bytes = static_cast<std::size_t>(config.tokens.header_bytes);
  return out;
}

}  // namespace pawl
