#include "app/config/identity_config.h"

#include <algorithm>

#include "app/config/bundle_config.h"
#include "infrastructure/identity/proof_rules.h"
#include "infrastructure/identity/workload_id.h"
#include "path/caller.h"

namespace pawl {
namespace {

void read_agents(YamlMap& root, const Values& values, Config& config) {
  root.each("agents", [&](const std::string& id, YamlMap agent) {
    AgentConfig out;
    out.id = id;
    if (!is_agent_id(id)) {
      agent.bad("key", "an agent's id is 1 to 128 of A-Z a-z 0-9 . _ -");
    }
    out.key = values.secret(agent, "key");
    out.groups = agent.list("groups");
    out.identities = agent.list("identities");
    out.owner = agent.text("owner");
    out.observe = agent.one_of("mode", "enforce", {"enforce", "observe"}) == "observe";
    agent.finish();
    config.agents.push_back(std::move(out));
  });
}

void read_issuers(YamlMap& root, const Values& values, Config& config) {
  root.each_item("jwt_issuers", [&](YamlMap issuer) {
    JwtIssuerConfig out;
    out.issuer = issuer.text("issuer");
    out.audiences = issuer.list("audience");
    out.algorithms = issuer.list("algorithms");
    out.jwks_file = values.path(issuer.text("jwks_file"));
    out.jwks_url = issuer.text("jwks_url");
    out.agent_claim = issuer.text("agent_claim", "sub");
    out.groups_claim = issuer.text("groups_claim");
    out.on_behalf_of_claim = issuer.text("on_behalf_of_claim");
    out.must_be_bound = issuer.one_of("dpop", "optional", {"optional", "required"}) == "required";
    if (out.issuer.empty() || out.audiences.empty() ||
        out.jwks_file.empty() == out.jwks_url.empty()) {
      issuer.bad("issuer", "expected issuer, audience and one of jwks_file and jwks_url");
    }
    issuer.finish();
    config.issuers.push_back(std::move(out));
  });
}

void read_trust_domains(YamlMap& root, const Values& values, Config& config) {
  root.each("trust_domains", [&](const std::string& name, YamlMap domain) {
    TrustDomainConfig out;
    out.name = name;
    out.jwks_file = values.path(domain.text("jwks_file"));
    out.jwks_url = domain.text("jwks_url");
    out.algorithms = domain.list("algorithms");
    if (!identity::is_trust_domain(name)) {
      domain.bad("jwks_file", "a trust domain is a name in lower-case letters, digits, . - and _");
    }
    const BundleConfig bundle = read_bundle_members(domain);
    const bool has_keys = !out.jwks_file.empty() || !out.jwks_url.empty();
    if ((!out.jwks_file.empty() && !out.jwks_url.empty()) || (!has_keys && !bundle.is_given())) {
      domain.bad("jwks_file",
                 "expected one of jwks_file and jwks_url, or a bundle (bundle_file or bundle_url)");
    }
    domain.finish();
    config.trust_domains.push_back(std::move(out));
  });
}

// As clients put it before a path: no path, query or fragment of its own.
bool is_own_url(const std::string& url) {
  const std::optional<std::string> normal = identity::normal_url(url);
  return normal && !url.ends_with('/') && url.find_first_of("?#") == std::string::npos;
}

void read_proofs(YamlMap& root, Config& config) {
  std::optional<YamlMap> proofs = root.map("proofs");
  if (!proofs) {
    return;
  }
  ProofsConfig& out = config.proofs;
  out.urls = proofs->list("urls");
  out.audiences = proofs->list("audiences");
  out.max_age_s = proofs->integer("max_age_s", out.max_age_s, 1, 3600);
  out.remembered = proofs->integer("remembered_proofs", out.remembered, 16, 1 << 26);
  out.dpop_nonce = proofs->boolean("dpop_nonce", out.dpop_nonce);
  if (!std::all_of(out.urls.begin(), out.urls.end(), is_own_url)) {
    proofs->bad("urls",
                "expected URLs as clients know this gateway, without / at the end, for "
                "example https://pawl.example.org");
  }
  proofs->finish();
}

}  // namespace

void read_identities(YamlMap& root, const Values& values, Config& config) {
  read_agents(root, values, config);
  read_issuers(root, values, config);
  read_trust_domains(root, values, config);
  read_proofs(root, config);
}

}  // namespace pawl
