// Running as a service: from root to a user of its own, and children under another one.
//
// Purpose:    `pawl serve` started as root with `service: {user, child_user}` gives up root for
// good
//             before it opens anything; it keeps only what starting and ending children of another
//             user needs (CAP_SETUID, CAP_SETGID, CAP_KILL). Children lose these with exec.
// Threading:  start-up, before other threads exist (credentials are of the whole process here).
// Errors:     kNotFound (no such user), kForbidden (not started as root), kIo (the kernel refused;
//             nothing may go on then), kInvalidParams (root, or both users the same).
// Not errors: no service configured: nothing is changed.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "execution/supervision/child_process.h"

namespace pawl {

// A name of the user database or a number; never root.
Result<ChildUser> find_user(const std::string& name_or_number);

// Becomes `user`, keeping the three capabilities. Irrevocable. Started as `user` already (by a
// service manager): keeps the three, which it must have, and lets children inherit none.
Status become_service_user(const ChildUser& user);

}  // namespace pawl
