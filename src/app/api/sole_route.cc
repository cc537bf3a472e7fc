#include "app/api/sole_route.h"

#include <algorithm>

#include "infrastructure/identity/origin.h"

namespace pawl {
namespace {

constexpr std::string_view kProven = "proven", kNotProven = "not proven",
                           kByPassable = "by-passable";

// A secret of the vault stands under the first member that uses it, so that a second server with
// the same secret is not found: it is then said to have none.
bool has_vault_secret(const mcp::ServerConfig& server, const Config& config) {
  const std::string place = "servers." + server.name + ".";
  return std::any_of(config.vault_names.begin(), config.vault_names.end(),
                     [&](const auto& secret) { return secret.second.starts_with(place); });
}

SoleRoute of_command(bool has_secret, bool has_child_user) {
  if (!has_child_user) {
    return {kByPassable,
            "Pawl starts it as its own user: an agent that runs as this user can start the same "
            "command, and read the same files"};
  }
  if (!has_secret) {
    return {kNotProven,
            "Pawl starts it as a user of its own, but it is given no secret of the vault: whoever "
            "may run the same command may reach the same things"};
  }
  return {kProven,
          "Pawl alone starts it, as a user of its own, and its secret is in Pawl's vault; a copy "
          "of the secret elsewhere would not be known here"};
}

SoleRoute of_url(const mcp::ServerConfig& server, bool has_secret) {
  const std::string behind = server.url.substr(server.url.find("://") + 3);
  const bool is_here = identity::is_of_loopback(behind.substr(0, behind.find_first_of("/?#")));
  if (is_here && server.headers.empty()) {
    return {kByPassable,
            "it listens on this machine and is given no credential: an agent on this machine can "
            "call it"};
  }
  if (server.headers.empty()) {
    return {kNotProven,
            "it is given no credential; whether the network lets agents reach it is not known "
            "here"};
  }
  return {kNotProven, has_secret
                          ? "its credential is in Pawl's vault; whether the server lets others in, "
                            "or somebody else has a credential, is not known here"
                          : "its credential is not in Pawl's vault: who may read it where it comes "
                            "from may call the server"};
}

}  // namespace

SoleRoute sole_route(const mcp::ServerConfig& server, const Config& config, bool has_child_user) {
  const bool has_secret = has_vault_secret(server, config);
  return server.url.empty() ? of_command(has_secret, has_child_user) : of_url(server, has_secret);
}

SoleRoute sole_route_of_wrapped() {
  return {kByPassable,
          "the client starts it through pawl wrap: whoever may change the client's configuration "
          "may start it without"};
}

}  // namespace pawl
