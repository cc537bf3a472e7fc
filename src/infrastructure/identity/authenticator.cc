#include "infrastructure/identity/authenticator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl::identity {
namespace {

constexpr std::string_view kDevelopmentAgent = "dev";
constexpr std::string_view kAssertedAgent = "agent";

// RFC 6750: b64token, the characters that may follow "Bearer ".
bool is_bearer_token(std::string_view text) {
  const std::size_t padding = text.find('=');
  const std::string_view body = text.substr(0, padding);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
  };
  return !body.empty() && std::all_of(body.begin(), body.end(), allowed) &&
         text.find_first_not_of('=', body.size()) == std::string_view::npos;
}

// "Bearer", one space or more, one token. The scheme's case does not matter (RFC 9110).
Judged<std::string_view> bearer_token(std::string_view field) {
  constexpr std::string_view kScheme = "bearer";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  if (field.size() <= kMaxAuthorizationBytes && field.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), field.begin(),
                 [&](char b, char a) { return same(a, b); }) &&
      field[kScheme.size()] == ' ') {
    field.remove_prefix(kScheme.size());
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
    if (is_bearer_token(field)) {
      return field;
    }
  }
  return refuse(Refusal::kBadAuthorization, "expected Bearer and one token of at most 16 KiB");
}

// The id in an agent's SPIFFE ID of our trust domain.
std::optional<std::string> agent_of_spiffe_id(std::string_view uri, std::string_view domain) {
  const std::string prefix = spiffe_agent_id(domain, "");
  if (domain.empty() || !uri.starts_with(prefix) || !is_agent_id(uri.substr(prefix.size()))) {
    return std::nullopt;
  }
  return std::string(uri.substr(prefix.size()));
}

// What proved an identity, as revocations name it.
using Proofs = std::shared_ptr<const std::vector<std::string>>;

Proofs proofs(std::vector<std::string> names) {
  return std::make_shared<const std::vector<std::string>>(std::move(names));
}

Proofs proofs_of(const JwtIdentity& identity) {
  std::vector<std::string> names{key_name(identity.thumbprint)};
  if (!identity.kid.empty() && identity.kid != identity.thumbprint) {
    names.push_back(key_name(identity.kid));
  }
  if (!identity.jti.empty()) {
    names.push_back(token_name(identity.iss, identity.jti));
  }
  return proofs(std::move(names));
}

// Of two that were shown.
Proofs both(const Proofs& one, const Proofs& other) {
  std::vector<std::string> names = one != nullptr ? *one : std::vector<std::string>{};
  names.insert(names.end(), other->begin(), other->end());
  return proofs(std::move(names));
}

void sort_unique(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

struct Authenticator::Impl {
  struct KnownKey {
    std::string agent;
    Proofs name;  // made once: it is shared by all requests
  };
  AuthenticatorOptions options;
  std::map<std::string, std::vector<std::string>, std::less<>> groups;  // by agent
  std::map<Digest, KnownKey> keys;

  Status index();
  Judged<Caller> known(std::string agent, Caller::Proof proof) const;
  Judged<Caller> by_authorization(std::string_view field, WallTime now) const;
  Judged<Caller> by_certificate(const std::vector<std::string>& uris) const;
  Judged<Caller> by_peer(const Credentials& credentials, const Caller* proven) const;
  Caller development_caller(const Credentials& credentials) const;
  Judged<Caller> judge(const Credentials& credentials, WallTime now) const;
};

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
    for (const Digest& key : agent.keys) {
      const auto [at, added] =
          keys.try_emplace(key, KnownKey{agent.id, proofs({key_name(digest_text(key))})});
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

Judged<Caller> Authenticator::Impl::by_authorization(std::string_view field, WallTime now) const {
  const Judged<std::string_view> token = bearer_token(field);
  if (!token) {
    return tl::unexpected<Finding>(token.error());
  }
  const Digest digest = sha256(*token);
  if (const auto at = keys.find(digest);
      at != keys.end() && equal_constant_time(view(at->first), view(digest))) {
    Judged<Caller> caller = known(at->second.agent, Caller::Proof::kBearerKey);
    if (caller) {
      caller->proven_by = at->second.name;
    }
    return caller;
  }
  if (options.issuers.empty() || std::count(token->begin(), token->end(), '.') != 2) {
    if (!plugged(ControlId::kBearerKey) && !groups.empty()) {
      return known(groups.begin()->first, Caller::Proof::kBearerKey);
    }
    return refuse(Refusal::kUnknownKey, "no agent has this key");
  }
  Judged<JwtIdentity> identity = verify_jwt(std::string(*token), options.issuers, now);
  if (!identity) {
    return tl::unexpected<Finding>(identity.error());
  }
  Judged<Caller> caller =
      known(agent_of_spiffe_id(identity->agent, options.trust_domain).value_or(identity->agent),
            Caller::Proof::kJwt);
  if (caller) {
    caller->proven_by = proofs_of(*identity);
    caller->on_behalf_of = std::move(identity->on_behalf_of);
    caller->actors = std::move(identity->actors);
    caller->groups.insert(caller->groups.end(), identity->groups.begin(), identity->groups.end());
    sort_unique(caller->groups);
  }
  return caller;
}

Judged<Caller> Authenticator::Impl::by_certificate(const std::vector<std::string>& uris) const {
  if (!options.mutual_tls || uris.size() != 1) {
    return refuse(Refusal::kCertificate, options.mutual_tls
                                             ? "expected exactly one URI name in the certificate"
                                             : "client certificates are not configured");
  }
  std::optional<std::string> agent = agent_of_spiffe_id(uris.front(), options.trust_domain);
  if (!agent && !plugged(ControlId::kCertificate)) {
    agent = uris.front().substr(uris.front().rfind('/') + 1);
  }
  if (!agent) {
    return refuse(Refusal::kCertificate, "the URI name is no agent of this trust domain");
  }
  return known(std::move(*agent), Caller::Proof::kMutualTls);
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

Judged<Caller> Authenticator::Impl::judge(const Credentials& credentials, WallTime now) const {
  std::optional<Caller> proven;
  if (credentials.authorization) {
    Judged<Caller> caller = by_authorization(*credentials.authorization, now);
    if (!caller) {
      return caller;
    }
    proven = std::move(*caller);
  }
  if (credentials.certificate_uris) {
    Judged<Caller> caller = by_certificate(*credentials.certificate_uris);
    if (!caller) {
      return caller;
    }
    caller->proven_by = proofs({certificate_name(credentials.certificate_thumbprint)});
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
  if (!is_bearer_token(key)) {
    return fail(Code::kInvalidParams, "agent key: expected letters, digits and -._~+/ only");
  }
  return sha256(key);
}

Authenticator::Authenticator(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Authenticator::~Authenticator() = default;

Result<std::unique_ptr<Authenticator>> Authenticator::create(AuthenticatorOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  if (const Status good = impl->index(); !good) {
    return fail(good.error());
  }
  return std::unique_ptr<Authenticator>(new Authenticator(std::move(impl)));
}

Result<Caller> Authenticator::authenticate(const Credentials& credentials, WallTime now) const {
  Judged<Caller> caller = impl_->judge(credentials, now);
  if (!caller) {
    if (impl_->options.on_refusal) {
      impl_->options.on_refusal(caller.error().refusal, caller.error().detail);
    }
    return fail(Code::kUnauthenticated, std::string(kRefusalText));
  }
  caller->asserted = credentials.asserted;
  return std::move(*caller);
}

}  // namespace pawl::identity
