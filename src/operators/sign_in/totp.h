// One-time codes of a person's phone: TOTP (RFC 6238), six digits, 30 seconds, HMAC-SHA-1.
//
// Purpose:    the second factor of an account without a passkey.
// Threading:  pure functions.
// Errors:     check_code: nullopt: not a code of now, or one of a step that counted already.
// Not errors: a clock that is one step ahead or behind.
// Rule:       each step counts once: the caller keeps the step that is answered, durably, before
//             the code counts.
// Source:     RFC 4226, RFC 6238; the address of the secret as phones read it (otpauth).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::sign_in {

inline constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226, R6
inline constexpr std::int64_t kTotpStepSeconds = 30;

// Of the step: six digits.
std::string totp_code(std::string_view secret, std::int64_t step);
// The step whose code this is: the present one, the one before or the next, later than `used`.
std::optional<std::int64_t> check_code(std::string_view secret, std::string_view code,
                                       std::int64_t now_s, std::int64_t used);

// RFC 4648, section 6, without padding.
std::string base32(std::string_view bytes);
// What a phone takes in, as text or as a picture of it. `name`: an account's (accounts.h).
std::string otpauth_url(std::string_view secret, std::string_view name);

}  // namespace pawl::sign_in
