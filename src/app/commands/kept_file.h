// Files that a command writes for somebody to keep.
// Threading: the main thread. Errors: kConflict: there is another one, and --force was not given.
// Not errors: the same bytes again.
#pragma once

#include <string>

#include "base/files.h"

namespace pawl {

// A proof that somebody kept is not replaced without a word.
Status may_write(Files& files, const std::string& path, const std::string& text, bool force);

}  // namespace pawl
