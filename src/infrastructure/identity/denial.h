// What a client is told of its refusal.
//
// Purpose:    one text for every cause, but for a proof whose token is good: then what was expected
//             of it, and the challenge that its scheme asks for (RFC 9449, 7.1; RFC 9110, 11.6.1).
// Threading:  pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "infrastructure/identity/authorization_field.h"
#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

inline constexpr std::string_view kRefusalText = "the request carries no valid credential";

struct Denial {
  int status = 401;  // 503: a limit, and the same again may pass later
  Code code = Code::kUnauthenticated;
  std::string text;
  std::string challenge;   // WWW-Authenticate
  std::string dpop_nonce;  // DPoP-Nonce; may be empty
  Refusal refusal = Refusal::kNoCredential;
  // Whose good token came without a proof that holds; else empty. For the record.
  std::string agent{};
};

// What this gateway takes, and what came.
struct DenialContext {
  std::vector<std::string> dpop_algorithms{};  // empty: no issuer is configured
  bool takes_wpt = false;
  Scheme shown = Scheme::kBearer;
  std::string nonce{};  // empty: none is asked for
};

Denial denial_of(const Finding& finding, const DenialContext& context);

}  // namespace pawl::identity
