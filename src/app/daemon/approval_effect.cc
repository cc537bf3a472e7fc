#include "app/daemon/approval_effect.h"

#include <algorithm>
#include <cctype>

#include "base/json.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// An agent chose it: what is not plain is quoted, so that it cannot pass for our words.
std::string shown_name(const std::string& name) {
  constexpr std::size_t kMostPlain = 128;
  const bool is_plain =
      name.size() <= kMostPlain && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
      });
  return is_plain ? name : json::quote(name);
}

std::string act_of(const approval::Binding& binding) {
  if (binding.verb == kinds::kToolCall) {
    return "calls tool " + shown_name(binding.name) + " of server " + binding.server;
  }
  const std::string of = binding.name.empty() ? "" : " of " + shown_name(binding.name);
  return binding.verb + of + " at server " + binding.server;
}

const mcp::ToolPolicy* declared(const approval::Binding& binding,
                                const std::vector<mcp::ServerConfig>& servers) {
  const auto server = std::find_if(servers.begin(), servers.end(),
                                   [&](const auto& one) { return one.name == binding.server; });
  if (server == servers.end() || binding.verb != kinds::kToolCall) {
    return nullptr;
  }
  const auto own = server->tools.find(binding.name);
  const auto tool = own != server->tools.end() ? own : server->tools.find("*");
  return tool != server->tools.end() ? &tool->second : nullptr;
}

}  // namespace

std::string effect_of(const approval::Binding& binding,
                      const std::vector<mcp::ServerConfig>& servers) {
  const mcp::ToolPolicy* tool = declared(binding, servers);
  if (tool == nullptr) {
    return act_of(binding) + "; nothing is declared of it: it may change anything";
  }
  std::string out = act_of(binding) + "; declared: ";
  out += tool->read_only ? "only reads" : "may change things";
  out += tool->reads.empty() ? "" : ", reads " + joined(tool->reads);
  out += tool->writes.empty() ? "" : ", writes " + joined(tool->writes);
  return out + (tool->idempotent ? ", may be repeated" : ", may not be repeated");
}

}  // namespace pawl
