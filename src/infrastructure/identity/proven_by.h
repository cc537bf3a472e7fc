// What proved an identity, as revocations name it (path/proof_names.h).
// Threading: pure; the lists are shared and never change.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "infrastructure/identity/jwt.h"
#include "infrastructure/identity/jwt_svid.h"
#include "infrastructure/identity/wimse.h"

namespace pawl::identity {

using ProvenBy = std::shared_ptr<const std::vector<std::string>>;

ProvenBy proven_by(std::vector<std::string> names);
// The keys that signed it and that it is bound to, and the token itself; a WIT also whole.
ProvenBy proven_by_jwt(const JwtIdentity& identity);
ProvenBy proven_by_wit(const Wit& wit);
ProvenBy proven_by_svid(const JwtSvid& svid);
ProvenBy both(const ProvenBy& one, const ProvenBy& other);  // of two that were shown

}  // namespace pawl::identity
