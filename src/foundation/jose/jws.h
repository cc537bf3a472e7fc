// JWS Compact Serialization (RFC 7515), by an allow list of algorithms (RFC 8725).
//
// Threading:  pure functions over immutable keys.
// Errors:     kTokenInvalid (what part is wrong), kBadSignature, kUndecidable (library failure).
// Not errors: unknown header members, unless `crit` is present: any `crit` is refused. Keys that a
//             header brings or points to (jwk, jku, x5c, x5u) are not read here.
//
// Example:
//   Result<jose::Jws> jws = jose::decode(token);
//   const PublicKey* key = jws ? keys.find(jws->kid) : nullptr;
//   if (key == nullptr || !jose::verify(*jws, *key, {"ES256"})) { refuse }
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::jose {

struct Jws {
  json::Object header;
  json::Value payload;        // parsed JSON
  std::string payload_text;   // exact decoded bytes
  std::string alg, typ, kid;  // empty when absent
  std::string signature;      // decoded
  std::string compact;

  // What was signed: a view into `compact`.
  std::string_view signing_input() const {
    return std::string_view(compact).substr(0, compact.rfind('.'));
  }
};

// Splits and decodes without verifying. Bounds: at most `max_bytes` of compact text. The payload
// must be a JSON object; duplicate keys are refused. Every alg outside algorithm.h is refused here,
// "none" and the HS* among them.
Result<Jws> decode(std::string compact, std::size_t max_bytes = 64 * 1024);

// The header is {"alg":"ES256","kid":...,"typ":...}; an empty kid or typ is left out. ES256 for
// P-256 keys, EdDSA for Ed25519 keys. payload_json is a JSON object, taken as it is.
Result<std::string> sign(const SigningKey& key, std::string_view typ, std::string_view kid,
                         std::string_view payload_json);
// The same in two steps, for many tokens under one header: its text in base64url, then each token.
std::string encoded_header(const SigningKey& key, std::string_view typ, std::string_view kid);
Result<std::string> sign_under(std::string_view encoded_header, const SigningKey& key,
                               std::string_view payload_json);

// Verifies the signature with `key` when alg is in `allowed` and fits the key (kTokenInvalid when
// not). An empty `allowed` allows nothing.
Status verify(const Jws& jws, const PublicKey& key, const std::vector<std::string>& allowed);

}  // namespace pawl::jose
