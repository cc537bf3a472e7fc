#include "app/daemon/touches.h"

#include "foundation/crypto/bounded_name.h"

namespace pawl {
namespace {

std::vector<std::string> named(const Action& action, const std::vector<std::string>& declared) {
  constexpr std::string_view kArguments = "args.";
  std::vector<std::string> out;
  for (const std::string& resource : declared) {
    if (!resource.starts_with(kArguments)) {
      out.push_back(action.server + ":" + resource);
      continue;
    }
    const std::string_view name = std::string_view(resource).substr(kArguments.size());
    if (action.arguments == nullptr) {
      continue;
    }
    if (const auto value = json::find_string(*action.arguments, {name})) {
      out.push_back(action.server + ":" + bounded_name(*value));
    }
  }
  return out;
}

}  // namespace

Touches touches_of(const Action& action, const mcp::ServerConfig* config) {
  Touches out;
  if (config == nullptr) {
    return out;
  }
  auto tool = config->tools.find(action.tool);
  if (tool == config->tools.end()) {
    tool = config->tools.find("*");
  }
  if (tool != config->tools.end()) {
    out.reads = named(action, tool->second.reads);
    out.writes = named(action, tool->second.writes);
  }
  if (!action.resource.empty()) {
    out.reads.push_back(action.server + ":" + bounded_name(action.resource));
  }
  return out;
}

}  // namespace pawl
