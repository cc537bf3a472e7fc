// From an HTTP request to what the Authenticator and the OriginPolicy judge.
//
// Purpose:    the one place that reads credentials out of a request; a field that may stand once
//             and stands twice is not read at all.
// Threading:  pure functions.
// Errors:     credentials_of: kUnauthenticated (two Authorization fields). check_origin:
// kForbidden. Not errors: no credential at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "infrastructure/http/message.h"
#include "infrastructure/identity/credentials.h"
#include "infrastructure/identity/origin.h"

namespace pawl::identity {

// The peer's certificate and kernel credentials come from the socket, the token from the header.
// `asserted` is left empty: what a client calls itself stands in the protocol's body. `request`
// outlives what is returned.
Result<Credentials> credentials_of(const http::Request& request);

// Of the first certificate of a PEM text: SHA-256 of its DER form, base64url (RFC 8705, x5t#S256).
// Empty: there is none.
std::string certificate_thumbprint(std::string_view pem);

Status check_origin(const OriginPolicy& policy, const http::Request& request);

}  // namespace pawl::identity
