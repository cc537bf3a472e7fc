// SD-JWT (RFC 9901): what an issuer and a holder do. Reading and verifying: sd_jwt.h.
//
// Threading:  pure functions; random bytes are the caller's.
// Errors:     kInvalidParams: a pointer that leads nowhere, or to what must stay visible; claims
//             that hold a reserved name; kTokenInvalid with a reason of sd_jwt.h: what was to be
//             presented does not hold.
// Not errors: a member within a disclosable one: both get a disclosure (section 4.2.6).
//
// Example:
//   Result<std::string> issued = sd_jwt::issue(key, claims, {.disclosable = {"/name"}}, random);
//   Result<std::string> shown = sd_jwt::present(*issued, {"/name"});
//   Result<std::string> bound = sd_jwt::bind(*shown, holder, {"https://v.example", nonce}, now_s);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "foundation/sd_jwt/sd_jwt.h"

namespace pawl::sd_jwt {

inline constexpr std::size_t kSaltBytes = 16;  // 128 bits, section 9.3
inline constexpr std::size_t kMaxDecoys = 64;  // in one object

struct Draft {
  std::string typ{};                       // of the header; empty: none
  std::string kid{};                       // empty: none
  std::vector<std::string> disclosable{};  // JSON Pointers into the claims
  std::size_t decoys = 0;                  // false digests in each object that has digests
  json::Object holder_jwk{};               // into cnf.jwk; empty: bound to nobody
};
// The issuer's JWT with all disclosures. iss, aud, iat, nbf, exp and cnf stay visible (section 9.7
// for the times): a verifier needs them before it may trust a disclosure.
Result<std::string> issue(const SigningKey& key, const json::Object& claims, const Draft& draft,
                          Random& random);

// Only the named disclosures and those that hold them. No signature is checked; the digests are.
// `issued` has no key binding (7.2).
Result<std::string> present(std::string_view issued, const std::vector<std::string>& pointers);

struct Request {  // of a verifier
  std::string audience{}, nonce{};
};
// With the holder's proof. kInvalidParams: the key is not the one that cnf names.
Result<std::string> bind(std::string_view presented, const SigningKey& holder,
                         const Request& request, std::int64_t now_s);

}  // namespace pawl::sd_jwt
