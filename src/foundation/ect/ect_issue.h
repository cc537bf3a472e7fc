// Issues tokens in the dialect that the operator chose: -01, or -00 for peers that know no other.
//
// Threading:  immutable; any thread.
// Errors:     as ect::issue().
//
// Example:
//   const DialectIssuer issuer(key, kid, Dialect::kEct00);
//   Result<std::string> token = issuer.issue(claims, ext_text);
#pragma once

#include <string>
#include <string_view>

#include "foundation/ect/ect.h"

namespace pawl::ect {

class DialectIssuer {
 public:
  // `dialect`: one of the two in JSON.
  DialectIssuer(const SigningKey& key, std::string_view kid, Dialect dialect);
  // As Issuer::issue() with the text of the extension object; empty: none.
  Result<std::string> issue(const Claims& claims, std::string_view ext_text) const;

 private:
  const SigningKey key_;
  const Dialect dialect_;
  const std::string header_;  // empty: no kid, and no token
};

}  // namespace pawl::ect
