#include "app/config/policy_config.h"

#include <algorithm>

#include "base/json_texts.h"
#include "path/caller.h"

namespace pawl {
namespace {

using Signer = PolicyTokensConfig::Signer;

constexpr std::string_view kAgent = "agent:", kGroup = "group:", kAll = "all";

std::vector<Signer> read_signers(YamlMap& map, const std::string& name, const Values& values) {
  std::vector<Signer> out;
  map.each_item(name, [&](YamlMap one) {
    Signer signer{one.text("name"), values.path(one.text("jwks_file")), one.text("jwks_url")};
    if (signer.name.empty() || signer.jwks_file.empty() == signer.jwks_url.empty()) {
      one.bad("name", "expected name and one of jwks_file and jwks_url");
    }
    if (std::any_of(out.begin(), out.end(),
                    [&](const Signer& before) { return before.name == signer.name; })) {
      one.bad("name", "\"" + signer.name + "\" stands twice");
    }
    one.finish();
    out.push_back(std::move(signer));
  });
  return out;
}

bool is_scope(const std::string& text) {
  return text == kAll || (text.starts_with(kAgent) && is_agent_id(text.substr(kAgent.size()))) ||
         (text.starts_with(kGroup) && text.size() > kGroup.size());
}

json::Array shown(const std::vector<Signer>& signers) {
  json::Array out;
  for (const Signer& one : signers) {
    out.push_back(json::Object{{"name", one.name},
                               {"jwks_file", one.jwks_file},
                               {"jwks_url", one.jwks_url.substr(0, one.jwks_url.find('?'))}});
  }
  return out;
}

}  // namespace

bool PolicyTokensConfig::is_required_of(const std::string& agent,
                                        const std::vector<std::string>& groups) const {
  return std::any_of(required.begin(), required.end(), [&](const std::string& scope) {
    return scope == kAll || (scope.starts_with(kAgent) && scope.substr(kAgent.size()) == agent) ||
           (scope.starts_with(kGroup) &&
            std::find(groups.begin(), groups.end(), scope.substr(kGroup.size())) != groups.end());
  });
}

void read_policy_tokens(YamlMap& root, const Values& values, Config& config) {
  std::optional<YamlMap> map = root.map("policy_tokens");
  if (!map) {
    return;
  }
  PolicyTokensConfig& out = config.policy_tokens;
  out.issuers = read_signers(*map, "issuers", values);
  out.holders = read_signers(*map, "holders", values);
  out.required = map->list("required");
  for (const std::string& scope : out.required) {
    if (!is_scope(scope)) {
      map->bad("required", "\"" + scope + "\": expected agent:ID, group:NAME or all");
    }
  }
  map->finish();
}

json::Object shown_policy_tokens(const PolicyTokensConfig& config) {
  json::Object out;
  out["issuers"] = shown(config.issuers);
  out["holders"] = shown(config.holders);
  out["required"] = json::texts(config.required);
  return out;
}

}  // namespace pawl
