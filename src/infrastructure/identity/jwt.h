// JSON Web Tokens as credentials (RFC 7519, RFC 9068), by the rules of RFC 8725.
//
// Purpose:    what an issuer that the operator trusts says about who calls.
// Threading:  pure but for the issuers' key sources, which take any thread.
// Errors:     a Finding with its own reason for each failed check.
// Not errors: unknown claims; a token without nbf or iat (exp is required).
//
// An issuer is trusted for every configured agent: configure only issuers that may name them all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "infrastructure/identity/key_source.h"
#include "infrastructure/identity/refusal.h"
#include "path/caller.h"

namespace pawl::identity {

inline constexpr std::int64_t kJwtSkewSeconds = 30;
inline constexpr std::string_view kActingParty = "act.sub";

struct JwtIssuer {
  std::string issuer;                   // compared exactly with `iss`
  std::vector<std::string> audiences;   // one of them must be in `aud`; at least one
  std::vector<std::string> algorithms;  // at least one; asymmetric only
  std::shared_ptr<KeySource> keys{};
  // A claim that is an agent id, or its SPIFFE form in our trust domain; kActingParty: sub of
  // `act`.
  std::string agent_claim = "sub";
  std::string groups_claim{};        // array of strings, added to the agent's; empty: not read
  std::string on_behalf_of_claim{};  // string; empty: not read
  bool must_be_bound = false;        // a token that is not bound to a key is refused (DPoP)
};

// kInvalidParams: a list that allows nothing, a symmetric algorithm, no key source.
Status check_issuer(const JwtIssuer& issuer);

struct JwtIdentity {
  std::string agent;  // as the claim states it: an agent id or a SPIFFE ID, not yet looked up
  std::vector<std::string> groups;
  std::string on_behalf_of;
  std::vector<Actor> actors;  // the one who acts now first; empty: the token knows no delegation
  std::string bound_to;       // thumbprint of its holder's key (cnf.jkt); empty: to none
  // What a revocation may name: the key by its kid and its thumbprint, the token by iss and jti.
  std::string iss, jti, kid, thumbprint;
  const JwtIssuer* issuer = nullptr;  // one of the list; never null
};

Judged<JwtIdentity> verify_jwt(std::string token, const std::vector<JwtIssuer>& issuers,
                               WallTime now);

}  // namespace pawl::identity
