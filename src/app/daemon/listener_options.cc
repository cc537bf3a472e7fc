#include "app/daemon/listener_options.h"

#include <unistd.h>

#include <limits>

#include "path/plugged.h"

namespace pawl {

http::ServerOptions listener_options(const Config& config, const std::string& address,
                                     DescriptorUse use) {
  http::ServerOptions out;
  out.address = address;
  out.descriptors = use;
  out.max_body_bytes = static_cast<std::size_t>(config.limits.max_body_bytes);
  out.max_unfinished_bytes = static_cast<std::size_t>(config.limits.max_unfinished_mib) << 20;
  out.max_connections = static_cast<std::size_t>(config.limits.max_connections);
  return out;
}

http::ServerOptions data_listener_options(const Config& config,
                                          std::shared_ptr<OutputBudget> output,
                                          const identity::Authenticator& authenticator) {
  http::ServerOptions out = listener_options(config, config.listen, DescriptorUse::kAgents);
  out.max_connections_per_holder = static_cast<std::size_t>(config.limits.connections_per_agent);
  out.output = std::move(output);
  if (config.tls) {
    const TlsConfig& tls = *config.tls;
    out.tls = http::TlsServerOptions{tls.certificate_file, tls.key_file, tls.client_ca_file,
                                     tls.require_client_certificate, authenticator.client_trust()};
  }
  return out;
}

std::string listener_url(const std::string& address, std::uint16_t port, bool tls) {
  return (tls ? "https://" : "http://") + address.substr(0, address.rfind(':') + 1) +
         std::to_string(port);
}

json::Object listener_addresses(const Config& config, std::uint16_t data, std::uint16_t control,
                                std::uint16_t overrides) {
  return {{"data", listener_url(config.listen, data, config.tls.has_value())},
          {"control", listener_url(config.control, control, false)},
          {"override", listener_url(config.override_listen, overrides, false)},
          {"pid", getpid()}};
}

std::size_t queue_budget(const Config& config) {
  return plugged(ControlId::kQueueBudget)
             ? static_cast<std::size_t>(config.limits.max_queued_mib) << 20
             : std::numeric_limits<std::size_t>::max();
}

}  // namespace pawl
