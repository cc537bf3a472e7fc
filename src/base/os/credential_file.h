// Whether a credential that systemd handed to this service is out of reach of other users.
//
// Purpose:    systemd gives root's file with a list of access (ACL) for the service's user where
//             the file system has one, and a file of that user elsewhere. The first looks as if its
//             group could read it: those bits are the list's.
// Threading:  pure function over the file system; follows symbolic links.
// Errors:     kForbidden (others may read or anybody but its owner write it, or it belongs to
//             somebody else), kNotFound, kIo.
// Source:     systemd.exec(5), LoadCredential=.
//
// Example:
//   if (Status s = require_credential(path); !s) return fail(s.error());
#pragma once

#include <string>

#include "base/result.h"

namespace pawl {

Status require_credential(const std::string& path);

}  // namespace pawl
