#include "infrastructure/identity/authenticator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "infrastructure/identity/authenticator_impl.h"
#include "infrastructure/identity/workload_id.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl::identity {
namespace {

constexpr std::string_view kDevelopmentAgent = "dev";
constexpr std::string_view kAssertedAgent = "agent";

}  // namespace

void sort_unique(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

Status Authenticator::Impl::index_identities(const Agent& agent) {
  for (const std::string& identity : agent.identities) {
    if (!parse_workload_id(identity)) {
      return fail(Code::kInvalidParams, "agent '" + agent.id + "': '" + identity +
                                            "' is no identity: expected spiffe://DOMAIN/PATH or "
                                            "wimse://DOMAIN/PATH");
    }
    const auto [at, added] = identities.emplace(identity, agent.id);
    if (!added && at->second != agent.id) {
      return fail(Code::kConflict,
                  "agent '" + agent.id + "': has the same identity as agent '" + at->second + "'");
    }
  }
  return {};
}

// Builds the look-up tables; refuses what could never be meant.
Status Authenticator::Impl::index() {
  if (options.mutual_tls && options.trust_domain.empty()) {
    return fail(Code::kInvalidParams, "mutual TLS: expected a trust domain");
  }
  for (Agent& agent : options.agents) {
    if (!is_agent_id(agent.id)) {
      return fail(Code::kInvalidParams,
                  "agent '" + agent.id + "': expected 1..128 letters, digits, '.', '_' or '-'");
    }
    sort_unique(agent.groups);
    if (!groups.emplace(agent.id, agent.groups).second) {
      return fail(Code::kConflict, "agent '" + agent.id + "': configured twice");
    }
    if (Status good = index_identities(agent); !good) {
      return good;
    }
    for (const Digest& key : agent.keys) {
      const auto [at, added] =
          keys.try_emplace(key, KnownKey{agent.id, proven_by({key_name(digest_text(key))})});
      if (!added && at->second.agent != agent.id) {
        return fail(Code::kConflict, "agent '" + agent.id + "': has the same key as agent '" +
                                         at->second.agent + "'");
      }
    }
  }
  for (const JwtIssuer& issuer : options.issuers) {
    if (const Status good = check_issuer(issuer); !good) {
      return good;
    }
    const auto same = [&](const JwtIssuer& other) { return other.issuer == issuer.issuer; };
    if (std::count_if(options.issuers.begin(), options.issuers.end(), same) > 1) {
      return fail(Code::kConflict, "issuer '" + issuer.issuer + "': configured twice");
    }
  }
  for (const TrustDomain& domain : options.trust_domains) {
    if (Status good = check_trust_domain(domain); !good) {
      return good;
    }
  }
  for (const auto& [uid, agents] : options.unix_users) {
    const auto is_known = [&](const std::string& agent) { return groups.contains(agent); };
    if (agents.empty() || !std::all_of(agents.begin(), agents.end(), is_known)) {
      return fail(Code::kInvalidParams,
                  "uid " + std::to_string(uid) + ": expected at least one agent, all configured");
    }
  }
  return {};
}

Judged<Caller> Authenticator::Impl::known(std::string agent, Caller::Proof proof) const {
  const auto at = groups.find(agent);
  if (at == groups.end()) {
    return refuse(Refusal::kUnknownAgent, "no such agent is configured");
  }
  Caller caller;
  caller.agent = std::move(agent);
  caller.groups = at->second;
  caller.proof = proof;
  return caller;
}

std::optional<std::string> Authenticator::Impl::agent_of(std::string_view workload) const {
  const auto at = identities.find(workload);
  return at != identities.end() ? std::optional<std::string>(at->second) : own_agent_of(workload);
}

std::optional<std::string> Authenticator::Impl::own_agent_of(std::string_view workload) const {
  const std::string prefix = spiffe_agent_id(options.trust_domain, "");
  if (options.trust_domain.empty() || !workload.starts_with(prefix) ||
      !is_agent_id(workload.substr(prefix.size()))) {
    return std::nullopt;
  }
  return std::string(workload.substr(prefix.size()));
}

// The uid bounds who the caller may be; it names the caller only when nothing else does.
Judged<Caller> Authenticator::Impl::by_peer(const Credentials& credentials,
                                            const Caller* proven) const {
  const auto at = options.unix_users.find(credentials.peer->uid);
  if (at == options.unix_users.end()) {
    return refuse(Refusal::kPeer, "uid " + std::to_string(credentials.peer->uid) + " is no agent");
  }
  const std::vector<std::string>& may_be = at->second;
  std::string agent = may_be.front();
  if (proven != nullptr) {
    agent = proven->agent;
  } else if (const auto said = credentials.asserted.find(std::string(kAssertedAgent));
             said != credentials.asserted.end()) {
    agent = said->second;
  }
  if (std::find(may_be.begin(), may_be.end(), agent) == may_be.end() &&
      plugged(ControlId::kPeerUser)) {
    return refuse(Refusal::kPeer, "uid " + std::to_string(credentials.peer->uid) +
                                      " may not be the agent that was named");
  }
  return proven != nullptr ? Judged<Caller>(*proven)
                           : known(std::move(agent), Caller::Proof::kPeerCredentials);
}

Caller Authenticator::Impl::development_caller(const Credentials& credentials) const {
  Caller caller;
  caller.agent = kDevelopmentAgent;
  if (const auto said = credentials.asserted.find(std::string(kAssertedAgent));
      said != credentials.asserted.end() && is_agent_id(said->second)) {
    caller.agent = said->second;
  }
  if (const auto at = groups.find(caller.agent); at != groups.end()) {
    caller.groups = at->second;
  }
  return caller;
}

Judged<Caller> Authenticator::Impl::judge(const Credentials& credentials, WallTime now,
                                          Pass pass) const {
  Judged<std::optional<Caller>> by_token = by_tokens(credentials, now, pass);
  if (!by_token) {
    return tl::unexpected<Finding>(by_token.error());
  }
  std::optional<Caller> proven = *std::move(by_token);
  if (credentials.certificate_uris) {
    Judged<Caller> caller = by_certificate(credentials, now);
    if (!caller) {
      return caller;
    }
    caller->proven_by = proven_by({certificate_name(credentials.certificate_thumbprint)});
    if (proven && proven->agent != caller->agent) {
      return refuse(Refusal::kConflict, "the certificate and the token name two agents");
    }
    if (proven) {
      proven->proof = Caller::Proof::kMutualTls;
      proven->proven_by = both(proven->proven_by, caller->proven_by);
    } else {
      proven = std::move(*caller);
    }
  }
  const bool peer_waived = options.development && !proven && credentials.peer &&
                           !options.unix_users.contains(credentials.peer->uid);
  if (credentials.peer && !peer_waived) {
    return by_peer(credentials, proven ? &*proven : nullptr);
  }
  if (proven) {
    return std::move(*proven);
  }
  if (options.development) {
    return development_caller(credentials);
  }
  return refuse(Refusal::kNoCredential, "nothing was shown");
}

Result<Digest> key_digest(std::string_view key) {
  if (key.size() < kMinKeyBytes || key.size() > kMaxAuthorizationBytes / 2) {
    return fail(Code::kInvalidParams,
                "agent key: expected at least 16 characters (is its "
                "environment variable set?)");
  }
  if (!is_token68(key)) {
    return fail(Code::kInvalidParams, "agent key: expected letters, digits and -._~+/ only");
  }
  return sha256(key);
}

Authenticator::Authenticator(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Authenticator::~Authenticator() = default;

Result<std::unique_ptr<Authenticator>> Authenticator::create(AuthenticatorOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (const Status good = impl->index(); !good) {
    return fail(good.error());
  }
  return std::unique_ptr<Authenticator>(new Authenticator(std::move(impl)));
}

tl::expected<Caller, Denial> Authenticator::admit(const Credentials& credentials, WallTime now,
                                                  Pass pass) const {
  Judged<Caller> caller = impl_->judge(credentials, now, pass);
  if (!caller) {
    if (impl_->options.on_refusal) {
      impl_->options.on_refusal(caller.error().refusal, caller.error().detail);
    }
    return tl::unexpected<Denial>(
        denial_of(caller.error(), impl_->denial_context(credentials, now.seconds())));
  }
  caller->asserted = credentials.asserted;
  return std::move(*caller);
}

Result<Caller> Authenticator::authenticate(const Credentials& credentials, WallTime now) const {
  tl::expected<Caller, Denial> caller = admit(credentials, now, Pass::kSpend);
  return caller ? Result<Caller>(*std::move(caller))
                : fail(caller.error().code, caller.error().text);
}

}  // namespace pawl::identity
