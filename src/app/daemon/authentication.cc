#include "app/daemon/authentication.h"

#include <unistd.h>

#include <utility>

#include "app/config/configured_agent.h"
#include "base/log.h"
#include "base/random.h"
#include "foundation/rules/suggest.h"
#include "infrastructure/identity/bundle_number.h"
#include "infrastructure/identity/bundle_source.h"
#include "infrastructure/identity/http_fetch.h"
#include "infrastructure/identity/jwks_source.h"

namespace pawl {
namespace {

Result<std::vector<identity::Agent>> agents_of(const Config& config, const Keystore& keys) {
  std::map<std::string, identity::Agent> by_id;
  for (const AgentConfig& agent : config.agents) {
    identity::Agent& out = by_id[agent.id];
    out.id = agent.id;
    out.groups = agent.groups;
    out.identities = agent.identities;
    if (!agent.key.empty()) {
      Result<Digest> digest = identity::key_digest(agent.key);
      if (!digest) {
        return fail_at("agents." + agent.id + ".key", digest.error());
      }
      out.keys.push_back(*digest);
    }
  }
  for (const auto& [id, digests] : keys.agents()) {
    identity::Agent& out = by_id[id];
    out.id = id;
    out.keys.insert(out.keys.end(), digests.begin(), digests.end());
  }
  by_id[config.local_agent].id = config.local_agent;
  std::vector<identity::Agent> out;
  out.reserve(by_id.size());
  for (auto& [id, agent] : by_id) {
    out.push_back(std::move(agent));
  }
  return out;
}

// A user of this machine may act as the local agent, or as one it names that has no key of its own:
// a key is a credential that the user would have to show.
std::vector<std::string> local_agents(const Config& config) {
  std::vector<std::string> out = {config.local_agent};
  for (const AgentConfig& agent : config.agents) {
    if (agent.key.empty() && agent.id != config.local_agent) {
      out.push_back(agent.id);
    }
  }
  return out;
}

Result<std::shared_ptr<identity::KeySource>> keys_of(const std::string& file,
                                                     const std::string& url, Files& files,
                                                     Clock& clock, const identity::Fetch& fetch) {
  if (!file.empty()) {
    return std::make_shared<identity::FileKeySource>(files, file, clock);
  }
  return identity::UrlKeySource::create(url, fetch, clock)
      .map([](std::shared_ptr<identity::UrlKeySource> source) {
        return std::shared_ptr<identity::KeySource>(std::move(source));
      });
}

Result<std::shared_ptr<identity::BundleSource>> source_of(const std::string& domain,
                                                          const BundleConfig& bundle, Files& files,
                                                          Clock& clock,
                                                          const identity::Fetch& fetch,
                                                          const std::string& numbers) {
  const std::chrono::seconds max_age(bundle.max_age_s);
  if (!bundle.file.empty()) {
    return identity::BundleSource::of_file(domain, files, bundle.file, clock, max_age);
  }
  if (numbers.empty()) {
    return identity::BundleSource::of_url(domain, bundle.url, fetch, clock, max_age);
  }
  Result<std::unique_ptr<identity::BundleNumber>> number =
      identity::BundleNumber::open(files, numbers, domain);
  return number ? identity::BundleSource::of_url(domain, bundle.url,
                                                 identity::admitted(fetch, *std::move(number)),
                                                 clock, max_age)
                : fail(number.error());
}

identity::ProofOptions proofs_of(const Config& config, Clock& clock,
                                 std::function<std::uint16_t()> own_port) {
  const ProofsConfig& proofs = config.proofs;
  return {.urls = proofs.urls,
          .allowed_hosts = config.allowed_hosts,
          .own_port = std::move(own_port),
          .audiences = proofs.audiences,
          .max_age_s = proofs.max_age_s,
          .remembered = static_cast<std::size_t>(proofs.remembered),
          .nonce_key = proofs.dpop_nonce ? system_random().bytes(32) : std::string(),
          .started_s = clock.wall().seconds()};
}

}  // namespace

Result<identity::JwtIssuer> jwt_issuer_of(const JwtIssuerConfig& config, Files& files, Clock& clock,
                                          const identity::Fetch& fetch) {
  identity::JwtIssuer out;
  out.issuer = config.issuer;
  out.audiences = config.audiences;
  out.algorithms =
      config.algorithms.empty() ? std::vector<std::string>{"ES256", "RS256"} : config.algorithms;
  out.agent_claim = config.agent_claim;
  out.groups_claim = config.groups_claim;
  out.on_behalf_of_claim = config.on_behalf_of_claim;
  out.must_be_bound = config.must_be_bound;
  auto source = keys_of(config.jwks_file, config.jwks_url, files, clock, fetch);
  if (!source) {
    return fail_at("jwt_issuers " + config.issuer, source.error());
  }
  out.keys = *std::move(source);
  return out;
}

Result<identity::TrustDomain> trust_domain_of(const TrustDomainConfig& config,
                                              const BundleConfig& bundle, Files& files,
                                              Clock& clock, const identity::Fetch& fetch,
                                              const std::string& bundle_numbers) {
  const auto wrong = [&](const Error& what) {
    return fail_at("trust_domains " + config.name, what);
  };
  identity::TrustDomain out;
  out.name = config.name;
  out.audiences = bundle.audiences;
  out.algorithms =
      config.algorithms.empty() ? std::vector<std::string>{"ES256"} : config.algorithms;
  if (bundle.is_given()) {
    auto source = source_of(config.name, bundle, files, clock, fetch, bundle_numbers);
    if (!source) {
      return wrong(source.error());
    }
    out.bundle = *std::move(source);
    out.wit_keys =
        std::make_shared<identity::BundleKeys>(out.bundle, &identity::SpiffeBundle::wit_keys);
    if (!out.audiences.empty()) {
      out.svid_keys =
          std::make_shared<identity::BundleKeys>(out.bundle, &identity::SpiffeBundle::jwt_keys);
    }
  }
  if (!config.jwks_file.empty() || !config.jwks_url.empty()) {
    auto source = keys_of(config.jwks_file, config.jwks_url, files, clock, fetch);
    if (!source) {
      return wrong(source.error());
    }
    out.wit_keys = *std::move(source);
  }
  return out;
}

std::string why_no_shim(const Config& config, const Keystore& keys, const std::string& agent) {
  if (agent.empty() || agent == config.local_agent) {
    return "pawl wrap is for the user who runs the daemon";
  }
  if (find_agent(config, agent) == nullptr && !keys.agents().contains(agent)) {
    std::vector<std::string_view> names = {config.local_agent};
    for (const AgentConfig& one : config.agents) {
      names.push_back(one.id);
    }
    const std::string_view near = rules::nearest_word(agent, names);
    return "no agent \"" + agent + "\" is configured" +
           (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?") +
           " Add it under `agents` in pawl.yaml (`" + agent +
           ": {}`) and restart the daemon, or leave out --agent to call as \"" +
           config.local_agent + "\"";
  }
  return "agent \"" + agent +
         "\" has a key, and pawl wrap shows none: name an agent without a key (`agents: { NAME: {} "
         "}` in pawl.yaml), leave out --agent to call as \"" +
         config.local_agent + "\", or let the client use the URL of the gateway with the key";
}

Result<std::unique_ptr<identity::Authenticator>> make_authenticator(const Config& config,
                                                                    const Keystore& keys,
                                                                    bool development,
                                                                    AuthenticationParts parts) {
  identity::AuthenticatorOptions options;
  options.trust_domain = config.domain;
  options.development = development;
  options.mutual_tls = config.tls && !config.tls->client_ca_file.empty();
  options.clock = &parts.clock;
  options.unix_users[static_cast<std::uint32_t>(geteuid())] = local_agents(config);
  Result<std::vector<identity::Agent>> agents = agents_of(config, keys);
  if (!agents) {
    return fail(agents.error());
  }
  options.agents = *std::move(agents);
  const identity::Fetch fetch = identity::http_fetch(parts.loop, parts.pool);
  for (const JwtIssuerConfig& issuer : config.issuers) {
    Result<identity::JwtIssuer> made = jwt_issuer_of(issuer, parts.files, parts.clock, fetch);
    if (!made) {
      return fail(made.error());
    }
    options.issuers.push_back(*std::move(made));
  }
  const Result<Bundles> bundles = load_bundles(parts.files, config);
  if (!bundles) {
    return fail(bundles.error());
  }
  for (const TrustDomainConfig& domain : config.trust_domains) {
    const auto bundle = bundles->find(domain.name);
    Result<identity::TrustDomain> made =
        trust_domain_of(domain, bundle != bundles->end() ? bundle->second : BundleConfig{},
                        parts.files, parts.clock, fetch, parts.bundle_numbers);
    if (!made) {
      return fail(made.error());
    }
    options.trust_domains.push_back(*std::move(made));
  }
  options.proofs = proofs_of(config, parts.clock, std::move(parts.own_port));
  options.on_refusal = [&metrics = parts.metrics](identity::Refusal refusal,
                                                  std::string_view detail) {
    metrics.refused("authentication", Code::kUnauthenticated);
    log(LogLevel::kWarn, "unauthenticated",
        {{"why", std::string(identity::refusal_name(refusal))}, {"detail", std::string(detail)}});
  };
  return identity::Authenticator::create(std::move(options));
}

}  // namespace pawl
