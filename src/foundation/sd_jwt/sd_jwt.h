// SD-JWT (RFC 9901): a signed JSON object whose members can be shown one by one.
//
// Purpose:    reads, verifies and processes what an issuer signed and a holder presents, in compact
//             form, with key binding or without. Issuing and presenting: sd_jwt_issue.h.
// Threading:  pure functions; values are plain.
// Errors:     kTokenInvalid with a machine reason in front ("duplicate_digest: ..."; all of them
//             stand in docs/formats/sd_jwt.md); kUndecidable ("undecidable: ...") when a library
//             fails.
// Not errors: digests without a disclosure (withheld, or decoys); a missing _sd_alg (SHA-256).
// Not read:   the JWS JSON serialization (section 8); hash algorithms other than sha-256.
//
// Example:
//   Result<sd_jwt::Verified> shown = sd_jwt::verify(text, keys, {.now = clock.wall()});
//   if (!shown) { refuse with shown.error().message }
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "foundation/jose/jws.h"

namespace pawl::sd_jwt {

inline constexpr std::size_t kMaxBytes = 256 * 1024;  // of the whole text
inline constexpr std::size_t kMaxDisclosures = 512;
inline constexpr std::size_t kMaxDisclosureBytes = 32 * 1024;  // of one, encoded
inline constexpr std::size_t kMaxDigests = 4096;               // embedded ones, decoys too
inline constexpr std::size_t kMaxDepth = 24;                   // of the processed payload
inline constexpr std::int64_t kKeyBindingAgeSeconds = 300;
inline constexpr std::int64_t kClockSkewSeconds = 30;

inline constexpr std::string_view kDigests = "_sd", kHashAlg = "_sd_alg", kElement = "...",
                                  kSha256 = "sha-256", kKeyBindingType = "kb+jwt",
                                  kConfirmation = "cnf";

struct Disclosure {
  std::string encoded{};
  std::string digest{};  // of the encoded text, base64url
  std::string salt{};
  std::optional<std::string> name{};  // nullopt: of an array element
  json::Value value{};                // as disclosed: it may hold digests itself
};

struct SdJwt {
  jose::Jws jws{};  // what the issuer signed
  std::vector<Disclosure> disclosures{};
  std::string key_binding{};  // compact; empty: none
  std::string presented{};    // up to and with the last '~': what sd_hash covers
};

// Whether the text has the separator that no JWS has.
bool looks_like_sd_jwt(std::string_view text);

// Takes it apart; neither signature nor digests are checked. Reasons: malformed, too_large,
// too_many_disclosures, bad_disclosure.
Result<SdJwt> parse(std::string_view text);

// Where a disclosure belongs: a JSON Pointer (RFC 6901) into the processed payload as it would be
// if everything were disclosed; and the disclosure that holds it, if it is not in the payload.
struct Place {
  std::string pointer{};
  std::optional<std::size_t> within{};  // index into SdJwt::disclosures
};
struct Processed {
  json::Object claims{};
  std::vector<Place> places{};  // one for each disclosure, in their order
};
// Section 7.1, steps 2d to 5. Reasons: bad_hash_alg, bad_digests, bad_disclosure, reserved_name,
// name_taken, duplicate_digest, unreferenced_disclosure, too_many_digests, too_deep.
Result<Processed> process(const SdJwt& token);

// Which key verifies what the issuer signed: the caller's trust. kNotFound: none, "unknown_key".
using KeyResolver = std::function<Result<PublicKey>(const jose::Jws& jws)>;

struct KeyBinding {
  std::string audience{}, nonce{};
  std::int64_t max_age_s = kKeyBindingAgeSeconds;
};
struct VerifyOptions {
  WallTime now{};
  std::vector<std::string> types{};  // of the header; empty: any
  std::vector<std::string> algorithms = {"ES256"};
  // The verifier decides whether a binding is needed, never the presenter: with it, one that is
  // missing is refused, and without it, one that is there.
  std::optional<KeyBinding> key_binding{};
  std::string audience{};   // must be in `aud` where this is set; empty: not asked for
  bool check_times = true;  // exp, nbf
};
struct Verified {
  json::Object claims{};  // the processed payload
  std::string typ{}, kid{};
  std::size_t disclosed = 0, withheld = 0;  // withheld: digests without a disclosure; decoys too
  bool is_bound = false;
};
// Sections 7.1 and 7.3. Reasons beside those above: bad_type, bad_alg, unknown_key, bad_signature,
// bad_time, expired, not_yet, wrong_audience, and of the key binding: key_binding_missing,
// key_binding_unexpected, holder_key, key_binding_malformed, key_binding_type,
// key_binding_signature, key_binding_time, key_binding_audience, key_binding_nonce,
// key_binding_hash.
Result<Verified> verify(std::string_view text, const KeyResolver& resolve,
                        const VerifyOptions& options);

// The key of `cnf.jwk`. Reason: holder_key.
Result<PublicKey> holder_key(const json::Value& payload);

}  // namespace pawl::sd_jwt
