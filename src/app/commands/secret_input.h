// A secret that comes on standard input.
// Threading: the main thread. Errors: kInvalidParams (nothing came, or the input is a terminal,
// which would show it), kTooLarge. Not errors: the one line end that `echo` and editors leave.
#pragma once

#include <string>
#include <string_view>

#include "app/commands/command.h"

namespace pawl {

inline constexpr std::size_t kMaxSecret = 64 * 1024;

// `example`: how it is called, for messages.
Result<std::string> read_secret(Context& context, std::string_view example);

}  // namespace pawl
