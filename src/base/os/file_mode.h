// Whether a file or folder is out of reach of other users.
//
// Purpose:    secrets are read only from files that nobody else could have read or written.
// Threading:  pure functions over the file system; what they saw may change afterwards, so check
// the
//             folder first: inside a private folder of ours nobody else changes anything.
// Errors:     kForbidden (group or others have a permission bit, or the owner is neither this user
//             nor root), kNotFound, kIo. The message says how to mend it.
//
// Example:
//   if (Status s = require_private(folder); !s) return fail(s.error());
#pragma once

#include <string>

#include "base/result.h"

namespace pawl {

// Follows symbolic links: what counts is the file that would be read. `folder`: root also takes
// what belongs to the owner of that folder, for a service that gives up root after it read the
// path.
Status require_private(const std::string& path, const std::string& folder = "");

// Whether nobody but its owner can put other files into this folder: kForbidden when group or
// others may write, with the sticky bit too. They may read it.
Status require_closed_folder(const std::string& path);

// For what everybody may know, such as a signature: mode 0644, whatever the umask.
Status let_everybody_read(const std::string& path);

// The user whose file or folder it is, where that is not who runs this: a name, or "#UID" of one
// without a name (sudo -u takes both). Empty: it is this user's, or cannot be told.
std::string other_owner(const std::string& path);

}  // namespace pawl
