#include "app/api/sole_route.h"

#include <gtest/gtest.h>

#include <set>

namespace pawl {
namespace {

TEST(SoleRoute, IsProvenOnlyWhereNobodyElseHasSecretAndUser) {
  const struct {
    const char* name;
    const char* url;  // "": a command
    bool header, secret, user;
    const char* state;
  } cases[] = {
      {"a command of our own user", "", false, true, false, "by-passable"},
      {"a command of another user", "", false, false, true, "not proven"},
      {"and with a secret of the vault", "", false, true, true, "proven"},
      {"this machine", "http://127.0.0.1:8080/mcp", false, false, true, "by-passable"},
      {"this machine by name", "http://localhost/mcp", false, false, true, "by-passable"},
      {"this machine, IPv6", "http://[::1]:9?x", false, false, true, "by-passable"},
      {"a name that only begins so", "http://localhost.example.org/", false, false, true,
       "not proven"},
      {"a credential of ours here", "http://127.0.0.1:8080/mcp", true, false, true, "not proven"},
      {"elsewhere, open", "https://mcp.example.org/", false, false, true, "not proven"},
      {"elsewhere, with a secret of the vault", "https://mcp.example.org/", true, true, true,
       "not proven"},
  };
  std::set<std::string> reasons;
  for (const auto& c : cases) {
    mcp::ServerConfig server;
    server.name = "files";
    server.url = c.url;
    if (c.header) {
      server.headers.set("Authorization", "Bearer x");
    }
    Config config;
    config.vault_names["token"] = c.secret ? "servers.files.env" : "servers.files2.env";
    const SoleRoute route = sole_route(server, config, c.user);
    EXPECT_EQ(route.state, c.state) << c.name;
    EXPECT_GT(route.why.size(), 20U) << c.name;
    reasons.insert(route.why);
  }
  EXPECT_EQ(reasons.size(), 7U);
  EXPECT_EQ(sole_route_of_wrapped().state, "by-passable");
}

}  // namespace
}  // namespace pawl
