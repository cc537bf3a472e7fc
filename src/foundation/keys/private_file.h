// Reading a file that holds a secret.
//
// Threading:  any thread.
// Errors:     kNotFound, kTooLarge (over 64 KiB unless told otherwise), kIo, and kForbidden: others
//             may read it. Modes are looked at on the machine's own file system; a test double
//             (base/files.h) has none.
// Internal to src/foundation/keys.
#pragma once

#include <string>

#include "base/files.h"

namespace pawl {

Result<std::string> read_private_file(Files& files, const std::string& path,
                                      std::size_t max_bytes = 64 * 1024);
// kForbidden when others may reach into the folder.
Status require_private_folder(Files& files, const std::string& folder);

}  // namespace pawl
