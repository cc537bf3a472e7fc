#include "app/config/sign_in_config.h"

#include <algorithm>

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"
#include "foundation/crypto/algorithm.h"
#include "infrastructure/http/url.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl {
namespace {

// As it stands in an Origin field: scheme, host, port where it is not the usual one.
bool is_origin(const std::string& text) {
  const Result<http::Url> url = http::parse_url(text);
  return url && text == (url->tls ? "https://" : "http://") + url->authority &&
         identity::check_safe_url("", text) && text.find('[') == std::string::npos &&
         url->host.find_first_not_of("0123456789.") != std::string::npos;
}

bool are_algorithms(const std::vector<std::string>& names) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return parse_algorithm(name).has_value();
  });
}

void read_roles(YamlMap& oidc, OidcConfig& out) {
  oidc.each_item("roles", [&](YamlMap role) {
    RoleRuleConfig one{role.text("claim"), role.text("value"), role.text("grant")};
    if (one.claim.empty() || one.value.empty() || one.grant.empty()) {
      role.bad("grant", "expected claim, value and grant, for example operator@server:files");
    }
    role.finish();
    out.roles.push_back(std::move(one));
  });
}

OidcConfig read_oidc(YamlMap& oidc, const Values& values) {
  OidcConfig out;
  out.issuer = oidc.text("issuer");
  out.client_id = oidc.text("client_id");
  out.client_secret = values.secret(oidc, "client_secret");
  out.authorization_url = oidc.text("authorization_url");
  out.token_url = oidc.text("token_url");
  out.jwks_url = oidc.text("jwks_url");
  out.algorithms =
      oidc.has("algorithms") ? oidc.list("algorithms") : std::vector<std::string>{"ES256", "RS256"};
  out.scopes =
      oidc.has("scopes") ? oidc.list("scopes") : std::vector<std::string>{"openid", "profile"};
  out.name_claim = oidc.text("name_claim", "preferred_username");
  out.must_name_itself =
      oidc.one_of("iss_in_answer", "required", {"required", "optional"}) == "required";
  read_roles(oidc, out);
  if (out.issuer.empty() || out.client_id.empty()) {
    oidc.bad("issuer", "expected issuer and client_id");
  }
  for (const auto& [name, url] : {std::pair{"authorization_url", out.authorization_url},
                                  {"token_url", out.token_url},
                                  {"jwks_url", out.jwks_url}}) {
    if (!identity::check_safe_url(name, url)) {
      oidc.bad(name, "expected an https URL, or http on a loopback address");
    }
  }
  if (!are_algorithms(out.algorithms)) {
    oidc.bad("algorithms", "expected some of ES256, ES384, EdDSA, RS256, PS256");
  }
  if (std::find(out.scopes.begin(), out.scopes.end(), "openid") == out.scopes.end()) {
    oidc.bad("scopes", "expected openid among them");
  }
  if (out.roles.empty()) {
    oidc.bad("roles", "expected at least one: nobody else may do anything");
  }
  oidc.finish();
  return out;
}

}  // namespace

void read_sign_in(YamlMap& root, const Values& values, Config& config) {
  std::optional<YamlMap> sign_in = root.map("sign_in");
  if (!sign_in) {
    return;
  }
  SignInConfig out;
  out.address = sign_in->text("address");
  out.local = sign_in->boolean("local", true);
  if (!out.address.empty() && !is_origin(out.address)) {
    sign_in->bad("address",
                 "expected the address of the control listener as browsers have it, with a name "
                 "and without a path: https://pawl.example.org, or http://localhost:7701");
  }
  if (std::optional<YamlMap> oidc = sign_in->map("oidc")) {
    out.oidc = read_oidc(*oidc, values);
    if (out.address.empty()) {
      sign_in->bad("oidc", "needs sign_in.address, to which the provider sends people back");
    }
  }
  if (!out.local && !out.oidc) {
    sign_in->bad("local", "expected true, or oidc: else nobody can sign in");
  }
  sign_in->finish();
  config.sign_in = std::move(out);
}

}  // namespace pawl
