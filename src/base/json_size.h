// How long a value's text may be, without printing it, and how much memory its tree takes.
//
// Threading:  pure functions, bounded by the members of the value and its depth.
// Not errors: false says nothing: the text may be short all the same.
#pragma once

#include <cstddef>

#include "base/json.h"

namespace pawl::json {

bool surely_prints_within(const Object& object, std::size_t bytes);

// Of containers, keys and texts, the value itself included; a short text may be up to 16 times as
// large as its bytes in JSON. Not what an allocator keeps beside it.
std::size_t memory_bytes(const Value& value);

}  // namespace pawl::json
