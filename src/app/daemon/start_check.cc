#include "app/daemon/start_check.h"

#include <algorithm>
#include <map>

#include "app/config/reader_config.h"
#include "app/daemon/authentication.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/oidc_client.h"
#include "app/daemon/token_fetcher.h"
#include "app/daemon/trusted_tokens.h"
#include "app/daemon/witnessed_log.h"
#include "execution/supervision/service_user.h"
#include "foundation/jose/jwk_set.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/identity/workload_id.h"
#include "infrastructure/net/socket_address.h"
#include "infrastructure/net/tls.h"
#include "path/caller.h"

namespace pawl {
namespace {

using Check = Status (*)(const Config& config, Files& files, Clock& clock, bool development);

struct Listening {
  const char* key;
  const std::string& address;
};

std::vector<Listening> listeners(const Config& config) {
  return {
      {"listen", config.listen}, {"control", config.control}, {"override", config.override_listen}};
}

bool is_given(const Config& config, const std::string& key) {
  return config.places.contains(key) || (key == "override" && is_given(config, "control"));
}

// Neither can be opened beside the other.
bool collide(const SocketAddress& a, const SocketAddress& b) {
  const auto any = [](const SocketAddress& one) {
    return one.host() == "0.0.0.0" || one.host() == "::";
  };
  return a.port() != 0 && a.port() == b.port() && a.family() == b.family() &&
         (a.host() == b.host() || any(a) || any(b));
}

Status check_addresses(const Config& config, Files&, Clock&, bool) {
  std::map<std::string, SocketAddress> taken;
  for (const Listening& one : listeners(config)) {
    const Result<SocketAddress> address = SocketAddress::parse(one.address);
    if (!address) {
      return wrong_in(config, one.key, address.error());
    }
    for (const auto& [key, other] : taken) {
      if (collide(*address, other)) {
        const Error wrong{Code::kConflict,
                          "`" + std::string(one.key) + "` has the address of `" + key + "` (" +
                              one.address +
                              "); expected one of its own (the override listener is one port "
                              "above `control` unless `override` says otherwise)"};
        return wrong_in(config, is_given(config, one.key) ? one.key : key, wrong);
      }
    }
    taken.emplace(one.key, *address);
  }
  const Result<SocketAddress> socket =
      SocketAddress::unix_socket(DataFolder{config.data}.wrap_socket());
  return socket ? Status{} : Status(wrong_in(config, "data", socket.error()));
}

Status check_exposure(const Config& config, Files&, Clock&, bool development) {
  for (const Listening& one : listeners(config)) {
    if (is_loopback(one.address)) {
      continue;
    }
    if (std::string_view(one.key) != "listen") {
      return wrong_in(
          config, one.key,
          {Code::kForbidden, one.address + " is off loopback; expected a loopback address, for "
                                           "people on this machine only"});
    }
    if (development) {
      return wrong_in(config, one.key,
                      {Code::kForbidden, one.address + " is off loopback, which --dev refuses"});
    }
    if (!config.tls && !config.allow_remote_without_tls) {
      return wrong_in(config, one.key,
                      {Code::kForbidden, one.address + " is off loopback: configure tls, or set "
                                                       "allow_remote_without_tls: true"});
    }
  }
  return {};
}

// OpenSSL says little of a file that cannot be opened.
Status readable(Files& files, const std::string& path) {
  const Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kRead);
  return file ? Status{} : Status(fail(file.error()));
}

bool takes_svids(const Bundles& bundles) {
  return std::any_of(bundles.begin(), bundles.end(),
                     [](const auto& bundle) { return bundle.second.is_given(); });
}

Status check_tls(const Config& config, Files& files, Clock&, bool) {
  if (!config.tls) {
    return {};
  }
  for (const auto& [key, path] : {std::pair{"tls.certificate", config.tls->certificate_file},
                                  {"tls.key", config.tls->key_file},
                                  {"tls.client_ca", config.tls->client_ca_file}}) {
    if (const Status there = path.empty() ? Status{} : readable(files, path); !there) {
      return wrong_in(config, key, there.error());
    }
  }
  const Result<Bundles> bundles = load_bundles(files, config);
  if (!bundles) {
    return fail(bundles.error());
  }
  const auto context = TlsContext::server(
      config.tls->certificate_file, config.tls->key_file, config.tls->client_ca_file,
      config.tls->require_client_certificate,
      takes_svids(*bundles) ? [](const std::string&) { return false; } : ClientTrust());
  return context ? Status{} : Status(wrong_in(config, "tls", context.error()));
}

Status check_agents(const Config& config, Files&, Clock&, bool) {
  std::map<Digest, std::string> owners;
  for (const AgentConfig& agent : config.agents) {
    if (agent.key.empty() && !config.places.contains("agents." + agent.id + ".key")) {
      continue;  // no key: another credential, or `pawl wrap --agent`
    }
    const std::string key = "agents." + agent.id + ".key";
    const Result<Digest> digest = identity::key_digest(agent.key);
    if (!digest) {
      return wrong_in(config, key, digest.error());
    }
    const auto [at, added] = owners.emplace(*digest, agent.id);
    if (!added) {
      return wrong_in(config, key,
                      {Code::kConflict, "is the key of agent \"" + at->second +
                                            "\" too; expected a key of its own"});
    }
  }
  if (!is_agent_id(config.local_agent)) {
    return wrong_in(config, "local_agent",
                    {Code::kInvalidParams, "expected 1 to 128 of A-Z a-z 0-9 . _ -"});
  }
  return {};
}

Status check_issuers(const Config& config, Files& files, Clock& clock, bool) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < config.issuers.size(); ++i) {
    const std::string key = "jwt_issuers[" + std::to_string(i) + "]";
    const auto no_fetch = [](const std::string&, const auto&) {};
    const Result<identity::JwtIssuer> issuer =
        jwt_issuer_of(config.issuers[i], files, clock, no_fetch);
    const Status good = issuer ? identity::check_issuer(*issuer) : fail(issuer.error());
    if (!good) {
      return wrong_in(config, key, good.error());
    }
    if (!seen.emplace(issuer->issuer, i).second) {
      return wrong_in(config, key,
                      {Code::kConflict, "issuer \"" + issuer->issuer + "\" stands twice"});
    }
  }
  return {};
}

// Its name as an issuer of records, or its ledger's.
bool is_this_gateway(const Config& config, const identity::WorkloadId& id) {
  const std::string own = "/pawl/" + config.node;
  return id.domain == config.domain && (id.path == own || id.path == own + "/ledger");
}

Status check_trust_domains(const Config& config, Files& files, Clock& clock, bool) {
  const Result<Bundles> bundles = load_bundles(files, config);
  if (!bundles) {
    return fail(bundles.error());
  }
  for (const TrustDomainConfig& domain : config.trust_domains) {
    const auto no_fetch = [](const std::string&, const auto&) {};
    const auto bundle = bundles->find(domain.name);
    const auto made = trust_domain_of(
        domain, bundle != bundles->end() ? bundle->second : BundleConfig{}, files, clock, no_fetch);
    const Status good = made ? identity::check_trust_domain(*made) : fail(made.error());
    if (!good) {
      return wrong_in(config, "trust_domains." + domain.name, good.error());
    }
  }
  std::map<std::string, std::string> owners;
  for (const AgentConfig& agent : config.agents) {
    for (const std::string& identity : agent.identities) {
      const std::string key = "agents." + agent.id + ".identities";
      if (!identity::parse_workload_id(identity)) {
        return wrong_in(config, key,
                        {Code::kInvalidParams, "\"" + identity +
                                                   "\": expected spiffe://DOMAIN/PATH or "
                                                   "wimse://DOMAIN/PATH"});
      }
      if (is_this_gateway(config, *identity::parse_workload_id(identity))) {
        return wrong_in(config, key,
                        {Code::kInvalidParams, "\"" + identity +
                                                   "\" is this gateway itself (domain, node), "
                                                   "which is no agent of its own"});
      }
      if (const auto [at, added] = owners.emplace(identity, agent.id); !added) {
        return wrong_in(
            config, key,
            {Code::kConflict, "\"" + identity + "\" is agent \"" + at->second + "\" already"});
      }
    }
  }
  return {};
}

Status check_trusted_tokens(const Config& config, Files& files, Clock& clock, bool) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < config.trusted_tokens.size(); ++i) {
    const std::string key = "trusted_tokens[" + std::to_string(i) + "]";
    const TrustedTokens& trusted = config.trusted_tokens[i];
    const auto no_fetch = [](const std::string&, const auto&) {};
    if (const auto source = key_source_of(trusted, files, clock, no_fetch); !source) {
      return wrong_in(config, key + ".jwks_url", source.error());
    }
    if (Status url = check_tokens_url(trusted.tokens_url); !trusted.tokens_url.empty() && !url) {
      return wrong_in(config, key + ".tokens_url", url.error());
    }
    if (!seen.emplace(trusted.issuer, i).second) {
      return wrong_in(config, key,
                      {Code::kConflict, "issuer \"" + trusted.issuer + "\" stands twice"});
    }
  }
  return {};
}

Status check_policy_tokens(const Config& config, Files& files, Clock& clock, bool) {
  const PolicyTokensConfig& policy = config.policy_tokens;
  for (const auto& [list, signers] :
       {std::pair{"issuers", &policy.issuers}, {"holders", &policy.holders}}) {
    for (std::size_t i = 0; i < signers->size(); ++i) {
      const auto no_fetch = [](const std::string&, const auto&) {};
      const auto& one = (*signers)[i];
      const auto source =
          key_source_of({one.name, one.jwks_file, one.jwks_url, ""}, files, clock, no_fetch);
      if (!source) {
        return wrong_in(config,
                        "policy_tokens." + std::string(list) + "[" + std::to_string(i) + "]",
                        source.error());
      }
    }
  }
  return {};
}

Status check_service(const Config& config, Files&, Clock&, bool) {
  if (!config.service) {
    return {};
  }
  const Result<ChildUser> user = find_user(config.service->user);
  if (!user) {
    return wrong_in(config, "service.user", user.error());
  }
  const Result<ChildUser> child = find_user(config.service->child_user);
  if (!child) {
    return wrong_in(config, "service.child_user", child.error());
  }
  return user->user != child->user
             ? Status{}
             : Status(wrong_in(config, "service.child_user",
                               {Code::kInvalidParams, "is the same user as service.user"}));
}

Status check_log_readers(const Config& config, Files&, Clock&, bool) {
  return check_readers(config);
}

Status check_witnesses(const Config& config, Files& files, Clock&, bool) {
  if (!config.witnesses) {
    return {};
  }
  const auto policy = configured_policy(config, files);
  return policy ? Status{} : Status(fail(policy.error()));
}

Status check_sign_in(const Config& config, Files&, Clock&, bool) {
  if (!config.sign_in || !config.sign_in->oidc) {
    return {};
  }
  const Status good = check_oidc(*config.sign_in->oidc);
  return good ? good : Status(wrong_in(config, "sign_in.oidc.roles", good.error()));
}

std::string unreadable_keys(Files& files, const std::string& path) {
  const Result<std::string> text = read_file(files, path, 1 << 20);
  const Result<jose::JwkSet> set = text ? jose::JwkSet::parse(*text) : fail(text.error());
  return set ? "" : set.error().message;
}

}  // namespace

Status check_start(const Config& config, Files& files, Clock& clock, bool development) {
  constexpr Check kChecks[] = {&check_addresses,      &check_exposure,  &check_tls,
                               &check_agents,         &check_issuers,   &check_trust_domains,
                               &check_trusted_tokens, &check_service,   &check_log_readers,
                               &check_policy_tokens,  &check_witnesses, &check_sign_in};
  for (const Check check : kChecks) {
    if (Status good = check(config, files, clock, development); !good) {
      return good;
    }
  }
  return {};
}

std::vector<std::string> start_warnings(const Config& config, Files& files) {
  std::vector<std::string> out;
  const auto note = [&](const std::string& key, const std::string& problem, const char* effect) {
    if (!problem.empty()) {
      out.push_back(place_in(config, key) + ": " + key + ": " + problem + "; " + effect);
    }
  };
  for (std::size_t i = 0; i < config.issuers.size(); ++i) {
    if (!config.issuers[i].jwks_file.empty()) {
      note("jwt_issuers[" + std::to_string(i) + "].jwks_file",
           unreadable_keys(files, config.issuers[i].jwks_file), "its tokens will be refused");
    }
  }
  for (const TrustDomainConfig& domain : config.trust_domains) {
    if (!domain.jwks_file.empty()) {
      note("trust_domains." + domain.name + ".jwks_file", unreadable_keys(files, domain.jwks_file),
           "its workloads will be refused");
    }
  }
  for (std::size_t i = 0; i < config.trusted_tokens.size(); ++i) {
    if (!config.trusted_tokens[i].jwks_file.empty()) {
      note("trusted_tokens[" + std::to_string(i) + "].jwks_file",
           unreadable_keys(files, config.trusted_tokens[i].jwks_file),
           "its tokens will be no parents here");
    }
  }
  for (const auto& [list, signers] : {std::pair{"issuers", &config.policy_tokens.issuers},
                                      {"holders", &config.policy_tokens.holders}}) {
    for (std::size_t i = 0; i < signers->size(); ++i) {
      const std::string& file = (*signers)[i].jwks_file;
      note("policy_tokens." + std::string(list) + "[" + std::to_string(i) + "].jwks_file",
           file.empty() ? "" : unreadable_keys(files, file), "its policy tokens will be refused");
    }
  }
  for (const mcp::ServerConfig& server : config.servers) {
    if (server.ca_file.empty()) {
      continue;
    }
    Status trust = readable(files, server.ca_file);
    if (trust) {
      const auto context = TlsContext::client(server.ca_file);
      trust = context ? Status{} : Status(fail(context.error()));
    }
    note("servers." + server.name + ".ca_file", trust ? "" : trust.error().message,
         "this server will not be reached");
  }
  return out;
}

}  // namespace pawl
