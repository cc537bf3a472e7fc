// Equality of JSON values as JSON Schema defines it (2020-12 core, section 4.2.2).
//
// Purpose:    1 equals 1.0; objects are equal whatever the order of their members.
// Threading:  pure functions.
// Errors:     none. A pair nested deeper than 128 is not equal: no value of json::parse is so deep.
#pragma once

#include <cstddef>

#include "base/json.h"

namespace pawl::schema {

bool equal(const json::Value& a, const json::Value& b);
// The same for equal values; members of an object count in any order.
std::size_t hash(const json::Value& value);

}  // namespace pawl::schema
