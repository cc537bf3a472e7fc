// JWS Compact Serialization (RFC 7515), by an allow list of algorithms (RFC 8725).
//
// Threading:  pure functions over immutable keys.
// Errors:     kTokenInvalid (what part is wrong), kBadSignature, kUndecidable (library failure).
// Not errors: unknown header members, unless `crit` is present: any `crit` is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::jose {

struct Jws {
  json::Object header;
  json::Value payload;          // parsed JSON
  std::string payload_text;     // exact decoded bytes
  std::string alg, typ, kid;    // empty when absent
  std::string_view signing_input;  // into `compact`
  std::string signature;        // decoded
  std::string compact;
};

// Splits and decodes without verifying. Bounds: at most `max_bytes` of compact text. The payload
// must be a JSON object; duplicate keys are refused. alg "none" and every HS* are refused here.
Result<Jws> decode(std::string compact, std::size_t max_bytes = 64 * 1024);

// kid is put in the header; header is {"alg":"ES256","kid":...,"typ":...}. ES256 for P-256 keys,
// EdDSA for Ed25519 keys.
Result<std::string> sign(const SigningKey& key, std::string_view typ, std::string_view kid,
                         std::string_view payload_json);

// Verifies the signature with `key` when alg is in `allowed` and fits the key.
Status verify(const Jws& jws, const PublicKey& key, const std::vector<std::string>& allowed);

}  // namespace pawl::jose
