#include "app/config/form_config.h"

#include <algorithm>

#include "foundation/ect/exec_audit.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxFact = 128, kMaxRegulations = 8;
// As they stand in each record, so that a record of the configuration fits beside them. All at
// their longest have less; only texts of quotes and control characters have more.
constexpr std::size_t kMaxFacts = 1500;

std::string fact(YamlMap& map, std::string_view name) {
  const std::string key(name);
  std::string text = map.text(key);
  if (text.size() > kMaxFact) {
    map.bad(key, "expected at most 128 bytes");
  }
  return text;
}

}  // namespace

ect::IssuerRules read_issuer_rules(YamlMap& trusted, const std::string& issuer) {
  ect::IssuerRules out;
  out.is_exec_audit = trusted.one_of("profile", "ect", {"ect", "exec-audit"}) == "exec-audit";
  out.domain = fact(trusted, "domain");
  out.domain_member = fact(trusted, "domain_member");
  if (!out.is_exec_audit && !(out.domain.empty() && out.domain_member.empty())) {
    trusted.bad("domain", "tokens name a domain with profile: exec-audit only");
  } else if (out.domain.empty() && !out.domain_member.empty()) {
    trusted.bad("domain_member", "without domain: nothing is compared with it");
  }
  const std::string framework =
      trusted.one_of("framework", "jwks", {"jwks", "oauth", "spiffe", "did"});
  const bool fits = framework == "spiffe"  ? issuer.starts_with("spiffe://")
                    : framework == "oauth" ? issuer.starts_with("https://")
                    : framework == "did"   ? issuer.starts_with("did:")
                                           : true;
  if (!fits) {
    trusted.bad("framework", "the issuer " + issuer + " is none of " + framework);
  }
  return out;
}

std::optional<ect::DomainFacts> read_audit(YamlMap& root) {
  std::optional<YamlMap> audit = root.map("audit");
  if (!audit) {
    return std::nullopt;
  }
  ect::DomainFacts out;
  out.domain = fact(*audit, "domain");
  out.jurisdiction = fact(*audit, "jurisdiction");
  out.framework = fact(*audit, "framework");
  out.regulations = audit->list("regulations");
  if (out.domain.empty()) {
    audit->bad("domain", "expected the administrative domain that records name");
  }
  const bool are_short =
      std::all_of(out.regulations.begin(), out.regulations.end(),
                  [](const std::string& one) { return !one.empty() && one.size() <= kMaxFact; });
  if (out.regulations.size() > kMaxRegulations || !are_short) {
    audit->bad("regulations", "expected at most 8, of 1 to 128 bytes each");
  } else if (ect::print_domain_facts(out).size() > kMaxFacts) {
    audit->bad("domain", "expected texts that have at most 1,500 bytes together, as JSON");
  }
  audit->finish();
  return out;
}

bool read_issue(YamlMap& tokens) {
  return tokens.one_of("issue", "ect-01", {"ect-01", "ect-00"}) == "ect-00";
}

void check_form(YamlMap& root, const FormConfig& form) {
  if (form.audit && form.issues_ect00) {
    root.bad("audit", "execution audit tokens are of dialect ect-01 (tokens.issue)");
  }
}

Result<FormConfig> load_form(Files& files, const std::string& path) {
  constexpr std::size_t kMaxBytes = 1 << 20;
  FormConfig out;
  if (path.empty()) {
    return out;
  }
  const Result<std::string> text = read_file(files, path, kMaxBytes);
  if (!text) {
    return fail(text.error());
  }
  YamlErrors errors{path, std::nullopt, {}};
  try {
    YamlMap root(load_yaml(*text, errors), "", errors);
    if (std::optional<YamlMap> tokens = root.map("tokens")) {
      out.issues_ect00 = read_issue(*tokens);
    }
    out.audit = read_audit(root);
    root.each_item("trusted_tokens", [&](YamlMap trusted) {
      const std::string issuer = trusted.text("issuer");
      out.issuers.emplace(issuer, read_issuer_rules(trusted, issuer));
    });
  } catch (const YAML::Exception& wrong) {
    return fail(Code::kMalformed, path + ": " + wrong.what());
  }
  if (errors.first) {
    return fail(*errors.first);
  }
  return out;
}

}  // namespace pawl
