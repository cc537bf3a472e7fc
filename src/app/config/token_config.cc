#include "app/config/token_config.h"

#include <algorithm>

#include "app/config/form_config.h"
#include "foundation/crypto/algorithm.h"

namespace pawl {
namespace {

constexpr std::int64_t kLeastHeaderBytes = 1024;
constexpr std::int64_t kMostHeaderBytes = 12 * 1024;  // of the 16 KiB that all fields may have

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// Why a name is not one of the list; empty: it is.
std::string why_not(const std::string& name) {
  if (parse_algorithm(name)) {
    return "";
  }
  const std::string expected = "; expected some of " + listed(algorithm_names());
  if (name == "none") {
    return "\"none\" is no signature" + expected;
  }
  return name.starts_with("HS")
             ? "\"" + name + "\" is a MAC, which whoever can verify it can forge" + expected
             : "no algorithm \"" + name + "\"" + expected;
}

void read_algorithms(YamlMap& tokens, TokensConfig& out) {
  if (!tokens.has("algorithms")) {
    return;
  }
  out.algorithms = tokens.list("algorithms");
  for (const std::string& name : out.algorithms) {
    if (const std::string wrong = why_not(name); !wrong.empty()) {
      tokens.bad("algorithms", wrong);
      return;
    }
  }
  if (std::find(out.algorithms.begin(), out.algorithms.end(), "ES256") == out.algorithms.end()) {
    tokens.bad("algorithms", "expected ES256 among them: Pawl's own tokens are signed with it");
  }
}

void read_rules(YamlMap& tokens, TokensConfig& out, FormConfig& form) {
  form.issues_ect00 = read_issue(tokens);
  const std::string level = tokens.one_of("minimum_level", "L2", {"L1", "L2", "L3"});
  out.minimum_level = ect::parse_level(level).value_or(out.minimum_level);
  read_algorithms(tokens, out);
  out.refuse_unknown_parents =
      tokens.one_of("parents", "partial", {"partial", "refuse"}) == "refuse";
  out.cross_workflow = tokens.boolean("cross_workflow", out.cross_workflow);
  out.refuse_unapproved = tokens.boolean("refuse_unapproved", out.refuse_unapproved);
  out.cbor = tokens.boolean("cbor", out.cbor);
  out.fetch_timeout_s = tokens.integer("fetch_timeout_s", out.fetch_timeout_s, 1, 30);
  out.header_bytes =
      tokens.integer("header_bytes", out.header_bytes, kLeastHeaderBytes, kMostHeaderBytes);
  tokens.finish();
}

}  // namespace

void read_tokens(YamlMap& root, const Values& values, Config& config) {
  FormConfig form;  // load_form() reads it where it is needed; here its mistakes are told
  if (std::optional<YamlMap> tokens = root.map("tokens")) {
    read_rules(*tokens, config.tokens, form);
  }
  form.audit = read_audit(root);
  check_form(root, form);
  root.each_item("trusted_tokens", [&](YamlMap trusted) {
    TrustedTokens out{trusted.text("issuer"), values.path(trusted.text("jwks_file")),
                      trusted.text("jwks_url"), trusted.text("tokens_url")};
    const bool has_keys = !out.jwks_file.empty() || !out.jwks_url.empty();
    const bool is_its_key =
        out.issuer.starts_with("did:jwk:") || out.issuer.starts_with("did:key:");
    if (out.issuer.empty() || (!out.jwks_file.empty() && !out.jwks_url.empty()) ||
        (!has_keys && !is_its_key)) {
      trusted.bad("issuer", "expected issuer and one of jwks_file and jwks_url");
    } else if (has_keys && is_its_key) {
      trusted.bad("issuer", "a did:jwk or did:key is its own key: without jwks_file and jwks_url");
    }
    form.issuers.emplace(out.issuer, read_issuer_rules(trusted, out.issuer));
    trusted.finish();
    config.trusted_tokens.push_back(std::move(out));
  });
}

}  // namespace pawl
