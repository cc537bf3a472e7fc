// How our records are written, and what tokens of each issuer must be: `tokens.issue`, `audit`, and
// `profile`, `domain`, `domain_member`, `framework` of `trusted_tokens`
// (docs/operations/configuration.md).
//
// Threading:  one thread.
// Errors:     as YamlMap keeps them; load_form: it cannot be read, or has a mistake there.
// Not errors: no such members: dialect -01, no domain, nothing asked of an issuer.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/config/yaml_reader.h"
#include "base/files.h"
#include "foundation/ect/issuer_rules.h"

namespace pawl {

struct FormConfig {
  bool issues_ect00 = false;
  std::optional<ect::DomainFacts> audit{};
  std::map<std::string, ect::IssuerRules, std::less<>> issuers{};
};

// The members within `tokens`, of the file, and within one of `trusted_tokens`.
bool read_issue(YamlMap& tokens);
std::optional<ect::DomainFacts> read_audit(YamlMap& root);
ect::IssuerRules read_issuer_rules(YamlMap& trusted, const std::string& issuer);
// Two of them at odds.
void check_form(YamlMap& root, const FormConfig& form);

// Of a file that load_config() took. An empty path: the defaults.
Result<FormConfig> load_form(Files& files, const std::string& path);

}  // namespace pawl
