#include "app/config/effective_config.h"

#include "base/json_texts.h"
#include "foundation/crypto/sha256.h"

namespace pawl {
namespace {

std::string without_query(const std::string& url) {
  return url.substr(0, url.find('?'));
}

json::Array names_of(const http::Headers& headers) {
  json::Array out;
  for (const http::Field field : headers) {
    out.emplace_back(std::string(field.name) + "=(secret)");
  }
  return out;
}

json::Object tool_members(const mcp::ToolPolicy& tool) {
  return {{"effects", tool.read_only ? "read_only" : "changing"},
          {"idempotent", tool.idempotent},
          {"reads", json::texts(tool.reads)},
          {"writes", json::texts(tool.writes)}};
}

void add_server(const mcp::ServerConfig& server, const Config& config, json::Object& out) {
  if (server.url.empty()) {
    out["argv_hash"] = argv_hash(server.command);
    out["cwd"] = server.cwd;
  } else {
    out["headers"] = names_of(server.headers);
    out["ca_file"] = server.ca_file;
  }
  out["mode"] = config.observed_servers.contains(server.name) ? "observe" : "enforce";
  out["idle_timeout_s"] = server.idle_timeout.count();
  out["start_timeout_s"] = server.start_timeout.count();
  out["call_timeout_s"] = server.call_timeout.count();
  json::Object tools;
  for (const auto& [name, tool] : server.tools) {
    tools[name] = tool_members(tool);
  }
  out["tools"] = std::move(tools);
}

json::Array shown_issuers(const Config& config) {
  json::Array out;
  for (const JwtIssuerConfig& issuer : config.issuers) {
    out.push_back(json::Object{{"issuer", issuer.issuer},
                               {"audience", json::texts(issuer.audiences)},
                               {"algorithms", json::texts(issuer.algorithms)},
                               {"jwks_file", issuer.jwks_file},
                               {"jwks_url", without_query(issuer.jwks_url)},
                               {"agent_claim", issuer.agent_claim},
                               {"groups_claim", issuer.groups_claim},
                               {"on_behalf_of_claim", issuer.on_behalf_of_claim},
                               {"dpop", issuer.must_be_bound ? "required" : "accepted"}});
  }
  return out;
}

json::Array shown_trust_domains(const Config& config, const Bundles& bundles) {
  json::Array out;
  for (const TrustDomainConfig& domain : config.trust_domains) {
    const auto found = bundles.find(domain.name);
    const BundleConfig bundle = found != bundles.end() ? found->second : BundleConfig{};
    out.push_back(json::Object{{"name", domain.name},
                               {"algorithms", json::texts(domain.algorithms)},
                               {"jwks_file", domain.jwks_file},
                               {"jwks_url", without_query(domain.jwks_url)},
                               {"bundle_file", bundle.file},
                               {"bundle_url", without_query(bundle.url)},
                               {"bundle_max_age_s", bundle.max_age_s},
                               {"audience", json::texts(bundle.audiences)}});
  }
  return out;
}

json::Array shown_trusted_tokens(const Config& config, const FormConfig& form) {
  json::Array out;
  for (const TrustedTokens& trusted : config.trusted_tokens) {
    const auto found = form.issuers.find(trusted.issuer);
    const ect::IssuerRules rules = found != form.issuers.end() ? found->second : ect::IssuerRules{};
    out.push_back(json::Object{{"issuer", trusted.issuer},
                               {"jwks_file", trusted.jwks_file},
                               {"jwks_url", without_query(trusted.jwks_url)},
                               {"tokens_url", without_query(trusted.tokens_url)},
                               {"profile", rules.is_exec_audit ? "exec-audit" : "ect"},
                               {"domain", rules.domain},
                               {"domain_member", rules.domain_member}});
  }
  return out;
}

json::Object shown_sign_in(const SignInConfig& sign_in) {
  json::Object out{{"address", sign_in.address}, {"local", sign_in.local}};
  if (!sign_in.oidc) {
    return out;
  }
  const OidcConfig& oidc = *sign_in.oidc;
  json::Array roles;
  for (const RoleRuleConfig& rule : oidc.roles) {
    roles.push_back(
        json::Object{{"claim", rule.claim}, {"value", rule.value}, {"grant", rule.grant}});
  }
  json::Object shown{{"issuer", oidc.issuer},
                     {"client_id", oidc.client_id},
                     {"client_secret", oidc.client_secret.empty() ? "(none)" : "(secret)"},
                     {"authorization_url", without_query(oidc.authorization_url)},
                     {"token_url", without_query(oidc.token_url)},
                     {"jwks_url", without_query(oidc.jwks_url)},
                     {"algorithms", json::texts(oidc.algorithms)},
                     {"scopes", json::texts(oidc.scopes)},
                     {"name_claim", oidc.name_claim},
                     {"iss_in_answer", oidc.must_name_itself ? "required" : "optional"}};
  shown["roles"] = std::move(roles);
  out["oidc"] = std::move(shown);
  return out;
}

json::Object shown_keys(const KeySources& keys) {
  const auto text = [](const KeySource& key) { return key.is_file() ? "file" : key.text; };
  json::Object out{{"instance", text(keys.instance)}, {"log", text(keys.log)}};
  if (keys.next) {
    out["next"] = text(*keys.next);
  }
  return out;
}

void add_listeners(const Config& config, json::Object& out) {
  out["local_agent"] = config.local_agent;
  out["allowed_hosts"] = json::texts(config.allowed_hosts);
  out["allowed_origins"] = json::texts(config.allowed_origins);
  out["allow_remote_without_tls"] = config.allow_remote_without_tls;
  if (config.tls) {
    out["tls"] =
        json::Object{{"certificate", config.tls->certificate_file},
                     {"key", config.tls->key_file},
                     {"client_ca", config.tls->client_ca_file},
                     {"require_client_certificate", config.tls->require_client_certificate}};
  }
  if (config.service) {
    out["service"] =
        json::Object{{"user", config.service->user}, {"child_user", config.service->child_user}};
  }
}

// What the configuration's folder is called depends on where `pawl` was called.
json::Value relative(const json::Value& value, const std::string& folder) {
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return json::Value(text.starts_with(folder) ? text.substr(folder.size()) : text);
  }
  if (value.is_array()) {
    json::Array out;
    for (const json::Value& one : value.get_array()) {
      out.push_back(relative(one, folder));
    }
    return out;
  }
  if (value.is_object()) {
    json::Object out;
    for (const auto& member : value.get_object()) {
      out[member.key()] = relative(member.value(), folder);
    }
    return out;
  }
  return value;
}

std::string digest_of(const json::Value& value) {
  return digest_text(sha256(json::canonical(value)));
}

}  // namespace

std::string argv_hash(const std::vector<std::string>& words) {
  return digest_text(sha256(json::print(json::Value(json::texts(words)))));
}

Result<ConfigParts> load_parts(Files& files, const Config& config, const KeySources& keys) {
  Result<FormConfig> form = load_form(files, config.file);
  Result<Bundles> bundles = form ? load_bundles(files, config) : fail(form.error());
  Result<OutsidePointsConfig> outside =
      bundles ? load_outside_without_secrets(files, config) : fail(bundles.error());
  if (!outside) {
    return fail(outside.error());
  }
  return ConfigParts{*std::move(form), *std::move(bundles), keys, *std::move(outside)};
}

json::Object effective_config(const Config& config, const ConfigParts& parts) {
  const FormConfig& form = parts.form;
  json::Object out = json::parse(show_config(config))->value.get_object();  // our own text
  json::Object& servers = out["servers"].as_object();
  for (const mcp::ServerConfig& server : config.servers) {
    add_server(server, config, servers[server.name].as_object());
  }
  add_listeners(config, out);
  out["jwt_issuers"] = shown_issuers(config);
  out["trust_domains"] = shown_trust_domains(config, parts.bundles);
  out["trusted_tokens"] = shown_trusted_tokens(config, form);
  out["tokens"].as_object()["issue"] = form.issues_ect00 ? "ect-00" : "ect-01";
  out["telemetry"].as_object()["headers"] = names_of(config.telemetry.headers);
  if (form.audit) {
    out["audit"] = json::Object{{"domain", form.audit->domain},
                                {"jurisdiction", form.audit->jurisdiction},
                                {"framework", form.audit->framework},
                                {"regulations", json::texts(form.audit->regulations)}};
  }
  if (config.sign_in) {
    out["sign_in"] = shown_sign_in(*config.sign_in);
  }
  out["keys"] = shown_keys(parts.keys);
  if (!parts.outside.empty()) {
    out["policy"] = json::Object{{"outside", shown_outside(parts.outside)}};
  }
  return out;
}

SectionDigests section_digests(const json::Object& effective, const std::string& directory) {
  SectionDigests out;
  for (const auto& member : effective) {
    const std::string name(member.key());
    if (name != "file" && name != "warnings") {
      out[name] = digest_of(relative(member.value(), directory + "/"));
    }
  }
  return out;
}

std::string config_digest(const SectionDigests& sections) {
  json::Object out;
  for (const auto& [name, digest] : sections) {
    out[name] = digest;
  }
  return digest_of(out);
}

std::vector<std::string> changed_sections(const SectionDigests& before,
                                          const SectionDigests& after) {
  SectionDigests both = before;
  both.insert(after.begin(), after.end());
  std::vector<std::string> out;
  for (const auto& [name, digest] : both) {
    const auto old = before.find(name);
    const auto now = after.find(name);
    if (old == before.end() || now == after.end() || old->second != now->second) {
      out.push_back(name);
    }
  }
  return out;
}

}  // namespace pawl
