// Signing in and out, on the control listener: /api/v1/session and /api/v1/sessions.
//
// Threading:  the I/O thread. Ownership: `sign_ins` outlives what is returned.
// Errors:     RFC 9457 problems. Who cannot sign in is told one text for every cause.
// Source:     docs/operations/sign-in.md (the resources).
#pragma once

#include <map>
#include <string>

#include "app/api/control_api.h"
#include "app/api/sign_ins.h"

namespace pawl {

struct EnrolledPeople {
  // {instance, operator?}: who of the enrolled operators has this name, with which passkeys.
  std::function<json::Object(const std::string& name)> as;
  std::function<bool(const std::string& kid)> has;  // the key is some operator's
};

// By the beginning of the path. They guard themselves (session_guard.h). Null: nobody signs in
// here.
std::map<std::string, ApiDesk> session_desks(SignIns* sign_ins, EnrolledPeople enrolled);

}  // namespace pawl
