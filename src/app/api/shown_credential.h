// The JSON of signing in: what people show, and what they are shown of their session.
//
// Threading:  pure functions.
// Errors:     kInvalidParams, kMalformed, kTooLarge: never with what was shown.
// Source:     docs/operations/sign-in.md.
#pragma once

#include <string_view>

#include "app/api/sign_ins.h"
#include "base/json.h"

namespace pawl {

// {user, password, code} or {user, password, passkey: {challenge, credential, authenticator_data,
// client_data, signature}}, bytes in base64url. Exactly these.
Result<SignIns::Shown> read_shown(std::string_view body);

// {challenge, client_data, attestation_object}
struct ShownPasskey {
  sign_in::Registration registration;
  Digest challenge{};
};
Result<ShownPasskey> read_registration(std::string_view body);

// `own`: with the CSRF token.
json::Object session_json(const sign_in::Session& session, bool own);

}  // namespace pawl
