// COSE_Sign1 (RFC 9052, RFC 9053) by an allow list of algorithms.
//
// Purpose:    the signed envelope of tokens and receipts in CBOR form.
// Threading:  pure functions over immutable keys.
// Errors:     kTokenInvalid (what part is wrong), kBadSignature, kUndecidable (library failure).
// Not errors: no tag around it, 18, or 61 (CWT) and 18: `tags` says which; unknown header
//             parameters, unless `crit` is there: any `crit` is refused. Keys that a header brings
//             (x5chain and its kin) are never read.
// Algorithms: -7 ES256, -8 EdDSA, -35 ES384, in the protected header only (RFC 9052, 3.1). A MAC is
//             another structure (COSE_Mac0) and has no name here; there is no "none".
//
// Example:
//   Result<cose::Sign1> token = cose::decode(bytes, cbor::Form::kDeterministic);
//   if (!token || !cose::verify(*token, key, {"ES256"})) { refuse }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/cose/cbor.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::cose {

inline constexpr std::uint64_t kTagSign1 = 18, kTagCwt = 61;
// Header parameters: RFC 9052; RFC 9597 (CWT claims), RFC 9596 (typ).
inline constexpr std::int64_t kAlg = 1, kCrit = 2, kContentType = 3, kKid = 4, kCwtClaims = 15,
                              kTyp = 16;

struct Sign1 {
  std::vector<std::uint64_t> tags{};
  cbor::Map protected_header{}, unprotected_header{};
  std::string protected_bytes{};         // what was signed; empty for an empty map
  std::optional<std::string> payload{};  // nullopt: detached
  std::string signature{};
  std::string alg{};  // its JOSE name
  std::string kid{};  // empty when absent
};

// Takes it apart without verifying. `form` holds for the envelope and the protected header; the
// payload is bytes.
Result<Sign1> decode(std::string_view bytes, cbor::Form form, std::size_t max_bytes = 64 * 1024);

// What to sign. alg and kid are put into the protected header here.
struct Draft {
  std::vector<std::uint64_t> tags = {kTagSign1};
  cbor::Map protected_header{}, unprotected_header{};
  std::string kid{};  // empty: none
  std::string payload{};
  bool is_detached = false;  // the payload is signed and not carried
};
// ES256 for P-256, EdDSA for Ed25519. kUnsupported for a key without a COSE algorithm of ours.
Result<std::string> sign(const SigningKey& key, const Draft& draft,
                         std::string_view external_aad = {});

struct Beside {
  std::string_view external_aad{};
  std::optional<std::string_view> payload{};  // of a detached one; with an attached one an error
};
// Verifies the signature with `key` when alg is in `allowed` and fits the key (kTokenInvalid when
// not). An empty `allowed` allows nothing.
Status verify(const Sign1& message, const PublicKey& key, const std::vector<std::string>& allowed,
              const Beside& beside = {});

}  // namespace pawl::cose
