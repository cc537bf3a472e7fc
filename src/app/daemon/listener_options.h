// What the listeners for agents and for people are given of the configuration.
// Threading: pure functions.
#pragma once

#include "app/config/config.h"
#include "base/json.h"
#include "infrastructure/http/server.h"
#include "infrastructure/identity/authenticator.h"

namespace pawl {

http::ServerOptions listener_options(const Config& config, const std::string& address,
                                     DescriptorUse use);
// For agents: with TLS, each one's share of the connections, and the budget for what waits to be
// read. `authenticator` outlives the listener.
http::ServerOptions data_listener_options(const Config& config,
                                          std::shared_ptr<OutputBudget> output,
                                          const identity::Authenticator& authenticator);
// "http://127.0.0.1:7700" of an address and the port that it got.
std::string listener_url(const std::string& address, std::uint16_t port, bool tls);
// {data, control, override, pid}, as DATA/run/addresses.json has it.
json::Object listener_addresses(const Config& config, std::uint16_t data, std::uint16_t control,
                                std::uint16_t overrides);
// Bytes of that budget.
std::size_t queue_budget(const Config& config);

}  // namespace pawl
