// The Authorization field: one scheme and one token (RFC 9110, 11.6.2).
// Threading: pure; the token is a view into the field.
// Errors: kBadAuthorization: another scheme, no token or two, more than 16 KiB.
#pragma once

#include <cstddef>
#include <string_view>

#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

inline constexpr std::size_t kMaxAuthorizationBytes = 16 * 1024;

enum class Scheme { kBearer, kDpop, kWpt };

struct AuthorizationField {
  Scheme scheme = Scheme::kBearer;
  std::string_view token;
};

// RFC 6750 and RFC 9110: the characters that may follow a scheme.
bool is_token68(std::string_view text);
Judged<AuthorizationField> parse_authorization(std::string_view field);

}  // namespace pawl::identity
