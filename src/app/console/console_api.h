// The console's files, on the control listener: `/` and `/console/...`.
//
// Purpose:    answers GET and HEAD with what assets.h carries, under the policy of content that
//             lets no text become a script. Nothing here is of anyone, so nobody signs in for it.
// Threading:  pure; any thread.
// Ownership:  the answer copies what it sends.
// Errors:     404 (no such file), 405 (another method).
// Not errors: an address that is a page of the console (/console/approvals/ID): the page itself.
// Source:     docs/operations/console.md.
//
// Example:    hooks.own_desks["/console"] = console::desk({.sign_in = true, .accounts = true});
#pragma once

#include "app/api/control_api.h"
#include "infrastructure/http/message.h"

namespace pawl::console {

// What the page of sign-in offers to who is not signed in.
struct Offered {
  bool sign_in = false;   // people may sign in at all
  bool accounts = false;  // with an account of this instance
  bool oidc = false;      // at an OpenID provider
};

inline constexpr std::string_view kPrefix = "/console";
inline constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";

http::Response answer(const http::Request& request, const Offered& offered);
ApiDesk desk(const Offered& offered);

}  // namespace pawl::console
