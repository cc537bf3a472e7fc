// What the listeners for agents and for people are given of the configuration.
// Threading: pure functions.
#pragma once

#include "app/config/config.h"
#include "infrastructure/http/server.h"

namespace pawl {

http::ServerOptions listener_options(const Config& config, const std::string& address,
                                     DescriptorUse use);
// For agents: with TLS, each one's share of the connections, and the budget for what waits to be
// read.
http::ServerOptions data_listener_options(const Config& config,
                                          std::shared_ptr<OutputBudget> output);
// Bytes of that budget.
std::size_t queue_budget(const Config& config);

}  // namespace pawl
