// A name that an agent or a server chose, as it is kept: itself, or its digest if it is long.
// Threading: pure. Long names of one digest are one name.
#pragma once

#include <string>
#include <string_view>

#include "foundation/crypto/sha256.h"

namespace pawl {

inline constexpr std::size_t kMaxNameBytes = 256;

inline std::string bounded_name(std::string_view name) {
  return name.size() <= kMaxNameBytes ? std::string(name) : "sha256:" + digest_text(sha256(name));
}

}  // namespace pawl
