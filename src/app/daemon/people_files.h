// The files of the folder DATA/accounts: closed to others, and changed by one at a time.
//
// Threading:  any thread; processes and threads take turns by the lock, which covers all of them.
// Errors:     read_closed(): kForbidden (others may read the file or write into its folder), kIo
//             (no file, too), kTooLarge. lock_people(): kConflict (somebody else is changing them),
//             kIo.
// Source:     docs/formats/accounts.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/files.h"

namespace pawl {

inline constexpr std::size_t kMaxPeopleBytes = 16 * 1024 * 1024;  // of one file

Result<std::string> read_closed(Files& files, const std::string& folder, const std::string& file);
// Makes the folder. Held for the time of a change.
Result<std::unique_ptr<FileLock>> lock_people(Files& files, const std::string& folder);

}  // namespace pawl
