// Servers as rows of a list: how they are, whether Pawl is the only way to them, and what the
// operator declared of their tools.
//
// Threading:  pure function.
// Source:     docs/formats/console_api.md, "Servers".
#pragma once

#include <map>
#include <string>

#include "app/api/viewer.h"
#include "app/config/config.h"
#include "base/json.h"
#include "infrastructure/upstream/server_health.h"

namespace pawl {

struct ServersNow {
  const Config& config;
  const std::map<std::string, mcp::ServerHealth>& health;
  std::map<std::string, std::size_t> wrapped;  // shims by name
  bool has_child_user = false;
};

json::Object server_list_json(const ServersNow& now, const Viewer& viewer);

}  // namespace pawl
