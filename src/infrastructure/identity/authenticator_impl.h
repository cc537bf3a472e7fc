// The Authenticator's tables and steps. Internal to infrastructure/identity.
// Threading: as authenticator.h. Errors: a Finding.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infrastructure/identity/authenticator.h"
#include "infrastructure/identity/authorization_field.h"
#include "infrastructure/identity/proven_by.h"
#include "infrastructure/identity/svid_desk.h"

namespace pawl::identity {

void sort_unique(std::vector<std::string>& names);

struct Authenticator::Impl {
  explicit Impl(AuthenticatorOptions given)
      : options(std::move(given)),
        proofs(std::move(options.proofs)),
        svids(options.trust_domains) {}

  struct KnownKey {
    std::string agent;
    ProvenBy name;  // made once: it is shared by all requests
  };
  // What a token proved, and the proof that is still to be spent.
  struct Proven {
    Caller caller;
    std::optional<ShownProof> proof{};
  };

  AuthenticatorOptions options;
  ProofDesk proofs;
  SvidDesk svids;
  std::map<std::string, std::vector<std::string>, std::less<>> groups;  // by agent
  std::map<Digest, KnownKey> keys;
  std::map<std::string, std::string, std::less<>> identities;  // to agent

  Status index();
  Status index_identities(const Agent& agent);
  DenialContext denial_context(const Credentials& credentials, std::int64_t now_s) const;

  Judged<Caller> known(std::string agent, Caller::Proof proof) const;
  // The agent that this workload is; nullopt: none.
  std::optional<std::string> agent_of(std::string_view workload) const;
  // The same for spiffe://trust_domain/agent/ID alone.
  std::optional<std::string> own_agent_of(std::string_view workload) const;

  Judged<Proven> by_key_or_jwt(const AuthorizationField& field, const http::Request* request,
                               WallTime now) const;
  Judged<Proven> by_jwt(const AuthorizationField& field, const http::Request* request,
                        WallTime now) const;
  Judged<Proven> by_jwt_svid(const jose::Jws& token, const TrustDomain& domain, Scheme scheme,
                             WallTime now) const;
  Judged<Proven> by_workload(const http::Request& request,
                             const std::optional<AuthorizationField>& field, WallTime now,
                             Pass pass) const;
  Judged<ShownProof> judge_workload(const http::Request& request,
                                    const std::optional<AuthorizationField>& field, const Wit& wit,
                                    std::int64_t now_s, Pass pass) const;
  Judged<void> judge_binding(Proven& proven, const JwtIdentity& identity,
                             const AuthorizationField& field, const http::Request* request,
                             WallTime now) const;
  // Every token that was shown, all of one agent; their proofs are spent. nullopt: there is none.
  Judged<std::optional<Caller>> by_tokens(const Credentials& credentials, WallTime now,
                                          Pass pass) const;

  Judged<Caller> by_certificate(const Credentials& credentials, WallTime now) const;
  // The agent of our own domain that our client CA vouches for.
  Judged<std::string> own_certificate_agent(const std::string& uri) const;
  Judged<Caller> by_peer(const Credentials& credentials, const Caller* proven) const;
  Caller development_caller(const Credentials& credentials) const;
  Judged<Caller> judge(const Credentials& credentials, WallTime now, Pass pass) const;
};

}  // namespace pawl::identity
