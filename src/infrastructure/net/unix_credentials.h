// Who is on the other end of a Unix socket, as the kernel says (SO_PEERCRED at connect time).
// Threading: plain value.
#pragma once

#include <cstdint>

namespace pawl {

struct UnixCredentials {
  std::int32_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

}  // namespace pawl
