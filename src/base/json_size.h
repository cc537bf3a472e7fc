// Whether a value's text is surely short, without printing it.
//
// Threading:  pure function.
// Not errors: false says nothing: the text may be short all the same.
#pragma once

#include <cstddef>

#include "base/json.h"

namespace pawl::json {

bool surely_prints_within(const Object& object, std::size_t bytes);

}  // namespace pawl::json
