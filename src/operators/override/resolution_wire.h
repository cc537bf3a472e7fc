// The operator's signed word on what an unknown outcome was: `resolution+jwt` (OURS;
// docs/formats/resolution.md).
//
// Purpose:    print and read the statement that says what a person found out about a call that was
//             sent and never answered; signed with the person's own key, like a resume.
// Threading:  pure functions.
// Errors:     kTokenInvalid, kBadSignature, kForbidden (key not enrolled, or without the role).
// Rule:       it changes no record: the call's outcome stays unknown for ever.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "foundation/jose/jws.h"
#include "operators/override/override_wire.h"

namespace pawl::override_ {

enum class Found { kHappened, kDidNotHappen, kCannotBeKnown };
std::string_view found_name(Found found);  // "happened", "did-not-happen", "cannot-be-known"
std::optional<Found> parse_found(std::string_view text);

inline constexpr std::size_t kMaxFindingBytes = 512;  // of the reason

struct Resolution {
  Uuid record;  // of the call
  Found found = Found::kCannotBeKnown;
  std::string reason;    // 1 to kMaxFindingBytes bytes
  std::string audience;  // the instance: spiffe://DOMAIN/pawl/NODE
  Uuid id;
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;  // at most 300 s after iat
};

Result<std::string> sign_resolution(const Resolution& resolution, const SigningKey& operator_key);
// What a decoded token says; the signature and the present time are not looked at. kTokenInvalid.
Result<Resolution> read_resolution(const jose::Jws& jws);

struct VerifiedResolution {
  Resolution resolution;
  std::string operator_name;
  std::string kid;
  std::string token;
};
Result<VerifiedResolution> verify_resolution(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now);

}  // namespace pawl::override_
