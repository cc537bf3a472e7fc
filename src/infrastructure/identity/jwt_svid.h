// JWT-SVIDs: bearer tokens that name a workload of a trust domain.
//
// Purpose:    the domain of `sub` chooses whose keys may vouch for it, and those of no other.
// Threading:  pure but for the domains' key sources, which take any thread.
// Errors:     a Finding with its own reason for each check.
// Not errors: unknown claims; no typ; no kid, where the domain has one key; no iss.
// Source:     JWT-SVID, sections 2 to 4. OURS: EdDSA where the domain's `algorithms` admit it.
#pragma once

#include <string>
#include <vector>

#include "foundation/jose/jws.h"
#include "infrastructure/identity/wimse.h"

namespace pawl::identity {

struct JwtSvid {
  std::string id;  // spiffe://DOMAIN/PATH
  // What a revocation may name: the key by its kid and its thumbprint, the token by iss and jti.
  std::string iss{}, jti{}, kid{}, thumbprint{};
};

// The domain whose JWT-SVID a token would be; nullptr: it is none of a domain that takes them.
const TrustDomain* jwt_svid_domain(const jose::Jws& token, const std::vector<TrustDomain>& domains);

Judged<JwtSvid> check_jwt_svid(const jose::Jws& token, const TrustDomain& domain,
                               std::int64_t now_s);

}  // namespace pawl::identity
