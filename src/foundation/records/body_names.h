// Names in the body of a record whose whole body stands elsewhere; beside names.h, the table of
// all.
#pragma once

#include <string_view>

#include "foundation/records/names.h"

namespace pawl::names {

inline constexpr std::string_view kBodyKept = "body_kept";  // what the whole is erased with; OURS

}  // namespace pawl::names
