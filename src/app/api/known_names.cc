#include "app/api/known_names.h"

namespace pawl {
namespace {

std::string unknown(const std::string& what, const std::string& name) {
  return "no " + what + " named \"" + name + "\" is configured here";
}

}  // namespace

std::string KnownNames::doubt(const override_::Scope& scope) const {
  switch (scope.kind) {
    case override_::ScopeKind::kAgent:
      return agents.contains(scope.value) ? "" : unknown("agent", scope.value);
    case override_::ScopeKind::kGroup:
      return groups.contains(scope.value) ? "" : unknown("group", scope.value);
    case override_::ScopeKind::kServer:
    case override_::ScopeKind::kTool: {
      const std::string server = scope.value.substr(0, scope.value.find('/'));
      return servers.contains(server) ? "" : unknown("server", server);
    }
    case override_::ScopeKind::kUser:
    case override_::ScopeKind::kWorkflow:
    case override_::ScopeKind::kTrustDomain:
    case override_::ScopeKind::kAll:
      return "";
  }
  return "";
}

KnownNames known_names(const Config& config,
                       const std::map<std::string, std::vector<Digest>>& enrolled) {
  KnownNames out;
  out.agents.insert(config.local_agent);
  for (const AgentConfig& agent : config.agents) {
    out.agents.insert(agent.id);
    out.groups.insert(agent.groups.begin(), agent.groups.end());
  }
  for (const auto& [agent, digests] : enrolled) {
    out.agents.insert(agent);
  }
  for (const mcp::ServerConfig& server : config.servers) {
    out.servers.insert(server.name);
  }
  return out;
}

}  // namespace pawl
