#include "app/api/server_list.h"

#include "app/api/sole_route.h"

namespace pawl {
namespace {

constexpr std::size_t kMostTools = 500;  // of one server

json::Object tool_json(const std::string& name, const mcp::ToolPolicy& policy) {
  json::Array effects;
  if (policy.read_only) {
    effects.emplace_back("read-only");
  }
  for (const std::string& what : policy.reads) {
    effects.emplace_back("reads " + what);
  }
  for (const std::string& what : policy.writes) {
    effects.emplace_back("writes " + what);
  }
  json::Object out{{"name", name}, {"idempotent", policy.idempotent || policy.read_only}};
  out["effects"] = std::move(effects);
  out["description_digest"] = nullptr;  // Pawl passes descriptions on and keeps none
  return out;
}

void put_health(json::Object& out, const mcp::ServerHealth& health) {
  using State = mcp::ServerHealth::State;
  out["state"] = health.state == State::kUp     ? "up"
                 : health.state == State::kDown ? "down"
                                                : "unused";
  out["since"] =
      health.state == State::kUnused ? json::Value(nullptr) : json::Value(health.since.seconds());
  out["error"] = health.last_error.empty() ? json::Value(nullptr) : json::Value(health.last_error);
}

void put_route(json::Object& out, const SoleRoute& route) {
  out["sole_route"] = route.state;
  out["sole_route_why"] = route.why;
}

}  // namespace

json::Object server_list_json(const ServersNow& now, const Viewer& viewer) {
  json::Array list;
  for (const mcp::ServerConfig& server : now.config.servers) {
    if (!viewer.sees_server(server.name)) {
      continue;
    }
    const auto health = now.health.find(server.name);
    json::Object one{{"name", server.name}, {"kind", server.url.empty() ? "command" : "url"}};
    put_health(one, health != now.health.end() ? health->second : mcp::ServerHealth{});
    put_route(one, sole_route(server, now.config, now.has_child_user));
    json::Array tools;
    for (const auto& [name, policy] : server.tools) {
      if (tools.size() < kMostTools && (name == "*" || viewer.sees_tool(server.name, name))) {
        tools.emplace_back(tool_json(name, policy));
      }
    }
    one["tools"] = std::move(tools);
    list.emplace_back(std::move(one));
  }
  for (const auto& [name, shims] : now.wrapped) {
    if (!viewer.sees_server(name)) {
      continue;
    }
    json::Object one{{"name", name},     {"kind", "wrapped"}, {"state", "up"},
                     {"since", nullptr}, {"error", nullptr},  {"shims", shims}};
    put_route(one, sole_route_of_wrapped());
    one["tools"] = json::Array();
    list.emplace_back(std::move(one));
  }
  json::Object out;
  out["servers"] = std::move(list);
  return out;
}

}  // namespace pawl
