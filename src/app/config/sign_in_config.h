// The member `sign_in` of pawl.yaml: how people sign in on the control listener
// (docs/operations/sign-in.md). Threading: one thread. Errors: as YamlMap keeps them.
// Not errors: no such member (nobody signs in).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pawl {

struct Config;
class Values;
class YamlMap;

// Who has `value` in `claim` has the grant: "operator", "operator@server:files".
struct RoleRuleConfig {
  std::string claim, value, grant;
};

struct OidcConfig {
  std::string issuer, client_id;
  std::string client_secret;  // resolved; empty: a public client
  std::string authorization_url, token_url, jwks_url;
  std::vector<std::string> algorithms, scopes;
  std::string name_claim;
  bool must_name_itself = true;  // iss_in_answer: required
  std::vector<RoleRuleConfig> roles;
};

struct SignInConfig {
  // As browsers know the control listener; empty: http://localhost and its port.
  std::string address;
  bool local = true;  // accounts of `pawl account`
  std::optional<OidcConfig> oidc;
};

void read_sign_in(YamlMap& root, const Values& values, Config& config);

}  // namespace pawl
