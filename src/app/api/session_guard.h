// Who sends a request of the control listener, and may they: for every API that people use signed
// in.
//
// Purpose:    the site's own pages and no others; the session of the cookie; the CSRF token; role
//             and scope. In this order, and each a control of its own.
// Threading:  the I/O thread.
// Ownership:  sessions and clock outlive it. A session that is found is valid until the next call.
// Errors:     kForbidden (another page, no CSRF token, not this role), kUnauthenticated (nobody, or
//             whose account was changed: each request looks at the accounts first).
// Not errors: GET and HEAD without Origin, Sec-Fetch-Site or CSRF token: they change nothing.
// Source:     docs/operations/sign-in.md; RFC 6265bis, Fetch Metadata.
//
// Example:
//   const Result<const sign_in::Session*> who = guard.may(request, Role::kAdmin, {});
//   if (!who) { writer->send(problem_answer(who.error())); return; }
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "infrastructure/http/message.h"
#include "operators/sign_in/session.h"
#include "operators/sign_in/webauthn.h"

namespace pawl {

inline constexpr std::string_view kFieldCsrf = "X-Pawl-Csrf";

class SessionGuard {
 public:
  // `address`: of the control listener as browsers know it, without a path.
  // `look`: ends sessions whose account does not stand any more; an error: that cannot be told, and
  // no session of an account counts meanwhile.
  SessionGuard(
      sign_in::Sessions& sessions, Clock& clock, std::function<std::string()> address,
      std::function<Status()> look = [] { return Status(); })
      : sessions_(sessions), clock_(clock), address_(std::move(address)), look_(std::move(look)) {}

  // From a page of this site; a GET or HEAD also from no page.
  Status check_site(const http::Request& request) const;
  // A navigation that another site may have begun: only Host is looked at.
  Status check_host(const http::Request& request) const;
  Result<const sign_in::Session*> who(const http::Request& request) const;
  Result<const sign_in::Session*> may(const http::Request& request, sign_in::Role role,
                                      const override_::Scope& scope) const;

  // The value of a cookie that stands once; empty: none.
  std::string cookie(const http::Request& request, std::string_view name) const;
  // A Set-Cookie field. Empty `value`: it ends. `same_site`: Strict or Lax.
  std::string set_cookie(std::string_view name, const std::string& value,
                         std::string_view same_site) const;
  std::string address() const { return address_(); }
  sign_in::RelyingParty party() const;

 private:
  bool is_secure() const { return address_().starts_with("https://"); }
  std::string host() const;
  std::string full_name(std::string_view name) const;

  sign_in::Sessions& sessions_;
  Clock& clock_;
  const std::function<std::string()> address_;
  const std::function<Status()> look_;
};

inline constexpr std::string_view kSessionCookie = "pawl", kLoginCookie = "pawl-login";

}  // namespace pawl
