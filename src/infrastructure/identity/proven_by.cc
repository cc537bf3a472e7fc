#include "infrastructure/identity/proven_by.h"

#include <utility>

#include "path/proof_names.h"

namespace pawl::identity {
namespace {

std::vector<std::string> of_token(const std::string& thumbprint, const std::string& kid,
                                  const std::string& iss, const std::string& jti,
                                  const std::string& bound_to) {
  std::vector<std::string> names{key_name(thumbprint)};
  if (!kid.empty() && kid != thumbprint) {
    names.push_back(key_name(kid));
  }
  if (!jti.empty()) {
    names.push_back(token_name(iss, jti));
  }
  if (!bound_to.empty()) {
    names.push_back(key_name(bound_to));
  }
  return names;
}

}  // namespace

ProvenBy proven_by(std::vector<std::string> names) {
  return std::make_shared<const std::vector<std::string>>(std::move(names));
}

ProvenBy proven_by_jwt(const JwtIdentity& identity) {
  return proven_by(
      of_token(identity.thumbprint, identity.kid, identity.iss, identity.jti, identity.bound_to));
}

ProvenBy proven_by_wit(const Wit& wit) {
  std::vector<std::string> names =
      of_token(wit.thumbprint, wit.kid, wit.iss, wit.jti, wit.key.thumbprint());
  names.push_back(wit_name(wit.text));
  return proven_by(std::move(names));
}

ProvenBy proven_by_svid(const JwtSvid& svid) {
  return proven_by(of_token(svid.thumbprint, svid.kid, svid.iss, svid.jti, ""));
}

ProvenBy both(const ProvenBy& one, const ProvenBy& other) {
  std::vector<std::string> names = one != nullptr ? *one : std::vector<std::string>{};
  if (other != nullptr) {
    names.insert(names.end(), other->begin(), other->end());
  }
  return proven_by(std::move(names));
}

}  // namespace pawl::identity
