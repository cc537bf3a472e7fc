// Who asks a resource that people and their tools use: the holder of the control token, or somebody
// who signed in.
//
// Purpose:    the token goes with Authorization and never comes from a page of the web; everybody
//             else needs a session (session_guard.h), and for a change its CSRF token.
// Threading:  the I/O thread.
// Ownership:  the guard outlives it.
// Errors:     kForbidden (a page where there may be none, another page, no CSRF token),
//             kUnauthenticated (a wrong token, no session, or nobody signs in here).
// Not errors: a session that may do nothing: role and scope are for the resource to ask.
// Source:     docs/formats/console_api.md, "Who asks".
//
// Example:    const Result<Asker> asker = door.who(request);
//             if (!asker) { return problem_answer(asker.error()); }
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "app/api/session_guard.h"

namespace pawl {

struct Asker {
  std::optional<sign_in::Session> session{};  // nullopt: who has the control token
};

class Door {
 public:
  // `guard` null: nobody signs in here.
  Door(std::string token, const SessionGuard* guard) : token_(std::move(token)), guard_(guard) {}
  Result<Asker> who(const http::Request& request) const;

 private:
  std::string token_;
  const SessionGuard* guard_;
};

}  // namespace pawl
