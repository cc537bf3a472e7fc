// Whether Pawl is the only way to a server, as far as Pawl itself can tell.
//
// Purpose:    an agent that reaches a server by itself passes every rule by. What is not known is
//             said to be not proven.
// Threading:  pure function.
// Source:     docs/formats/console_api.md, "Servers"; docs/LIMITATIONS.md (the ten ways).
#pragma once

#include <string>
#include <string_view>

#include "app/config/config.h"

namespace pawl {

struct SoleRoute {
  std::string_view state;  // "proven", "not proven", "by-passable"
  std::string why;         // a sentence
};

// `has_child_user`: servers are started as another user than Pawl and its agents.
SoleRoute sole_route(const mcp::ServerConfig& server, const Config& config, bool has_child_user);
SoleRoute sole_route_of_wrapped();

}  // namespace pawl
